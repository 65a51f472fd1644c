"""Importers, each on a small copy of the public format, written here as its authors write it."""

from pathlib import Path

import pytest

from meme_sets import SetError, load_set
from meme_sets.importers import IMPORTERS, import_set
from meme_sets.importers.entry import ImportEntry, ImportSource
from meme_sets.importers.write import write
from tests.test_sets_import_published import picture

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    for i, name in enumerate(("a.gif", "b.png")):
        picture(folder / name, i)
    (folder / "labels.csv").write_text(
        "file,kind,question_en,question_zh,options_en,options_zh,answer,lure,caption,no_caption,"
        "start_ms,end_ms,order,other_caption,other_answer,x_note,tags\n"
        'a.gif,end,"What, at the end?",最后？,sleeps|jumps,睡觉|跳,jumps,0,OH NO,,100,900,true,HA,'
        "sleeps,mine,x|y\n"
        "b.png,look,,,,,,,,true,,,,,,,\n",
        "utf-8",
    )
    return folder


def test_labels(labels: Path, tmp_path: Path) -> None:
    written = import_set("labels", labels, tmp_path / "set")
    assert (written.items, written.skipped) == (2, ())
    end, look = load_set(tmp_path / "set").items
    assert end.question is not None and end.question.zh == "最后？"
    assert (end.question.en, end.id) == ("What, at the end?", "a.gif")
    assert [o.zh for o in end.options] == ["睡觉", "跳"]
    assert (end.gold, end.lure, end.order, end.caption) == (1, 0, True, "OH NO")
    assert end.decisive is not None and (end.decisive.start_ms, end.decisive.end_ms) == (100, 900)
    assert end.counterfactual is not None and end.counterfactual.gold == 0
    assert end.tags == ("x", "y")
    assert (look.question, look.caption, look.kind) == (None, "", "look")


def test_labels_in_jsonl(labels: Path, tmp_path: Path) -> None:
    (labels / "labels.csv").unlink()
    (labels / "labels.jsonl").write_text(
        '{"file": "a.gif", "question": "Who?", "options": ["a", "b|c"], "answer": 1}\n'
        '{"file": "a.gif", "question": "Where?", "options": ["x", "1"], "answer": "1"}\n'
    )
    import_set("labels", labels, tmp_path / "set")
    meme_set = load_set(tmp_path / "set")
    one, two = meme_set.items
    assert (one.id, two.id, one.gold, two.gold) == ("a.gif", "a.gif#2", 1, 1)
    assert one.options[1].en == "b|c" and one.cluster == two.cluster == "a.gif"
    assert meme_set.languages == ("en",) and one.media == two.media


LABEL_ERRORS = [
    (
        "file,anwser\na.gif,x\n",
        "labels.csv line 2: unknown column 'anwser'; did you mean 'answer'?",
    ),
    ("fil,answer\na.gif,x\n", "labels.csv line 1: there is no column 'file'; is it 'fil'?"),
    ("file,kind\na.gif\n", "labels.csv line 2: 1 cells, but the header has 2 columns"),
    ("file\na.gif\nc.gif\n", "labels.csv line 3: there is no media file"),
    (
        "file,question,options,answer\na.gif,Q,x|y,z\n",
        "line 2: column 'answer' is 'z'; must be one",
    ),
    (
        "file,question,options,answer\na.gif,Q,x|y,2\n",
        "column 'answer' is '2'; must be one of the 2",
    ),
    ("file,start_ms,end_ms\na.gif,5,x\n", "line 2: column 'end_ms' is 'x'; must be a whole number"),
    ("file,start_ms,end_ms\na.gif,9,3\n", "line 2: decisive: end_ms is 3, but start_ms is 9"),
    ("file,order\na.gif,maybe\n", "line 2: column 'order' is 'maybe'; must be true or false"),
    ("file,options_en,options_zh\na.gif,x|y,甲\n", "options_en has 2 entries, options_zh 1"),
    ("file,id\na.gif,1\nb.png,1\n", "line 3: id '1' is already used in"),
    ('file,question\na.gif,"two\nlines"\nb.png,ok,more\n', "labels.csv line 4: 3 cells"),
]


@pytest.mark.parametrize(("text", "expected"), LABEL_ERRORS, ids=[e for _, e in LABEL_ERRORS])
def test_errors_name_file_line_and_column(
    labels: Path, tmp_path: Path, text: str, expected: str
) -> None:
    (labels / "labels.csv").write_text(text, "utf-8")
    with pytest.raises(SetError) as caught:
        import_set("labels", labels, tmp_path / "set")
    assert expected in str(caught.value) and "\n" not in str(caught.value)
    assert not (tmp_path / "set").exists() and list(tmp_path.iterdir()) == [labels]


def test_every_importer_and_column_is_documented() -> None:
    from meme_sets.importers.hf_dataset import ALIASES
    from meme_sets.importers.labels import COLUMNS

    text = (ROOT / "docs" / "importers.md").read_text("utf-8")
    for name in (*IMPORTERS, *COLUMNS, *ALIASES):
        assert f"`{name}`" in text, name


def test_a_source_of_nothing_and_a_wrong_description_are_told_in_its_words(tmp_path: Path) -> None:
    """Without a word of the folder that is made and taken away again."""
    about = {"name": "mine", "title": "Mine", "description": "Test"}
    entry = ImportEntry("a.csv line 2", b"GIF89a", {"id": "a", "kind": "end"})
    for source, said in (
        (ImportSource(about, ()), "^there is no item to import$"),
        (ImportSource({**about, "title": 5}, (entry,)), "^the set's description: .*title"),
    ):
        with pytest.raises(SetError, match=said):
            write(source, tmp_path / "out", "copy", False)
        assert not (tmp_path / "out").exists()
