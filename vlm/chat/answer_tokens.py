"""The tokens in which a chat model writes an option, and those that end its answers."""

from collections.abc import Sequence
from typing import Any

from vlm.chat.conversation import Conversation
from vlm.errors import ModelError
from vlm.options import NO_BLANK, Forms


class AnswerTokens:
    """Options as the continuation of a prompt, for one checkpoint."""

    def __init__(self, conversation: Conversation, stops: Sequence[int]) -> None:
        """``stops``: ids that end generation as the checkpoint's settings have it.

        Raises ModelError: nothing ends an answer.
        """
        self.conversation = conversation
        self.tokenizer = conversation.processor.tokenizer
        form = conversation.form
        self.end, self.closing = self._end(form.behind, stops)
        self.stops = sorted({*stops, self.end})

    def forms(self, prompt: str, option: str, thought: bool = False) -> Forms:
        """Token ids of an option behind its prompt, end sign included, in each of its forms.

        ``prompt``: the whole prompt as text, a mark for each picture; ``thought``: whether it ends
        with what the model thought, and the blanks that it put behind. Raises ModelError: the
        prompt's end and the option's beginning cannot be told apart.
        """
        made: list[list[int]] = []
        for before in [""] if thought else self._before(prompt, option):
            ids = self._continued(prompt, f"{before}{option}{self.closing}")
            ids = [*ids, self.end] if self.end not in ids else ids[: ids.index(self.end) + 1]
            if ids not in made:
                made.append(ids)
        return made

    def ids(self, text: str) -> list[int]:
        """Token ids of a text, without signs around it."""
        found: list[int] = self.tokenizer(text, add_special_tokens=False).input_ids
        return found

    def _before(self, prompt: str, option: str) -> list[str]:
        """What may stand between prompt and answer: what the template puts there, else both."""
        known = self.conversation.form.before
        if known is not None:
            return [known]
        if prompt[-1:].isspace() or NO_BLANK.match(option):
            return [""]
        return ["", " "]

    def _continued(self, prompt: str, answer: str) -> list[int]:
        """The ids with which a text goes on from the prompt's own ids."""
        before, whole = self.ids(prompt), self.ids(prompt + answer)
        if whole[: len(before)] == before:
            return whole[len(before) :]
        # The answer's beginning would merge with the prompt's end, which stands there already.
        alone = self.ids(answer)
        if self._text(alone).strip() != answer.strip():
            raise ModelError(f"the option {answer.strip()!r} does not survive the tokenizer")
        return alone

    def _end(self, behind: str, stops: Sequence[int]) -> tuple[int, str]:
        """The token that ends an answer, and the text from the answer to it: what the template
        writes there, else the first of the signs that stop generation."""
        special = {*stops, *self._special()}
        blank = behind[: len(behind) - len(behind.lstrip())]
        ids = self.ids(behind.strip())
        at = next((i for i, token in enumerate(ids) if token in special), len(ids))
        # Whatever text stands before it belongs to the next question.
        if at < len(ids) and not self._text(ids[:at]).strip():
            return ids[at], blank + self._text(ids[at : at + 1]).strip()
        own = self.tokenizer.eos_token_id
        end = own if own in stops or not stops else stops[0]
        if end is None:
            raise ModelError(
                f"{self.conversation.name} names no end sign (eos_token) for its answers"
            )
        return int(end), ""

    def _text(self, ids: Sequence[int]) -> str:
        text: str = self.tokenizer.decode(ids, skip_special_tokens=False)
        return text

    def _special(self) -> set[int]:
        """Ids of signs that no text becomes."""
        added: dict[int, Any] = getattr(self.tokenizer, "added_tokens_decoder", {}) or {}
        return {i for i, token in added.items() if getattr(token, "special", False)}
