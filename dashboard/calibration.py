"""The page Calibration."""

from dashboard.state import header


def page() -> None:
    """Draw the page."""
    header("calibration")
