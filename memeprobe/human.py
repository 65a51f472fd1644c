"""People as a baseline: their answers to a set's questions, in the store beside the models'.

A run of people has the model 'human:NAME'. It is compared and ranked like any other: paired by
item, under the condition that says what they were shown (all of the clip, unless said otherwise).
"""

import csv
import hashlib
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from meme_sets import Item, MemeSet
from memeprobe.conditions.table import PROTOCOL, Condition, conditions
from memeprobe.errors import JobError, unknown
from memeprobe.experiment.plan import labels_of, language_of
from memeprobe.report.export import inert
from memeprobe.scoring.answers import RIGHT, UNPARSED, WRONG
from memeprobe.store.schema import Trial
from memeprobe.store.store import Store
from vlm import Answer

COLUMNS = ("item", "media", "question", "options", "answer", "condition")
SHOWN = "keyframes"
"""The condition where a row names none: a person saw the whole."""
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
K = 4
"""Keyframes of the table of conditions that names are looked up in."""


def write_form(meme_set: MemeSet, language: str, path: Path) -> int:
    """A CSV with every question and an empty column for its answer; how many there are.

    Raises SpecError: the set has no questions in the language. JobError: it cannot be written.
    """
    language_of(meme_set, language)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    asked = [i for i in meme_set.items if i.question is not None and i.options]
    for item in asked:
        assert item.question is not None
        listed = " | ".join(
            f"{LETTERS[n]}. {o.in_language(language)}" for n, o in enumerate(item.options)
        )
        cells = (item.id, item.media, item.question.in_language(language), listed, "", SHOWN)
        writer.writerow([inert(cell) for cell in cells])
    try:
        path.write_text(text.getvalue(), encoding="utf-8-sig", newline="")
    except OSError as error:
        raise JobError(f"cannot write {path}: {error.strerror}") from None
    return len(asked)


def read_form(path: Path) -> list[tuple[int, dict[str, str]]]:
    """(line, cells) of the rows with an answer. Raises JobError: the file cannot be read."""
    try:
        reader = csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline=""))
        rows = [(reader.line_num, {k: v or "" for k, v in row.items() if k}) for row in reader]
    except (OSError, UnicodeError, csv.Error) as error:
        raise JobError(f"{path}: cannot be read as answers: {error}") from None
    if not reader.fieldnames or not {"item", "answer"} <= set(reader.fieldnames):
        raise JobError(f"{path} line 1: needs the columns item and answer")
    return [(line, row) for line, row in rows if row["answer"].strip()]


def enter(
    store: Store,
    meme_set: MemeSet,
    rows: list[tuple[int, dict[str, str]]],
    name: str,
    language: str = "en",
    source: str = "answers",
) -> str:
    """Store a person's answers as a run; its id. The same person's answers are added to.

    ``rows``: (line, cells) with item, answer (an option's letter or text, or 'none') and, if not
    the whole was shown, condition. Raises JobError with the line: an unknown item or condition, an
    answer that is no option; SpecError: the set has no questions in the language.
    """
    language_of(meme_set, language)
    if not rows:
        raise JobError(f"{source}: has no answer in it")
    items = {item.id: item for item in meme_set.items}
    table = conditions(K)
    trials, answers = [], {}
    for line, row in rows:
        where = f"{source} line {line}"
        trial, text = _trial(row, items, table, language, where)
        key = hashlib.sha256(f"human|{name}|{trial.item}|{trial.condition}|{text}".encode())
        trials.append(_with_key(trial, key.hexdigest()))
        answers[key.hexdigest()] = Answer(text)
    identity = {
        "protocol": PROTOCOL,
        "set": meme_set.name,
        "content": meme_set.content_sha256(),
        "model": f"human:{name}",
        "revision": "human",
        "delivery": "human",
        "k": K,
        "policy": "",
        "language": language,
        "conditions": [],
        "scoring": "human",
    }
    labels = {item.id: labels_of(item, language) for item in meme_set.items}
    run = store.start_run(identity, labels, len(trials))
    store.save(run, trials, answers)
    return run


def _trial(
    row: Mapping[str, str],
    items: Mapping[str, Item],
    table: Mapping[str, Condition],
    language: str,
    where: str,
) -> tuple[Trial, str]:
    name = row["item"].strip().removeprefix("'")
    if name not in items:
        raise JobError(f"{where}: {unknown('item', name, items)[:300]}")
    item, shown = items[name], (row.get("condition") or "").strip() or SHOWN
    if shown not in table or table[shown].asks != "question":
        raise JobError(f"{where}: {unknown('condition', shown, table)[:300]}")
    gold = table[shown].gold(item)
    if gold is None or not item.options:
        raise JobError(f"{where}: item {name!r} has no right option to compare with")
    texts = [option.in_language(language) for option in item.options]
    said = row["answer"].strip().removeprefix("'")
    detail: dict[str, Any] = {}
    if said.casefold() == "none":
        return Trial(name, shown, UNPARSED, None, gold, detail=detail), said
    letter = said.upper().rstrip(".)")
    if said in texts:
        chosen = texts.index(said)
    elif len(letter) == 1 and letter in LETTERS[: len(texts)]:
        chosen = LETTERS.index(letter)
    else:
        raise JobError(
            f"{where}: answer is {said!r:.60}; must be a letter from A to "
            f"{LETTERS[len(texts) - 1]}, an option's text, or 'none'"
        )
    return Trial(name, shown, RIGHT if chosen == gold else WRONG, chosen, gold), texts[chosen]


def _with_key(trial: Trial, key: str) -> Trial:
    """A person's answer has no receipt: nobody counted what reached the eye."""
    return Trial(trial.item, trial.condition, trial.outcome, trial.chosen, trial.gold, key)
