"""Option scores from a server: of whole answers where it tells the chance of each token of a prompt
(vLLM), else of letters. One server, one way: answers of a run are never scored in two."""

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from vlm.delivery import ModelInput
from vlm.server.abilities import REFUSED
from vlm.server.client import ServerError
from vlm.server.decisions import probabilities, rendered
from vlm.server.letters import (
    TOP,
    Found,
    given,
    lettered,
    mass_note,
    mean_logprobs,
    scored,
    turns,
)
from vlm.server.talk import prompt_logprobs
from vlm.server.values import log_probability, token_ids

WHOLE_WAY, LETTERS_WAY = "options", "letters"
"""What a receipt says of how options were scored: as local models do, or by letters of a list."""
_DECISIONS = "decisions"
"""By letters as well, in a server's own words."""
LEFT_OUT = 3
"""After so many replies to one question without log-probabilities the server has none."""


class Scores(NamedTuple):
    """Scores of the options of one question."""

    way: str
    """``WHOLE_WAY`` or ``LETTERS_WAY``."""
    logprobs: tuple[float, ...]
    tokens: tuple[int, ...]
    notes: tuple[str, ...]
    prompt: str
    """The question as it was put."""


Decide = Callable[[ModelInput, Sequence[Sequence[str]]], dict[str, Any]]
"""(question, options of each turn) -> the reply of ``/v1/decisions``."""


class Ask(Protocol):
    """One question put to the server."""

    def __call__(
        self,
        look: ModelInput,
        text: str,
        new_tokens: int,
        more: dict[str, Any] | None = None,
        begun: str | None = None,
    ) -> dict[str, Any]:
        """The reply."""
        ...


