"""Any model behind a server with the OpenAI chat API: vLLM, SGLang, Ollama, llama.cpp, ..."""

import difflib
import hashlib
import json
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, Self

from vlm.adapter import Adapter
from vlm.delivery import ModelInput, ModelOutput
from vlm.errors import Gone, ModelError
from vlm.query import Seen
from vlm.server.abilities import REFUSED, find, letter_ids
from vlm.server.client import Client, ServerError
from vlm.server.decisions import request as decision
from vlm.server.held import Held
from vlm.server.letters import LETTERS
from vlm.server.pictures import Pictures, video
from vlm.server.score_options import ServerOptionScorer
from vlm.server.settings import Address, ServerSettings, api_key
from vlm.server.talk import ROOM, SILENT, Reply, merged, parse_body, read
from vlm.settings import DEFAULTS, LoadOptions

ADAPTER_VERSION = "2"


class Thinking(NamedTuple):
    """How a model that may think aloud is asked. One value, so that questions that are asked at
    once never see half a change."""

    silent: int
    """Row of ``SILENT`` that switches thoughts off; -1: none."""
    room: int
    """Tokens for thoughts and answer where they cannot be switched off; else 0."""

    def next(self, most: int) -> "Thinking":
        """The way after this one; the last is to give room for ``most`` tokens."""
        last = self.silent + 1 == len(SILENT)
        return Thinking(-1, most) if last else Thinking(self.silent + 1, 0)


