"""The page Runs."""

from dashboard.state import header


def page() -> None:
    """Draw the page."""
    header("runs")
