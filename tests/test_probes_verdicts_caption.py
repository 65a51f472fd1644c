"""The verdict on caption reading, on tables of outcomes with a known truth."""

from collections.abc import Mapping

import numpy as np
import pytest

from tests.test_probes_verdicts import CHANCE, Row, verdict


def caption_table(
    seed: int, n: int, rates: Mapping[str, float], read: float, counterfactual: bool = True
) -> list[Row]:
    """Rows of n captioned items; ``read`` is the share of captions transcribed rightly. A subject
    that does not see a change answers alike: a condition with rate -1 copies 'as_is'."""
    rng = np.random.default_rng(seed)
    rows: list[Row] = []
    for i in range(n):
        base: Row = {
            "item": f"i{i}",
            "cluster": f"i{i}",
            "control": False,
            "order": False,
            "lure": None,
            "options": list("abcd"),
            "caption": "OH NO",
            "testable": True,
            "text": "",
            "intended": 1,
            "shown": 1,
        }
        as_is = 0 if rng.random() < rates["as_is"] else 2
        for condition in ("as_is", "erased", "replaced", "told"):
            if condition == "replaced" and not counterfactual:
                continue
            gold, rate = (1 if condition == "replaced" else 0), rates[condition]
            chosen = gold if rng.random() < rate else 3
            chosen = as_is if rate < 0 or condition == "as_is" else chosen
            rows.append(
                {
                    **base,
                    "condition": condition,
                    "gold": gold,
                    "chosen": chosen,
                    "outcome": "right" if chosen == gold else "wrong",
                }
            )
        heard, outcome = ("OH NO", "right") if rng.random() < read else ("xyzw", "wrong")
        rows.append(
            {
                **base,
                "condition": "transcribe",
                "gold": None,
                "chosen": None,
                "outcome": outcome,
                "text": heard,
            }
        )
    return rows


def caption_rates(as_is: float, erased: float, replaced: float, told: float) -> dict[str, float]:
    return {"as_is": as_is, "erased": erased, "replaced": replaced, "told": told}


CAPTIONS = [
    ("reader", caption_rates(0.95, CHANCE, 0.95, 0.95), 1.0, "uses_caption"),
    ("caption-blind", caption_rates(CHANCE, -1, -1, -1), 0.0, "cannot_read"),
    ("told only", caption_rates(CHANCE, -1, -1, 0.95), 0.0, "told_only"),
    ("reads only", caption_rates(CHANCE, -1, -1, -1), 1.0, "reads_not_uses"),
    ("knows old captions", caption_rates(0.95, CHANCE, 0.0, 0.95), 1.0, "mixed"),
]


@pytest.mark.parametrize(
    ("rates", "read", "key"), [c[1:] for c in CAPTIONS], ids=[c[0] for c in CAPTIONS]
)
def test_caption_verdict(rates: dict[str, float], read: float, key: str) -> None:
    assert verdict(caption_table(1, 80, rates, read), "caption")[0] == key


def test_caption_verdict_without_pairs_says_so() -> None:
    rows = caption_table(1, 80, CAPTIONS[0][1], 1.0, counterfactual=False)
    key, found = verdict(rows, "caption")
    assert key == "uses_caption" and "No changed captions were asked" in str(found["text"])


def test_few_captions_are_not_enough() -> None:
    key, found = verdict(caption_table(1, 6, caption_rates(0.5, 0.5, 0.5, 0.5), 0.5), "caption")
    assert key == "not_enough_items"
    assert found["numbers"]["needed"] > 6


def test_unseen_captions_are_not_testable() -> None:
    rows = caption_table(1, 40, CAPTIONS[0][1], 1.0)
    for row in rows:
        row["testable"] = False
    assert verdict(rows, "caption")[0] == "not_testable"
