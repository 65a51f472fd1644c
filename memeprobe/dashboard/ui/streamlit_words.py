"""The few words that Streamlit itself puts on a page, in Chinese.

Streamlit has no languages, so its words are hidden and others put in their place by style sheet.
"""

_UPLOADER = "[data-testid=stFileUploaderDropzone]"
_FACTS = "[data-testid=stFileUploaderDropzoneInstructions] span"
_DIALOG = "[role=dialog] > h2[slot=title]"

_WORDS = (
    (f"{_UPLOADER} [data-testid^=stBaseButton] p", "上传", ".875rem"),
    (f"{_UPLOADER} {_FACTS}", "每个文件最多 32 MB", ".875rem"),
    (f"[class*=_zip] {_UPLOADER} {_FACTS}", "最大 256 MB", ".875rem"),
    ("a[data-testid=stSkipToContent][href]", "跳到正文", ".875rem"),
    (_DIALOG, "没有这个页面", "1.25rem"),
    (f"{_DIALOG} + div > div", "您要打开的页面不存在，显示的是首页。", "1rem"),
)
"""(where, what it says, its size). The dialog is that of an address without a page: the pages have
none of their own. The link to the content shows when the keyboard reaches it."""


def in_language(language: str) -> str:
    """CSS that says them in this language; '' where Streamlit's English is right."""
    if language != "zh":
        return ""
    return "\n".join(
        f"body {where} {{ font-size: 0; }}\n"
        f'body {where}::after {{ content: "{text}"; font-size: {size}; }}'
        for where, text, size in _WORDS
    )
