"""Serves models of LAVIS over the OpenAI chat API: ``python serve.py --model blip2_opt``.

Stands alone: standard library, and LAVIS with torch and Pillow once a model is loaded.
"""

import argparse
import base64
import binascii
import io
import json
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

Answerer = Callable[[Any, str, int], str]
"""(PIL picture or None, question, most new tokens) -> answer."""
BODY_BYTES = 64 * 2**20
"""Largest request that is read."""


class BadRequestError(ValueError):
    """The request cannot be answered; the message goes back with status 400."""


class WorkerModel(NamedTuple):
    """How one architecture of LAVIS is asked."""

    model_type: str
    """Its default weights, as ``lavis.models.model_zoo`` names them."""
    ask: Callable[[Any, Any, str, int], str]
    """(model, pictures (1, 3, h, w), question, most new tokens) -> answer."""


def _caption(model: Any, image: Any, question: str, length: int) -> str:
    """The question is passed over: this model only describes, after its own prompt."""
    prompt = len(model.tokenizer(model.prompt).input_ids) - 1  # LAVIS counts it in
    lengths = {"max_length": length + prompt, "min_length": min(10, length)}
    return str(model.generate({"image": image}, **lengths)[0])


def _vqa(model: Any, image: Any, question: str, length: int) -> str:
    samples = {"image": image, "text_input": question}
    return str(model.predict_answers(samples, inference_method="generate", max_len=length)[0])


def _opt(model: Any, image: Any, question: str, length: int) -> str:
    prompt = f"Question: {question} Answer:"
    return str(model.generate({"image": image, "prompt": prompt}, max_length=length)[0])


def _t5(model: Any, image: Any, question: str, length: int) -> str:
    samples = {"image": image, "text_input": question}
    prompt = "Question: {} Short answer:"
    return str(model.predict_answers(samples, prompt=prompt, max_len=length)[0])


def _instruct(model: Any, image: Any, question: str, length: int) -> str:
    return str(model.generate({"image": image, "prompt": question}, max_length=length)[0])


KINDS = {
    "blip_caption": WorkerModel("base_coco", _caption),
    "blip_vqa": WorkerModel("vqav2", _vqa),
    "blip2_opt": WorkerModel("pretrain_opt2.7b", _opt),
    "blip2_t5": WorkerModel("pretrain_flant5xl", _t5),
    "blip2_t5_instruct": WorkerModel("flant5xl", _instruct),
    "blip2_vicuna_instruct": WorkerModel("vicuna7b", _instruct),
}
"""Architectures by their name in LAVIS; the last two are only in its source repository."""


def load(name: str, model_type: str, config: str, device: str) -> Answerer:
    """A model of LAVIS, from its published weights or from a configuration file of your own."""
    if name == "echo":
        return lambda image, question, length: f"{image.size if image else None} {question}"
    import torch
    from lavis.common.registry import registry
    from lavis.models import load_preprocess
    from omegaconf import OmegaConf

    kind = KINDS[name]
    cls = registry.get_model_class(name)
    if cls is None:
        sys.exit(f"this LAVIS has no {name}; InstructBLIP is only in its source repository")
    settings = OmegaConf.load(config or cls.default_config_path(model_type or kind.model_type))
    model = cls.from_config(settings.model).eval().to(device)
    if device == "cpu":
        model = model.float()
    see = load_preprocess(settings.preprocess)[0]["eval"]

    def answer(image: Any, question: str, length: int) -> str:
        if image is None:
            raise BadRequestError(f"{name} answers about a picture; send one")
        with torch.inference_mode():
            shown = see(image).unsqueeze(0).to(device)
            return kind.ask(model, shown, question, length)

    return answer


def read_question(body: dict[str, Any]) -> tuple[bytes | None, str, int]:
    """Picture's file, question and bound on tokens of a chat completion's body."""
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages or not isinstance(messages[-1], dict):
        raise BadRequestError("messages must be a list with at least one message")
    for wish in ("logprobs", "tools", "stream"):
        if body.get(wish):
            raise BadRequestError(f"{wish} is not supported by the LAVIS worker")
    content = messages[-1].get("content")
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise BadRequestError("content must be a text or a list of parts")
    texts = [str(part.get("text", "")) for part in parts if part.get("type") == "text"]
    urls = [part.get("image_url") for part in parts if part.get("type") == "image_url"]
    if len(urls) > 1:
        raise BadRequestError(
            f"models of LAVIS take one picture at a time, got {len(urls)}; "
            "deliver several as grid, vote or first_only"
        )
    length = body.get("max_completion_tokens") or body.get("max_tokens") or 20
    if not isinstance(length, int) or length < 1:
        raise BadRequestError(f"max_tokens must be a positive whole number, got {length!r}")
    return (_picture(urls[0]) if urls else None), "\n".join(texts).strip(), length


