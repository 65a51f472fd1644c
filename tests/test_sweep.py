"""Dose and form: paired tables over keyframes, resolution and delivery; groups of items."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from memeprobe.comparison.sweep import Dose, caption_language, caption_time, doses, swept
from memeprobe.experiment.provenance import command
from memeprobe.experiment.spec import RunSpec
from memeprobe.measures import Table
from memeprobe.running.downscaled import Downscaled, shrunk
from memeprobe.store.rows import TrialRow
from tests.command_line import command_line
from vlm import Query
from vlm.delivery import ModelInput, ModelOutput
from vlm.scripted import Scripted


def test_every_combination_once_and_in_order() -> None:
    found = doses([1, 4, 4], [None, 56], ["native"])
    assert found == [Dose(k, s, "native") for k in (1, 4) for s in (None, 56)]
    assert Dose(1, None, "grid").text == "1 frame, full size, grid"


def test_a_downscaled_model_sees_smaller_pictures_and_is_another_revision() -> None:
    seen: list[tuple[int, ...]] = []

    class Watching(Scripted):
        def look(self, batch: Sequence[ModelInput]) -> list[ModelOutput]:
            seen.extend(i.shape for look in batch for i in look.images)
            return super().look(batch)

    model = Watching("fair", lambda *_: 0)
    small = Downscaled(model, 20)
    assert small.name == model.name and small.revision != model.revision
    tall = np.zeros((80, 40, 3), np.uint8)
    (answer,) = small.answer([Query((tall,), "What?", ("a", "b"))])
    assert seen == [(20, 10, 3)] and answer.receipt is not None
    assert shrunk(tall, 100) is tall and shrunk(tall, 80) is tall
    with pytest.raises(ValueError, match="8 or more"):
        Downscaled(model, 4)


def test_the_command_of_a_dose_repeats_it_with_its_resolution() -> None:
    spec = RunSpec("reveal", "blip-nano", k=4, delivery="concat", conditions=("keyframes",))
    repeated = "memeprobe sweep reveal --model blip-nano --side 112 --delivery concat"
    assert command(spec, "reveal", side=112) == f"{repeated} --keyframes 4 --condition keyframes"
    assert "--side" not in command(spec, "reveal")


def test_shrinking_is_true_to_the_area() -> None:
    """A checkerboard of black and white becomes grey, not one of its colours."""
    board = np.indices((64, 64)).sum(axis=0) % 2 * 255
    small = shrunk(np.repeat(board[..., None], 3, axis=2).astype(np.uint8), 8)
    assert small.shape == (8, 8, 3) and np.abs(small.astype(int) - 127).max() <= 3


def rows(rights: list[bool], **more: object) -> Table:
    made = [
        TrialRow.of(
            {
                **{"item": f"i{i}", "cluster": f"c{i}", "condition": "keyframes"},
                **{"outcome": "right" if right else "wrong", "kind": f"kind{i % 2}", **more},
            }
        )
        for i, right in enumerate(rights)
    ]
    return Table.of(made)


def test_doses_are_compared_with_the_first_on_the_same_items() -> None:
    one, two = [True] * 10 + [False] * 30, [True] * 30 + [False] * 10
    first, second = Dose(1, None, "native"), Dose(4, None, "native")
    found = swept({first: rows(one), second: rows(two)}, "kind")
    assert [d["accuracy"]["value"] for d in found["doses"]] == [0.25, 0.75]
    assert found["doses"][0]["accuracy_difference"] is None
    against = found["doses"][1]["accuracy_difference"]
    assert against["value"] == 0.5 and against["low"] > 0.3 and against["p_holm"] < 0.001
    assert [v["value"] for v in found["by"]["kind0"]] == [0.25, 0.75]
    assert found["doses"][0]["index"]["value"] is None


@pytest.mark.parametrize(
    ("told", "language", "time"),
    [
        ({"caption": "OH NO"}, "en", "from the start"),
        ({"caption": "哈哈"}, "zh", "from the start"),
        ({"caption": "OK", "tags": ["caption:zh", "late-caption"]}, "zh", "late"),
        ({"caption": "OK", "kind": "caption_late"}, "en", "late"),
        ({"caption": None}, "no caption known", "no caption known"),
        ({"caption": ""}, "no caption known", "no caption known"),
    ],
)
def test_groups_of_captions(told: dict[str, object], language: str, time: str) -> None:
    row = TrialRow.of({"item": "i", "condition": "as_is", "outcome": "right", **told})
    assert (caption_language(row), caption_time(row)) == (language, time)


@pytest.mark.slow
def test_the_command_makes_a_paired_table_and_a_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The scripted eyes know full-size frames only: a smaller size is a lower dose."""
    memeprobe = command_line(monkeypatch, capsys, tmp_path / "store.sqlite")
    page = tmp_path / "sweep.html"
    args = ["sweep", "reveal", "-m", "known:fair", "--limit", 16, "-k", "4,1", "--side", "full,64"]
    args += ["--policy", "uniform_time", "-c", "keyframes", "-c", "blind", "--by", "kind"]
    args += ["-c", "among", "-c", "decisive"]  # one frame has no slots
    code, out, err = memeprobe(*args, "--html", page, "--json")
    assert code == 0, err
    found = json.loads(out)
    cells = {(d["k"], d["side"]): d["accuracy"]["value"] for d in found["doses"]}
    assert list(cells) == [(4, None), (4, 64), (1, None), (1, 64)]
    assert cells[4, None] > 0.9 and cells[4, 64] < 0.6 and cells[1, None] < 0.6
    (small,) = [d for d in found["doses"] if (d["k"], d["side"]) == (4, 64)]
    assert small["accuracy_difference"]["high"] < 0
    indices = {(d["k"], d["side"]): d["index"]["value"] for d in found["doses"]}
    assert abs(indices[4, None]) < 0.3 and indices[1, None] is None
    text = page.read_text("utf-8")
    assert "<svg" in text and text.count("<table>") == 2 and "http://" not in text.split("<svg")[0]
    code, out, _ = memeprobe(*args)
    assert code == 0 and "action_end" in out
    for wrong in (
        ("-k", "0"),
        ("--side", "4"),
        ("--by", "colour"),
        ("-d", "nativ"),
        ("-c", "amung"),
    ):
        assert memeprobe("sweep", "reveal", "-m", "known:fair", "--limit", 2, *wrong)[0] == 2
