"""Reading with a recognition model that the user names, made here: it says one Cyrillic word."""

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import memeprobe as mp
from meme_sets import load_set
from memeprobe.cache.versions import engine_version
from memeprobe.experiment.spec import RunSpec
from memeprobe.workers import batch
from memeprobe.workers.run_request import begin, sized
from ocr import OcrError, load_engine, read_image
from ocr.caption import Line
from ocr.own_model import SETTING, chosen_engine, identity
from ocr.unknown_script import alphabets, unread
from tests.command_line import CommandLine
from tests.service import Served
from tests.test_ocr_engines import meme

CHARACTERS = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
WORD = "привет"


def field(number: int, value: int | bytes) -> bytes:
    """One field of a protocol buffer."""
    if isinstance(value, bytes):
        return varint(number << 3 | 2) + varint(len(value)) + value
    return varint(number << 3) + varint(value)


def varint(value: int) -> bytes:
    low, rest = value & 127, value >> 7
    return bytes([low | 128]) + varint(rest) if rest else bytes([low])


def tensor(name: str, *sides: int | str) -> bytes:
    """A ValueInfoProto of floats."""
    dims = b"".join(
        field(1, field(1, s) if isinstance(s, int) else field(2, s.encode())) for s in sides
    )
    kind = field(1, field(1, 1) + field(2, dims))
    return field(1, name.encode()) + field(2, kind)


def model(word: str = WORD, inside: bool = True, characters: str = CHARACTERS) -> bytes:
    """An ONNX file that answers ``word`` to every line; ``inside``: with its characters."""
    classes = len(characters) + 2
    steps = [0] * (2 * len(word))
    steps[::2] = [characters.index(c) + 1 for c in word]
    said = np.full((1, len(steps), classes), 0.001, np.float32)
    said[0, range(len(steps)), steps] = 0.99
    constant = b"".join(field(1, n) for n in said.shape) + field(2, 1)
    constant += field(8, b"said") + field(9, said.tobytes())
    node = field(1, b"said") + field(2, b"out") + field(4, b"Identity")
    graph = field(1, node) + field(2, b"g") + field(5, constant)
    graph += field(11, tensor("x", 1, 3, 48, "width")) + field(12, tensor("out", *said.shape))
    listed = field(1, b"character") + field(2, "\n".join(characters).encode())
    whole = field(1, 8) + field(7, graph) + field(8, field(1, b"") + field(2, 13))
    return whole + (field(14, listed) if inside else b"")


@pytest.fixture
def named(tmp_path: Path) -> str:
    (tmp_path / "own.onnx").write_bytes(model())
    return f"rapidocr:{tmp_path / 'own.onnx'}"


@pytest.mark.slow
def test_what_the_model_says_is_what_is_read(named: str, tmp_path: Path) -> None:
    picture = meme(("WHATEVER", 160, 205, 40))
    assert read_image(picture, load_engine(named)).text == WORD
    assert read_image(picture, load_engine()).text == "WHATEVER"
    beside = tmp_path / "beside.onnx"
    beside.write_bytes(model("мир", inside=False))
    beside.with_suffix(".txt").write_text("\n".join(CHARACTERS), "utf-8")
    assert read_image(picture, load_engine(f"rapidocr:{beside}")).text == "мир"


def test_only_a_model_that_knows_an_alphabet_reads_it_whole() -> None:
    assert alphabets(CHARACTERS) == {"Cyrillic"}
    assert alphabets("abcαβγδεζη你好") == frozenset()
    assert alphabets("abcάέ") == {"Greek"}
    told = Line("", 0.99, ((0, 0), (400, 0), (400, 40), (0, 40)))
    assert unread([replace(told, text="PECTOPAH MOCKBA")])
    assert not unread([replace(told, text="PECTOPAH MOCKBA", known=frozenset({"Cyrillic"}))])
    assert unread([replace(told, text="Chúng ta là bn", known=frozenset({"Cyrillic"}))])


@pytest.mark.slow
def test_what_an_own_model_says_in_lookalikes_is_a_caption(tmp_path: Path) -> None:
    """Capitals that a Latin reader would give for Cyrillic ones; its characters are Cyrillic."""
    picture, path = meme(("WHATEVER", 160, 205, 40)), tmp_path / "own.onnx"
    path.write_bytes(model("РЕСТОРАН", characters=CHARACTERS + CHARACTERS.upper()))
    engine = load_engine(f"rapidocr:{path}")
    assert engine.alphabets == {"Cyrillic"} and load_engine().alphabets == frozenset()
    assert read_image(picture, engine).text == "РЕСТОРАН"


