"""Sets opened for change: nothing is lost, drafts come back, another's set is not overwritten."""

import shutil
from pathlib import Path

import pytest
import yaml
from streamlit.testing.v1 import AppTest

from frames import open_clip
from meme_sets import BUILTIN, MemeSet, load_set
from meme_sets.build import item_line
from memeprobe.dashboard.sets import drafts
from tests.app_test import app, html
from tests.not_none import not_none


def saved_set(folder: Path, owner: str, sets: tuple[str, ...]) -> MemeSet:
    """One item of each of these built-in sets, as anybody's saved set."""
    (folder / "media").mkdir(parents=True)
    lines = []
    for name in sets:
        source = load_set(name)
        item = source.items[-1]
        shutil.copyfile(source.media_path(item), folder / item.media)
        lines.append(item_line(item) + "\n")
    (folder / "items.jsonl").write_text("".join(lines), "utf-8")
    about = {"name": folder.name, "title": {"en": "Mixed", "zh": "混合"}, "owner": owner}
    about |= {"description": "one of each", "licence": "CC0-1.0"}
    (folder / "set.yaml").write_text(yaml.safe_dump(about, allow_unicode=True), "utf-8")
    return load_set(folder)


def editor(owner: str) -> AppTest:
    at = app("sets").run()
    at.segmented_control(key="sets_mode").set_value("make_set").run()
    at.text_input(key="set_owner").set_value(owner).run()
    assert not at.exception
    return at


def opened(at: AppTest, begins: str) -> AppTest:
    menu = at.selectbox(key="go_on_with")
    (name,) = [o for o in menu.options if o.startswith(begins)]
    menu.select(name).run()
    at.button(key="open_draft").click().run()
    assert not at.exception
    return at


@pytest.mark.slow
def test_a_set_that_is_opened_and_saved_is_the_same_set(workspace: Path) -> None:
    folder = workspace.parent / "sets" / "mixed"
    before = saved_set(folder, "anna", tuple(BUILTIN))
    at = opened(editor("anna"), "saved set: mixed")
    assert any("The set is fine" in s.value for s in at.success), [w.value for w in at.warning]
    unlured = [i for i in before.items if i.question is not None and i.lure is None]
    for item in unlured:  # that there is none is said, not asked for
        menu = at.selectbox(key=f"lure_{item.id}")
        assert menu.index is not None and menu.options[menu.index] == "none"
    clips = [i for i in before.items if open_clip(before.media_path(i)).timings[1:]]
    assert unlured and 0 < len(clips) < len(before.items)
    assert html(at).count('class="mp-timeline"') == len(clips)  # a still has no time
    at.button(key="save_set").click().run()
    assert not at.exception
    after = load_set(folder)
    assert after == before
    assert drafts.of_owner("anna") == []  # the set is saved: its draft has gone


@pytest.mark.slow
def test_a_draft_comes_back_and_anothers_set_is_not_overwritten(workspace: Path) -> None:
    folder = workspace.parent / "sets" / "mixed"
    before = saved_set(folder, "anna", ("reveal", "captions"))
    item = before.items[0]
    at = opened(editor("ben"), "saved set: mixed")
    at.text_input(key=f"question_{item.id}").set_value("What now?").run()
    assert not at.exception
    assert any("anna" in w.value for w in at.warning)
    assert at.button(key="save_set").disabled
    assert drafts.of_owner("anna") == []
    again = opened(editor("ben"), "draft: mixed · 2 items")  # another visit
    assert again.text_input(key=f"question_{item.id}").value == "What now?"
    again.text_input(key="set_name").set_value("bens").run()
    again.button(key="save_set").click().run()
    assert not again.exception
    made = load_set(workspace.parent / "sets" / "bens")
    assert (made.owner, made.title.zh) == ("ben", "混合")
    assert made.items[1] == before.items[1] and load_set(folder) == before
    first = made.items[0]
    assert first.question is not None and first.question.en == "What now?"
    assert first.model_copy(update={"question": item.question}) == item
    nobody = editor("")
    assert nobody.selectbox(key="go_on_with").options == ["saved set: bens", "saved set: mixed"]


@pytest.mark.slow
def test_the_menus_of_options_speak_the_visitors_language(workspace: Path) -> None:
    folder = workspace.parent / "sets" / "mixed"
    (item,) = saved_set(folder, "anna", ("reveal",)).items
    at = app("sets")
    at.query_params["lang"] = "zh"
    at.run()
    at.segmented_control(key="sets_mode").set_value("make_set").run()
    opened(at, "已保存的题集：mixed")
    for key in ("gold", "lure"):
        menu = at.selectbox(key=f"{key}_{item.id}")
        assert [o for o in menu.options if o != "无"] == [o.zh for o in item.options]
        assert menu.value == {"gold": item.gold, "lure": -1}[key]  # this item has none


@pytest.mark.slow
def test_the_right_answer_stays_right_when_options_come_and_go(workspace: Path) -> None:
    (item,) = saved_set(workspace.parent / "sets" / "mixed", "anna", ("reveal",)).items
    at = opened(editor("anna"), "saved set: mixed")
    texts = [o.en for o in item.options]
    right = texts[not_none(item.gold)]
    at.text_area(key=f"options_zh_{item.id}").set_value("").run()

    def chosen(options: list[str]) -> int | None:
        at.text_area(key=f"options_{item.id}").set_value("\n".join(options)).run()
        assert not at.exception
        number: int | None = at.selectbox(key=f"gold_{item.id}").value
        return number

    assert chosen(["sings", *texts]) == texts.index(right) + 1  # one put in before it
    assert chosen([right, "sings"]) == 0
    assert chosen(["RIGHT", "sings"]) == 0  # its words were changed where it stands
    assert chosen(["sings"]) is None
    assert any("Right option" in w.value for w in at.warning)


@pytest.mark.slow
def test_what_is_asked_in_chinese_only_is_asked(workspace: Path) -> None:
    (item,) = saved_set(workspace.parent / "sets" / "mixed", "anna", ("reveal",)).items
    at = opened(editor("anna"), "saved set: mixed")
    at.text_input(key=f"question_{item.id}").set_value("").run()
    at.text_area(key=f"options_{item.id}").set_value("").run()
    at.text_input(key=f"question_zh_{item.id}").set_value("他最后做了什么？").run()
    at.text_area(key=f"options_zh_{item.id}").set_value("睡觉\n跳舞").run()
    at.selectbox(key=f"gold_{item.id}").set_value(1).run()
    assert any("The set is fine" in s.value for s in at.success), [w.value for w in at.warning]
    at.button(key="save_set").click().run()
    assert not at.exception
    (saved,) = load_set(workspace.parent / "sets" / "mixed").items
    question = not_none(saved.question)
    assert (question.en, question.zh) == ("他最后做了什么？",) * 2
    assert [o.zh for o in saved.options] == ["睡觉", "跳舞"] and saved.gold == 1


def test_an_item_may_be_called_anything(workspace: Path, tmp_path: Path) -> None:
    from memeprobe.dashboard.sets.form import ItemForm
    from memeprobe.workers.sandbox import Task

    form = ItemForm("../../out", "x.gif", b"GIF", Task(()))
    drafts.write(drafts.folder_of("../x") / "1", {"span_a": (1, 2)}, {}, [form])
    outside = [p for p in tmp_path.rglob("*") if p.is_file() and ".drafts" not in p.parts]
    assert outside == []
    (found,) = drafts.of_owner("../x")
    assert found.values == {"span_a": (1, 2)} and found.items[0]["id"] == "../../out"
