"""One question as the body of a chat request, and what a reply says: thoughts kept apart."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vlm.server.client import QUOTED, ServerError
from vlm.server.values import count, log_probability
from vlm.server.words import one_line
from vlm.thoughts import parted

MOST_LETTERS = 200_000
"""Characters of an answer; a longer one is no answer to a question of this project."""
THOUGHTS = ("reasoning_content", "reasoning", "thinking")
"""Fields of a message that hold what a model thought before it answered."""
SILENT: tuple[tuple[str, dict[str, Any]], ...] = (
    ("chat_template_kwargs", {"chat_template_kwargs": {"enable_thinking": False}}),
    ("reasoning_effort", {"reasoning_effort": "none"}),
    ("enable_thinking", {"enable_thinking": False}),
    ("thinking", {"thinking": {"type": "disabled"}}),
)
"""How servers are asked not to think, in the order tried: vLLM, SGLang and llama.cpp; OpenAI and
Gemini; DashScope; Zhipu, Moonshot and DeepSeek."""
ROOM = 2048
"""Tokens for thought and answer of a model that cannot be kept from thinking."""


@dataclass(frozen=True)
class Reply:
    """What a server answered."""

    text: str | None
    """The answer without its thought; None: there is none."""
    thought: str
    finish: str
    """Why it ended: ``stop``, ``length``, ..."""
    prompt_tokens: int | None
    raw: Mapping[str, Any]

    @property
    def thinks(self) -> bool:
        """Whether the model thought aloud, or used up its room before it said anything."""
        return bool(self.thought) or (not self.text and self.finish == "length")

    def answer(self, name: str) -> str:
        """The words of the answer. Raises ServerError: there is none, or it is no answer."""
        if self.text is None or (not self.text and self.thinks):
            message = self.raw["choices"][0]["message"]
            why = one_line(str(message.get("refusal") or self.finish))[:QUOTED]
            raise ServerError(
                f"{name} gave an answer without text ({why}); a model that thinks aloud first may "
                "need more room: --max-new-tokens"
            )
        if len(self.text) > MOST_LETTERS:
            raise ServerError(f"{name} gave an answer of {len(self.text):,} characters; not kept")
        return self.text


def read(reply: Mapping[str, Any], name: str) -> Reply:
    """The parts of a chat completion. Raises ServerError: it has no choices."""
    try:
        choice = reply["choices"][0]
        message = choice["message"]
        text = message.get("content")
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise ServerError(f"{name} answered without choices: {str(reply)[:200]}") from error
    thought = next((str(message[f]) for f in THOUGHTS if message.get(f)), "")
    finish = str(choice.get("finish_reason"))
    if isinstance(text, str):
        inside, text = parted(text)
        thought = thought or inside
    usage = reply.get("usage")
    tokens = count(usage.get("prompt_tokens")) if isinstance(usage, dict) else None
    return Reply(
        text if isinstance(text, str) else None,
        thought,
        finish,
        tokens,
        reply,
    )


def merged(body: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """The body with more in it: objects inside are merged, all else is replaced."""
    found = dict(body)
    for key, value in more.items():
        old = found.get(key)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        found[key] = merged(old, value) if both else value  # type: ignore[arg-type]
    return found


def parse_body(text: str, where: str) -> dict[str, Any]:
    """The JSON object of ``--server-body``. Raises ServerError: it is none."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ServerError(f"{where} is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise ServerError(f"{where} must be a JSON object, got {type(found).__name__}")
    for field in ("messages", "model"):
        if field in found:
            raise ServerError(f"{where} must not set {field!r}: that is what is asked, and whom")
    return found


def prompt_logprobs(reply: Mapping[str, Any], ids: Sequence[int]) -> list[float] | None:
    """The log-probability of each token of a prompt, as vLLM gives them with ``prompt_logprobs``;
    0 for the first one, which follows nothing. None: they are not there, or not of these tokens."""
    rows = reply.get("prompt_logprobs")
    if not isinstance(rows, list) or len(rows) != len(ids):
        return None
    found = []
    for row, token in zip(rows, ids, strict=True):
        if row is None:
            found.append(0.0)
            continue
        value = row.get(str(token)) if isinstance(row, dict) else None
        logprob = log_probability(value.get("logprob")) if isinstance(value, dict) else None
        if logprob is None or math.isinf(logprob):
            return None
        found.append(logprob)
    return found
