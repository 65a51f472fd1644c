"""Hooks of MkDocs (mkdocs.yml): pages that are made of what is there, and the site's two languages.

English pages lie in ``docs/``, their Chinese counterparts under the same names in ``docs/zh/``.
"""

from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation, Section
from mkdocs.structure.pages import Page

from memeprobe.report.site import gallery, home, joined, linked
from memeprobe.report.site_api import api_page

ROOT = Path(__file__).resolve().parent
NOTEBOOK = ROOT / "docs" / "api.ipynb"
CHINESE = "zh/"


def on_files(files: Files, config: Any) -> Files:
    """Add the pages that are made."""
    made = {
        "index.md": home((ROOT / "README.md").read_text("utf-8")),
        "zh/index.md": home((ROOT / "README.zh.md").read_text("utf-8"), depth=1),
        "verdicts.md": gallery("en"),
        "zh/verdicts.md": gallery("zh"),
        "api.md": api_page(NOTEBOOK, "en"),
        "zh/api.md": api_page(NOTEBOOK, "zh"),
    }
    for name, text in made.items():
        files.append(File.generated(config, name, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Links out of the site's folder become names; lines of Chinese go on without a space."""
    return joined(linked(markdown, page.file.src_uri.count("/")))


def on_page_context(
    context: dict[str, Any], page: Page, config: Any, nav: Navigation
) -> dict[str, Any]:
    """Words, navigation and language switch of the language that the page is in."""
    chinese = page.url.startswith(CHINESE)
    config.theme["language"] = "zh" if chinese else "en"
    name = page.url.removeprefix(CHINESE)
    there = {each.url for each in nav.pages}
    for alternate, start in zip(config.extra["alternate"], ("", CHINESE), strict=True):
        alternate["link"] = (start + name if start + name in there else start) or "./"
    (section,) = [each for each in nav.items if isinstance(each, Section) and _is_chinese(each)]
    items = section.children if chinese else [each for each in nav.items if each is not section]
    context["nav"] = Navigation(items, nav.pages)
    home_of = {each.url: each for each in nav.pages}
    context["nav"].homepage = home_of[CHINESE if chinese else ""]
    return context


def _is_chinese(section: Section) -> bool:
    """Whether a section of the navigation holds the Chinese pages."""
    first = section.children[0]
    return isinstance(first, Page) and first.url.startswith(CHINESE)
