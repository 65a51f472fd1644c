"""Pages of the documentation that are made of what is there: start page, gallery of verdicts.

``mkdocs_hooks.py`` hands them to MkDocs, so that nothing is written twice.
"""

import re

from memeprobe.calibrate.subjects import CASES
from memeprobe.messages import PLAIN, VERDICTS, headline, labels, plain

LANGUAGES = ("en", "zh")
GALLERY = (
    (
        "# Verdicts, a gallery",
        "Every verdict that memeprobe can reach: in plain words, in full as the reports say it (a "
        "field in braces is a number of the run), and which scripted subjects, whose bias is known "
        "by construction, are called so. `memeprobe run reveal -m known:first-frame` shows one.",
        "Known subjects",
    ),
    (
        "# 结论图集",
        "memeprobe 能得出的每一个结论：一句大白话、报告中的完整说法（花括号里是该次运行的数字），"
        "以及哪些偏差已知的脚本对象会得到它。"
        "`memeprobe run reveal -m known:first-frame` 可以看到一个。",
        "已知对象",
    ),
)
"""Of each language: title, what the page is, and what stands before the subjects."""
_CHINESE = "[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"
_BROKEN = re.compile(rf"(?<={_CHINESE})\n *(?={_CHINESE})")
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")


def gallery(language: str) -> str:
    """The Markdown of all verdicts in one language, 'en' or 'zh'."""
    place = LANGUAGES.index(language)
    title, about, subjects = GALLERY[place]
    parts = [title, about]
    for verdict, sentences in VERDICTS.items():
        parts.append(f"## {labels.VERDICTS[verdict][place]}")
        for key in PLAIN[verdict]:
            if key not in sentences:
                continue
            parts.append(f"### {headline(verdict, key)[place]} {{#{verdict}-{key}}}")
            parts.append(f"**{plain(verdict, key)[place]}**")
            parts.append(f"> {sentences[key][place]}")
            named = [name for name, case in CASES.items() if key in case.expected.get(verdict, ())]
            if named:
                parts.append(f"{subjects}: {', '.join(f'`{name}`' for name in named)}")
    return "\n\n".join(parts) + "\n"


def home(readme: str, depth: int = 0) -> str:
    """A README as the site's start page, ``depth`` folders down: links into docs/ lead to pages.

    Links to files that are not part of the site become their names.
    """
    up = "../" * depth

    def led(found: re.Match[str]) -> str:
        mark, text, target = found.groups()
        if target.startswith(("http://", "https://", "#")):
            return found[0]
        if target in ("README.md", "README.zh.md"):
            return f"[{text}]({up}{'index.md' if target == 'README.md' else 'zh/index.md'})"
        inside = target.removeprefix("docs/")
        if inside == target or inside.endswith(".ipynb"):
            return text if text == target else f"{text} (`{target}`)"
        return f"{mark}[{text}]({up}{inside})"

    return _LINK.sub(led, readme)


def joined(page: str) -> str:
    """A page whose lines of Chinese go on without the space that a line break would show as."""
    parts = re.split(r"(^```.*?^```)", page, flags=re.M | re.S)
    parts[::2] = [_BROKEN.sub("", part) for part in parts[::2]]
    return "".join(parts)


def linked(page: str, depth: int = 0) -> str:
    """A page ``depth`` folders down in docs/, with links to files outside it as their names."""
    outside = rf"\[([^\]]*)\]\((?:\.\./){{{depth + 1},}}([^)\s]+)\)"
    return re.sub(outside, lambda found: f"{found[1]} (`{found[2]}`)", page)
