"""Runs as other programs read them: Inspect by its own reader, Every Eval Ever by its schema."""

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from frames import open_clip
from memeprobe.jobs import result_of, write_export
from memeprobe.report.formats import FORMATS
from memeprobe.report.stored import ExportError
from memeprobe.store.store import Store
from tests.colour_set import Eye, plainly, write_set
from tests.running import run

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("no_rechecks")]


@pytest.fixture
def ran(tmp_path: Path) -> Iterator[tuple[Store, str]]:
    """A run of a model that fails at one clip (its pictures are 22 pixels high)."""
    colours = write_set(tmp_path / "set", clips=4)
    eye = Eye()
    eye.broken = {22}
    with Store(tmp_path / "w.sqlite") as store:
        wanted = ("blind", "first", "keyframes", "reversed")
        yield store, run(plainly(conditions=wanted), colours, eye, store)


def shown(uri: str) -> np.ndarray:
    """The pixels of a picture in a log."""
    assert uri.startswith("data:image/webp;base64,")
    image = Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2])))
    return np.asarray(image.convert("RGB"))


def test_inspect_reads_frames_answers_and_scores(ran: Any, tmp_path: Path) -> None:
    """By inspect_ai's own reader; the pictures are those of the clips, in the order asked."""
    log_of = pytest.importorskip("inspect_ai.log", reason="needs inspect_ai: memeprobe[formats]")
    store, name = ran
    write_export(store, name, "inspect", tmp_path / "run.eval")
    log = log_of.read_eval_log(str(tmp_path / "run.eval"), resolve_attachments=True)
    rows = {f"{r.item}/{r.condition}": r for r in store.outcomes(name)}
    assert log.status == "success" and log.eval.model == "eye" and log.version == 2
    assert [s.id for s in log.samples] == list(rows) and len(rows) == 16
    for sample in log.samples:
        row = rows[sample.id]
        texts = [part.text for part in sample.input[0].content if part.type == "text"]
        pictures = [part.image for part in sample.input[0].content if part.type == "image"]
        assert texts == ["Which colour is there at the end?"] and len(pictures) == row.intended
        assert sample.choices == ["red", "green", "blue", "yellow"]
        assert sample.target == [row.options[row.gold]]
        if row.outcome == "failed":
            assert not sample.scores and "out of memory" in sample.error.message
            continue
        assert sample.output.completion == row.text == sample.messages[1].text
        mark = {"right": "C", "wrong": "I", "unparsed": "N"}[row.outcome]
        assert sample.scores["memeprobe"].value == mark
        said = row.options[row.chosen] if row.chosen is not None else row.text
        assert sample.scores["memeprobe"].answer == said
        assert sample.metadata.get("pictures as the receipt says") is (True if pictures else None)
        clip = open_clip(tmp_path / "set" / f"{row.item.removeprefix('clip-')}.gif")
        order = {"first": row.keyframes[:1], "blind": (), "reversed": row.keyframes[::-1]}
        frames = clip.frames(list(order.get(row.condition, row.keyframes)))
        for picture, frame in zip(pictures, frames, strict=True):
            far = np.abs(shown(picture).astype(int) - frame.pixels).mean()
            assert far < 12, (sample.id, far)  # WebP is lossy; another colour is 80 away and more
    assert {r.outcome for r in rows.values()} >= {"right", "wrong", "failed"}
    scores = {s.name: s for s in log.results.scores}
    found = result_of(store, name).conditions["keyframes"].accuracy
    assert scores["keyframes"].metrics["accuracy"].value == pytest.approx(found.value, abs=1e-4)
    assert scores["keyframes"].metrics["low"].value == pytest.approx(found.low, abs=1e-4)


def test_a_run_whose_set_has_gone_keeps_its_answers(ran: Any, tmp_path: Path) -> None:
    log_of = pytest.importorskip("inspect_ai.log", reason="needs inspect_ai: memeprobe[formats]")
    store, name = ran
    (tmp_path / "set" / "items.jsonl").unlink()
    write_export(store, name, "inspect", tmp_path / "run.eval")
    log = log_of.read_eval_log(str(tmp_path / "run.eval"))
    assert len(log.samples) == 16
    assert all(s.metadata["pictures in this log"] == 0 for s in log.samples)
    assert {s.output.completion for s in log.samples} >= {"It is red."}


