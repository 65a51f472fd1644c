"""What the recording proxy says of applications that do one known thing, with clips made for it."""

import base64
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from memeprobe.messages import proxy as messages
from memeprobe.proxy.arrived import read_request
from memeprobe.proxy.clips import KnownClip
from memeprobe.proxy.verdict import RequestReport, judge
from tests.applications import asked, clip, data_url, montage, scaled

SEEDS = (7001, 7002)
FRAMES = {f"clip-{seed}": clip(seed) for seed in SEEDS}
CLIPS = [KnownClip.of(name, [np.asarray(f) for f in frames]) for name, frames in FRAMES.items()]
ONE = FRAMES["clip-7001"]
TWO = FRAMES["clip-7002"]

pytestmark = pytest.mark.slow


def judged(body: dict[str, Any]) -> RequestReport:
    return judge(read_request(body), CLIPS)


def sent(*images: Image.Image, kind: str = "png", quality: int = 90) -> RequestReport:
    return judged(asked([data_url(i, kind, quality) for i in images]))


def frames_of(report: RequestReport) -> list[tuple[int, ...]]:
    (one,) = report.clips
    return [s.frames for s in one.sightings]


@pytest.mark.parametrize(
    ("report", "key", "form", "order", "words"),
    [
        (lambda: sent(ONE[0]), "frame_0_only", "picture", "none", "sent frame 0 only"),
        (
            lambda: sent(scaled(ONE[0], 0.3), kind="jpeg", quality=60),
            "frame_0_only",
            "picture",
            "none",
            "frame 0 only, as one picture, shrunk to 30 % of the width, compressed as JPEG",
        ),
        (lambda: sent(ONE[5]), "one_frame", "picture", "none", "a single frame: 5"),
        (lambda: sent(*ONE), "all", "pictures", "in_order", "all 12 frames"),
        (lambda: sent(*ONE[::4]), "several", "pictures", "in_order", "3 of 12 frames"),
        (lambda: sent(*ONE[::-3]), "several", "pictures", "reversed", "in reversed order"),
        (
            lambda: sent(*(ONE[i] for i in (4, 0, 8, 2))),
            "several",
            "pictures",
            "shuffled",
            "out of order",
        ),
        (
            lambda: sent(*(scaled(f, 0.5) for f in ONE[::3])),
            "several",
            "pictures",
            "in_order",
            "shrunk to 50 %",
        ),
        (
            lambda: sent(*ONE[::3], kind="jpeg", quality=40),
            "several",
            "pictures",
            "in_order",
            "compressed as JPEG",
        ),
        (
            lambda: sent(montage(ONE[:9]), kind="jpeg"),
            "several",
            "montage",
            "in_order",
            "9 of 12 frames, pasted into one picture of 3 by 3",
        ),
        (
            lambda: sent(scaled(montage(ONE[:6], gap=6, label=24), 0.7), kind="jpeg"),
            "several",
            "montage",
            "in_order",
            "6 of 12 frames, pasted into one picture of 2 by 3",
        ),
        (
            lambda: sent(montage([scaled(f, 0.6) for f in ONE[::3]], 4), kind="jpeg"),
            "several",
            "strip",
            "in_order",
            "4 of 12 frames, pasted side by side",
        ),
    ],
    ids=[
        "frame 0",
        "thumbnail",
        "frame 5",
        "all",
        "some",
        "reversed",
        "shuffled",
        "resized",
        "recompressed",
        "montage",
        "montage with gaps and labels",
        "strip",
    ],
)
def test_an_application_is_named_rightly(
    report: Callable[[], RequestReport], key: str, form: str, order: str, words: str
) -> None:
    (found,) = report().clips
    assert (found.clip, found.key, found.form, found.order) == ("clip-7001", key, form, order)
    assert found.bound == (1.0 if key == "frame_0_only" else 0.0)
    text, chinese = messages.verdict(found)
    assert words in text and chinese
    assert ("first-frame bias 100 %" in text) is (key == "frame_0_only")


