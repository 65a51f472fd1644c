"""A stand-in for vLLM's chat server, written from its published request model (``vllm/entrypoints/
openai/chat_completion/protocol.py``): every field is known and has its type, or the request fails.

Its model is a rule: characters are tokens, and what is likely next follows from the last two.
"""

import base64
import io
import json
import math
import threading
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from PIL import Image

from tests.stand_in_server import Served

END, PICTURE, VIDEO = 2, 5, 6
FIELDS: dict[str, type | tuple[type, ...]] = {
    "model": str,
    "messages": list,
    "max_tokens": int,
    "max_completion_tokens": int,
    "temperature": (int, float),
    "logprobs": bool,
    "top_logprobs": int,
    "prompt_logprobs": int,
    "logprob_token_ids": list,
    "continue_final_message": bool,
    "add_generation_prompt": bool,
    "return_token_ids": bool,
    "return_tokens_as_token_ids": bool,
    "chat_template_kwargs": dict,
    "reasoning_effort": str,
    "structured_outputs": dict,
    "media_io_kwargs": dict,
    "seed": int,
}
MEDIA = {"num_frames", "frames_indices", "total_num_frames", "fps", "duration", "do_sample_frames"}


class Refused(ValueError):
    """What the server answers with 400."""


def checked(body: dict[str, Any], fields: dict[str, type | tuple[type, ...]]) -> None:
    """Raise Refused for a field that is unknown or has the wrong type."""
    for name, value in body.items():
        if name not in fields:
            raise Refused(f"Extra inputs are not permitted: {name}")
        if not isinstance(value, fields[name]) or (isinstance(value, bool) and fields[name] is int):
            raise Refused(f"{name} has the wrong type")


