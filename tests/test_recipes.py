"""Recipes: each does what the application does, by numbers worked out apart; a run over them."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from meme_sets import MemeSet, load_set
from memeprobe.comparison.recipes import APART, PACKED, serve
from memeprobe.comparison.runs import CompareError, one_way
from memeprobe.experiment.spec import RunSpec, SpecError
from memeprobe.stimuli.scripted_viewer import ScriptedViewer
from memeprobe.store.rows import RunRecord, TrialRow
from memeprobe.store.store import Store
from tests.running import run
from vlm import RECIPES, Answer, Query, Receipt
from vlm.delivery import looks, picked
from vlm.query import Seen

Served = tuple[Store, list[str], dict[str, Any]]
SIZE = (60, 90)


def frame(i: int, size: tuple[int, int] = SIZE) -> np.ndarray:
    """A smooth picture of its own colour: JPEG leaves it nearly as it was."""
    colour = [(i * 97) % 256, (i * 151 + 80) % 256, 250 if i % 2 else 60]
    ramp = np.linspace(0.7, 1.0, size[1])[None, :, None]
    return (np.ones((*size, 1)) * ramp * colour).astype(np.uint8)


def sent(delivery: str, n: int, size: tuple[int, int] = SIZE) -> tuple[list[int], list[np.ndarray]]:
    frames = tuple(frame(i, size) for i in range(n))
    asked = Query(frames, "what ?", (), delivery, times=tuple(i / 10 for i in range(n)))
    (look,) = looks(asked)
    return picked(asked), list(look.images)


@pytest.mark.parametrize(
    ("delivery", "n", "places"),
    [
        ("frame0", 12, [0]),
        ("thumbnail", 12, [0]),
        # rint(linspace(0, n - 1, 9)): halves go to the even neighbour
        ("montage-3x3", 12, [0, 1, 3, 4, 6, 7, 8, 10, 11]),
        ("montage-3x3", 9, list(range(9))),
        ("montage-3x3", 5, [0, 1, 2, 3, 4]),
        ("montage-3x3", 100, [0, 12, 25, 37, 50, 62, 74, 87, 99]),
        ("montage-3x2", 12, [0, 2, 4, 6, 8, 10]),
        ("montage-3x2", 7, [0, 1, 2, 3, 4, 5]),
        ("strip", 20, list(range(15))),
        # 1.2 s at 2 a second would be 2: at least 4, never more than there are
        ("video-fps", 12, [0, 4, 7, 11]),
        ("video-fps", 3, [0, 2]),
        # 10 s at 2 a second: 20 of 100
        ("video-fps", 100, [round(i * 99 / 19) for i in range(20)]),
    ],
)
def test_the_frames_that_a_recipe_keeps(delivery: str, n: int, places: list[int]) -> None:
    assert sent(delivery, n)[0] == places


def test_a_strip_keeps_only_frames_that_differ_from_the_last_one_kept() -> None:
    dark, light = np.full((40, 40, 3), 10, np.uint8), np.full((40, 40, 3), 60, np.uint8)
    near = np.full((40, 40, 3), 41, np.uint8)  # (41 - 10)^2 = 961 < 1000 <= (60 - 10)^2
    shown = (dark, near, light, near, dark, dark)
    assert picked(Query(shown, "?", (), "strip")) == [0, 2, 4]


@pytest.mark.parametrize(("n", "filled"), [(12, 9), (5, 5), (2, 2)])
def test_a_montage_shows_its_frames_in_reading_order_and_white_in_empty_cells(
    n: int, filled: int
) -> None:
    places, (sheet,) = sent("montage-3x3", n)
    h, w = SIZE
    assert sheet.shape == (3 * h, 3 * w, 3)
    for cell in range(9):
        y, x = cell // 3 * h, cell % 3 * w
        got = sheet[y + 9 : y + h - 9, x + 9 : x + w - 9].astype(int)
        want = frame(places[cell])[9:-9, 9:-9].astype(int) if cell < filled else 255
        assert np.abs(got - want).mean() < 4


def test_sizes_of_the_pictures_that_recipes_make() -> None:
    assert max(sent("montage-3x3", 9, (500, 300))[1][0].shape) == 1280
    assert sent("montage-3x3", 9, (500, 300))[1][0].shape == (1280, 768, 3)
    assert sent("montage-3x2", 4)[1][0].shape == (120, 270, 3)
    assert sent("strip", 4)[1][0].shape == (200, 1200, 3)
    assert sent("thumbnail", 4)[1][0].shape == (200, 300, 3)
    assert np.array_equal(sent("frame0", 4)[1][0], frame(0))
    assert len(sent("video-fps", 12)[1]) == 4


def test_what_a_recipe_calls_jpeg_is_what_a_jpeg_holds() -> None:
    """The same pixels as Pillow's own reader gets from a file of quality 85."""
    shot = np.random.default_rng(3).integers(0, 256, (200, 280, 3)).astype(np.uint8)
    (look,) = looks(Query((shot, shot), "?", (), "thumbnail"))
    file = io.BytesIO()
    Image.fromarray(shot).save(file, "JPEG", quality=85)
    assert np.array_equal(look.images[0], np.asarray(Image.open(file)))


