"""A batch of trials: asked, scored, stored in one transaction; a sample asked again at the end."""

import time
from dataclasses import dataclass, field, replace
from itertools import count

from memeprobe import messages
from memeprobe.experiment.experiment import Experiment
from memeprobe.running.asking import ModelLost, ask, same_answer, unweighed
from memeprobe.running.judge import Judge
from memeprobe.running.trials import PlannedTrial, answer_key
from memeprobe.scoring.outcome import trial_of
from memeprobe.store.schema import Pace, Recheck, Trial
from memeprobe.store.store import Store
from vlm import Answer, Model, Query

RECHECKED = 16
"""About so many answers of a run are asked again one by one."""

LISTED_INSTEAD = messages.LISTED_INSTEAD[0]
"""The problem of a trial that has an outcome all the same; counted apart by it."""

OPEN = "open"
"""In place of the verdict of a judge that is gone."""


@dataclass
class Asker:
    """Asks batches of one run's trials and stores what came of them. Several may work on one run at
    once, each with a store of its own: the first answer to a question counts."""

    experiment: Experiment
    store: Store
    run: str
    scoring: str
    planned: int
    live: bool = True
    judge: Judge | None = field(init=False)
    waiting: int = 0
    """Trials that wait for a batch file's answers."""
    lost: str | None = None
    """Why nobody could be asked any more in the latest batch."""
    batches: int = 0
    sample: list[tuple[str, PlannedTrial, Query, Model, Answer]] = field(default_factory=list)
    """Answers to ask again one by one."""
    began: float = field(default_factory=time.perf_counter)

    def __post_init__(self) -> None:
        judge = self.experiment.judge
        self.judge = Judge(judge) if judge is not None else None

    def beside(self, experiment: Experiment, store: Store) -> "Asker":
        """Another one for the same run, with models and a store of its own."""
        return Asker(experiment, store, self.run, self.scoring, self.planned, self.live)

    def batch(self, batch: list[PlannedTrial]) -> int:
        """Ask what is not known yet, score, and store the batch in one transaction; returns how
        many trials are done. Raises ModelLost, once what was answered is stored."""
        forms = [a.forms(self.scoring) for a in batch]
        models = [self._model(a) for a in batch]
        keys = [
            [answer_key(q, a.hashes, m) for q in several]
            for a, several, m in zip(batch, forms, models, strict=True)
        ]
        asked = {
            key: (a, q, m)
            for a, several, m, mine in zip(batch, forms, models, keys, strict=True)
            for key, q in zip(mine, several, strict=True)
        }
        new: dict[str, Answer] = {}
        self.lost = None
        answers = self._answers({k: (q, m) for k, (_, q, m) in asked.items()}, new)
        pace = None
        for again in count():
            verdicts = self._judge(batch, keys, answers, new)
            found = [
                self._row(a, m, mine, [answers[k] for k in mine], verdict, new)
                for a, m, mine, verdict in zip(batch, models, keys, verdicts, strict=True)
            ]
            rows = [row for row in found if row is not None]
            new = {key: answer for key, answer in new.items() if not answer.later}
            if not again:
                pace = self._pace(batch, keys, new)
            there = self.store.save(self.run, rows, new, pace if self.live else None, only_new=True)
            if not there:
                break
            # Another process works on this run and was quicker: trials are scored by its answers.
            new = {key: answer for key, answer in new.items() if key not in there}
            answers |= self.store.answers(list(there))
        self.waiting += len(found) - len(rows)
        self._note(new, asked)
        if self.lost is not None:
            raise ModelLost(self.lost)
        return len(rows)

    def _row(
        self,
        asked: PlannedTrial,
        model: Model,
        keys: list[str],
        answers: list[Answer],
        verdict: str | None,
        new: dict[str, Answer],
    ) -> Trial | None:
        """The trial's row; None while an answer or a judgement of it is still to come."""
        if verdict == OPEN or any(a.later for a in answers):
            return None
        why = self._unweighed(asked, answers)
        if why is not None:
            return self._listed(asked, model, why, new)
        return trial_of(asked, keys, answers, self.scoring, verdict)

    def _unweighed(self, asked: PlannedTrial, answers: list[Answer]) -> str | None:
        return unweighed(asked.query, answers) if self.scoring == "logprob" else None

    def _listed(
        self, asked: PlannedTrial, model: Model, why: str, new: dict[str, Answer]
    ) -> Trial | None:
        """A trial whose options could not be weighed, asked again with its options listed; its
        row says so, and its new answers join the others."""
        forms = asked.forms("listed")
        keys = [answer_key(q, asked.hashes, model) for q in forms]
        answers = self._answers({k: (q, model) for k, q in zip(keys, forms, strict=True)}, new)
        if any(answers[k].later for k in keys):
            return None
        row = trial_of(asked, keys, [answers[k] for k in keys], "listed")
        said = f"{LISTED_INSTEAD}: {why}"
        return replace(
            row, problem=row.problem or said, detail={**row.detail, "listed_instead": why}
        )

    def _model(self, asked: PlannedTrial) -> Model:
        """Asked in a language of its own: without translators, unless it is about them."""
        direct = asked.condition.language is not None and not asked.condition.sandwich
        return self.experiment.plain_model if direct else self.experiment.model

    def _answers(
        self, wanted: dict[str, tuple[Query, Model]], new: dict[str, Answer]
    ) -> dict[str, Answer]:
        """All answers by key; what is neither stored nor ``new`` is asked and joins the new."""
        known = {k: new[k] for k in wanted if k in new} | self.store.answers(list(wanted))
        for model in {id(m): m for _, m in wanted.values()}.values():
            missing = {k: q for k, (q, m) in wanted.items() if m is model and k not in known}
            new.update(zip(missing, self._ask(model, list(missing.values())), strict=True))
        return {k: known[k] if k in known else new[k] for k in wanted}

    def _ask(self, model: Model, queries: list[Query]) -> list[Answer]:
        """The model's answers; once it is lost, no more of this batch is asked."""
        if self.lost is None:
            answers = ask(model, queries)
            self.lost = next((a.error for a in answers if a.gone), None)
            return answers
        return [Answer(None, error=self.lost, later=True, gone=True)] * len(queries)

    def _judge(
        self,
        batch: list[PlannedTrial],
        keys: list[list[str]],
        answers: dict[str, Answer],
        new: dict[str, Answer],
    ) -> list[str | None]:
        """The judge's verdict on each trial; its answers join the ``new`` ones. OPEN: it gave none
        yet."""
        if self.judge is None:
            return [None] * len(batch)
        queries = [
            self.judge.query(a, answers[mine[0]] if mine else None)
            for a, mine in zip(batch, keys, strict=True)
        ]
        named = [answer_key(q, (), self.judge.model) if q else None for q in queries]
        wanted = {k: (q, self.judge.model) for k, q in zip(named, queries, strict=True) if k and q}
        found = self._answers(wanted, new)
        return [
            (OPEN if found[k].later else self.judge.outcome(q, found[k])) if k and q else None
            for k, q in zip(named, queries, strict=True)
        ]

    def _pace(
        self, batch: list[PlannedTrial], keys: list[list[str]], new: dict[str, Answer]
    ) -> Pace | None:
        """How long the batch took, per trial that had to be asked; not that of the first one."""
        now = time.perf_counter()
        seconds, self.began = now - self.began, now
        self.batches += 1
        trials = sum(any(k in new for k in mine) for mine in keys)
        if self.batches == 1 or not trials:
            return None
        abreast: int = getattr(self.experiment.model, "abreast", 1)
        return Pace(*pace_key(self.experiment), trials, seconds / abreast)

    def _note(
        self, new: dict[str, Answer], asked: dict[str, tuple[PlannedTrial, Query, Model]]
    ) -> None:
        """Keep a sample of the new answers, chosen by their keys: the same ones each time."""
        for key, answer in new.items():
            lucky = int(key[:8], 16) * max(self.planned, 1) < RECHECKED * 16**8
            if self.live and key in asked and answer.error is None and lucky:
                self.sample.append((key, asked[key][0], *asked[key][1:], answer))

    def recheck(self) -> None:
        """Ask the sample again one by one: batching must not change answers."""
        found = []
        for key, asked, query, model, before in self.sample:
            (after,) = self._ask(model, [query])
            if after.gone:
                break  # all trials have been asked; the rest of the sample tells of no difference
            same, difference = same_answer(before, after)
            found.append(
                Recheck(
                    key,
                    asked.item.id,
                    asked.condition.name,
                    same,
                    difference,
                    before.text,
                    after.text or after.error,
                )
            )
        self.store.save_rechecks(self.run, found)


def pace_key(experiment: Experiment) -> tuple[str, str, str, str, str]:
    """(model, revision, delivery, device, set): what the pace of trials is stored under."""
    model = experiment.model
    device = str(getattr(model, "device", ""))
    return model.name, model.revision, experiment.plan.delivery, device, experiment.meme_set.name
