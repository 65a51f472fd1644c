"""The documentation: every command in it is understood, the quick ones run, the site is built."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
import yaml

from meme_sets import BUILTIN
from memeprobe.cli.app import COMMANDS, load_command
from memeprobe.messages import PLAIN, plain
from memeprobe.report.site import gallery, home, joined, linked
from memeprobe.version import __version__
from tests.command_line import CommandLine
from tests.conftest import ROOT

PAGES = [
    *(ROOT / name for name in ("README.md", "README.zh.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
FENCED = re.compile(r"^```\w*\n(.*?)^```", re.M | re.S)
LINE = re.compile(r"^\s*(?:\$ )?(memeprobe .+)$", re.M)
QUICK = ("models", "sets", "cache", "doctor")


def commands() -> Iterator[tuple[str, str, bool]]:
    """(page, command line, whether it is named within a sentence) of all that the pages show."""
    for page in PAGES:
        text = page.read_text("utf-8").replace("\\\n", " ")
        blocks = "\n".join([*FENCED.findall(text), *re.findall(r"^    .+$", text, re.M)])
        named = re.findall(r"(?<!`)`(memeprobe [^`\n]+)`", text)
        for line in [*LINE.findall(blocks), *named]:
            inline = line in named
            for part in re.split(r" ; | && ", line):
                found = re.sub(r"\s+[#>].*", "", part).strip()
                if not found.isascii() or "…" in found:
                    continue
                yield str(page.relative_to(ROOT)), found, inline


def understood(line: str) -> str | None:
    """What the command line says against it; None if its options and arguments are right."""
    _, name, *given = shlex.split(line.replace("...", ""))
    if name.startswith("--"):
        return None
    if name not in COMMANDS:
        return f"there is no command {name!r}"
    try:
        load_command(name).make_context(name, given)
    except typer.Exit:  # --help
        return None
    except Exception as error:
        if not hasattr(error, "format_message"):  # what the parser says is meant to be shown
            raise
        return str(error)
    return None


def test_every_command_in_the_docs_is_understood() -> None:
    told = list(commands())
    assert len(told) > 80
    wrong = [(page, line, why, inline) for page, line, inline in told if (why := understood(line))]
    # A command that is named in a sentence may stand without its arguments.
    open_ended = re.compile("Missing parameter|requires an argument")
    assert [w for w in wrong if not (w[3] and open_ended.search(w[2]))] == []
    assert {line.split()[1] for _, line, _ in told} >= set(COMMANDS)


def test_sets_of_the_docs_are_there() -> None:
    """Built in, a folder of the reader's own, or made by another command of the docs."""
    made = {"reveal-400-seed7", "tempcompass"}
    for page, line, inline in commands():
        words = line.split()
        if words[1] in ("run", "sweep", "recipes") and len(words) > 2 and words[2][0] not in "-.":
            assert words[2] in {*BUILTIN, *made} or inline, (page, line)


def test_what_is_wrong_would_be_seen() -> None:
    assert understood("memeprobe runn reveal") == "there is no command 'runn'"
    assert "No such option" in (understood("memeprobe run reveal --modell x") or "")
    assert understood("memeprobe run reveal -m blip-nano") is None


@pytest.mark.slow
@pytest.mark.parametrize("name", QUICK)
def test_quick_commands_run(name: str, memeprobe: CommandLine) -> None:
    assert f"memeprobe {name}" in "\n".join(line for _, line, _ in commands())
    code, out, error = memeprobe(name)
    assert code == 0 and out.strip(), error


def test_the_gallery_has_every_verdict_in_both_languages() -> None:
    for place, language in enumerate(("en", "zh")):
        page = gallery(language)
        for verdict, keys in PLAIN.items():
            for key in keys:
                assert plain(verdict, key)[place] in page, (verdict, key)


def test_links_of_a_readme_lead_to_pages_of_the_site() -> None:
    text = "[a](docs/method.md) ![p](docs/screens/x.webp) [b](benchmarks/README.md) [c](#d)"
    made = "[a](method.md) ![p](screens/x.webp) b (`benchmarks/README.md`) [c](#d)"
    assert home(text) == made
    assert home("[a](docs/sets.md) [中](README.zh.md)", 1) == "[a](../sets.md) [中](../zh/index.md)"
    assert linked("[a](../benchmarks/x.md) [b](sets.md)") == "a (`benchmarks/x.md`) [b](sets.md)"
    assert linked("[a](../sets.md) [b](../../x.md)", 1) == "[a](../sets.md) b (`x.md`)"


def test_lines_of_chinese_go_on_without_a_space() -> None:
    assert joined("- 一行，\n  下一行\nend 中\n\n文") == "- 一行，下一行\nend 中\n\n文"
    assert joined("```\n中\n文\n```\n中\n文") == "```\n中\n文\n```\n中文"


def test_the_citation_names_this_version() -> None:
    told = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert told["cff-version"] == "1.2.0" and told["type"] == "software"
    assert told["version"] == __version__ and told["license"] == "Apache-2.0"
    assert all(told[key] for key in ("message", "title", "authors", "abstract", "keywords"))
    assert __version__ in (ROOT / "docs" / "cite.md").read_text("utf-8")


@pytest.mark.slow
def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    """--strict: a link that leads nowhere, or a page outside the navigation, fails."""
    pytest.importorskip("material", reason='needs MkDocs Material: pip install "memeprobe[docs]"')
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-q", "-d", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    for page in ("", "verdicts/", "method/", "models/", "sets/", "recipes/", "api/", "cite/"):
        for language, start in (("en", ""), ("zh", "zh/")):
            text = (tmp_path / start / page / "index.html").read_text("utf-8")
            assert f'<html lang="{language}"' in text and "memeprobe" in text
            assert ("目录" in text) == (language == "zh")  # the theme's own word for contents
    chinese = (tmp_path / "zh" / "verdicts" / "index.html").read_text("utf-8")
    assert plain("first_frame", "first_frame_biased")[1] in chinese
    assert 'href="../../verdicts/" hreflang="en"' in chinese  # to the same page, not to the start
