"""The form of one item of a set in the making."""

from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

import streamlit as st
from pydantic import ValidationError

from meme_sets import Item
from meme_sets.errors import explain
from meme_sets.load import tuples
from memeprobe.dashboard.sets.show import show
from memeprobe.dashboard.ui.session import begin, session_dict
from memeprobe.dashboard.ui.texts import Texts
from memeprobe.workers.sandbox import Task, pool

FIELDS = (
    *("caption", "question", "question_zh", "options", "options_zh", "gold", "lure"),
    *("other", "other_gold", "part", "span", "order"),
)
"""Beginnings of the keys of an item's fields; its id follows."""
SUFFIX = {
    "gif": ".gif",
    "webp": ".webp",
    "png": ".png",
    "apng": ".apng",
    "jpeg": ".jpg",
    "bmp": ".bmp",
    "mp4": ".mp4",
    "webm": ".webm",
}


NO_OPTION = -1
"""The choice of none. To Streamlit None in a menu means that nothing was chosen yet."""


@dataclass
class ItemForm:
    """One item in the making."""

    id: str
    name: str
    """The file as it was called."""
    data: bytes
    task: Task
    """Opens it and reads its captions."""
    base: dict[str, Any] = field(default_factory=dict)
    """What an item that was opened for change said, with what has no field here."""

    @property
    def media(self) -> str:
        """Where it will lie in the set; named by what it is, not by what it was called."""
        if "media" in self.base:
            return str(self.base["media"])
        opened = self.task.first("opened")
        kind = str(opened.data["kind"]) if opened else "gif"
        return f"media/{self.id}{SUFFIX.get(kind, '.' + kind)}"

    @property
    def caption(self) -> str:
        """What OCR read: the longest caption of the keyframes."""
        texts = [e.data["text"] for e in list(self.task.found) if e.kind == "reading"]
        return max(texts, key=len, default="")


def form(t: Texts, draft: ItemForm) -> Item | None:
    """The fields of one item; the item, or None and what is missing."""
    task, key = draft.task, draft.id
    show(t, draft.name, draft.data, task, _marked(task, key))
    opened = task.first("opened")
    if opened is None:
        return None
    caption = st.text_area(
        t("caption_field"), draft.caption, key=f"caption_{key}", height=80
    ).strip()
    left, right = st.columns(2)
    fields: dict[str, Any] = {"kind": "own", **draft.base, "id": key, "media": draft.media}
    # What was unknown stays so; a caption that was taken out of a field is known to be none.
    known = caption or not draft.base or "caption" in draft.base
    fields["caption"] = caption if known else None
    fields |= _question(t, left, right, key)
    options = [o["en"] for o in fields["options"]]
    if options != texts_of(draft.base.get("options", ())):
        fields.pop("suggests", None)  # it is about options that there are no more
    fields.pop("counterfactual", None)
    if caption and options:
        fields |= _counterfactual(t, left, key, [o[t.language] for o in fields["options"]])
    end = int(opened.data["duration_ms"])
    if len(opened.data["timings"]) > 1 and end > 1 and options:
        fields = {k: v for k, v in fields.items() if k not in ("decisive", "order")}
        fields |= _span(t, right, key, end, fields["lure"] is not None)
    if options and fields["gold"] is None:
        st.warning(t("draft_incomplete", what=t("gold_option")))
        return None
    if "counterfactual" in fields and fields["counterfactual"]["gold"] is None:
        st.warning(t("draft_incomplete", what=t("other_gold")))
        return None
    if fields["question"] is None and not caption:
        st.warning(t.inert("draft_incomplete", what=t("question_or_caption")))
        return None
    try:
        return Item.model_validate(tuples(fields))
    except ValidationError as error:
        st.warning(t.inert("draft_incomplete", what=explain(error, Item)))
        return None


def _marked(task: Task, key: str) -> tuple[int, int] | None:
    """The decisive span as it stands in the fields below, for the time axis above them."""
    opened = task.first("opened")
    if opened is None or not st.session_state.get(f"part_{key}"):
        return None
    span: tuple[int, int] = st.session_state.get(
        f"span_{key}", _second_half(int(opened.data["duration_ms"]))
    )
    return span


