"""A model behind the OpenAI API and behind batch files, by one rule: a subject whose bias is known
looks at the pictures that arrive and chooses among the letters that are listed."""

import base64
import io
import json
import math
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from meme_sets import MemeSet
from memeprobe.stimuli.scripted_viewer import ScriptedViewer
from tests.stand_in_server import Served
from tests.vllm_stand_in import Handler as VllmHandler
from vlm import Query

FIELDS = {
    "model",
    "messages",
    "max_tokens",
    "max_completion_tokens",
    "temperature",
    "logprobs",
    "top_logprobs",
}


class Rule:
    """Body of a chat completion -> reply. ``logprobs``: whether it gives any."""

    def __init__(self, meme_set: MemeSet, subject: str, logprobs: bool = True) -> None:
        self.subject = ScriptedViewer(meme_set).subject(subject)
        self.logprobs = logprobs
        self.options = [
            (item.question.in_language("en"), tuple(o.in_language("en") for o in item.options))
            for item in meme_set.items
            if item.question is not None
        ]

    def __call__(self, body: dict[str, Any]) -> dict[str, Any]:
        assert set(body) <= FIELDS, set(body) - FIELDS
        *parts, text = body["messages"][0]["content"]
        images = tuple(pixels(part["image_url"]["url"]) for part in parts)
        question, *lines = text["text"].split("\n")
        listed = tuple(line[3:] for line in lines if line[1:3] == ". ")
        known = next(
            options
            for asked, options in self.options
            if asked == question and set(listed or options) == set(options)
        )
        (answer,) = self.subject.answer([Query(images, question, known)])
        assert answer.option_logprobs is not None
        weights = dict(zip(known, answer.option_logprobs, strict=True))
        place = max(range(len(known)), key=lambda i: weights[(listed or known)[i]])
        said = "ABCDEF"[place] if listed else known[place]
        choice: dict[str, Any] = {
            "index": 0,
            "message": {"role": "assistant", "content": said},
            "finish_reason": "stop",
        }
        if body.get("logprobs") and self.logprobs:
            rows = [
                {"token": "ABCDEF"[i], "logprob": p + math.log(0.9)}
                for i, p in enumerate(weights[option] for option in listed)
            ]
            choice["logprobs"] = {"content": [{"top_logprobs": rows}]}
        return {"choices": [choice], "usage": {"prompt_tokens": 7 + 9 * len(images)}}


def pixels(url: str) -> np.ndarray:
    """Of a data URL."""
    head, _, data = url.partition(";base64,")
    image = Image.open(io.BytesIO(base64.b64decode(data)))
    assert head == f"data:image/{(image.format or '').lower()}"
    return np.asarray(image)


def as_url(path: Path) -> str:
    """A file as a data URL."""
    return f"data:image/{path.suffix[1:]};base64,{base64.b64encode(path.read_bytes()).decode()}"


class _Handler(VllmHandler):
    def do_GET(self) -> None:
        self.reply(200, {"object": "list", "data": [{"id": "toy", "owned_by": "somebody"}]})


class RuleServer(Served):
    """The rule behind HTTP."""

    def __init__(self, rule: Rule) -> None:
        self.rule, self.lock = rule, threading.Lock()
        self.bodies: list[dict[str, Any]] = []
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self.http.state = self  # type: ignore[attr-defined]

    def answer(self, body: dict[str, Any]) -> dict[str, Any]:
        """The reply."""
        return self.rule(body)


def answered(folder: Path, rule: Rule, to: Path) -> list[str]:
    """Answer a folder's requests, as lines of a file, written last first. Checks each request."""
    rows = []
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            request = json.loads(line)
            assert set(request) == {"custom_id", "method", "url", "body"}
            assert request["method"] == "POST" and 6 <= len(request["custom_id"]) <= 64
            rows.append(row(request["custom_id"], rule(request["body"])))
    assert len({json.loads(r)["custom_id"] for r in rows}) == len(rows)
    to.write_text("\n".join(reversed(rows)) + "\n", "utf-8")
    return rows


def row(name: str, body: dict[str, Any], status: int = 200) -> str:
    """One line of an output file, as OpenAI, DashScope, Zhipu and vLLM write it."""
    response = {"status_code": status, "request_id": "r", "body": body}
    return json.dumps({"id": "b", "custom_id": name, "response": response, "error": None})