@pytest.mark.parametrize("delivery", RECIPES)
def test_no_picture_stays_no_picture(delivery: str) -> None:
    (look,) = looks(Query((), "what ?", (), delivery))
    assert look.images == ()


class SeesCells:
    """A fair subject that sees the frames which a delivery kept, however they are packed, and
    knows nothing of the rest: what a recipe costs it follows from the frames alone."""

    revision = "1"
    deliveries = ("native", "vote")

    def __init__(self, meme_set: MemeSet) -> None:
        self.name, self._inner = "cells", ScriptedViewer(meme_set).subject("fair")

    def answer(self, queries: Sequence[Query]) -> list[Answer]:
        found = []
        for query in queries:
            kept = picked(query)
            shown = replace(
                query, images=tuple(query.images[i] for i in kept), times=(), delivery="native"
            )
            (answer,) = self._inner.answer([shown])
            assert answer.receipt is not None
            receipt = replace(answer.receipt, delivery=query.delivery, frames=tuple(kept))
            found.append(replace(answer, receipt=receipt))
        return found


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    meme_set = load_set("reveal")
    model = SeesCells(meme_set)
    path = tmp_path_factory.mktemp("recipes") / "w.sqlite"
    spec = RunSpec("reveal", "cells", limit=12)
    with Store(path) as store:
        runs = [run(replace(spec, conditions=APART), meme_set, model, store)]
        for delivery in ("frame0", "montage-3x3", "thumbnail"):
            one = replace(spec, delivery=delivery, conditions=PACKED)
            runs.append(run(one, meme_set, model, store))
        yield store, runs, serve(store, runs)


@pytest.mark.slow
def test_a_run_over_recipes_says_which_serve_and_what_is_lost(served: Served) -> None:
    _, _, found = served
    rows = {r["name"]: r for r in found["rows"]}
    assert rows["montage-3x3, silent"]["accuracy"]["value"] == 1.0
    assert rows["montage-3x3, silent"]["decisive_lost"] == 0
    assert rows["frame0, silent"]["accuracy"]["value"] < 0.5
    assert rows["frame0, silent"]["lure_rate"]["value"] > 0.8
    assert rows["frame0, silent"]["decisive_lost"] == 1
    assert rows["frame0, silent"]["p_holm"] < 0.05
    assert rows["frame0, silent"]["difference"]["value"] < -0.5
    assert rows["frame0, silent"]["difference"]["high"] < 0
    assert "Surely worse are frame0, silent; frame0, said what it is; thumbnail" in found["text"]
    assert found["rows"][0]["frames"] == 4 and rows["frame0, silent"]["frames"] == 1


@pytest.mark.slow
def test_the_prompt_says_what_the_pictures_are(served: Served) -> None:
    store, runs, _ = served
    said = {
        row.receipt.prompt.split(". ")[0]
        for name in runs
        for row in store.outcomes(name)
        if row.condition in ("clip_said", "keyframes_ordered") and row.receipt is not None
    }
    assert "This is one frame of an animated GIF" in said
    assert "These are 4 frames of one animated GIF, in order" in said
    assert any(s.startswith("The picture shows 9 frames of one animated GIF side by") for s in said)


def test_recipes_of_two_sets_are_not_compared(served: Served) -> None:
    store, runs, _ = served
    meme_set = load_set("reveal")
    other = run(
        RunSpec("reveal", "known:fair", limit=4, conditions=PACKED, delivery="frame0"),
        meme_set,
        ScriptedViewer(meme_set).subject("fair"),
        store,
    )
    with pytest.raises(CompareError, match="differ in model"):
        serve(store, [runs[0], other])


def test_a_sentence_about_one_picture_needs_a_delivery_that_makes_one(served: Served) -> None:
    store, _, _ = served
    meme_set = load_set("reveal")
    spec = RunSpec("reveal", "cells", limit=2, conditions=("keyframes_read",))
    with pytest.raises(SpecError, match="'native' does not paste frames into one picture"):
        run(spec, meme_set, SeesCells(meme_set), store)


def test_runs_scored_in_two_ways_are_not_set_beside_each_other() -> None:
    def rows(scoring: str) -> list[TrialRow]:
        receipt = Receipt("native", 1, 1, ("a",), "?", seen=Seen(scoring=scoring))
        return [TrialRow(item="i", condition="keyframes", outcome="right", receipt=receipt)]

    runs = [RunRecord(run="a"), RunRecord(run="b")]
    one_way(runs, [rows("options"), rows("options")])
    one_way(runs, [rows("options"), rows("")])
    with pytest.raises(CompareError, match="runs a and b score options in two ways"):
        one_way(runs, [rows("options"), rows("letters")])
