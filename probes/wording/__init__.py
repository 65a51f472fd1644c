"""What verdicts and notes say, in English and Chinese. Fields in braces are filled with numbers."""

from probes.wording.caption import CAPTION, LANGUAGE, SANDWICH
from probes.wording.frames import FIRST_FRAME, ORDER
from probes.wording.notes import NOTES, Points, percent, points
from probes.wording.plain import PLAIN, plain

__all__ = ["CAPTION", "FIRST_FRAME", "LANGUAGE", "NOTES", "ORDER", "PLAIN", "SANDWICH", "Points",
           "percent", "plain", "points"]  # fmt: skip