def test_what_a_format_needs_is_said(
    ran: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    store, name = ran
    monkeypatch.setitem(sys.modules, "inspect_ai.log", None)
    with pytest.raises(ExportError, match=r'pip install "memeprobe\[formats\]"'):
        write_export(store, name, "inspect", tmp_path / "run.eval")
    assert not (tmp_path / "run.eval").exists()


TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
NUMBER = {"type": "number"}
UNCERTAINTY = {
    "type": "object",
    "required": ["confidence_interval", "num_samples"],
    "properties": {
        "num_samples": {"type": "integer", "minimum": 1},
        "confidence_interval": {
            "type": "object",
            "required": ["lower", "upper", "confidence_level", "method"],
            "properties": {"lower": NUMBER, "upper": NUMBER, "confidence_level": {"const": 0.95}},
        },
    },
}
RESULT = {
    "type": "object",
    "required": ["evaluation_name", "source_data", "metric_config", "score_details"],
    "properties": {
        "evaluation_name": {"type": "string"},
        "source_data": {
            "type": "object",
            "required": ["dataset_name", "source_type"],
            "properties": {"source_type": {"const": "other"}, "additional_details": TEXTS},
        },
        "metric_config": {
            "type": "object",
            "required": ["lower_is_better", "score_type", "min_score", "max_score"],
            "properties": {
                "lower_is_better": {"type": "boolean"},
                "score_type": {"const": "continuous"},
                "min_score": {"anyOf": [NUMBER, {"const": "-Infinity"}]},
                "max_score": {"anyOf": [NUMBER, {"const": "Infinity"}]},
            },
        },
        "score_details": {
            "type": "object",
            "required": ["score", "uncertainty"],
            "properties": {"score": NUMBER, "details": TEXTS, "uncertainty": UNCERTAINTY},
        },
        "generation_config": {
            "type": "object",
            "properties": {
                "generation_args": {
                    "type": "object",
                    "properties": {"execution_command": {"type": "string"}},
                },
                "additional_details": TEXTS,
            },
        },
    },
}
EVALUATION = {
    "type": "object",
    "additionalProperties": False,
    "required": [
        "schema_version",
        "evaluation_id",
        "retrieved_timestamp",
        "source_metadata",
        "model_info",
        "eval_library",
        "evaluation_results",
    ],
    "properties": {
        "schema_version": {"const": "0.3.0"},
        "evaluation_id": {"type": "string"},
        "evaluation_timestamp": {"type": "string"},
        "retrieved_timestamp": {"type": "string"},
        "source_metadata": {
            "type": "object",
            "required": ["source_type", "source_organization_name", "evaluator_relationship"],
            "properties": {
                "source_type": {"enum": ["documentation", "evaluation_run"]},
                "evaluator_relationship": {
                    "enum": ["first_party", "third_party", "collaborative", "other"]
                },
            },
        },
        "model_info": {
            "type": "object",
            "required": ["name", "id", "additional_details"],
            "properties": {
                "additional_details": {
                    **TEXTS,
                    "required": ["deployment_type", "model_availability"],
                    "properties": {
                        "deployment_type": {
                            "enum": ["self_deployed", "externally_managed", "unknown"]
                        },
                        "model_availability": {
                            "enum": ["open_weights", "closed_weights", "unknown"]
                        },
                    },
                }
            },
        },
        "eval_library": {
            "type": "object",
            "required": ["name", "version"],
            "properties": {"additional_details": TEXTS},
        },
        "evaluation_results": {"type": "array", "items": RESULT},
    },
}
"""What the schema 0.3.0 of Every Eval Ever asks of the fields that are written."""


def test_every_eval_ever_has_each_figure_with_its_interval(ran: Any, tmp_path: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    store, name = ran
    write_export(store, name, "every-eval-ever", tmp_path / "run.json")
    read = json.loads((tmp_path / "run.json").read_text("utf-8"))
    jsonschema.Draft7Validator(EVALUATION).validate(read)
    result = result_of(store, name)
    by_id = {r["evaluation_result_id"]: r for r in read["evaluation_results"]}
    expected = {f"condition/{c}": t.accuracy for c, t in result.conditions.items()}
    expected |= {f"measure/{m}": found for m, found in result.measures.items()}
    assert len(by_id) >= len(expected) >= 5
    for key, found in expected.items():
        details = by_id[f"{name}/{key}"]["score_details"]
        limits = details["uncertainty"]["confidence_interval"]
        assert details["score"] == pytest.approx(found.value, abs=1e-4)
        assert limits["lower"] == pytest.approx(found.low, abs=1e-4)
        assert limits["upper"] == pytest.approx(found.high, abs=1e-4)
        assert details["uncertainty"]["num_samples"] == found.n
        bounds = by_id[f"{name}/{key}"]["metric_config"]
        assert bounds["min_score"] <= found.low and found.high <= bounds["max_score"]
    failed = by_id[f"{name}/condition/keyframes"]["score_details"]["details"]
    assert failed["failed"] == "1"


def test_every_format_is_written(ran: Any, tmp_path: Path) -> None:
    store, name = ran
    needs = {"parquet": "pyarrow", "inspect": "inspect_ai"}
    for form, (suffix, _) in FORMATS.items():
        if form in needs:
            pytest.importorskip(needs[form])
        path = tmp_path / f"{form}{suffix}"
        write_export(store, name, form, path)
        assert path.stat().st_size > 100
