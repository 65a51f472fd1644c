"""An English-only model between two translators: Chinese in, Chinese out.

The receipt keeps every text and its translation, so that one can see what translation broke.
Published for InstructBLIP as Chinese_InstructBLIP (two Randeng-DeltaLM models).
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from vlm.errors import ModelError
from vlm.query import Answer, Model, Query
from vlm.translate.seq2seq import Translator

ADAPTER_VERSION = "1"
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_LATIN = re.compile("[A-Za-z]")
_LETTER = re.compile(r"^\W*[A-Za-z]\W*$")
"""An answer that is nothing but an option's letter: the same in both languages."""
_LETTERED = re.compile(r"^\s*\(?[A-Za-z][).:、：．]\s*")
"""The letter at the head of a listed option, or of an answer that names one."""

Pairs = tuple[tuple[str, str], ...]
Translated = Mapping[str, str | Exception]


@dataclass(frozen=True)
class Carried:
    """A query on its way to the inner model."""

    query: Query
    """In English."""
    pairs: Pairs = ()
    """What was translated for it: nothing for a query that was in English already."""


class Sandwich:
    """A model with a translator on either side. A query without Chinese passes through as it is.

    Options are translated to be weighed, and answered with as they were given. Two options that
    become the same English text make the query fail: no answer could tell them apart.
    """

    def __init__(self, model: Model, zh_en: Translator, en_zh: Translator) -> None:
        self.inner, self.zh_en, self.en_zh = model, zh_en, en_zh
        kinds = dict.fromkeys((zh_en.kind, en_zh.kind))
        self.name = f"{model.name}+{'/'.join(kinds)}"
        self.revision = "+".join(
            (model.revision, zh_en.revision, en_zh.revision, f"s{ADAPTER_VERSION}")
        )
        self.deliveries = model.deliveries

    def answer(self, queries: Sequence[Query]) -> list[Answer]:
        """One answer per query, in order; a query that fails does not touch the others."""
        chinese = [t for q in queries for t in (q.text, *q.options) if _HAN.search(t)]
        english = _translate(self.zh_en, chinese, _HAN)
        carried = [_carry(query, english) for query in queries]
        going = [(i, c) for i, c in enumerate(carried) if isinstance(c, Carried)]
        asked = self.inner.answer([c.query for _, c in going])
        inner = {i: answer for (i, _), answer in zip(going, asked, strict=True)}
        free = [
            inner[i].text or ""
            for i, c in going
            if _HAN.search(queries[i].text) and _named(inner[i], c) is None
        ]
        free = [t for t in free if _LATIN.search(t) and not _LETTER.match(t)]
        back = _translate(self.en_zh, free, _LATIN)
        answers = []
        for i, (query, made) in enumerate(zip(queries, carried, strict=True)):
            if isinstance(made, Exception):
                answers.append(Answer(None, None, error=_message(made)))
            else:
                answers.append(_return(query, made, inner[i], back))
        return answers


def _carry(query: Query, english: Translated) -> Carried | Exception:
    """The query in English, or why there is none."""
    pairs = []
    for text in (query.text, *query.options):
        if text not in english:
            continue
        made = english[text]
        if isinstance(made, Exception):
            return made
        if not made.strip():
            return ModelError(f"{text!r} became nothing in English")
        pairs.append((text, made))
    if not pairs:
        return Carried(query)
    table = dict(pairs)
    options = tuple(table.get(option, option) for option in query.options)
    text = table.get(query.text, query.text)
    lines = zip(query.text.split("\n"), text.split("\n"), strict=True)
    listed = [(_split(a)[1], _split(b)[1]) for a, b in lines if _LETTERED.match(a)]
    alike = _alike(zip(query.options, options, strict=True)) or _alike(listed)
    if alike is not None:
        return alike
    return Carried(replace(query, text=text, options=options), tuple(pairs))


def _message(error: Exception) -> str:
    kind = "" if isinstance(error, ModelError) else f"{type(error).__name__}: "
    return f"translation: {kind}{error}"


def _alike(options: Iterable[tuple[str, str]]) -> ModelError | None:
    """Why these options cannot be told apart in English, if they cannot."""
    seen: dict[str, str] = {}
    for option, made in options:
        other = seen.setdefault(_plain(made) or made, option)
        if other != option:
            return ModelError(
                f"the options {other!r} and {option!r} both become {made!r} in English, so no "
                "answer can tell them apart; ask in English or with another translator"
            )
    return None


def _return(query: Query, carried: Carried, answer: Answer, back: Translated) -> Answer:
    """The inner model's answer in the language of the query, its options as they were given."""
    pairs = carried.pairs
    receipt = answer.receipt and replace(answer.receipt, translations=pairs)
    if answer.text is None or not pairs:
        return replace(answer, receipt=receipt)
    chosen = _named(answer, carried)
    if chosen is not None:
        text = query.options[chosen]
    elif answer.text in back and _HAN.search(query.text):
        made = back[answer.text]
        if isinstance(made, Exception):
            return Answer(None, receipt, error=_message(made))
        text = made
    else:
        return replace(answer, receipt=receipt)
    pairs = (*pairs, (answer.text, text))
    receipt = answer.receipt and replace(answer.receipt, translations=pairs)
    return replace(answer, text=text, receipt=receipt)


def _named(answer: Answer, carried: Carried) -> int | None:
    """The option that the whole answer is, if it is one; with or without its letter."""
    if answer.text is None:
        return None
    options = [_plain(o) for o in carried.query.options]
    for form in (_plain(answer.text), _plain(_LETTERED.sub("", answer.text.strip()))):
        if form in options:
            return options.index(form)
    return None


def _plain(text: str) -> str:
    """Lower case, half width, no punctuation, single spaces."""
    text = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(c if c.isalnum() else " " for c in text).split())


def _translate(
    translator: Translator, texts: Sequence[str], foreign: re.Pattern[str]
) -> Translated:
    """Each text's translation, or what went wrong with it.

    Line by line, since translators drop line breaks; an option's letter at the head of a line
    stays in front, and lines without ``foreign`` letters stay as they are.
    """
    texts = list(dict.fromkeys(texts))
    lines = [_split(line)[1] for text in texts for line in text.split("\n")]
    table = _try(translator, [ln for ln in dict.fromkeys(lines) if foreign.search(ln)])
    made: dict[str, str | Exception] = {}
    for text in texts:
        parts = []
        for head, line in map(_split, text.split("\n")):
            found = table.get(line, line)
            if isinstance(found, Exception):
                made[text] = found
                break
            parts.append(head + found)
        else:
            made[text] = "\n".join(parts)
    return made


def _split(line: str) -> tuple[str, str]:
    """An option's letter, if the line begins with one, and the rest of the line."""
    head = _LETTERED.match(line)
    return (head[0], line[head.end() :]) if head else ("", line)


def _try(translator: Translator, lines: list[str]) -> dict[str, str | Exception]:
    """Translate all at once; if that fails one by one, so that only the guilty fail."""
    if not lines:
        return {}
    try:
        return dict(zip(lines, translator.translate(lines), strict=True))
    except Exception as error:
        if len(lines) == 1:
            return {lines[0]: error}
        return {k: v for line in lines for k, v in _try(translator, [line]).items()}
