"""Any model behind a server with the OpenAI chat API: vLLM, SGLang, Ollama, llama.cpp, ..."""

import base64
import difflib
import io
import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

import numpy as np
from PIL import Image

from vlm.adapter import Adapter
from vlm.delivery import ModelInput, ModelOutput
from vlm.query import ModelError, pixel_sha256
from vlm.server.client import Client, ServerError
from vlm.server.letters import LETTERS, TOP, chances, given, lettered, mean_logprobs, turns
from vlm.server.settings import Address, ServerSettings, api_key
from vlm.settings import DEFAULTS, LoadOptions

ADAPTER_VERSION = "1"
LEFT_OUT = 3
"""After so many replies to one question without log-probabilities the server has none."""
MOST_LETTERS = 200_000
"""Characters of an answer; a longer one is no answer to a question of this project."""
KEPT = 64
"""How many encoded pictures are kept: a probe asks many questions about few frames."""


class ServerModel(Adapter):
    """One model of one server."""

    deliveries: tuple[str, ...] = ("native", "grid", "vote", "first_only")
    batch_size = 64

    def __init__(self, address: Address, settings: ServerSettings, key: str | None = None) -> None:
        """Raises ModelError: no server there, or it has no model of this name."""
        self.settings = settings
        self._client = Client(address, settings, key)
        self.model = _choose(address, self._client.models())
        self.name = Address(address.url, self.model).name
        self.logprobs = bool(settings.logprobs)
        """Whether log-probabilities are asked for; False once the server has refused them."""
        self._gave = False
        """Whether the server has given log-probabilities before."""
        self.revision = f"{self.model}-server{ADAPTER_VERSION}{'' if self.logprobs else '-free'}"
        self._form: dict[str, Any] = {"temperature": 0}
        self._length = "max_tokens"
        self._pictures: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    @classmethod
    def load(cls, spec: str, options: LoadOptions = DEFAULTS) -> Self:
        """The model that ``http://host:port/v1#model`` means.

        Raises ModelError: a bad address, nobody there, no such model, or a device, precision or
        quantisation asked for, which are the server's own business.
        """
        for name in ("device", "dtype", "quantise"):
            if getattr(options, name) is not None:
                raise ModelError(
                    f"--{name} has no meaning for a server; set it where the server runs"
                )
        address = Address.parse(spec)
        return cls(address, ServerSettings.from_environment(), api_key(address.url))

    def look(self, batch: Sequence[ModelInput]) -> list[ModelOutput]:
        """Answers in order. Raises ServerError: one failed for good."""
        return [self._one(look) for look in batch]

    def _batch(self, batch: list[ModelInput]) -> list[ModelOutput | Exception]:
        """Several at once, each by itself, so that a failure costs no other request."""

        def guarded(look: ModelInput) -> ModelOutput | Exception:
            try:
                return self.look([look])[0]
            except Exception as error:
                return error

        with ThreadPoolExecutor(self.settings.concurrency) as pool:
            return list(pool.map(guarded, batch))

    def _one(self, look: ModelInput) -> ModelOutput:
        reply = self._ask(look, look.text, look.max_new_tokens)
        text = _text(reply, self.name)
        if not (look.options and self.logprobs) or len(look.options) > len(LETTERS):
            return ModelOutput(text, look.text)
        logprobs = self._weigh(look)
        if logprobs is None:
            return ModelOutput(text, look.text)
        prompt = lettered(look.text, turns(look.options)[0])
        return ModelOutput(text, prompt, logprobs, (1,) * len(look.options))

    def _weigh(self, look: ModelInput) -> tuple[float, ...] | None:
        """Log-probability to be chosen of each option, or None where the server gives none."""
        orders = turns(look.options)
        rows = []
        for order in orders:
            reply = self._with_logprobs(look, lettered(look.text, order))
            row = None if reply is None else chances(reply, len(order))
            if row is None:
                return None
            rows.append(row)
        return mean_logprobs(look.options, orders, rows)

    def _with_logprobs(self, look: ModelInput, text: str) -> dict[str, Any] | None:
        """A reply with log-probabilities; None, from then on, from a server that has none.

        One reply without them says nothing of the others. Raises ServerError where a server that
        gave them before leaves them out again and again: answers of a run must not be scored in
        two ways.
        """
        asked = {"logprobs": True, "top_logprobs": TOP}
        for _ in range(LEFT_OUT):
            try:
                reply = self._ask(look, text, 1, asked)
            except ServerError as error:
                if self._gave or error.status not in (400, 404, 405, 422, 501):
                    raise
                break  # it answered the same question without them just now
            if given(reply):
                self._gave = True
                return reply
        if self._gave:
            raise ServerError(f"{self.name} left out the log-probabilities that it gives elsewhere")
        self.logprobs = False
        return None

    def _ask(
        self, look: ModelInput, text: str, new_tokens: int, more: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        content: list[dict[str, Any]] = [
            {"type": "image_url", "image_url": {"url": self._picture(image)}}
            for image in look.images
        ]
        content.append({"type": "text", "text": text})
        messages = [{"role": "user", "content": content}]
        for _ in range(3):
            form, length = self._form, self._length
            try:
                return self._client.chat(
                    {
                        "model": self.model,
                        "messages": messages,
                        length: new_tokens,
                        **form,
                        **(more or {}),
                    }
                )
            except ServerError as error:
                if error.status != 400 or not self._adapt(str(error), form, length):
                    raise
        raise ServerError(f"{self.name} refuses every form of the question")

    def _adapt(self, said: str, form: dict[str, Any], length: str) -> bool:
        """Whether the question can be put in another form: OpenAI's reasoning models know
        neither ``max_tokens`` nor a temperature."""
        if length == "max_tokens" and "max_completion_tokens" in said:
            self._length = "max_completion_tokens"
            return True
        if "temperature" in form and "temperature" in said:
            self._form = {}
            return True
        # Another thread may have changed the form while this one asked.
        return (form, length) != (self._form, self._length)

    def _picture(self, image: np.ndarray) -> str:
        """A PNG data URL, which keeps every pixel."""
        key = pixel_sha256(image)
        with self._lock:
            if key in self._pictures:
                self._pictures.move_to_end(key)
                return self._pictures[key]
        file = io.BytesIO()
        Image.fromarray(image).save(file, "PNG", compress_level=3)
        url = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
        with self._lock:
            self._pictures[key] = url
            while len(self._pictures) > KEPT:
                self._pictures.popitem(last=False)
        return url


def _choose(address: Address, served: list[str] | None) -> str:
    """The model's name as the server knows it."""
    if address.model is None:
        if served and len(served) == 1:
            return served[0]
        raise ModelError(
            f"{address.name} names no model; write {address.name}#NAME. {_listed(served)}"
        )
    # Ollama lists "llava:latest" and takes "llava".
    known = {n for name in served or () for n in (name, name.removesuffix(":latest"))}
    if not known or address.model in known:
        return address.model
    near = difflib.get_close_matches(address.model, known, 1, 0.5)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise ModelError(f"{address.url} has no model {address.model!r}{hint} {_listed(served)}")


def _listed(served: list[str] | None) -> str:
    if not served:
        return "The server lists none"
    more = f" and {len(served) - 10} more" if len(served) > 10 else ""
    return f"It has: {', '.join(served[:10])}{more}"


def _text(reply: dict[str, Any], name: str) -> str:
    try:
        choice = reply["choices"][0]
        text = choice["message"].get("content")
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise ServerError(f"{name} answered without choices: {str(reply)[:200]}") from error
    if not isinstance(text, str):
        why = choice["message"].get("refusal") or choice.get("finish_reason")
        raise ServerError(
            f"{name} gave an answer without text ({why}); a model that thinks aloud first may "
            "need more new tokens"
        )
    if len(text) > MOST_LETTERS:
        raise ServerError(f"{name} gave an answer of {len(text):,} characters; it is not kept")
    return text.strip()
