"""What a server can do beyond OpenAI's chat API: told by its list of models and one request.

Written from the published request models of vLLM (``vllm/entrypoints/openai/chat_completion/
protocol.py``, ``vllm/entrypoints/serve/tokenize/protocol.py``) and SGLang
(``python/sglang/srt/entrypoints/openai/protocol.py`` and ``serving_decisions.py``).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from vlm.server.client import Client, ServerError
from vlm.server.decisions import VERSION, probabilities, request
from vlm.server.letters import LETTERS
from vlm.server.pictures import Pictures
from vlm.server.talk import SILENT, prompt_logprobs, read
from vlm.server.values import token_ids

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
    decides: bool = False
    """Whether options can be weighed by ``/v1/decisions``."""


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
        ids = token_ids(reply.get("prompt_token_ids"))
        tokens = token_ids(reply["choices"][0].get("token_ids"))
        if tokens and prompt_logprobs(reply, ids) is not None:
            end = tokens[-1]
    thinks = said.thinks
    decides = kind == "SGLang" and not thinks and _decides(client, model)
    return Abilities(kind, -1 if thinks else 0, end, full, full, decides)


def _decides(client: Client, model: str) -> bool:
    """Whether the server weighs options about a picture by ``/v1/decisions``."""
    (part,), _ = Pictures().parts([np.full((56, 56, 3), 128, np.uint8)])
    body = request(model, "What is this?", [("grey", "red")], [part["image_url"]])
    try:
        reply = client.decide(body)
    except ServerError as error:
        if error.status not in REFUSED:
            raise
        return False
    known = reply.get("prompt_format_version") == VERSION
    return known and probabilities(reply, [("grey", "red")]) is not None


def letter_ids(client: Client, model: str) -> tuple[int, ...]:
    """Tokens of vLLM's model that are a letter of ``LETTERS`` alone, with a blank before it or
    without; none where the tokenizer has no token for each. Their chances can be asked for by
    name (``logprob_token_ids``). Raises ServerError: it failed for good."""
    text = f"{chr(10).join(LETTERS)} {' '.join(LETTERS)}"
    body = {"model": model, "prompt": text, "add_special_tokens": False, "return_token_strs": True}
    try:
        reply = client.tokenize(body)
    except ServerError as error:
        if error.status not in REFUSED:
            raise
        return ()
    tokens, names = token_ids(reply.get("tokens")), reply.get("token_strs")
    if not isinstance(names, list) or len(tokens) != len(names):
        return ()
    found = {t: str(n) for t, n in zip(tokens, names, strict=True)}
    letters = {t: n for t, n in found.items() if n.strip(" ▁Ġ") in set(LETTERS)}
    return tuple(letters) if set(LETTERS) <= set(letters.values()) else ()
