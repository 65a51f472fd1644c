"""The page Compare."""

from dashboard.state import header


def page() -> None:
    """Draw the page."""
    header("compare")