def test_every_frame_is_named_by_its_number() -> None:
    assert frames_of(sent(*(ONE[i] for i in (1, 4, 9)))) == [(1,), (4,), (9,)]
    assert frames_of(sent(montage([ONE[i] for i in (2, 3, 11)]), kind="jpeg")) == [
        (2,),
        (3,),
        (11,),
    ]


def test_two_clips_at_once_are_kept_apart() -> None:
    first, second = sent(ONE[0], *TWO[::4]).clips
    assert (first.clip, first.key) == ("clip-7001", "frame_0_only")
    assert (second.clip, second.key, second.order) == ("clip-7002", "several", "in_order")


def test_a_picture_of_something_else_accuses_nobody() -> None:
    for seed in range(5):
        stranger = clip(9000 + seed)
        found = sent(stranger[0], montage(stranger[:4]))
        assert found.clips == () and found.unknown == 2


def test_frames_that_look_the_same_are_not_told_apart() -> None:
    held = [ONE[0]] * 3 + [ONE[6]] * 3
    known = [KnownClip.of("held", [np.asarray(f) for f in held])]
    shown = judge(read_request(asked([data_url(held[4], "jpeg")])), known)
    assert frames_of(shown) == [(3, 4, 5)]
    assert "3–5 (cannot be told apart)" in messages.verdict(shown.clips[0])[0]
    still = [KnownClip.of("still", [np.asarray(ONE[0])] * 4)]
    (found,) = judge(read_request(asked([data_url(ONE[0])])), still).clips
    assert found.key == "static"
    # Many pictures of one look are one frame, not several.
    (found,) = judge(read_request(asked([data_url(held[0])] * 3)), known).clips
    assert found.key == "frame_0_only"


def gif(frames: list[Image.Image]) -> str:
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], duration=80)
    return base64.b64encode(file.getvalue()).decode()


@pytest.mark.parametrize(
    ("body", "form"),
    [
        (asked([f"data:image/gif;base64,{gif(ONE)}"]), "animation"),
        (
            asked(
                ["data:video/jpeg;base64," + ",".join(data_url(f, "jpeg")[23:] for f in ONE[::3])]
            ),
            "video",
        ),
        (
            {
                "messages": [
                    {
                        "role": "user",
                        "content": [
                            {
                                "type": "image",
                                "source": {
                                    "type": "base64",
                                    "media_type": "image/png",
                                    "data": data_url(ONE[0])[22:],
                                },
                            }
                        ],
                    }
                ]
            },
            "picture",
        ),
        ({"messages": [{"role": "user", "images": [data_url(ONE[0])[22:]]}]}, "picture"),
        (
            {"input": [{"role": "user", "content": [{"image_url": data_url(ONE[0])}]}]},
            "picture",
        ),
        (
            {
                "contents": [
                    {
                        "parts": [
                            {"inlineData": {"mimeType": "image/png", "data": data_url(ONE[0])[22:]}}
                        ]
                    }
                ]
            },
            "picture",
        ),
    ],
    ids=["gif", "vllm video", "anthropic", "ollama", "responses", "gemini"],
)
def test_the_forms_of_other_interfaces_are_read(body: dict[str, Any], form: str) -> None:
    (found,) = judged(body).clips
    assert (found.clip, found.form) == ("clip-7001", form)


def test_a_link_is_noted_and_never_fetched() -> None:
    found = judged(asked(["https://example.invalid/cat.gif?key=secret"]))
    assert found.unseen == ("link: example.invalid",) and "secret" not in str(found.unseen)


def test_broken_pictures_and_odd_bodies_are_no_findings() -> None:
    found = judged(asked(["data:image/png;base64,AAAA", "data:image/png;base64,???"]))
    assert len(found.unseen) == 2 and found.clips == ()
    assert read_request({"messages": "?"}).pictures == ()
