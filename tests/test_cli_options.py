"""Options that several commands share: decoding limits, how a model is loaded."""

import json
from pathlib import Path

import pytest

import memeprobe as mp
from memeprobe.errors import JobError
from tests.command_line import CommandLine
from tests.test_cli import gif


@pytest.mark.slow
def test_a_limit_set_by_option_or_variable_is_the_one_in_the_message(
    memeprobe: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = gif(tmp_path / "a.gif", frames=5)
    code, _, err = memeprobe("look", "--no-model", "--max-frames", 3, path)
    assert code == 2
    assert "frames = 3" in err and "--max-frames or MEMEPROBE_MAX_FRAMES" in err
    monkeypatch.setenv("MEMEPROBE_MAX_FRAMES", "4")
    code, _, err = memeprobe("look", "--no-model", path)
    assert code == 2
    assert "frames = 4" in err
    # The option beats the variable.
    assert memeprobe("look", "--no-model", "--json", "--max-frames", 5, path)[0] == 0


@pytest.mark.parametrize("value", ["many", "0", "-3"])
def test_a_bad_limit_is_one_clear_line(
    memeprobe: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("MEMEPROBE_MAX_FILE_BYTES", value)
    code, out, err = memeprobe("look", "--no-model", gif(tmp_path / "a.gif"))
    assert code == 2
    assert "MEMEPROBE_MAX_FILE_BYTES" in err and value in err
    assert err.count("\n") == 1 and "Traceback" not in out + err


def test_a_limit_holds_in_runs_too(memeprobe: CommandLine) -> None:
    code, out, err = memeprobe(
        "run", "reveal", "-m", "known:fair", "--limit", 4, "-c", "keyframes", "--max-frames", 2
    )
    assert code == 2
    assert "no trial" in err and "--max-frames" in out


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("--quantise", "int3"), "unknown quantisation 'int3'"),
        (("--dtype", "float8"), "unknown dtype 'float8'"),
        (("--translator", "a,b,c"), "--translator takes ZH_EN,EN_ZH"),
        (("--translator", ","), "--translator takes ZH_EN,EN_ZH"),
    ],
)
def test_a_bad_way_of_loading_is_one_clear_line(
    memeprobe: CommandLine, tmp_path: Path, args: tuple[str, str], says: str
) -> None:
    for command in (("look", gif(tmp_path / "a.gif")), ("run", "reveal")):
        code, out, err = memeprobe(*command, *args)
        assert code == 2
        assert says in err
        assert "Traceback" not in out + err


def test_an_unknown_kind_of_source_lists_the_known_ones(
    memeprobe: CommandLine, tmp_path: Path
) -> None:
    code, _, err = memeprobe("import", "label", tmp_path, tmp_path / "out")
    assert code == 2
    assert "unknown kind of source 'label'; did you mean 'labels'?" in err


def test_a_folder_with_labels_becomes_a_set(memeprobe: CommandLine, tmp_path: Path) -> None:
    folder = tmp_path / "memes"
    folder.mkdir()
    gif(folder / "a.gif")
    row = {"file": "a.gif", "question": "What is it?", "options": ["cat", "dog"], "answer": "dog"}
    (folder / "labels.jsonl").write_text(json.dumps(row), "utf-8")
    code, out, err = memeprobe("import", "labels", folder, tmp_path / "out", "--json")
    assert code == 0, err
    assert json.loads(out)["items"] == 1
    code, _, err = memeprobe("import", "labels", folder, tmp_path / "o2", "-O", "nonsense")
    assert code == 2 and "--option takes NAME=VALUE" in err
    code, _, err = memeprobe("import", "labels", tmp_path / "gone", tmp_path / "o2")
    assert code == 2 and "no such file or folder" in err


def test_a_question_without_words_is_one_clear_line(memeprobe: CommandLine, tmp_path: Path) -> None:
    code, out, err = memeprobe("look", gif(tmp_path / "a.gif"), "-q", " \t")
    assert code == 2 and err.startswith("memeprobe: the question is empty; write one")
    assert err.count("\n") == 1 and "Traceback" not in out + err
    with pytest.raises(JobError, match="the question is empty"):
        mp.look(tmp_path / "a.gif", mp.load_model("blip-nano"), "")
