"""Asking a model: one failing query fails alone, and how options are scored is found out first."""

from collections.abc import Sequence

from memeprobe.experiment.experiment import Experiment
from memeprobe.running.trials import answer_key
from memeprobe.scoring.answers import likeliest
from memeprobe.store.store import Store
from vlm import Answer, Model, Query
from vlm.query import ANSWER_TOKENS


def ask(model: Model, queries: Sequence[Query]) -> list[Answer]:
    """One answer per query. If the model as a whole throws, each query is asked alone."""
    if not queries:
        return []
    try:
        answers = list(model.answer(queries))
        if len(answers) != len(queries):
            raise RuntimeError(f"{len(answers)} answers to {len(queries)} queries")
        return answers
    except Exception as error:
        if len(queries) == 1:
            return [Answer(None, None, error=f"{type(error).__name__}: {error}")]
        return [answer for query in queries for answer in ask(model, [query])]


def finds_options(experiment: Experiment, store: Store) -> str:
    """How options are chosen in this run: 'logprob', 'listed' or 'free'.

    'auto' asks the first question without a picture, which the condition blind asks as well: if
    no log-probabilities come back, the options are listed in rotated order. ``vote`` gives none
    of its own, but each of its frames does, and this question has no frames.
    """
    spec, plan, model = experiment.spec, experiment.plan, experiment.model
    if spec.scoring != "auto":
        return spec.scoring
    item = next((i for i in plan.items if i.question and i.options), None)
    if item is None or item.question is None:
        return "logprob"
    options = tuple(o.in_language(spec.language) for o in item.options)
    bound = experiment.options.max_new_tokens or ANSWER_TOKENS
    text = item.question.in_language(spec.language)
    query = Query((), text, options, plan.delivery, max_new_tokens=bound)
    key = answer_key(query, (), model)
    answer = store.answers([key]).get(key)
    if answer is None:
        (answer,) = ask(model, [query])
        store.save("", [], {key: answer})
    return "listed" if answer.text is not None and answer.option_logprobs is None else "logprob"


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
