"""A stand-in for SGLang's server, written from its published request models (``python/sglang/srt/
entrypoints/openai/protocol.py`` and ``serving_decisions.py``): an unknown field, a wrong type or a
rule that is broken makes the request fail.

What is likely next is a rule of the prompt and the option that a letter stands for.
"""

import json
import math
import re
import threading
import unicodedata
import zlib
from http.server import ThreadingHTTPServer
from typing import Any

from tests.stand_in_server import Served
from tests.vllm_stand_in import Handler as VllmHandler
from tests.vllm_stand_in import Refused, checked

CHAT: dict[str, type | tuple[type, ...]] = {
    "model": str,
    "messages": list,
    "max_tokens": int,
    "max_completion_tokens": int,
    "temperature": (int, float),
    "logprobs": bool,
    "top_logprobs": int,
    "regex": str,
    "chat_template_kwargs": dict,
    "separate_reasoning": bool,
    "seed": int,
}
DECISION: dict[str, type | tuple[type, ...]] = {
    "model": str,
    "input": (str, dict, list),
    "questions": list,
    "images": list,
    "temperature": (int, float),
    "chat_template_kwargs": dict,
    "prompt_format_version": int,
    "return_prompt_token_ids": bool,
}


def weight(text: str, option: str) -> float:
    """How much the model likes an option behind a question, between 1 and 2."""
    return 1 + zlib.crc32(f"{text}|{option}".encode()) % 1000 / 1000


class Handler(VllmHandler):
    """Two routes."""

    def do_GET(self) -> None:
        self.reply(200, {"object": "list", "data": [{"id": "toy", "owned_by": "sglang"}]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        state: SglangStandIn = self.server.state  # type: ignore[attr-defined]
        with state.lock:
            state.bodies.append((self.path, body))
            try:
                self.reply(200, state.answered(self.path, body))
            except Refused as error:
                told = {"object": "error", "message": str(error), "type": "BadRequest", "code": 400}
                self.reply(400, told)


class SglangStandIn(Served):
    """The server."""

    def __init__(self, *, decides: bool = True, eyes: bool = True, thinks: bool = False) -> None:
        """``decides``: has ``/v1/decisions``; ``eyes``: takes pictures there; ``thinks``: unless
        switched off."""
        self.decides, self.eyes, self.thinks = decides, eyes, thinks
        self.mass = 0.8
        self.bodies: list[tuple[str, dict[str, Any]]] = []
        self.lock = threading.Lock()
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.state = self  # type: ignore[attr-defined]

    def answered(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The reply. Raises Refused."""
        if path == "/v1/decisions" and self.decides:
            return self.decision(body)
        if path == "/v1/chat/completions":
            return self.chat(body)
        raise Refused("no such route")

    def chat(self, body: dict[str, Any]) -> dict[str, Any]:
        """A chat completion."""
        checked(body, CHAT)
        text = body["messages"][-1]["content"][-1]["text"]
        said = "yes"
        if "regex" in body:
            said = re.sub(r"\\(.)", r"\1", body["regex"][1:-1].split("|")[-1])
            assert re.fullmatch(body["regex"], said)
        message: dict[str, Any] = {"role": "assistant", "content": said}
        if self.thinks and body.get("chat_template_kwargs", {}) == {}:
            message = {"role": "assistant", "content": None, "reasoning_content": "hm"}
        choice: dict[str, Any] = {"index": 0, "message": message, "finish_reason": "stop"}
        if body.get("logprobs"):
            listed = [line[3:] for line in text.split("\n") if line[1:3] == ". "]
            weights = [weight(text.split("\n")[0], o) for o in listed]
            rows = [
                {"token": "ABCD"[i], "logprob": math.log(self.mass * w / sum(weights)), "bytes": []}
                for i, w in enumerate(weights)
            ]
            choice["logprobs"] = {"content": [{"token": "A", "logprob": 0, "top_logprobs": rows}]}
        return {"choices": [choice], "usage": {"prompt_tokens": len(text), "total_tokens": 0}}

    def decision(self, body: dict[str, Any]) -> dict[str, Any]:
        """Options weighed."""
        checked(body, DECISION)
        if not str(body["input"]).strip():
            raise Refused("input must not be blank")
        if body.get("prompt_format_version", 1) != 1:
            raise Refused("prompt_format_version is not served")
        for image in body.get("images", ()):
            if not set(image) <= {"url", "detail"} or not image["url"].startswith("data:image/"):
                raise Refused("images")
        if body.get("images") and not self.eyes:
            raise Refused("/v1/decisions images require a model served with multimodal input")
        questions = [(q["id"], self._options(q)) for q in body["questions"]]
        if len(dict(questions)) != len(questions):
            raise Refused("question id repeats another question")
        answers = {}
        for name, options in questions:
            weights = {o: weight(body["input"], o) for o in options}
            share = {o: w / sum(weights.values()) for o, w in weights.items()}
            best = max(share, key=share.__getitem__)
            answers[name] = {
                "type": "choice",
                "probabilities": share,
                "label_mass": self.mass,
                "choice": best,
            }
        usage = {"prompt_tokens": 9, "total_tokens": 9}
        about = {"object": "decisions", "model": "toy", "prompt_format_version": 1}
        return {**about, "answers": answers, "usage": usage}

    def _options(self, question: dict[str, Any]) -> list[str]:
        if set(question) != {"id", "type", "question", "options"} or question["type"] != "choice":
            raise Refused(f"question {question}")
        if not question["id"].strip() or not str(question["question"]).strip():
            raise Refused("must not be blank")
        names = [o["name"] for o in question["options"]]
        if any(set(o) - {"name", "description"} for o in question["options"]):
            raise Refused("option")
        if any(unicodedata.category(c) in ("Cc", "Zl", "Zp") for n in names for c in n):
            raise Refused("option name must not contain control characters")
        if not 2 <= len({n.strip().casefold() for n in names}) == len(names) <= 26:
            raise Refused("option name repeats another option")
        return names
