"""Every importer on a small copy in the published layout: what becomes of it, and that it runs."""

import io
import json
import random
import shlex
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from meme_sets import Item, MemeSet, SetError, load_set
from meme_sets.importers import IMPORTERS, import_set
from memeprobe.conditions.presets import PRESETS
from memeprobe.experiment.run_command import run_command
from memeprobe.experiment.spec import RunSpec
from memeprobe.store.store import Store
from tests.command_line import command_line
from tests.fresh import FRESH
from tests.import_samples import EVERY, Knower
from tests.public_sets import clip
from tests.running import run_and_analyse


def imported(name: str, folder: Path, n: int = 30) -> MemeSet:
    (folder / "source").mkdir()
    source, options = EVERY[name](folder / "source", random.Random(FRESH), n)
    import_set(name, source, folder / "set", **options)
    return load_set(folder / "set")


def test_every_importer_has_a_sample() -> None:
    assert set(EVERY) == set(IMPORTERS)


@pytest.mark.slow
@pytest.mark.parametrize("name", list(EVERY))
def test_import_and_run_end_in_a_verdict(name: str, tmp_path: Path) -> None:
    """Without the conditions and the policy that need OCR."""
    meme_set = imported(name, tmp_path)
    language = "en" if "en" in meme_set.languages else "zh"
    asked = [c for c in PRESETS["standard"].conditions or () if "eras" not in c and c != "as_is"]
    asked = [c for c in asked if not c.startswith(("transcribe", "told", "replaced"))]
    spec = RunSpec(
        str(tmp_path / "set"),
        "knower",
        conditions=tuple(asked),
        language=language,
        k=3,
        policy="uniform_time",
    )
    with Store(tmp_path / "store.sqlite") as store:
        found = run_and_analyse(spec, meme_set, Knower(meme_set, language), store).as_json()
    verdict = found["verdicts"]["picture"]
    assert verdict["key"].startswith("used"), (FRESH, verdict)
    moving = found["conditions"].get("keyframes", {}).get("n", 0)
    assert (verdict["key"] == "used_later_count") is (moving > 0), (FRESH, verdict)
    assert verdict["numbers"]["seen"]["value"] == 1.0


@pytest.mark.parametrize("name", list(EVERY))
def test_the_command_that_an_import_prints_runs(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    memeprobe = command_line(monkeypatch, capsys, tmp_path / "store.sqlite")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "source").mkdir()
    source, _ = EVERY[name](tmp_path / "source", random.Random(FRESH), 6)
    code, out, err = memeprobe("import", name, source, "my set")
    assert code == 0, err
    program, *args = shlex.split(out.splitlines()[-1])
    assert program == "memeprobe" and args[:2] == ["run", "my set"]
    # The scripted subject in place of the embedded model, and few conditions: all that differs.
    few = ["-m", "known:fair", "-c", "blind", "-c", "keyframes", "-c", "picture", "--json"]
    few += ["--policy", "uniform_time"]
    code, out, err = memeprobe(*args, *few)
    assert code == 0, err
    assert json.loads(out)["verdicts"]["picture"]["key"] in ("not_enough_items", "unused")


def named(meme_set: MemeSet) -> dict[str, Item]:
    return {item.id: item for item in meme_set.items}


def test_tempcompass(tmp_path: Path) -> None:
    items = named(imported("tempcompass", tmp_path, 4))
    choice = items["multi-choice-1000_reverse-action-0"]
    assert choice.cluster == "1000" and choice.kind == "tempcompass_action"
    assert choice.question is not None and "\n" not in choice.question.en
    source = json.loads((tmp_path / "source" / "questions" / "multi-choice.json").read_text())
    said = source["1000_reverse"]["action"][0]["answer"]
    assert f"{chr(65 + (choice.gold or 0))}. {choice.options[choice.gold or 0].en}" == said
    yes = items["yes_no-1000-order-0"]
    assert [o.en for o in yes.options] == ["yes", "no"] and yes.gold == 0
    fits = items["caption_matching-1000-speed-0"]
    assert [o.en for o in fits.options] == ["2. It slows.", "It gets faster."] and fits.gold == 1
    assert not any("captioning" in name for name in items)