def logprob(before: list[int], token: int) -> float:
    """How likely a token is behind others: over the 97 tokens that there are, it sums to 1."""

    def weight(t: int) -> float:
        letter = 300 if chr(t) in "AB" else 0
        return 1 + letter + zlib.crc32(str((before[-2:], t)).encode()) % 100

    alphabet = [END, *range(32, 128)]
    return math.log(weight(token) / sum(map(weight, alphabet)))


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *args: Any) -> None:
        pass

    def reply(self, status: int, body: Any) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def do_GET(self) -> None:
        self.reply(200, {"object": "list", "data": [{"id": "toy", "owned_by": "vllm"}]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        state: VllmStandIn = self.server.state  # type: ignore[attr-defined]
        with state.lock:
            try:
                if self.path == "/tokenize":
                    self.reply(200, state.tokenize(body))
                    return
                state.bodies.append(body)
                self.reply(200, state.answer(body))
            except Refused as error:
                self.reply(400, {"error": {"message": str(error), "type": "BadRequestError"}})


class VllmStandIn(Served):
    """The server."""

    def __init__(self, *, thinks: str = "never", continues: bool = True) -> None:
        """``thinks``: never, switch (unless switched off) or always."""
        self.thinks, self.continues = thinks, continues
        self.bodies: list[dict[str, Any]] = []
        self.cache: dict[str, bytes] = {}
        self.lock = threading.Lock()
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.state = self  # type: ignore[attr-defined]

    def tokenize(self, body: dict[str, Any]) -> dict[str, Any]:
        """The reply of ``/tokenize``. Raises Refused: this server has it not."""
        raise Refused("no such route")

    def answer(self, body: dict[str, Any]) -> dict[str, Any]:
        """The reply. Raises Refused."""
        self._check(body)
        prompt = self.prompt(body)
        thinks = self.thinks == "always" or (
            self.thinks == "switch" and (body.get("chat_template_kwargs") or {}) == {}
        )
        text = "yes"
        if "structured_outputs" in body:
            text = body["structured_outputs"]["choice"][-1]
        thought = "hm. " * 100 if thinks else ""
        room = body.get("max_tokens", body.get("max_completion_tokens", 16))
        said = [*map(ord, thought), *map(ord, text), END][:room]
        finish = "stop" if said[-1] == END else "length"
        shown = "".join(map(chr, said[len(thought) :])).replace(chr(END), "")
        message: dict[str, Any] = {"role": "assistant", "content": shown or None}
        if thinks:
            message["reasoning"] = "".join(map(chr, said[: len(thought)]))
        choice: dict[str, Any] = {"index": 0, "message": message, "finish_reason": finish}
        if body.get("logprobs"):
            wanted = (
                body.get("logprob_token_ids")
                or sorted([END, *range(32, 128)], key=lambda t: -logprob(prompt, t))[
                    : body.get("top_logprobs", 0)
                ]
            )
            rows = [self._row(prompt, t, body) for t in wanted]
            choice["logprobs"] = {"content": [{**self._row(prompt, said[0], body)}]}
            choice["logprobs"]["content"][0]["top_logprobs"] = rows
        reply: dict[str, Any] = {
            "id": "x",
            "object": "chat.completion",
            "model": "toy",
            "choices": [choice],
            "usage": {"prompt_tokens": len(prompt), "completion_tokens": len(said)},
        }
        if body.get("return_token_ids"):
            reply["prompt_token_ids"], choice["token_ids"] = prompt, said
        if "prompt_logprobs" in body:
            reply["prompt_logprobs"] = [
                None
                if i == 0
                else {str(t): {"logprob": logprob(prompt[:i], t), "rank": 1, "decoded_token": "?"}}
                for i, t in enumerate(prompt)
            ]
        return reply

    def _row(self, prompt: list[int], token: int, body: dict[str, Any]) -> dict[str, Any]:
        named = body.get("return_tokens_as_token_ids")
        return {
            "token": f"token_id:{token}" if named else chr(token),
            "logprob": logprob(prompt, token),
        }

    def _check(self, body: dict[str, Any]) -> None:
        checked(body, FIELDS)
        if body.get("logprob_token_ids") is not None and not body.get("logprobs"):
            raise Refused("logprob_token_ids requires logprobs")
        if body.get("continue_final_message") and body.get("add_generation_prompt", True):
            raise Refused("Cannot set both `continue_final_message` and `add_generation_prompt`")
        if set(body.get("structured_outputs", {"choice": 0})) != {"choice"}:
            raise Refused("structured_outputs")
        if not set((body.get("media_io_kwargs") or {}).get("video", {})) <= MEDIA:
            raise Refused("media_io_kwargs")

    def prompt(self, body: dict[str, Any]) -> list[int]:
        """The tokens of the prompt. Raises Refused."""
        ids = [1]
        for message in body["messages"]:
            content = message["content"]
            if message["role"] == "assistant":
                if not body.get("continue_final_message"):
                    raise Refused("the last message must be of the user")
                return [*ids, *map(ord, "<a>" if self.continues else "<b>"), *map(ord, content)]
            for part in content:
                ids += self._part(part)
        return [*ids, *map(ord, "<a>")]

    def _part(self, part: dict[str, Any]) -> list[int]:
        kind = part["type"]
        if kind == "text":
            return [ord(c) for c in part["text"]]
        if kind == "image_url":
            name, given = part.get("uuid"), part["image_url"]
            if given is None:
                if name not in self.cache:
                    raise Refused(f"Missing cached item for uuid {name}")
                return [PICTURE]
            raw = base64.b64decode(given["url"].split(",")[1])
            with Image.open(io.BytesIO(raw)) as opened:
                assert opened.format == "PNG"
            if name:
                self.cache[name] = raw
            return [PICTURE]
        if kind == "video_url":
            head, _, data = part["video_url"]["url"].partition(";base64,")
            if head != "data:video/jpeg":
                raise Refused("video")
            for one in data.split(","):
                with Image.open(io.BytesIO(base64.b64decode(one))) as opened:
                    assert opened.format == "JPEG"
            return [VIDEO] * len(data.split(","))
        raise Refused(f"unknown part {kind}")
