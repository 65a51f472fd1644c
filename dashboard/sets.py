"""The page Sets."""

from dashboard.state import header


def page() -> None:
    """Draw the page."""
    header("sets")
