"""Results of Explore that are kept: an address shows file, question and answers again."""

import json
import os
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from memeprobe import kept_looks as kept
from memeprobe.messages.causes import in_chinese
from memeprobe.workers import asking
from memeprobe.workers.asking import Said
from tests.app_test import app, html
from tests.command_line import CommandLine
from tests.pages import LONG, upload, visit
from tests.served import settled
from tests.test_dashboard_visitors import gif
from vlm import Answer, Receipt
from vlm.query import Seen

RECEIPT = Receipt(
    "native", 2, 2, ("aa", "bb"), "What? 什么", (("a", "甲"),), Seen((), 4, 1), (0, 1)
)
SAID = (
    Said("single@1", "native", (0,), Answer("=1+1 \u2028 **b**", RECEIPT, repeatable=True)),
    Said("keyframes", "native", (0, 7), Answer(None, None, error="no server")),
)


LOOK = kept.KeptLook(
    name="../我 的.gif",
    data=b"GIF89a\0\xff",
    example=None,
    k=2,
    policy="uniform",
    shown=(0, 7),
    model="server:x",
    question="?",
    deliveries=("native",),
    tokens=20,
    said=SAID,
    kept_at=1.5,
)


def test_what_is_kept_comes_back_as_it_was(tmp_path: Path) -> None:
    name = kept.keep(LOOK, tmp_path / "looks")
    assert kept.find(name, tmp_path / "looks") == LOOK
    assert [p.name for p in (tmp_path / "looks").iterdir()] == [f"{name}.zip"]
    kept.forget(name, tmp_path / "looks")
    assert kept.find(name, tmp_path / "looks") is None


@pytest.mark.parametrize("name", ["", "../x", "a" * 20, "a" * 19 + "/", "%2e%2e%2f" + "a" * 11])
def test_a_name_leads_to_no_other_file(tmp_path: Path, name: str) -> None:
    outside = tmp_path / "x.zip"
    outside.write_bytes(b"keep me")
    assert kept.find(name, tmp_path / "looks") is None
    kept.forget(name, tmp_path / "looks")
    assert outside.exists()


def test_a_damaged_result_is_told_and_there_are_not_more_than_there_may_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = kept.keep(LOOK, tmp_path)
    path = tmp_path / f"{name}.zip"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(kept.KeptError, match=f"{name} is damaged"):
        kept.find(name, tmp_path)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("look.json", json.dumps({"said": []}))
        file.writestr("file", b"")
    with pytest.raises(kept.KeptError, match="damaged"):
        kept.find(name, tmp_path)
    monkeypatch.setattr(kept, "MOST", 1)
    with pytest.raises(kept.KeptError, match=r"1 results .* may be 1 .*`memeprobe kept`"):
        kept.keep(LOOK, tmp_path)
    monkeypatch.setattr(kept, "MOST", 9)
    monkeypatch.setattr(kept, "MOST_BYTES", path.stat().st_size + len(LOOK.data))
    kept.keep(LOOK, tmp_path)  # there is room for just that
    with pytest.raises(kept.KeptError) as full:
        kept.keep(LOOK, tmp_path)
    assert in_chinese(str(full.value)).startswith("这里已保存 2 个结果")


