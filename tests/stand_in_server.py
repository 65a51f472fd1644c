"""A server with the OpenAI chat API that answers by a rule, and misbehaves when asked to."""

import base64
import hashlib
import io
import json
import math
import threading
import time
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import numpy as np
from PIL import Image

Fault = Callable[["Handler", int], bool]
"""Called with the handler and how often this fault was met before; True: nothing more to send."""


class Handler(BaseHTTPRequestHandler):
    """Routes of the API; ``server.state`` says how it behaves."""

    server: "Server"
    counted = False
    """Whether this request is among the busy ones: no more once its reply begins, for the client
    may send its next one before this thread goes on."""

    def log_message(self, *args: Any) -> None:
        pass

    def reply(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.over()
        self.send_response(status)
        for name, value in {"content-length": str(len(raw)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    def do_GET(self) -> None:
        state = self.server.state
        state.keys.append(self.headers.get("authorization"))
        if state.gateway:
            self.reply(state.gateway, b"<h1>Bad Gateway</h1>")
            return
        self.reply(200, {"data": [{"id": name} for name in state.models]})

    def do_POST(self) -> None:
        state = self.server.state
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with state.lock:
            state.bodies.append(body)
            state.times.append(time.monotonic())
            state.busy += 1
            state.most_busy = max(state.busy, state.most_busy)
            self.counted = True
        try:
            self._answer(state, body)
        finally:
            self.over()

    def over(self) -> None:
        """The request is not busy any more."""
        with self.server.state.lock:
            self.server.state.busy -= self.counted
            self.counted = False

    def _answer(self, state: "State", body: dict[str, Any]) -> None:
        content = body["messages"][0]["content"]
        text = content[-1]["text"]
        if state.gateway:
            self.reply(state.gateway, b"<h1>Bad Gateway</h1>")
            return
        for word, fault in state.faults.items():
            if word in text:
                with state.lock:
                    met = state.met[word]
                    state.met[word] += 1
                if fault(self, met):
                    return
        images = [part["image_url"]["url"] for part in content[:-1]]
        for url in images:
            state.shown.append(decoded(url))
        if body.get("logprobs") and not state.logprobs:
            self.reply(400, {"error": {"message": "logprobs is not supported"}})
            return
        time.sleep(state.slow)
        digest = hashlib.sha256("|".join([text.split("\n")[0], *images]).encode()).digest()
        choice: dict[str, Any] = {"message": {"content": f" answer {digest[0]}\n"}}
        if body.get("logprobs"):
            choice["logprobs"] = {"content": [{"top_logprobs": state.letters(text)}]}
        self.reply(200, {"choices": [choice]})


class State:
    """What a server has, does, and has seen."""

    def __init__(self) -> None:
        self.models = ["stand-in"]
        self.logprobs = True
        self.slow = 0.0
        self.gateway = 0
        """The status that a gateway before it gives to everything; 0: none stands there."""
        self.faults: dict[str, Fault] = {}
        self.met: Counter[str] = Counter()
        self.bodies: list[dict[str, Any]] = []
        self.shown: list[np.ndarray] = []
        self.keys: list[str | None] = []
        self.times: list[float] = []
        self.busy = self.most_busy = 0
        self.lock = threading.Lock()

    def letters(self, text: str) -> list[dict[str, Any]]:
        """Likes the longer option, and letter A whatever stands there."""
        options = [line[3:] for line in text.split("\n")[1:-1]]
        weights = [len(o) + (5 if i == 0 else 0) for i, o in enumerate(options)]
        rows = [
            {"token": f" {'ABCDEF'[i]}", "logprob": math.log(0.9 * w / sum(weights))}
            for i, w in enumerate(weights)
        ]
        return [*rows, {"token": "the", "logprob": math.log(0.1)}]


def decoded(url: str) -> np.ndarray:
    """The pixels of a PNG data URL."""
    head, _, data = url.partition(",")
    assert head == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))


class Server(ThreadingHTTPServer):
    """A server that its handler asks how to behave."""

    state: "State"


class Served:
    """A server that runs in a thread while the ``with`` block lasts."""

    http: ThreadingHTTPServer
    """Made by the subclass, on a port that is free."""

    @property
    def url(self) -> str:
        """Where the API is."""
        return f"http://127.0.0.1:{self.http.server_port}/v1"

    def __enter__(self) -> Self:
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.http.shutdown()
        self.http.server_close()


class StandIn(Served):
    """The server that ``State`` describes."""

    def __init__(self, port: int = 0) -> None:
        """``port``: where another one was before; 0: any that is free."""
        self.http = Server(("127.0.0.1", port), Handler)
        self.state = self.http.state = State()

    def dies_after(self, questions: int) -> None:
        """It breaks off in the middle of the next question then, and nobody is there any more."""

        def fault(handler: Handler, met: int) -> bool:
            if met == questions:
                handler.server.shutdown()
                handler.server.server_close()
            return met >= questions

        self.state.faults[""] = fault
