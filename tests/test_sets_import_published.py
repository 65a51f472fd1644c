"""Importers of published data sets, against small files in their published form."""

import io
import json
from pathlib import Path

import pytest
from PIL import Image

from meme_sets import SetError, load_set
from meme_sets.importers import import_set


def picture(path: Path, shade: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8), (shade, 0, 0)).save(path)


@pytest.fixture
def tgif(tmp_path: Path) -> Path:
    folder = tmp_path / "tgif-qa" / "dataset"
    for name in ("tumblr_a_250", "tumblr_b_400"):
        picture(tmp_path / "tgif-qa" / "gifs" / f"{name}.gif", len(name))
    rows = {
        "Test_action_question.csv": [
            "gif_name\tquestion\ta1\ta2\ta3\ta4\ta5\tanswer\tvid_id\tkey",
            "tumblr_a_250\tWhat does the man do 3 times ?\tstep\twave\tfall over\ttalk\tnod\t4"
            "\tACTION4\t26",
        ],
        "Test_transition_question.csv": [
            "gif_name\tquestion\ta1\ta2\ta3\ta4\ta5\tanswer\tvid_id\tkey",
            'tumblr_b_400\tWhat does she do after "wave" ?\tsmile\tsit\tbow\trun\teat\t0'
            "\tTRANS1\t9",
        ],
        "Test_count_question.csv": [
            "gif_name\tquestion\tanswer\tvid_id\tkey",
            "tumblr_a_250\tHow many times does the man nod ?\t3\tCOUNT12\t52",
            "tumblr_b_400\tHow many times does the cat lick ?\t10\tCOUNT13\t53",
        ],
        "Test_frameqa_question.csv": [
            "gif_name\tquestion\tanswer\ttype\tvid_id\tkey\tdescription",
            "tumblr_a_250\twhat is the color of the dog ?\tbrown\t2\tFRAMEQA1\t7\ta brown dog .",
            "tumblr_b_400\twhat is the color of the hat ?\tred\t2\tFRAMEQA2\t8\ta red hat .",
        ],
    }
    folder.mkdir()
    for name, lines in rows.items():
        (folder / name).write_text("\n".join(lines) + "\n", "utf-8")
    return folder


@pytest.fixture
def memecap(tmp_path: Path) -> Path:
    rows = [
        {
            "category": "memes",
            "img_captions": ["A cat."],
            "meme_captions": [f"Meaning {i}.", "x"],
            "title": "t",
            "url": "https://i.redd.it/x.jpg",
            "img_fname": f"memes_{i}.png",
            "metaphors": [{"metaphor": "a", "meaning": "b"}],
            "post_id": f"p{i}",
        }
        for i in range(6)
    ]
    for row in rows:
        picture(tmp_path / "memecap" / "memes" / str(row["img_fname"]), 3)
    text = json.dumps(rows, indent=4)
    (tmp_path / "memecap" / "memes-test.json").write_text(text, "utf-8")
    return tmp_path / "memecap"


@pytest.fixture
def hateful(tmp_path: Path) -> Path:
    folder = tmp_path / "hateful_memes"
    for name in ("42953", "23058", "13894"):
        picture(folder / "img" / f"{name}.png", 5)
    (folder / "train.jsonl").write_text(
        '{"id":42953,"img":"img/42953.png","label":0,"text":"its their character"}\n'
        '{"id":23058,"img":"img/23058.png","label":1,"text":"don\'t be afraid"}\n',
        "utf-8",
    )
    (folder / "test_seen.jsonl").write_text(
        '{"id":13894,"img":"img/13894.png","text":"putting bows"}\n', "utf-8"
    )
    return folder


@pytest.fixture
def vinoground(tmp_path: Path) -> Path:
    folder = tmp_path / "Vinoground"
    (folder / "vinoground_videos").mkdir(parents=True)
    for name in ("0_pos", "0_neg", "1_pos", "1_neg"):
        (folder / "vinoground_videos" / f"{name}.mp4").write_bytes(name.encode())
    (folder / "vinoground.csv").write_text(
        "index,major,minor,pos_cap,neg_cap\n"
        '0,action,interaction;cyclical,"a man waves, then sits","a man sits, then waves"\n'
        "1,object,,a seed before a tree,a tree before a seed\n",
        "utf-8",
    )
    return folder


