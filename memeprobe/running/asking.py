"""Asking a model: one failing query fails alone, and how options are scored is found out first."""

from collections.abc import Sequence

import numpy as np

from memeprobe import messages
from memeprobe.experiment.experiment import Experiment
from memeprobe.running.trials import answer_key
from memeprobe.scoring.answers import likeliest
from memeprobe.store.store import Store
from vlm import Answer, Model, Query, pixel_sha256
from vlm.query import ANSWER_TOKENS


class ModelLost(Exception):
    """Nobody is there to be asked any more: no question has failed, the run cannot go on so."""


def ask(model: Model, queries: Sequence[Query]) -> list[Answer]:
    """One answer per query. If the model as a whole throws, each query is asked alone.

    Raises ModelLost.
    """
    if not queries:
        return []
    try:
        answers = list(model.answer(queries))
        if len(answers) != len(queries):
            raise RuntimeError(f"{len(answers)} answers to {len(queries)} queries")
        return answers
    except ModelLost:
        raise
    except Exception as error:
        if len(queries) == 1:
            return [Answer(None, None, error=f"{type(error).__name__}: {error}")]
    # Not above: as long as an error is handled, what the model held when it threw (on a device
    # whose memory ran out, the whole batch) stays alive.
    return [answer for query in queries for answer in ask(model, [query])]


def finds_options(experiment: Experiment, store: Store) -> str:
    """How options are chosen in this run: 'logprob', 'listed' or 'free'.

    'auto' asks the first question twice: without a picture, which the condition blind asks as well,
    and about as many pictures as the run shows. If either comes back without log-probabilities, the
    options are listed in rotated order throughout, so that all conditions are judged alike.
    ``vote`` gives none of its own, but each of its frames does, so it is asked about none.
    """
    spec, plan, model = experiment.spec, experiment.plan, experiment.model
    if spec.scoring != "auto":
        return spec.scoring
    item = next((i for i in plan.items if i.question and i.options), None)
    if item is None or item.question is None:
        return "logprob"
    options = tuple(o.in_language(spec.language) for o in item.options)
    text = item.question.in_language(spec.language)
    bound = experiment.options.max_new_tokens or ANSWER_TOKENS
    # A scripted subject sees the pictures of its set only.
    shown = 0 if plan.delivery == "vote" or model.name.startswith("known:") else spec.k
    for images in ((), _noise(shown)) if shown else ((),):
        query = Query(images, text, options, plan.delivery, max_new_tokens=bound)
        key = answer_key(query, tuple(map(pixel_sha256, images)), model)
        answer = store.answers([key]).get(key)
        if answer is None:
            (answer,) = ask(model, [query])
            if answer.gone:
                raise ModelLost(answer.error)
            if not answer.later:
                store.save("", [], {key: answer})
        if answer.text is not None and answer.option_logprobs is None:
            # A server that held the answer to the options has chosen by its own words.
            seen = answer.receipt.seen if answer.receipt is not None else None
            return "free" if seen is not None and seen.scoring == "choice" else "listed"
    return "logprob"


def _noise(count: int) -> tuple[np.ndarray, ...]:
    """Pictures that show nothing, of a video's shape, the same ones each time."""
    rng = np.random.default_rng(0)
    return tuple(rng.integers(96, 160, (180, 320, 3), np.uint8) for _ in range(count))


def unweighed(query: Query | None, answers: Sequence[Answer]) -> str | None:
    """Why a question's options were not weighed though they should have been; None if they were,
    or if there is nothing to weigh. ``vote`` weighs them frame by frame."""
    if query is None or not query.options or query.delivery == "vote" or not answers:
        return None
    one = answers[0]
    if one.text is None or one.option_logprobs is not None:
        return None
    seen = one.receipt.seen if one.receipt is not None else None
    scoring = seen.scoring if seen is not None else ""
    return scoring.removeprefix("none: ") or messages.NO_LOGPROBS[0]


def same_answer(before: Answer, after: Answer) -> tuple[bool, float | None]:
    """Whether two answers to one question agree in words and likeliest option, and the largest
    difference of an option's log-probability."""
    if after.error is not None:
        return False, None
    same, difference = before.text == after.text, None
    if before.option_logprobs is not None and after.option_logprobs is not None:
        pairs = zip(before.option_logprobs, after.option_logprobs, strict=True)
        difference = max((abs(b - a) for b, a in pairs), default=0.0)
        first = likeliest(before.option_logprobs, before.option_tokens)
        same = same and first == likeliest(after.option_logprobs, after.option_tokens)
    return same, difference
