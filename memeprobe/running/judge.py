"""A second model that judges free answers. Never asked unless named; its verdicts stand beside
the others, never in their place."""

from dataclasses import dataclass

from memeprobe.conditions.prompts import JUDGED, YES_NO, one_line
from memeprobe.running.trials import PlannedTrial
from memeprobe.scoring.answers import FAILED, RIGHT, UNPARSED, WRONG, score
from vlm import Answer, Model, Query


@dataclass(frozen=True)
class Judge:
    """A model, asked with words alone whether an answer means the right one."""

    model: Model

    @property
    def name(self) -> str:
        """The model's name."""
        return self.model.name

    def query(self, asked: PlannedTrial, answer: Answer | None) -> Query | None:
        """What to ask about an answer; None where there is nothing to judge."""
        gold = asked.condition.gold(asked.item)
        if gold is None or answer is None or not (answer.text or "").strip() or asked.query is None:
            return None
        text = JUDGED[asked.language].format(
            question=asked.query.text,
            gold=asked.query.options[gold],
            text=one_line(answer.text or ""),
        )
        return Query((), text, YES_NO[asked.language], self.model.deliveries[0])

    def outcome(self, query: Query, answer: Answer) -> str:
        """right, wrong, unparsed or failed, by the judge's answer."""
        found = score(answer.text, query.options, 0, answer.option_logprobs, answer.option_tokens)
        return {RIGHT: RIGHT, WRONG: WRONG, FAILED: FAILED}.get(found.outcome, UNPARSED)