def shade(value: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (6, 6), (value, 0, 0)).save(out, "GIF")
    return out.getvalue()


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    """As ``Dataset.to_parquet`` writes a set with an Image, a ClassLabel and no question."""
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    info = {
        "info": {
            "features": {
                "label": {"names": ["cat", "dog"], "_type": "ClassLabel"},
                "image": {"_type": "Image"},
            }
        }
    }
    table = pa.table(
        {
            "image": [{"bytes": shade(1), "path": "a.gif"}, {"bytes": shade(2), "path": None}],
            "label": [1, 0],
            "text": ["OH NO", "WOW"],
        }
    ).replace_schema_metadata({"huggingface": json.dumps(info)})
    (tmp_path / "hub" / "data").mkdir(parents=True)
    pq.write_table(table, tmp_path / "hub" / "data" / "train-00000-of-00001.parquet")
    return tmp_path / "hub"


def test_tgif_qa(tgif: Path, tmp_path: Path) -> None:
    import_set("tgif_qa", tgif, tmp_path / "set")
    items = {i.kind + i.id[-1]: i for i in load_set(tmp_path / "set").items}
    action, trans = items["tgif_action2"], items["tgif_transition2"]
    assert action.question is not None and action.question.en == "What does the man do 3 times?"
    assert [o.en for o in action.options][action.gold or 0] == "nod"
    assert trans.question is not None and '"wave"' in trans.question.en
    assert trans.cluster == "tumblr_b_400" and trans.media == "media/tumblr_b_400.gif"
    few, many = items["tgif_count2"], items["tgif_count3"]
    assert [few.options[few.gold or 0].en, many.options[many.gold or 0].en] == ["3", "10 or more"]
    colour = items["tgif_frameqa_color2"]
    assert {o.en for o in colour.options} == {"brown", "red"}
    assert colour.options[colour.gold or 0].en == "brown"


def test_tgif_qa_options_and_errors(tgif: Path, tmp_path: Path) -> None:
    import_set("tgif_qa", tgif, tmp_path / "count", task="count")
    assert {i.kind for i in load_set(tmp_path / "count").items} == {"tgif_count"}
    (tgif.parent / "gifs" / "tumblr_b_400.gif").unlink()
    with pytest.raises(SetError, match=r"Test_count_question.csv line 3: there is no media file"):
        import_set("tgif_qa", tgif, tmp_path / "x", task="count")
    written = import_set("tgif_qa", tgif, tmp_path / "x", task="count", skip_missing=True)
    assert written.items == 1 and "line 3" in written.skipped[0]
    path = tgif / "Test_action_question.csv"
    path.write_text(path.read_text().replace("\t4\tACTION", "\t5\tACTION"))
    with pytest.raises(SetError, match=r"line 2: column 'answer' is '5'; .* from 0 to 4"):
        import_set("tgif_qa", path, tmp_path / "y")
    with pytest.raises(SetError, match="task is 'counting'; must be one of action"):
        import_set("tgif_qa", tgif, tmp_path / "y", task="counting")


def test_memecap(memecap: Path, tmp_path: Path) -> None:
    import_set("memecap", memecap, tmp_path / "set")
    items = load_set(tmp_path / "set").items
    for i, item in enumerate(items):
        assert item.options[item.gold or 0].en == f"Meaning {i}." and item.id == f"p{i}"
        assert len({o.en for o in item.options}) == 4
    assert len({i.gold for i in items}) > 1
    path = memecap / "memes-test.json"
    path.write_text(path.read_text().replace('"img_fname": "memes_3.png"', '"img": 1'))
    with pytest.raises(SetError, match=r"line 62: column 'img_fname' is missing or empty"):
        import_set("memecap", memecap, tmp_path / "x")
    assert path.read_text().split("\n")[61].strip() == "{"


def test_hateful_memes(hateful: Path, tmp_path: Path) -> None:
    import_set("hateful_memes", hateful, tmp_path / "set", media="copy")
    items = {i.id: i for i in load_set(tmp_path / "set").items}
    assert {k: i.gold for k, i in items.items()} == {"42953": 0, "23058": 1, "13894": None}
    assert items["23058"].caption == "don't be afraid"
    assert not (tmp_path / "set" / items["42953"].media).is_symlink()
    import_set("hateful_memes", hateful, tmp_path / "train", split="train")
    assert len(load_set(tmp_path / "train").items) == 2
    (hateful / "train.jsonl").write_text(
        '{"id": 1, "img": "img/42953.png", "label": 2, "text": "x"}'
    )
    with pytest.raises(SetError, match=r"train.jsonl line 1: column 'label' is 2; .* from 0 to 1"):
        import_set("hateful_memes", hateful, tmp_path / "x")