def test_mvbench_finds_videos_by_name_and_keeps_the_stretch(tmp_path: Path) -> None:
    items = named(imported("mvbench", tmp_path, 4))
    assert items["scene_transition-0"].tags == ("seconds:1.5-9",)
    assert items["action_count-1"].media == "media/video_2.mp4"
    for item in items.values():
        (row,) = [
            r
            for r in json.loads((tmp_path / "source/json" / f"{item.kind}.json").read_text())
            if r["video"] == Path(item.media).name
        ]
        assert item.options[item.gold or 0].en == row["answer"]


def test_tomato(tmp_path: Path) -> None:
    items = named(imported("tomato", tmp_path, 4))
    one = items["velocity&frequency-1"]
    assert one.tags == ("shown:object", "counterfactual") and one.cluster == "0001"
    assert one.kind == "tomato_velocity_frequency"
    source = json.loads((tmp_path / "source/data/velocity&frequency.json").read_text())
    assert one.gold == source["1"]["answer"]


def test_cii_bench_is_asked_in_chinese(tmp_path: Path) -> None:
    meme_set = imported("cii_bench", tmp_path, 3)
    assert meme_set.languages == ("zh",)
    item = meme_set.items[0]
    assert (
        len(item.options) == 6 and "domain:生活" in item.tags and "rhetoric" not in str(item.tags)
    )
    assert (run_command(meme_set) or "").endswith("--language zh")


def test_toxicn_takes_the_newer_labels_and_the_words(tmp_path: Path) -> None:
    items = imported("toxicn_mm", tmp_path, 6).items
    rows = json.loads((tmp_path / "source/data/test_data_discription_2.0.json").read_text())
    assert [i.gold for i in items] == [r["label"] for r in rows]
    assert items[3].caption == "加班第3天"
    source = tmp_path / "source"
    import_set("toxicn_mm", source, tmp_path / "sort", task="sort")
    assert [i.gold for i in load_set(tmp_path / "sort").items] == [r["type"] for r in rows]
    with pytest.raises(SetError, match="task is 'harm'; must be one of harmful, sort"):
        import_set("toxicn_mm", source, tmp_path / "x", task="harm")


def test_met_meme_joins_words_and_labels(tmp_path: Path) -> None:
    items = named(imported("met_meme", tmp_path, 6))
    assert items["E-image_ (1).jpg"].caption == "WHEN YOU, 1"
    line = (tmp_path / "source/label_E.csv").read_text().splitlines()[2]
    feeling = items["E-image_ (1).jpg"]
    assert f"({feeling.options[feeling.gold or 0].en})" in line
    import_set("met_meme", tmp_path / "source", tmp_path / "zh", language="zh", task="metaphor")
    assert {i.id[0] for i in load_set(tmp_path / "zh").items} == {"C"}
    assert {i.gold for i in load_set(tmp_path / "zh").items} == {0}


def test_stickers_are_found_with_and_without_an_ending(tmp_path: Path) -> None:
    items = imported("sticker_queries", tmp_path, 6).items
    for i, item in enumerate(items):
        assert item.options[item.gold or 0].en == f"so happy {i}"
        assert item.media == f"media/s{i}.{'png' if i % 3 else 'gif'}"


def test_ocrbench_keeps_what_can_be_scored(tmp_path: Path) -> None:
    items = named(imported("ocrbench_v2", tmp_path, 12))
    assert set(items) == {str(i) for i in range(13) if i % 6 != 5}
    assert items["12"].caption == "HELLO" and items["12"].question is None
    assert items["3"].options[items["3"].gold or 0].en == "no. 3"


def test_evalscope_leaves_out_questions_about_several_pictures(tmp_path: Path) -> None:
    meme_set = imported("evalscope", tmp_path, 6)
    assert len(meme_set.items) == 6
    coded = meme_set.media_path(meme_set.items[1]).read_bytes()
    assert coded == (tmp_path / "source/images/1.png").read_bytes()
    assert {i.question.en for i in meme_set.items if i.question} == {"What is it?"}