def test_what_is_kept_is_listed_and_removed_by_link_and_age(
    memeprobe: CommandLine, tmp_path: Path
) -> None:
    folder = tmp_path / "s.sqlite.looks"
    now = time.time()
    ages = {0: "new", 40: "[red]old\x1b[31m", 400: "oldest"}
    names = [
        kept.keep(replace(LOOK, question=asked, kept_at=now - 86_400 * days), folder)
        for days, asked in ages.items()
    ]
    broken = folder / f"{'0' * 20}.zip"
    broken.write_bytes(b"PK no zip")
    os.utime(broken, (now - 86_400 * 100,) * 2)
    (folder / "notes.txt").write_text("of somebody else")
    where = ("-w", str(tmp_path / "s.sqlite"))

    def listed(*arguments: str) -> list[str]:
        code, out, _ = memeprobe("kept", *where, "--json", *arguments)
        assert code == 0
        return [one["name"] for one in json.loads(out)["results"]]

    assert listed() == [names[0], names[1], "0" * 20, names[2]]  # the latest first
    assert listed("--older-than", "90") == ["0" * 20, names[2]]
    assert listed("--older-than", "0", names[0]) == [names[0]]
    code, out, _ = memeprobe("kept", *where)
    assert code == 0 and all(name in out for name in names) and "damaged" in out
    assert "[red]old\\x1b[31m" in out and "4 of at most 1,000 results" in out
    code, _, err = memeprobe("kept", *where, "--remove")
    assert code == 2 and "--older-than" in err
    code, _, err = memeprobe("kept", *where, "--remove", names[0], "f" * 20)
    assert code == 2 and "f" * 20 in err and len(listed()) == 4  # nothing went by half
    assert listed("--remove", f"http://127.0.0.1:8501/?look={names[0]}") == [names[0]]
    assert listed("--remove", "--older-than", "90") == ["0" * 20, names[2]]
    assert listed() == [names[1]] and (folder / "notes.txt").exists()
    assert kept.find(names[1], folder) is not None
    code, out, _ = memeprobe("kept", "-w", str(tmp_path / "none.sqlite"))
    assert code == 0 and out.startswith("0 of at most 1,000 results")


def _one(value: str | list[str]) -> str:
    """The harness gives what the page was opened with as a list."""
    return value if isinstance(value, str) else value[0]


@pytest.mark.slow
def test_a_link_shows_the_answers_again_and_asks_nothing(workspace: Path) -> None:
    at = app("explore")
    at.query_params["example"] = "reveal-001"
    at.run()
    at.button(key="ask").click().run()
    folder = kept.folder_beside(workspace)
    folder.mkdir()
    for n in range(kept.MOST):
        (folder / f"{n:020x}.zip").touch()
    at.button(key="keep_look").click().run()
    assert not at.exception and "look" not in at.query_params
    assert [e.value for e in at.error if "memeprobe kept" in e.value]
    (folder / f"{0:020x}.zip").unlink()
    at.button(key="keep_look").click().run()
    assert not at.exception and not at.error
    name = _one(at.query_params["look"])
    asked = sum(asking.ASKED.values())
    shown = [h for h in html(at).split("<figure") if "mp-answer" in h]

    other = app("explore")
    other.query_params["look"] = name
    other.run()
    assert not other.exception and sum(asking.ASKED.values()) == asked
    assert [h for h in html(other).split("<figure") if "mp-answer" in h] == shown
    assert other.selectbox(key="example").value == "reveal-001"
    other.button(key="forget_look").click().run()
    assert "look" not in other.query_params
    gone = app("explore")
    gone.query_params["look"] = name
    gone.run()
    assert any(name in w.value for w in gone.warning)


def test_a_file_of_ones_own_gets_an_address_too(
    page: Page, chromium: Browser, address: str
) -> None:
    visit(page, address, "")
    upload(page, "upload", {"name": "mine & yours.gif", "mimeType": "image/gif", "buffer": gif()})
    page.locator(".st-key-ask button").click()
    page.get_by_role("button", name="Keep, with a link").click()
    link = page.locator("[data-testid=stCode] code").inner_text()
    assert link.startswith(address) and kept.NAME.fullmatch(link.split("look=")[1])
    assert link.split("?")[1] in page.url
    settled(page)
    size = page.viewport_size
    page.set_viewport_size({"width": 400, "height": 800})
    code = page.locator("[data-testid=stCode] pre")
    assert code.evaluate("e => e.scrollWidth <= e.clientWidth"), "a part of the link is not seen"
    page.set_viewport_size(size or {"width": 1280, "height": 720})
    answers = page.locator(".mp-answer").all_inner_texts()
    sentence = page.locator(".mp-first").inner_text()
    assert len(answers) >= 7

    other = chromium.new_page()  # somebody else, who has the link alone
    other.set_default_timeout(LONG)
    other.goto(link)
    other.locator(".mp-first").wait_for()
    settled(other)
    assert other.get_by_text("mine & yours.gif").count()
    assert other.locator(".mp-answer").all_inner_texts() == answers
    assert other.locator(".mp-first").inner_text() == sentence
    for _ in range(2):  # of four keyframes at most, for three that there are
        other.locator(".st-key-k input").first.press("ArrowLeft")
        settled(other)
    other.get_by_text("about other keyframes").wait_for()
    other.close()
