"""A server's words as messages and stores can hold them."""


def one_line(text: str) -> str:
    """A server's words for a message: without line breaks and other control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def whole_text(text: str) -> str:
    """The text with halves of surrogate pairs, which nothing can store, as U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
