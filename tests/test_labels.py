"""What things are called: each has one label in each language, and no label is another thing's."""

from collections import Counter

import pytest

from memeprobe import measures
from memeprobe.conditions.presets import PRESETS
from memeprobe.conditions.table import conditions
from memeprobe.dashboard.ui.texts import TEXTS, Texts
from memeprobe.first_picture import AGAIN, NEEDED
from memeprobe.measures import Table
from memeprobe.measures.caption import reading
from memeprobe.messages import VERDICTS, labels
from memeprobe.messages.measures import MEASURES
from memeprobe.model_listing import describe_subject
from vlm.subjects import SUBJECTS

EMPTY = Table({})
OURS = {
    "condition": {
        *(name for name in conditions(3) if "@" not in name),
        *NEEDED,
        *(name + more for name in NEEDED for more in AGAIN),
    },
    "slot": {name.partition("@")[0] for name in conditions(3) if "@" in name},
    "measure": {*measures.every_measure(EMPTY), *reading(EMPTY)},
    "verdict": VERDICTS,
    "preset": PRESETS,
    "subject": SUBJECTS,
    "probe": {c.probe for c in conditions(3).values()},
}
LABELS = {
    "condition": labels.CONDITIONS,
    "slot": labels.SLOTS,
    "measure": {name: label for name, (label, _) in MEASURES.items()},
    "verdict": labels.VERDICTS,
    "preset": labels.PRESETS,
    "subject": labels.SUBJECTS,
    "probe": labels.PROBES,
}


@pytest.mark.parametrize("kind", OURS)
def test_each_has_one_label_in_each_language(kind: str) -> None:
    assert set(LABELS[kind]) == set(OURS[kind])
    for name, pair in LABELS[kind].items():
        assert len(pair) == 2 and all(text.strip() for text in pair), name


@pytest.mark.parametrize("kind", ["condition", "slot", "measure", "verdict", "probe"])
@pytest.mark.parametrize("place", [0, 1])
def test_no_two_things_of_a_kind_are_called_alike(kind: str, place: int) -> None:
    counts = Counter(pair[place] for pair in LABELS[kind].values())
    assert [text for text, n in counts.items() if n > 1] == []


def test_chinese_labels_are_chinese() -> None:
    for kind, table in LABELS.items():
        for name, (english, chinese) in table.items():
            assert english.isascii(), (kind, name)
            assert any("\u4e00" <= c <= "\u9fff" for c in chinese), (kind, name)


def test_the_pages_have_no_label_of_their_own_for_what_has_one() -> None:
    """Neither under the same name nor in the same words."""
    named = {name for kind in ("condition", "measure", "subject") for name in LABELS[kind]}
    assert named & set(TEXTS) == {"decisive"}  # the form of a set: the span that decides
    ours = {pair for kind in ("condition", "verdict", "measure") for pair in LABELS[kind].values()}
    alike = [key for key, text in TEXTS.items() if text in ours]
    assert alike == ["language"]  # the switch of the pages


def test_command_line_report_and_pages_take_them_from_one_table() -> None:
    english, chinese = Texts("en"), Texts("zh")
    assert chinese.condition("position@2") == "决定性一帧在第 2 位"
    assert english.condition("position@2") == labels.condition("position@2")
    assert (english.measure("lure_rate"), chinese.measure("lure_rate")) == ("Lure rate", "误导率")
    assert english.measure("of_my_own") == "of my own"  # no row: the name in plain words
    for name in SUBJECTS:
        assert describe_subject(name)["about"] == labels.SUBJECTS[name][0]