def test_vlmevalkit_pictures_may_stand_for_earlier_ones(tmp_path: Path) -> None:
    one, two, three, *_ = imported("vlmevalkit", tmp_path, 6).items
    assert one.media == two.media != three.media
    assert three.question is not None and three.question.en == 'What\tis "it"?'
    path = tmp_path / "source" / "MyMemes.tsv"
    path.write_text("index\timage\tquestion\tA\tB\tanswer\n1\t7\tQ\tx\ty\tA\n")
    with pytest.raises(SetError, match="line 2: column 'image' is '7'; no earlier row has"):
        import_set("vlmevalkit", path, tmp_path / "x")
    path.write_text("index\timage\tquestion\tA\tB\tanswer\n1\t" + "!" * 40 + "\tQ\tx\ty\tA\n")
    with pytest.raises(SetError, match="line 2: column 'image' is no picture in base64"):
        import_set("vlmevalkit", path, tmp_path / "x")


def test_stills_among_clips_and_missing_files_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    memeprobe = command_line(monkeypatch, capsys, tmp_path / "store.sqlite")
    source, _ = EVERY["sticker_queries"](tmp_path / "s", random.Random(FRESH), 9)
    code, out, _ = memeprobe("import", "sticker_queries", source, tmp_path / "a")
    assert code == 0 and "6 of them are stills: they are not asked about frames" in out
    for name in ("s1.png", "s3.gif"):
        (source / "stickers" / name).unlink()
    code, _, err = memeprobe("import", "sticker_queries", source, tmp_path / "b")
    assert code == 2 and "2 of 9 files are missing" in err and "Traceback" not in err
    code, out, err = memeprobe(
        "import", "sticker_queries", source, tmp_path / "b", "--skip-missing", "--json"
    )
    told = json.loads(out)
    assert (told["items"], len(told["skipped"]), told["stills"]) == (7, 2, 5)


def test_a_gif_of_one_frame_is_a_still(tmp_path: Path) -> None:
    from meme_sets.importers.write import is_still

    buffer = io.BytesIO()
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(buffer, "GIF")
    (tmp_path / "one.gif").write_bytes(buffer.getvalue())
    clip(tmp_path / "two.gif", random.Random(1), 2)
    (tmp_path / "no.gif").write_bytes(b"GIF89a broken")
    told = {name: is_still(tmp_path / f"{name}.gif") for name in ("one", "two", "no")}
    assert told == {"one": True, "two": False, "no": False}


def test_a_set_with_nothing_to_ask_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    memeprobe = command_line(monkeypatch, capsys, tmp_path / "store.sqlite")
    clip(tmp_path / "m" / "a.gif", random.Random(1))
    (tmp_path / "m" / "labels.csv").write_text("file\na.gif\n")
    code, out, _ = memeprobe("import", "labels", tmp_path / "m", tmp_path / "set")
    assert code == 0 and "there is nothing to ask" in out


@pytest.mark.slow
def test_the_smallest_useful_line_of_the_docs_runs(tmp_path: Path) -> None:
    docs = (Path(__file__).parent.parent / "docs" / "sets.md").read_text("utf-8")
    line = json.loads(docs.split("```json\n")[1].split("\n```")[0])
    rows = []
    for i in range(30):
        clip(tmp_path / "media" / f"{i}.gif", random.Random(FRESH + i))
        rows.append({**line, "id": f"{line['id']}{i}", "media": f"media/{i}.gif", "gold": i % 4})
    (tmp_path / "items.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    meme_set = load_set(tmp_path)
    names = PRESETS["standard"].conditions
    spec = RunSpec(str(tmp_path), "knower", conditions=names, k=3, policy="uniform_time")
    with Store(tmp_path / "store.sqlite") as store:
        found = run_and_analyse(spec, meme_set, Knower(meme_set, "en"), store).as_json()
    assert found["verdicts"]["picture"]["key"] == "used_later_count"
