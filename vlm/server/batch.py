"""A model that is asked by batch files: nothing is sent, requests are written and answers read.

The batch APIs of OpenAI, DashScope and Zhipu, and ``vllm run-batch``, take the files. Options are
scored by letters with log-probabilities: a whole answer can only be weighed where an answer to a
first request is known.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from vlm.adapter import Adapter
from vlm.delivery import ModelInput, ModelOutput
from vlm.errors import Later, ModelError
from vlm.query import Seen
from vlm.server.batch_files import OURS, BatchFiles, BatchWriter, Writer
from vlm.server.harness_files import LmmsEvalWriter, VlmEvalKitWriter
from vlm.server.letters import (
    LETTERS,
    TOP,
    lettered,
    scored,
    turns,
)
from vlm.server.pictures import Pictures, video
from vlm.server.score_options import LETTERS_WAY
from vlm.server.settings import ServerSettings
from vlm.server.talk import Reply, merged, parse_body, read
from vlm.settings import DEFAULTS, LoadOptions

ADAPTER_VERSION = "1"


@dataclass(frozen=True)
class Form:
    """What one taker of batch files wants; its limits as published in 2026."""

    path: str
    length: str = "max_tokens"
    """The field that bounds an answer."""
    lines: int = 50_000
    """Requests of one file at most."""
    size: int = 200_000_000
    """Bytes of one file at most."""
    video: bool = False
    """Whether frames can be sent as one video with their times."""
    weighs: bool = True
    """Whether answers can come with log-probabilities."""
    writer: Callable[[Path, int, int], Writer] = BatchWriter
    """Called with folder, lines and bytes of a file."""


FORMS = {
    "openai": Form("/v1/chat/completions", "max_completion_tokens"),
    "dashscope": Form("/v1/chat/completions", size=500_000_000),
    "zhipu": Form("/v4/chat/completions", size=100_000_000),
    "vllm": Form("/v1/chat/completions", video=True),
    "vlmevalkit": Form("", weighs=False, writer=VlmEvalKitWriter),
    "lmms-eval": Form("", weighs=False, writer=LmmsEvalWriter),
}
"""Name -> form. ``vllm run-batch`` has no limits of its own; the last two are other evaluation
harnesses, which ask the questions of a table and keep the words of the answers."""


class BatchModel(Adapter):
    """One model of one taker of batch files."""

    deliveries: tuple[str, ...] = ("native", "grid", "vote", "first_only")
    batch_size = 64

    def __init__(
        self, form: str, model: str, settings: ServerSettings, room: int | None = None
    ) -> None:
        """``room``: tokens for thought and answer. Raises ModelError: no such form."""
        if form not in FORMS:
            raise ModelError(
                f"unknown form of batch files {form!r}; known: {', '.join(FORMS)}. Write "
                "batch:openai#MODEL"
            )
        self.form, self.model, self.settings = FORMS[form], model, settings
        self.name = f"batch:{form}#{model}"
        self.more = parse_body(settings.body, "--server-body") if settings.body else {}
        self.files: BatchFiles | None = None
        if self.form.video:
            self.deliveries = (*self.deliveries, "video")
        body = hashlib.sha256(json.dumps(self.more, sort_keys=True).encode()).hexdigest()[:8]
        self.revision = (
            f"{model}-batch{ADAPTER_VERSION}"
            + ("" if settings.logprobs else "-free")
            + ("-jpeg" if settings.pictures == "jpeg" else "")
            + (f"-{body}" if self.more else "")
        )
        self._room = room or 0
        self._pictures = Pictures(form=settings.pictures)
        self._note = f"asked in a batch file ({form}), pictures as {settings.pictures.upper()}"

    @classmethod
    def load(cls, spec: str, options: LoadOptions = DEFAULTS) -> Self:
        """The model that ``FORM#MODEL`` means. Nothing is asked of anybody.

        Raises ModelError: no such form, no model named, or a device, precision or quantisation
        asked for, which are the server's own business.
        """
        settings = ServerSettings.of(options, "batch files")
        form, _, model = spec.partition("#")
        if not model:
            raise ModelError(f"batch:{spec} names no model; write batch:{form or 'openai'}#MODEL")
        return cls(form, model, settings, options.max_new_tokens)

    def look(self, batch: Sequence[ModelInput]) -> list[ModelOutput]:
        """Answers in order. Raises Later: one is not answered yet; ServerError: one was refused;
        ModelError: there are no files."""
        return [self._one(look) for look in batch]

    def _batch(self, batch: list[ModelInput]) -> list[ModelOutput | Exception]:
        """Each by itself, so that one that waits keeps no other back."""
        found: list[ModelOutput | Exception] = []
        for look in batch:
            try:
                found.append(self._one(look))
            except Exception as error:
                found.append(error)
        return found

    def _one(self, look: ModelInput) -> ModelOutput:
        if self.files is None:
            raise ModelError(
                f"{self.name} is asked by files: memeprobe run SET --model {self.name} "
                "--batch-out FOLDER writes them, --batch-in reads the answers"
            )
        weighed = bool(look.options) and bool(self.settings.logprobs) and self.form.weighs
        orders = turns(look.options) if weighed and len(look.options) <= len(LETTERS) else []
        asked = [self._request(look, look.text, max(look.max_new_tokens, self._room))]
        logprobs = {"logprobs": True, "top_logprobs": TOP}
        asked += [self._request(look, lettered(look.text, o), 1, logprobs) for o in orders]
        replies = self.files.ask(asked)
        if replies is None:
            raise Later(f"{self.name} has not answered this yet")
        said = read(replies[0], self.name)
        text = said.answer(self.name)
        scores = scored(look.options, orders, replies[1:]) if orders else None
        if scores is None:
            return ModelOutput(text, look.text, seen=self._seen(said, ""))
        chance, tokens, notes = scores
        seen = self._seen(said, LETTERS_WAY, *notes)
        return ModelOutput(text, lettered(look.text, orders[0]), chance, tokens, seen)

    def _seen(self, said: Reply, scoring: str, *notes: str) -> Seen:
        return Seen(
            prompt_tokens=said.prompt_tokens,
            scoring=scoring,
            thinking="thought" if said.thought else "",
            thought=said.thought,
            notes=(*notes, self._note),
            truncated=said.finish == "length",
        )

    def _request(
        self, look: ModelInput, text: str, new_tokens: int, more: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """One line of a file; its id is the hash of all that it asks."""
        how: dict[str, Any] = {}
        if look.times is not None and self.form.video:
            part, how = video(look.images, look.times)
            parts, hashes = [part], [str(part["video_url"]["url"])]
        else:
            parts, hashes = self._pictures.parts(look.images)
        body = {
            "model": self.model,
            "messages": [],
            self.form.length: new_tokens,
            "temperature": 0,
            **how,
            **(more or {}),
        }
        body = merged(body, self.more)
        # Not the encoded pictures: another version of the encoder writes other bytes.
        asked = [self.name, self.settings.pictures, text, hashes, body]
        name = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:40]
        content = [*parts, {"type": "text", "text": text}]
        return {
            "custom_id": OURS + name,
            "method": "POST",
            "url": self.form.path,
            "body": {**body, "messages": [{"role": "user", "content": content}]},
        }
