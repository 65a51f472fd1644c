"""Frames -> captions: lines with box, confidence, role and reading order; tracks over time.

``engines`` lists the OCR engines, ``rule`` tells captions from other text, ``accuracy`` compares
texts, ``edit`` takes captions out of pictures and puts others in.
"""

from ocr.caption import Caption, Line, OcrError, Track
from ocr.engines import DEFAULT_ENGINE, ENGINES, load_engine
from ocr.read import read_image
from ocr.tracks import read_clip

__all__ = [
    "DEFAULT_ENGINE",
    "ENGINES",
    "Caption",
    "Line",
    "OcrError",
    "Track",
    "load_engine",
    "read_clip",
    "read_image",
]
