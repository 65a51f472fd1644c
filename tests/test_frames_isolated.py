"""Decoding in a process of its own: the same frames, and a decoder that misbehaves is ended."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from frames import Limits, MediaError, isolated, open_clip, open_isolated
from tests.test_frames_formats import FILES

GIF = FILES["gif by Pillow"][1]
MISBEHAVING = """
import ctypes, itertools, sys, time
import frames.decoder, frames.gif, frames.kinds
from dataclasses import replace

def misbehave(data, limits):
    if b"in the middle" in data:
        source = gif(data, limits)
        def stream():
            yield next(source.stream())
            {action}
        return replace(source, stream=stream)
    {action}

gif = frames.kinds.KINDS[0].open
bad = replace(frames.kinds.KINDS[0], open=misbehave)
frames.kinds.KINDS = (bad, *frames.kinds.KINDS[1:])
frames.decoder.PATIENCE = {patience}
frames.decoder.main()
"""
ACTIONS = {
    "never comes back": ("sum(itertools.repeat(0))", "ended after 1 s, over the limit seconds = 1"),
    "waits for ever": ("time.sleep(600)", "ended after 1 s, over the limit seconds = 1"),
    "crashes": ("ctypes.string_at(0)", r"its decoder crashed \(SIGSEGV\)"),
    "takes all memory": ("bytearray(2**33)", "needs more memory than there is"),
}


@pytest.fixture
def decoder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """A process whose GIF decoder does what is asked; ended after the test."""
    started: dict[int, isolated._Process] = {}
    monkeypatch.setattr(isolated, "_PROCESSES", started)

    def use(action: str) -> None:
        # Each bound by itself: of processor time, and of the clock.
        patience = "1" if "sleep" in action else "600"
        code = MISBEHAVING.replace("{action}", action).replace("{patience}", patience)
        command = [sys.executable, "-c", code]
        monkeypatch.setattr(isolated, "COMMAND", command)

    yield use
    for process in started.values():
        process.stop()


@pytest.mark.parametrize("name", FILES)
def test_the_frames_are_those_of_open_clip(name: str) -> None:
    data = FILES[name][1]()
    here, there = open_clip(data, name="a"), open_isolated(data, name="a")
    assert repr(there) == repr(here) and there.sha256 == here.sha256
    assert there.timings == here.timings
    assert [f.sha256 for f in there] == [f.sha256 for f in here]
    for one, other in zip(there, there, strict=True):  # two passes side by side
        assert one.sha256 == other.sha256


@pytest.mark.slow
@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("when", [b"", b" in the middle"], ids=["opening", "streaming"])
def test_a_decoder_that_misbehaves_is_ended_and_the_next_file_is_read(
    decoder: Callable[[str], None], action: str, when: bytes
) -> None:
    decoder(ACTIONS[action][0])
    began = time.monotonic()
    with pytest.raises(MediaError, match=rf"^a\.gif: .*{ACTIONS[action][1]}"):
        list(open_isolated(GIF() + when, name="a.gif", limits=Limits(seconds=1)))
    assert time.monotonic() - began < 60
    assert len(list(open_isolated(FILES["png"][1](), limits=Limits(seconds=30)))) == 1


@pytest.mark.slow
def test_a_clip_outlives_the_process(decoder: Callable[[str], None]) -> None:
    clip = open_isolated(GIF())
    before = [f.sha256 for f in clip]
    passing = iter(clip)
    next(passing)
    for process in isolated._PROCESSES.values():
        process.stop()
    assert [before[0], *(f.sha256 for f in passing)] == before


def test_refusals_and_warnings_are_those_of_open_clip() -> None:
    for data in (b"rubbish", GIF()[:40], b""):
        with pytest.raises(MediaError) as here:
            open_clip(data, name="a")
        with pytest.raises(MediaError) as there:
            open_isolated(data, name="a")
        assert str(there.value) == str(here.value)
    with pytest.warns(match="breaks off"):
        clip = open_isolated(GIF()[:-3], name="a")
    assert any("breaks off" in warning for warning in clip.warnings)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")
def test_the_process_gets_no_key_and_holds_no_socket(
    monkeypatch: pytest.MonkeyPatch, decoder: Callable[[str], None]
) -> None:
    for name in ("MEMEPROBE_API_KEY", "OPENAI_API_KEY", "HF_TOKEN", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "planted-4711")
    assert len(open_isolated(FILES["webm"][1]())) == 3
    (process,) = isolated._PROCESSES.values()
    folder = Path("/proc") / str(process.pid)
    assert b"planted-4711" not in (folder / "environ").read_bytes()
    open_files = [os.readlink(fd) for fd in (folder / "fd").iterdir()]
    assert open_files and not [f for f in open_files if f.startswith("socket:")]
