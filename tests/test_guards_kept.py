"""Guards that are no refusal: what would go wrong without each of them (benchmarks/guards.py)."""

import ast
import io
import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import av
import pytest
from PIL import Image

from benchmarks.guards_others import OTHERS
from benchmarks.guards_servers import Row
from frames import Limits, MediaError, open_clip, source, video
from memeprobe.cli.console import fail
from memeprobe.report.export_leaderboard import html_table
from memeprobe.report.mlflow_log import log_to_mlflow
from memeprobe.report.stored import ExportError, Stored
from tests.test_frames_formats import with_av

EVIL = '<script>alert(1)</script> **b** $x$ :material/home: [l](http://a "t")'


def pictures_of_sizes(*sides: int) -> bytes:
    """A Matroska file of JPEGs, the first of which gives the size that its header promises."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="matroska") as container:
        stream: Any = container.add_stream("mjpeg", rate=10)
        stream.width = stream.height = sides[0]
        stream.pix_fmt = "yuvj420p"
        for place, side in enumerate(sides):
            picture = io.BytesIO()
            Image.new("RGB", (side, side), (200, 30, 30)).save(picture, "JPEG")
            packet = av.Packet(picture.getvalue())
            packet.stream, packet.pts, packet.dts = stream, 100 * place, 100 * place
            container.mux(packet)
    return buffer.getvalue()


def test_a_video_that_grows_costs_its_large_frames_alone() -> None:
    """They are refused before they are decoded: one of 16,000 by 16,000 would take 1.5 GB."""
    limits = Limits(frame_pixels=64 * 64, moving_pixels=64 * 64)
    clip = open_clip(pictures_of_sizes(32, 32, 640, 32), limits=limits)
    assert len(clip) == 3 and "1 packets of the video cannot be decoded" in clip.warnings[0]


def test_a_decoder_that_is_not_offered_is_not_started() -> None:
    """FFmpeg has hundreds that no clip of a chat needs, and strangers would choose among them."""
    with pytest.raises(MediaError, match="the video's codec cannot be read"):
        open_clip(with_av("matroska", "msmpeg4", "yuv420p"))


@pytest.mark.parametrize("form", ["mp4", "matroska"])
def test_the_frames_of_a_video_are_counted_while_they_come(form: str) -> None:
    """Containers promise what they like."""
    with pytest.raises(MediaError, match="over the limit frames = 2"):
        open_clip(with_av(form, "mpeg4", "yuv420p"), limits=Limits(frames=2))


def test_a_small_video_may_not_unfold_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames that cost the file nothing count by their pixels."""
    monkeypatch.setattr(source, "FREE_PIXELS", 0)
    monkeypatch.setattr(video, "VIDEO_PIXELS_PER_BYTE", 1)
    with pytest.raises(MediaError, match="pixels_per_byte"):
        open_clip(with_av("matroska", "mpeg4", "yuv420p"), limits=Limits(pixels_per_byte=1))


def test_a_small_webp_may_not_unfold_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "FREE_PIXELS", 0)
    first, second = (Image.new("RGB", (256, 256), colour) for colour in ("red", "blue"))
    file = io.BytesIO()
    first.save(file, "WEBP", save_all=True, append_images=[second])
    assert len(open_clip(file.getvalue(), limits=Limits(pixels_per_byte=10_000))) == 2
    with pytest.raises(MediaError, match="pixels_per_byte"):
        open_clip(file.getvalue(), limits=Limits(pixels_per_byte=100))


def test_ffmpeg_is_told_the_container_and_guesses_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would choose among hundreds, of which some open sockets or other files."""
    opened, real = [], av.open

    def noted(*given: Any, **named: Any) -> Any:
        opened.append(named.get("format"))
        return real(*given, **named)

    clips = [with_av(form, "mpeg4", "yuv420p") for form in ("mp4", "matroska")]
    monkeypatch.setattr(av, "open", noted)
    for clip in clips:
        assert len(list(open_clip(clip))) > 1
    assert set(opened) == {"mov", "matroska"}


def test_the_time_of_a_video_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    real = video._Video.decode

    def slow(self: Any) -> Iterator[av.VideoFrame]:
        for frame in real(self):
            end = time.thread_time() + 0.6
            while time.thread_time() < end:
                pass
            yield frame

    monkeypatch.setattr(video._Video, "decode", slow)
    with pytest.raises(MediaError, match="decoding took more than 1 s"):
        open_clip(with_av("mp4", "mpeg4", "yuv420p"), limits=Limits(seconds=1))


def test_an_error_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    fail("no model [red]x[/red] in [/nowhere]")
    assert capsys.readouterr().err == "memeprobe: no model [red]x[/red] in [/nowhere]\n"


def test_a_leaderboards_cells_are_text() -> None:
    made = html_table(EVIL, [EVIL], [[EVIL]])
    assert "<script" not in made and made.count("&lt;script&gt;") == 3


def test_nobody_is_told_of_a_run_by_mlflow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_DISABLE_TELEMETRY", raising=False)
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(ExportError, match="needs it"):
        log_to_mlflow(cast(Stored, None), "", None, "e")
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"


def test_a_page_shows_what_strangers_wrote_letter_by_letter() -> None:
    pytest.importorskip("streamlit", reason='needs pip install "memeprobe[dashboard]"')
    from memeprobe.dashboard.ui.downloads import as_csv
    from memeprobe.dashboard.ui.pictures import timeline
    from memeprobe.dashboard.ui.texts import Texts, inert

    assert not re.search(r"(?<!\\)[!-/:-@\[\]^-`{-~]", inert(EVIL))
    addresses = inert("see http://a.example, www.b.example, HTTPS://c.example/d or e@f.example")
    assert not re.search(r"(?i)(?<!\u2060)(?:http|www|@)", addresses.replace("\\", ""))
    track = {"text": EVIL, "start_ms": 0, "end_ms": 500, "lines": []}
    assert "<script" not in timeline(Texts("en"), 1000, [(0, 0, 500)], [track])
    row = {"condition": "=1+1", "difference": {k: 1 for k in ("value", "low", "high", "n")}}
    said = {**row, "p": 0.5, "p_holm": 0.5, "gained": ["@SUM(A1)"], "lost": []}
    cells = as_csv(["+run", "-run"], [said]).decode("utf-8-sig").splitlines()[1].split(",")
    assert {"'=1+1", "'@SUM(A1)", "'+run", "'-run"} <= set(cells)


@pytest.mark.parametrize("row", OTHERS, ids=lambda row: f"{row[0]}-{row[1][:20]}")
def test_the_table_of_guards_fits_the_project(row: Row) -> None:
    """A guard that moved, or whose test has another name, would not be tried any more."""
    file, there, instead, tests = row
    root = Path(__file__).parent.parent
    text = (root / file).read_text("utf-8")
    assert text.count(there) == 1
    ast.parse(text.replace(there, instead))
    for test in tests.split():
        path, _, name = test.partition("::")
        assert f"def {name.partition('[')[0]}" in (root / path).read_text("utf-8")
