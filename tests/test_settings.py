"""Numbers in environment variables: taken, or refused with the variable's name; never ignored."""

from pathlib import Path

import pytest

from memeprobe import settings
from memeprobe.errors import JobError
from ocr import OcrError
from ocr.engines import load_engine
from tests.command_line import command_line


@pytest.mark.parametrize("name", settings.MEANING)
@pytest.mark.parametrize("text", ["many", "-1", "1.5", "²", "1 GB", "٣"])
def test_what_is_no_whole_number_is_refused(
    name: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, text)
    with pytest.raises(JobError, match=name):
        settings.whole_number(name, 7)
    with pytest.raises(JobError, match=name):
        settings.check()


@pytest.mark.parametrize(("text", "expected"), [("", 7), ("  ", 7), ("0", 0), (" 12 ", 12)])
def test_a_number_is_taken_and_an_empty_one_is_the_default(
    text: str, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMEPROBE_JOBS", text)
    assert settings.whole_number("MEMEPROBE_JOBS", 7) == expected


def test_the_service_says_so_before_it_listens(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("MEMEPROBE_JOBS", "many")
    call = command_line(monkeypatch, capsys, tmp_path / "w.sqlite")
    code, _, error = call("serve", "--port", 0)
    assert code == 2 and "MEMEPROBE_JOBS is 'many'" in error


def test_threads_of_ocr_are_refused_the_same_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMEPROBE_OCR_THREADS", "two")
    with pytest.raises(OcrError, match="MEMEPROBE_OCR_THREADS is 'two'"):
        load_engine("rapidocr")