def test_vinoground(vinoground: Path, tmp_path: Path) -> None:
    import_set("vinoground", vinoground, tmp_path / "set")
    items = load_set(tmp_path / "set").items
    assert [i.gold for i in items] == [0, 1, 1, 0]
    assert [i.media[6:] for i in items] == ["0_pos.mp4", "0_neg.mp4", "1_pos.mp4", "1_neg.mp4"]
    assert items[0].cluster == items[1].cluster != items[2].cluster
    assert items[1].options[1].en == "a man sits, then waves"
    assert items[0].tags == ("major:action", "minor:interaction", "minor:cyclical")
    (vinoground / "vinoground_videos" / "1_neg.mp4").unlink()
    with pytest.raises(SetError, match=r"vinoground.csv line 3: there is no media file .*1_neg"):
        import_set("vinoground", vinoground, tmp_path / "x")


def test_hugging_face_parquet(hub: Path, tmp_path: Path) -> None:
    import_set("hf_dataset", hub, tmp_path / "set", question="Which animal?")
    dog, cat = load_set(tmp_path / "set").items
    assert [o.en for o in dog.options] == ["cat", "dog"] and (dog.gold, cat.gold) == (1, 0)
    assert dog.caption == "OH NO" and dog.media.endswith(".gif") and cat.media.endswith(".gif")
    assert (tmp_path / "set" / cat.media).read_bytes() == shade(2)
    with pytest.raises(SetError, match="there is no column 'x'; columns: image, label, text"):
        import_set("hf_dataset", hub, tmp_path / "x", columns={"answer": "x"})


def test_hugging_face_save_to_disk(tmp_path: Path) -> None:
    """``save_to_disk`` writes Arrow streams and two JSON files."""
    pa = pytest.importorskip("pyarrow")
    folder = tmp_path / "saved"
    folder.mkdir()
    picture(folder / "a.png")
    table = pa.table(
        {
            "picture": [{"bytes": None, "path": "a.png"}, {"bytes": shade(9), "path": "b.gif"}],
            "question": ["Who?", "Who?"],
            "choices": [["x", "y"], ["x", "y"]],
            "answer": ["B", "x"],
            "id": ["q1", "q2"],
        }
    )
    with (
        pa.OSFile(str(folder / "data-00000-of-00001.arrow"), "wb") as file,
        pa.ipc.new_stream(file, table.schema) as stream,
    ):
        stream.write_table(table)
    (folder / "state.json").write_text("{}")
    import_set("hf_dataset", folder, tmp_path / "set")
    assert [(i.id, i.gold) for i in load_set(tmp_path / "set").items] == [("q1", 1), ("q2", 0)]
    (folder / "data-00000-of-00001.arrow").write_bytes(b"nothing")
    with pytest.raises(SetError, match="arrow: cannot be read"):
        import_set("hf_dataset", folder, tmp_path / "x")


def test_linked_media_follow_the_source(hateful: Path, tmp_path: Path) -> None:
    import_set("hateful_memes", hateful, tmp_path / "set")
    media = tmp_path / "set" / "media" / "42953.png"
    assert media.is_symlink() and media.resolve() == hateful / "img" / "42953.png"


def test_limit_draws_the_same_items_each_time(memecap: Path, tmp_path: Path) -> None:
    drawn = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        import_set("memecap", memecap, tmp_path / name, limit=3, seed=seed)
        drawn.append([i.id for i in load_set(tmp_path / name).items])
    assert drawn[0] == drawn[1] != drawn[2] and len(drawn[0]) == 3


def test_what_cannot_be_is_refused(hateful: Path, tmp_path: Path) -> None:
    with pytest.raises(SetError, match="no importer 'memcap'; did you mean 'memecap'"):
        import_set("memcap", hateful, tmp_path / "x")
    with pytest.raises(SetError, match="no such file or folder"):
        import_set("memecap", tmp_path / "gone", tmp_path / "x")
    with pytest.raises(SetError, match="has no option 'task'; its options: split"):
        import_set("hateful_memes", hateful, tmp_path / "x", task="a")
    with pytest.raises(SetError, match="media is 'move'; must be one of link, copy"):
        import_set("hateful_memes", hateful, tmp_path / "x", media="move")
    with pytest.raises(SetError, match="exists and is not an empty folder"):
        import_set("hateful_memes", hateful, hateful)
    with pytest.raises(SetError, match=r"has no tables of memes \(dev_seen.jsonl\)"):
        import_set("hateful_memes", hateful, tmp_path / "x", split="dev_seen")
