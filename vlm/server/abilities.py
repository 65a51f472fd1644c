"""What a server can do beyond OpenAI's chat API: told by its list of models and one request.

Written from the published request models of vLLM (``vllm/entrypoints/openai/chat_completion/
protocol.py``) and SGLang (``python/sglang/srt/entrypoints/openai/protocol.py``).
"""

from dataclasses import dataclass
from typing import Any

from vlm.server.client import Client, ServerError
from vlm.server.talk import SILENT, prompt_logprobs, read

OWNERS = {"vllm": "vLLM", "sglang": "SGLang", "llamacpp": "llama.cpp"}
"""``owned_by`` in a list of models -> the kind of server."""
REFUSED = (400, 404, 405, 422, 501)
"""Statuses that mean that a server does not know a field."""


@dataclass(frozen=True)
class Abilities:
    """What one server can do with one model."""

    kind: str = ""
    """``vLLM``, ``SGLang``, ``llama.cpp``, or nothing known."""
    silent: int = -1
    """Place in ``SILENT`` of what is sent with every request; -1: nothing."""
    end: int | None = None
    """Token that ends an answer, where whole answers can be weighed by ``prompt_logprobs``."""
    uuid: bool = False
    """Whether a picture that was sent can be named by its hash from then on."""
    video: bool = False
    """Whether frames can be sent as one video with their times."""
    choice: bool = False
    """Whether an answer can be held to the options (``structured_outputs.choice``)."""


def find(client: Client, model: str) -> Abilities:
    """What the server can do; asks one short question of a server that is known to be more."""
    kind = OWNERS.get(client.owners.get(model, ""), "")
    if not kind:
        return Abilities()
    full = kind == "vLLM"
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Say yes."}]}],
        "max_tokens": 64,
        "temperature": 0,
        **SILENT[0][1],
    }
    if full:
        body |= {"prompt_logprobs": 0, "return_token_ids": True}
    try:
        reply = client.chat(body)
    except ServerError as error:
        if error.status not in REFUSED:
            raise
        return Abilities(kind)
    said = read(reply, kind)
    end = None
    if full and not said.thinks and said.finish == "stop":
        ids = reply.get("prompt_token_ids") or []
        tokens = reply["choices"][0].get("token_ids") or []
        if tokens and prompt_logprobs(reply, ids) is not None:
            end = int(tokens[-1])
    return Abilities(kind, -1 if said.thinks else 0, end, full, full, full)
