"""The rendered world: everything looks different, and the same seed gives the same pixels."""

import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from meme_sets.world import vocabulary as v
from meme_sets.world.draw import SIZE, STRIP, paint, picture
from meme_sets.world.scene import CAPTION_STYLES, Scene
from meme_sets.world.story import DELAYS_MS, pictures, play, random_scene, random_stages

PLAIN = Scene("cat", "room", "stands", "calm", "ball", "OK")

DRAWN_BY_SEED = """
import hashlib, random
from meme_sets.world.story import pictures, play, random_stages
rng = random.Random("test-1")
moments = play(rng, random_stages(rng, 3), blank_start=True)
print(hashlib.sha256(b"".join(p.tobytes() for p in pictures(moments))).hexdigest())
"""


@pytest.mark.slow
def test_same_seed_same_bytes_in_any_process() -> None:
    root = Path(__file__).parent.parent
    hashes = {
        subprocess.run(
            [sys.executable, "-c", DRAWN_BY_SEED],
            cwd=root,
            check=True,
            capture_output=True,
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(hashes) == 1 and len(hashes.pop()) == 65


@pytest.mark.slow
@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("species", list(v.SPECIES)),
        ("place", list(v.PLACES)),
        ("action", list(v.ACTIONS)),
        ("mood", list(v.MOODS)),
        ("object", list(v.OBJECTS)),
        ("caption", v.captions("en") + v.captions("zh") + v.non_words("en") + v.non_words("zh")),
        ("caption_style", list(CAPTION_STYLES)),
        ("x", [0.42, 0.5, 0.58]),
        ("bob", [0, 2, 4]),
    ],
)
def test_every_value_draws_something_else(field: str, values: list[object]) -> None:
    drawn = [picture(replace(PLAIN, **{field: value})) for value in values]  # type: ignore[arg-type]
    assert all(d.shape == (SIZE, SIZE, 3) and d.dtype == np.uint8 for d in drawn)
    # Captions are many, and stand in the strip only.
    packed = [
        d[-STRIP if field == "caption" else 0 :].astype(np.int32) @ [65536, 256, 1] for d in drawn
    ]
    for i, a in enumerate(packed):
        for j in range(i):
            changed = (a != packed[j]).sum()
            assert changed >= 40, f"{values[j]!r} and {values[i]!r} look alike"


@pytest.mark.parametrize("species", list(v.SPECIES))
def test_moods_show_on_every_face(species: str) -> None:
    drawn = {picture(replace(PLAIN, species=species, mood=m)).tobytes() for m in v.MOODS}
    assert len(drawn) == len(v.MOODS)


@pytest.mark.parametrize("style", CAPTION_STYLES)
def test_a_caption_changes_its_own_area_only(style: str) -> None:
    scene = replace(PLAIN, caption_style=style, caption="OK")
    changed = np.nonzero((picture(scene) != picture(scene.with_caption(""))).any(axis=-1))[0]
    assert len(changed) > 100
    if style == "top":
        assert changed.max() < STRIP
    else:
        assert changed.min() >= SIZE - STRIP


def test_captions_fit_the_picture() -> None:
    for text in (*v.captions("en"), *v.captions("zh"), *v.non_words("en"), *v.non_words("zh")):
        _, placed = paint(PLAIN.with_caption(text))
        boxes = [box for kind, _, box in placed.boxes if kind == "glyph"]
        assert len(boxes) == len(text.replace(" ", ""))
        assert min(b[0] for b in boxes) >= 0 and max(b[2] for b in boxes) <= SIZE


def test_a_blank_scene_is_white() -> None:
    assert (picture(replace(PLAIN, blank=True)) == 255).all()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("species", "cow"),
        ("place", "moon"),
        ("action", "runs"),
        ("mood", "bored"),
        ("object", "car"),
        ("caption_style", "left"),
    ],
)
def test_a_scene_refuses_what_the_world_has_not(field: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"Scene.{field} is '{value}'; must be one of"):
        replace(PLAIN, **{field: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("action", list(v.OBJECT_ACTIONS))
def test_an_object_action_needs_an_object(action: str) -> None:
    with pytest.raises(ValueError, match="needs an object"):
        replace(PLAIN, action=action, object=None)


def test_stories_keep_character_place_and_object() -> None:
    for seed in range(50):
        stages = random_stages(random.Random(seed), 3)
        kept = {(s.species, s.place, s.object, s.x, s.caption_style) for s in stages}
        assert len(stages) == 3 and len(kept) == 1


def test_play_holds_each_stage_with_uneven_delays() -> None:
    first = random_scene(random.Random("test-2"))
    second = replace(first, place="snow" if first.place != "snow" else "city")
    moments = play(random.Random("test-3"), [first, second], (5, 7), blank_start=True)
    assert moments[0].scene.blank and not any(m.scene.blank for m in moments[1:])
    places = [m.scene.place for m in moments[1:]]
    assert 5 <= places.count(first.place) <= 7 and 5 <= places.count(second.place) <= 7
    assert places == sorted(places, key=[first.place, second.place].index)
    assert {m.duration_ms for m in moments} <= set(DELAYS_MS)
    assert len({m.duration_ms for m in moments}) > 2
    assert len(pictures(moments)) == len(moments)