class ServerOptionScorer:
    """The one way in which a server's options are scored, found out by the first question."""

    def __init__(
        self,
        name: str,
        asks: bool,
        end: int | None,
        decide: Decide | None = None,
        name_letters: Callable[[], Sequence[int]] = tuple,
    ) -> None:
        """``asks``: whether log-probabilities are asked for; ``end``: the token that ends an
        answer, where whole answers can be weighed; ``decide``: where the server weighs lists
        itself; ``name_letters``: gives the letters' tokens, where they can be asked for by name."""
        self.name, self.asks, self.end, self.decide = name, asks, end, decide
        self._name_letters = name_letters
        self._letter_ids: list[int] = []
        self._way: str | None = None
        self._finding = threading.Lock()

    def beside(self, look: ModelInput) -> dict[str, Any]:
        """What the free answer is asked for beside, so that its prompt's tokens are known."""
        return {"return_token_ids": True} if self.end is not None and look.options else {}

    def score(self, look: ModelInput, base: Mapping[str, Any], ask: Ask) -> Scores | None:
        """Scores of the options, or None where the server gives none. ``base``: the free answer.

        Questions are weighed at once; until the way is found, one at a time, so that two of them
        never find two ways. Raises ServerError: a server that gave scores before gives none now.
        """
        if self._way is None:
            with self._finding:
                if self._way is None:
                    return self._find(look, base, ask)
        return self._scored(self._way, look, base, ask)

    def _find(self, look: ModelInput, base: Mapping[str, Any], ask: Ask) -> Scores | None:
        for way in (WHOLE_WAY, _DECISIONS, LETTERS_WAY):
            if way == LETTERS_WAY and self.asks:
                self._letter_ids = list(self._name_letters())
            cannot = {WHOLE_WAY: self.end, _DECISIONS: self.decide}.get(way, "") is None
            if cannot or not self.asks:
                continue
            found = self._by(way, look, base, ask)
            if found is not None:
                self._way = way
                return _named(way, look, found)
            if way == WHOLE_WAY:
                self.end = None  # its template does not go on with an answer; by letters then
        return None

    def _scored(self, way: str, look: ModelInput, base: Mapping[str, Any], ask: Ask) -> Scores:
        found = self._by(way, look, base, ask)
        if found is None:
            raise ServerError(f"{self.name} did not score an answer as it does elsewhere")
        return _named(way, look, found)

    def _by(self, way: str, look: ModelInput, base: Mapping[str, Any], ask: Ask) -> Found | None:
        if way == LETTERS_WAY:
            return self._letters(look, ask)
        if way == _DECISIONS:
            return self._decided(look)
        return None if self.end is None else self._whole(look, base, ask, self.end)

    def _whole(self, look: ModelInput, base: Mapping[str, Any], ask: Ask, end: int) -> Found | None:
        """Sum over the tokens of each option behind the prompt, the end sign included."""
        before = token_ids(base.get("prompt_token_ids"))
        if not before:
            return None
        sums, lengths = [], []
        for option in look.options:
            more = {
                "continue_final_message": True,
                "add_generation_prompt": False,
                "prompt_logprobs": 0,
                "logprobs": True,
                "top_logprobs": TOP,
                "logprob_token_ids": [end],
                "return_token_ids": True,
                "return_tokens_as_token_ids": True,
            }
            reply = ask(look, look.text, 1, more, option)
            ids = token_ids(reply.get("prompt_token_ids"))
            rows = prompt_logprobs(reply, ids)
            last = _of_token(reply, end)
            if rows is None or last is None or ids[: len(before)] != before:
                return None
            sums.append(sum(rows[len(before) :]) + last)
            lengths.append(len(ids) - len(before) + 1)
        return tuple(sums), tuple(lengths), ()

    def _decided(self, look: ModelInput) -> Found | None:
        """The same as by letters, all turns in one request."""
        orders = turns(look.options)
        assert self.decide is not None
        found = probabilities(self.decide(look, orders), orders)
        if found is None:
            return None
        rows, mass = found
        note = f"{mass_note(mass)}; asked by /v1/decisions"
        return mean_logprobs(look.options, orders, rows), (1,) * len(look.options), (note,)

    def _letters(self, look: ModelInput, ask: Ask) -> Found | None:
        """Log-probability to be chosen from a list of each option."""
        orders = turns(look.options)
        texts = (lettered(look.text, order) for order in orders)
        replies = (self._with_logprobs(look, text, ask) for text in texts)
        return scored(look.options, orders, replies)

    def _with_logprobs(self, look: ModelInput, text: str, ask: Ask) -> dict[str, Any] | None:
        """A reply with log-probabilities; None, from then on, from a server that has none.

        One reply without them says nothing of the others. Raises ServerError where a server that
        gave them before leaves them out again and again: answers of a run must not be scored in
        two ways.
        """
        asked: dict[str, Any] = {"logprobs": True, "top_logprobs": TOP}
        if self._letter_ids:
            asked["logprob_token_ids"] = self._letter_ids
        for _ in range(LEFT_OUT):
            try:
                reply = ask(look, text, 1, asked)
            except ServerError as error:
                if self._way is not None or error.status not in REFUSED:
                    raise
                break  # it answered the same question without them just now
            if given(reply):
                return reply
        if self._way is not None:
            raise ServerError(f"{self.name} left out the log-probabilities that it gives elsewhere")
        self.asks = False
        return None


def _named(way: str, look: ModelInput, found: Found) -> Scores:
    prompt = look.text
    if way != WHOLE_WAY:
        put = lettered if way == LETTERS_WAY else rendered
        prompt, way = put(look.text, turns(look.options)[0]), LETTERS_WAY
    return Scores(way, *found, prompt)


def _of_token(reply: Mapping[str, Any], token: int) -> float | None:
    """Log-probability of a token as the first one of a reply; None: it is not there."""
    try:
        first = reply["choices"][0]["logprobs"]["content"][0]
        for row in (first, *first["top_logprobs"]):
            value = log_probability(row["logprob"])
            if row["token"] == f"token_id:{token}" and value is not None and math.isfinite(value):
                return value
    except (LookupError, TypeError):
        pass
    return None