def _picture(url: Any) -> bytes:
    url = url.get("url") if isinstance(url, dict) else url
    head, _, data = str(url).partition(",")
    # Never fetched: whoever asks could make this machine read addresses of its own network.
    if not head.startswith("data:image/") or not head.endswith(";base64"):
        raise BadRequestError("a picture must be a data URL, data:image/png;base64,...")
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise BadRequestError(f"the picture is no valid base64: {error}") from error


def decode(raw: bytes) -> Any:
    """A picture's file as a PIL picture."""
    from PIL import Image

    try:
        return Image.open(io.BytesIO(raw)).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadRequestError(f"the picture cannot be decoded: {error}") from error


class Handler(BaseHTTPRequestHandler):
    """The two routes of the API that memeprobe asks."""

    protocol_version = "HTTP/1.1"
    name: str
    answer: Answerer
    turn = threading.Lock()
    """LAVIS's models keep state while they generate, so one question is answered at a time."""

    def do_GET(self) -> None:
        """The list of models: the one that is served."""
        if self.path.rstrip("/") != "/v1/models":
            self._fail(404, f"no route {self.path}; there is /v1/models")
            return
        self._send(200, {"object": "list", "data": [{"id": self.name, "object": "model"}]})

    def do_POST(self) -> None:
        """A chat completion."""
        size = self.headers.get("content-length", "")
        if not size.isdigit() or int(size) > BODY_BYTES:
            self.close_connection = True
            self._fail(413, f"the request must state its length, at most {BODY_BYTES} bytes")
            return
        raw = self.rfile.read(int(size))
        if self.path.rstrip("/") != "/v1/chat/completions":
            self._fail(404, f"no route {self.path}; there is /v1/chat/completions")
            return
        try:
            body = json.loads(raw)
            if not isinstance(body, dict):
                raise BadRequestError("the body must be a JSON object")
            self._complete(body)
        except json.JSONDecodeError as error:
            self._fail(400, f"the body is no JSON: {error}")
        except BadRequestError as error:
            self._fail(400, str(error))
        except Exception as error:
            self._fail(500, f"{type(error).__name__}: {error}")

    def _complete(self, body: dict[str, Any]) -> None:
        if body.get("model") != self.name:
            self._fail(404, f"no model {body.get('model')!r}; there is {self.name!r}")
            return
        picture, question, length = read_question(body)
        image = decode(picture) if picture is not None else None
        with self.turn:
            text = type(self).answer(image, question, length)
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        self._send(
            200,
            {
                "id": "chatcmpl-lavis",
                "object": "chat.completion",
                "created": int(time.time()),
                "model": self.name,
                "choices": [choice],
            },
        )

    def _fail(self, status: int, message: str) -> None:
        self._send(status, {"error": {"message": message, "code": status}})

    def _send(self, status: int, body: dict[str, Any]) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)


def main(arguments: list[str] | None = None) -> None:
    """The program."""
    parser = argparse.ArgumentParser(description="Serve a model of LAVIS over the OpenAI chat API.")
    parser.add_argument(
        "--model",
        required=True,
        choices=[*KINDS, "echo"],
        help="echo: repeats the question, to try the connection",
    )
    parser.add_argument("--type", default="", help="weights, as lavis.models.model_zoo names them")
    parser.add_argument("--config", default="", help="a configuration file in LAVIS's format")
    parser.add_argument("--device", default="cpu", help="cpu or cuda (default: cpu)")
    parser.add_argument("--host", default="127.0.0.1", help="default: this machine only")
    parser.add_argument("--port", type=int, default=8000, help="0 takes a free one")
    given = parser.parse_args(arguments)
    answer = load(given.model, given.type, given.config, given.device)
    handler = type("Bound", (Handler,), {"name": given.model, "answer": staticmethod(answer)})
    with ThreadingHTTPServer((given.host, given.port), handler) as server:
        print(f"serving {given.model} on http://{given.host}:{server.server_port}/v1", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("stopped")


if __name__ == "__main__":
    main()