class ServerModel(Adapter):
    """One model of one server."""

    deliveries: tuple[str, ...] = ("native", "grid", "vote", "first_only")
    batch_size = 64

    def __init__(
        self,
        address: Address,
        settings: ServerSettings,
        key: str | None = None,
        room: int | None = None,
    ) -> None:
        """``room``: tokens for thought and answer. Raises ModelError: no server there, or it has no
        model of this name."""
        self.settings = settings
        self.more = parse_body(settings.body, "--server-body") if settings.body else {}
        self._client = Client(address, settings, key)
        self.model = _choose(address, self._client.models())
        self.name = Address(address.url, self.model).name
        self.can = find(self._client, self.model)
        if self.can.video:
            self.deliveries = (*self.deliveries, "video")
        whole = self.can.end if settings.logprobs else None
        decide = self._decide if self.can.decides else None
        asks = bool(settings.logprobs)
        self._scorer = ServerOptionScorer(self.name, asks, whole, decide, self._letter_ids)
        self._holds = Held(self.can.kind)
        self.revision = f"{self.model}-server{ADAPTER_VERSION}{self._settings_tag()}"
        self._form: dict[str, Any] = {"temperature": 0}
        self._length = "max_tokens"
        self._thinking, self._sure = Thinking(self.can.silent, 0), self.can.silent >= 0
        self._most = room or ROOM
        self._pictures = Pictures(self.can.uuid, settings.pictures)
        self._lock = threading.Lock()

    @property
    def logprobs(self) -> bool:
        """Whether log-probabilities are asked for; False once the server has refused them."""
        return self._scorer.asks

    def _settings_tag(self) -> str:
        """What of the settings an answer depends on."""
        way = "" if self.settings.logprobs else "-free"
        way += "-jpeg" if self.settings.pictures == "jpeg" else ""
        whole = "-whole" if self._scorer.end is not None else ""
        whole += "-decisions" if self._scorer.decide is not None and self.settings.logprobs else ""
        room = json.dumps(self.more, sort_keys=True)
        body = f"-{hashlib.sha256(room.encode()).hexdigest()[:8]}" if self.more else ""
        return f"{way}{whole}{body}"

    @classmethod
    def load(cls, spec: str, options: LoadOptions = DEFAULTS) -> Self:
        """The model that ``http://host:port/v1#model`` means.

        Raises ModelError: a bad address, nobody there, no such model, or a device, precision or
        quantisation asked for, which are the server's own business.
        """
        settings = ServerSettings.of(options, "a server; set it where the server runs")
        address = Address.parse(spec)
        return cls(address, settings, api_key(address.url), options.max_new_tokens)

    def look(self, batch: Sequence[ModelInput]) -> list[ModelOutput]:
        """Answers in order. Raises ServerError: one failed for good."""
        return [self._one(look) for look in batch]

    def _batch(self, batch: list[ModelInput]) -> list[ModelOutput | Exception]:
        """Several at once, each by itself, so that a failure costs no other request; no more are
        sent to a server that is gone."""
        gone: list[Gone] = []

        def guarded(look: ModelInput) -> ModelOutput | Exception:
            try:
                return gone[0] if gone else self.look([look])[0]
            except Gone as error:
                gone.append(error)
                return error
            except Exception as error:
                return error

        pool = ThreadPoolExecutor(self.settings.concurrency)
        try:
            return list(pool.map(guarded, batch))
        finally:
            # Nothing is left, unless Ctrl-C came, which must not wait for a server that hangs.
            pool.shutdown(wait=False, cancel_futures=True)

    def _one(self, look: ModelInput) -> ModelOutput:
        reply = self._said(look)
        text = reply.answer(self.name)
        thinking = "thought" if reply.thought else "off" if self._thinking.silent >= 0 else ""
        facts: dict[str, Any] = {
            "prompt_tokens": reply.prompt_tokens,
            "thinking": thinking,
            "thought": reply.thought,
            "truncated": reply.finish == "length",
        }
        # A model that must think has no first token of an answer.
        weighed = bool(look.options) and self.logprobs and not self._thinking.room
        if not weighed or len(look.options) > len(LETTERS):
            held = bool(look.options) and not self.logprobs and text in look.options
            scoring = "choice" if held and self._holds.way else ""
            room = self._thinking.room
            notes = (f"given {room:,} tokens for thought and answer",) if room else ()
            return ModelOutput(text, look.text, seen=Seen(scoring=scoring, notes=notes, **facts))
        found = self._scorer.score(look, reply.raw, self._ask)
        if found is None:
            return ModelOutput(text, look.text, seen=Seen(**facts))
        seen = Seen(scoring=found.way, notes=found.notes, **facts)
        return ModelOutput(text, found.prompt, found.logprobs, found.tokens, seen)

    def _said(self, look: ModelInput) -> Reply:
        """The free answer; a server whose model thinks aloud is asked not to, in every way that is
        known, and else given room."""
        while True:
            thinking, way = self._thinking, self._way_to_hold(look)
            held = self._holds.fields(look.options, way) if way else {}
            try:
                more = {**self._scorer.beside(look), **held}
                asked = self._ask(look, look.text, max(look.max_new_tokens, thinking.room), more)
                reply = read(asked, self.name)
            except ServerError as error:
                if error.status in REFUSED and way is not None:
                    self._holds.failed(way)
                    continue
                stale = thinking != self._thinking  # another question has found a better way
                refused = error.status in REFUSED and (
                    stale or (thinking.silent >= 0 and not self._sure)
                )
                if not refused:
                    raise
            else:
                if way is not None and not reply.thinks and reply.text not in look.options:
                    self._holds.failed(way)
                    continue
                if not reply.thinks or thinking.room:
                    self._sure = True
                    return reply
            with self._lock:
                if thinking == self._thinking:
                    self._sure = False
                    self._thinking = thinking.next(self._most)

    def _way_to_hold(self, look: ModelInput) -> str | None:
        """What holds an answer to the options, where there are no log-probabilities."""
        free = not look.options or self.logprobs or self._thinking.room
        return None if free else self._holds.way

    def _letter_ids(self) -> tuple[int, ...]:
        return letter_ids(self._client, self.model) if self.can.kind == "vLLM" else ()

    def _decide(self, look: ModelInput, orders: Sequence[Sequence[str]]) -> dict[str, Any]:
        """The reply of ``/v1/decisions``, which takes no other fields than its own."""
        parts, _ = self._pictures.parts(look.images)
        body = decision(self.model, look.text, orders, [p["image_url"] for p in parts])
        template = self.more.get("chat_template_kwargs")
        return self._client.decide(body | ({"chat_template_kwargs": template} if template else {}))

    def _ask(
        self,
        look: ModelInput,
        text: str,
        new_tokens: int,
        more: dict[str, Any] | None = None,
        begun: str | None = None,
    ) -> dict[str, Any]:
        """The reply to one question; ``begun``: what the answer begins with."""
        for _ in range(4):
            form, length = self._form, self._length
            parts, hashes, how = self._parts(look)
            messages: list[dict[str, Any]] = [
                {"role": "user", "content": [*parts, {"type": "text", "text": text}]}
            ]
            if begun is not None:
                messages.append({"role": "assistant", "content": begun})
            body = {"model": self.model, "messages": messages, length: new_tokens, **form, **how}
            silent = self._thinking.silent
            if silent >= 0:
                body = merged(body, SILENT[silent][1])
            try:
                reply = self._client.chat(merged({**body, **(more or {})}, self.more))
            except ServerError as error:
                if error.status in (400, 404, 422, 500) and self._pictures.forget(hashes):
                    continue  # the server has lost a picture that it was named by its hash
                if error.status != 400 or not self._adapt(str(error), form, length):
                    raise
            else:
                self._pictures.arrived(hashes)
                return reply
        raise ServerError(f"{self.name} refuses every form of the question")

    def _parts(self, look: ModelInput) -> tuple[list[dict[str, Any]], list[str], dict[str, Any]]:
        """The parts of the message, hashes of the pictures in it, and what goes beside it."""
        if look.times is not None and self.can.video:
            part, how = video(look.images, look.times)
            return [part], [], how
        return *self._pictures.parts(look.images), {}

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
