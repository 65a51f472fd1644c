"""Training of blip-nano: what is asked of a story, and a run that is cut off and goes on."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file

from meme_sets.world.vocabulary import ACTIONS
from tests.not_none import not_none
from training import data, train
from training.bank import story

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("seed", range(20))
def test_order_questions_of_one_clip_name_different_actions_and_the_next_one(seed: Any) -> None:
    rng = random.Random(seed)
    frames = data.ordered(rng, 6, story(seed))
    shown = [not_none(scene).action for scene in frames]
    path = [a for i, a in enumerate(shown) if i == 0 or a != shown[i - 1]]
    asked = data.ask_order(rng, frames, 3)
    assert len({a.question for a in asked}) == len(asked)
    for one in asked:
        # The action named in the question is the one right before the answer in the clip.
        named = [
            a
            for a in path
            if getattr(ACTIONS[a], one.language) in one.question
            and path.count(a) == 1
            and a != path[-1]
        ]
        following = {getattr(ACTIONS[path[path.index(a) + 1]], one.language) for a in named}
        assert one.answer in following


def test_frames_of_a_story_come_from_that_story_only() -> None:
    scenes = story(3)
    for seed in range(50):
        frames = data.sequence(random.Random(seed), 4, scenes)
        assert len(frames) == 4
        assert all(s is None or s.blank or s in scenes for s in frames)


def _train(out: Path, *more: str) -> None:
    train.main(
        [
            "--out",
            str(out),
            "--device",
            "cpu",
            "--patches",
            "1",
            "--pictures",
            "1",
            "--stories",
            "2",
            "--questions",
            "1",
            "--held-out",
            "1",
            "--every",
            "1",
            *more,
        ]
    )


@pytest.mark.slow
def test_a_training_that_stopped_goes_on_and_ends_at_the_same_weights(tmp_path: Path) -> None:
    _train(tmp_path / "once", "--clips", "2")
    _train(tmp_path / "twice", "--clips", "0")
    _train(tmp_path / "twice", "--clips", "2", "--resume")
    once, twice = (
        load_file(tmp_path / n / "model" / "model.safetensors") for n in ("once", "twice")
    )
    assert once.keys() == twice.keys()
    assert all(once[name].equal(twice[name]) for name in once)
    history = [json.loads(line) for line in (tmp_path / "twice" / "history.jsonl").open()]
    assert {"pictures", "clips"} <= {line["stage"] for line in history}


@pytest.mark.slow
def test_trained_weights_can_be_trained_on(tmp_path: Path) -> None:
    _train(tmp_path, "--clips", "1", "--start", str(ROOT / "vlm" / "blip_nano"))
    shipped = load_file(ROOT / "vlm" / "blip_nano" / "model.safetensors")
    now = load_file(tmp_path / "model" / "model.safetensors")
    # The vision tower rests, the language model learns.
    same = {name.split(".")[0]: True for name in now}
    for name in now:
        same[name.split(".")[0]] &= now[name].equal(shipped[name])
    assert same["vision_model"] and not same["language_model"]
