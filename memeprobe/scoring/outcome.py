"""From the answers to a trial to its row in the store."""

from collections.abc import Sequence

from memeprobe.running.trials import PlannedTrial
from memeprobe.scoring.answers import (
    FAILED,
    RIGHT,
    UNPARSED,
    WRONG,
    Score,
    majority,
    score,
    transcription,
)
from memeprobe.scoring.words import normalise
from memeprobe.store.schema import Trial
from vlm import Answer


def trial_of(
    asked: PlannedTrial,
    keys: Sequence[str],
    answers: Sequence[Answer],
    scoring: str,
    judged: str | None = None,
) -> Trial:
    """The row of a trial: outcome, chosen option, and what the receipt shows.

    ``answers``: one for each of the trial's forms, of which the first is pointed to; ``scoring``:
    'logprob', 'listed' or 'free'.
    """
    item, condition = asked.item, asked.condition
    gold = condition.gold(item)
    if asked.query is None or not answers:
        return Trial(
            item.id,
            condition.name,
            asked.outcome,
            gold=gold,
            problem=asked.problem,
            detail=asked.detail,
        )
    detail = {**asked.detail, **({"judge": judged} if judged is not None else {})}
    if asked.telling:
        detail["decisive_hit"] = _reached(asked.telling, answers, len(asked.query.images))
    shown = min((a.receipt.frames_shown for a in answers if a.receipt is not None), default=None)
    problem = next((a.error for a in answers if a.error is not None), None)
    options = asked.query.options
    if condition.asks == "transcribe":
        found = Score(_read_aloud(answers[0].text, condition.caption(item)), None)
    elif scoring == "listed" and options:
        found, votes = majority([a.text for a in answers], options, gold)
        detail["rotations"] = votes
        failed = sum(a.text is None for a in answers)
        if failed and votes:
            detail["failed_calls"] = failed
    else:
        one = answers[0]
        logprobs = one.option_logprobs if scoring == "logprob" else None
        found = score(one.text, options, gold, logprobs, one.option_tokens)
    intended = len(asked.query.images)
    return Trial(
        item.id,
        condition.name,
        found.outcome,
        found.chosen,
        gold,
        keys[0],
        intended,
        shown,
        # Without a receipt nobody knows what the model saw: that proves nothing about it.
        testable=None if found.outcome == FAILED else (shown or 0) >= intended,
        problem=problem,
        detail=detail,
    )


def _reached(telling: Sequence[int], answers: Sequence[Answer], count: int) -> bool | None:
    """Whether a picture that shows the decisive span was delivered, by the receipt."""
    receipt = next((a.receipt for a in answers if a.receipt is not None), None)
    if receipt is None:
        return None
    kept = receipt.frames or range(count if receipt.frames_shown >= count else receipt.frames_shown)
    return any(place in kept for place in telling)


def _read_aloud(text: str | None, caption: str) -> str:
    """Outcome of a transcription: right means equal up to case, spaces and punctuation."""
    if text is None:
        return FAILED
    if not text.strip():
        return UNPARSED
    return (
        RIGHT
        if normalise(transcription(text)).replace(" ", "") == (normalise(caption).replace(" ", ""))
        else WRONG
    )