def _second_half(end: int) -> tuple[int, int]:
    return end // 2, end


def _question(t: Texts, left: Any, right: Any, key: str) -> dict[str, Any]:
    """Question, options, and which of them are gold and lure; none of it without a question.

    What is given in one language only is the same in both.
    """
    question = left.text_input(t("question_en"), key=f"question_{key}").strip()
    question_zh = right.text_input(t("question_zh"), key=f"question_zh_{key}").strip()
    if not (question or question_zh):
        left.caption(t("question_hint"))
        return {"question": None, "options": (), "gold": None, "lure": None}
    options = _lines(left.text_area(t("options_en"), key=f"options_{key}", height=132))
    options_zh = _lines(right.text_area(t("options_zh"), key=f"options_zh_{key}", height=132))
    both = tuple(_both(en or zh, zh) for en, zh in zip_longest(options, options_zh, fillvalue=""))
    named = [o[t.language] for o in both]
    gold = _option(t, left, "gold_option", f"gold_{key}", named)
    lure = _option(t, right, "lure_option", f"lure_{key}", named, none=True)
    asked = _both(question or question_zh, question_zh)
    return {"question": asked, "options": both, "gold": gold, "lure": lure}


def _option(
    t: Texts, place: Any, label: str, key: str, options: list[str], none: bool = False
) -> int | None:
    """The number of the option that is chosen; None where none is, or may be."""

    def shown(i: int) -> str:
        return t("no_lure") if i == NO_OPTION else options[i] if i < len(options) else "?"

    _follow(key, options, NO_OPTION if none else None)
    numbers = [*([NO_OPTION] if none else []), *range(len(options))]
    # A menu that was drawn before its options were typed keeps showing that nothing is chosen.
    chosen: int | None = place.selectbox(
        t(label),
        numbers,
        format_func=shown,
        key=key,
        index=0 if none else None,
        placeholder=t("no_example"),
    )
    return None if chosen == NO_OPTION else chosen


def _follow(key: str, options: list[str], nothing: int | None) -> None:
    """Let a choice go where its option went when lines were put in or taken out before it."""
    kept = session_dict("options_before")
    before, chosen = kept.get(key, options), st.session_state.get(key)
    kept[key] = list(options)
    if before == options or chosen is None or not 0 <= chosen < len(before):
        return
    if before[chosen] in options:
        st.session_state[key] = options.index(before[chosen])
    elif len(before) != len(options):  # else its words were changed, where it stands
        st.session_state[key] = nothing


def _counterfactual(t: Texts, place: Any, key: str, options: list[str]) -> dict[str, Any]:
    """Another caption under the same picture, and the option that it would make right."""
    other = place.text_input(
        t("other_caption"), key=f"other_{key}", help=t("other_caption_help")
    ).strip()
    if not other:
        return {}
    gold = _option(t, place, "other_gold", f"other_gold_{key}", options)
    return {"counterfactual": {"caption": other, "gold": gold}}


def _span(t: Texts, place: Any, key: str, end: int, lured: bool) -> dict[str, Any]:
    """The decisive span on the time axis, and whether order matters."""
    found: dict[str, Any] = {}
    if place.checkbox(t("has_decisive"), key=f"part_{key}"):
        latest = max(end, *st.session_state.get(f"span_{key}", (0, 0)))
        start, stop = place.slider(
            t("span"), 0, latest, _second_half(end), step=max(1, end // 200), key=f"span_{key}"
        )
        if stop > start:
            found["decisive"] = {"start_ms": int(start), "end_ms": int(stop)}
    if lured and place.checkbox(t("order_matters"), key=f"order_{key}"):
        found["order"] = True
    return found


def texts_of(options: Any) -> list[str]:
    """The English side of options as they stand in a file."""
    return [o if isinstance(o, str) else str(o["en"]) for o in options]


def looked_at(name: str, data: bytes) -> Task:
    """The task that opens a file and reads its captions."""
    return begin(pool().stream("look", {"name": name, "k": 4, "policy": "captions"}, data))


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _both(en: str, zh: str) -> dict[str, str]:
    return {"en": en.strip(), "zh": zh.strip() or en.strip()}