@pytest.mark.slow
def test_another_file_under_the_same_name_is_another_engine(named: str) -> None:
    path = Path(named.partition(":")[2])
    first, version = identity(named), engine_version(named)
    engine = load_engine(named)
    moved = path.with_name("moved.onnx")
    moved.write_bytes(path.read_bytes())
    assert identity(f"rapidocr:{moved}") == first
    path.write_bytes(model("да"))
    assert identity(named) != first
    assert engine_version(named) != version != engine_version("rapidocr")
    assert load_engine(named) is not engine
    crop = np.zeros((48, 200, 3), np.uint8)
    assert [e.recognise([crop])[0][0] for e in (engine, load_engine(named))] == [WORD, "да"]


@pytest.mark.slow
def test_the_command_line_reads_with_it_and_keeps_it_apart(
    memeprobe: CommandLine, named: str, tmp_path: Path
) -> None:
    Image.fromarray(meme(("WHATEVER", 160, 205, 40))).save(tmp_path / "a.png")
    look = ("look", "--no-model", "--json", str(tmp_path / "a.png"))
    own = ("--ocr-model", named.partition(":")[2])
    for options, text in ((own, WORD), ((), "WHATEVER"), (own, WORD)):
        (line,) = memeprobe(*look, *options)[1].splitlines()
        assert [c["text"] for c in json.loads(line)["captions"]] == [text]


@pytest.mark.parametrize(
    ("content", "listed", "said"),
    [
        (None, None, "there is no recognition model"),
        (b"hello", None, "not a recognition model in ONNX"),
        (model(inside=False), None, "without a list of characters; put it beside it as own.txt"),
        (model(inside=False), "а\nб", "34 classes apart, but its list has 2 characters"),
        (model(inside=False), b"\xff\xfe", "not UTF-8"),
    ],
)
def test_what_is_no_model_is_refused(
    tmp_path: Path, content: bytes | None, listed: str | bytes | None, said: str
) -> None:
    path = tmp_path / "own.onnx"
    if content is not None:
        path.write_bytes(content)
    if listed is not None:
        data = listed if isinstance(listed, bytes) else listed.encode()
        path.with_suffix(".txt").write_bytes(data)
    with pytest.raises(OcrError, match=said):
        load_engine(f"rapidocr:{path}")


def test_paddle_wants_a_folder_that_names_its_model(tmp_path: Path) -> None:
    pytest.importorskip("paddleocr")
    (tmp_path / "own.onnx").write_bytes(model())
    with pytest.raises(OcrError, match="names the model"):
        load_engine(f"paddleocr:{tmp_path}")


@pytest.mark.slow
def test_the_service_reads_with_it_and_its_runs_do(named: str, tmp_path: Path) -> None:
    Image.fromarray(meme(("WHATEVER", 160, 205, 40))).save(tmp_path / "a.png")
    served = Served(tmp_path / "w.sqlite", "--ocr-model", named.partition(":")[2])
    try:
        with mp.Client(served.url) as client:
            clip = client.open_clip(tmp_path / "a.png")
            assert [c["text"] for c in clip.captions()] == [WORD]
            assert [k["text"] for k in clip.keyframes(1)] == [WORD]
    finally:
        served.end()


@pytest.mark.parametrize("setting", ["own.onnx", ""])
def test_a_run_begun_from_a_page_reads_with_the_model_of_the_setting(
    setting: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(SETTING, setting)
    begun: list[list[str]] = []
    monkeypatch.setattr(batch, "start_once", lambda kind, words, *_: begun.append(words))
    spec = sized(RunSpec("captions", "known:fair"), "quick")
    begin(spec, load_set("captions"), "captions", "quick", tmp_path / "w.sqlite")
    (words,) = begun
    named = [b for a, b in pairwise(words) if a == "--ocr"]
    assert named == ([f"rapidocr:{tmp_path / 'own.onnx'}"] if setting else [])


def test_a_setting_of_a_folder_is_read_by_the_engine_that_takes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SETTING, str(tmp_path))
    assert chosen_engine("rapidocr") == f"paddleocr:{tmp_path}"


@pytest.mark.parametrize("command", ["serve", "app"])
def test_a_setting_that_names_no_model_is_refused_at_the_start(
    command: str, memeprobe: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SETTING, str(tmp_path / "gone.onnx"))
    code, _, error = memeprobe(command, "--port", 1)
    assert code == 2 and "there is no recognition model" in error
