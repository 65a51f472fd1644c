"""Hooks of MkDocs: pages that are made of the READMEs and of the table of verdicts (mkdocs.yml)."""

from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

from memeprobe.report.site import gallery, home, linked

ROOT = Path(__file__).resolve().parent


def on_files(files: Files, config: Any) -> Files:
    """Add the pages that are made."""
    made = {
        "index.md": home((ROOT / "README.md").read_text("utf-8")),
        "zh/index.md": home((ROOT / "README.zh.md").read_text("utf-8"), depth=1),
        "verdicts.md": gallery("en"),
        "zh/verdicts.md": gallery("zh"),
    }
    for name, text in made.items():
        files.append(File.generated(config, name, content=text))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Links out of the site's folder become names."""
    return linked(markdown)
