"""Frames -> captions: lines with box, confidence, role and reading order; tracks over time.

``policies`` chooses keyframes, ``engines`` lists the OCR engines, ``caption_roles`` tells captions
from other text, ``accuracy`` compares texts, ``edit`` takes captions out and puts others in.
"""

import os

# onnxruntime would write a device id and a database of events into the user's cache, to be sent:
# it looks here before anything of it is loaded, and a call afterwards comes too late.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

from ocr.caption import Caption, Line, OcrError, Track
from ocr.engines import DEFAULT_ENGINE, ENGINES, load_engine
from ocr.policies import AUTO, DEFAULT_POLICY, KEYFRAME_POLICIES, keyframes, policy_names
from ocr.read import read_image
from ocr.tracks import read_clip

__all__ = [
    "AUTO",
    "DEFAULT_ENGINE",
    "DEFAULT_POLICY",
    "ENGINES",
    "KEYFRAME_POLICIES",
    "Caption",
    "Line",
    "OcrError",
    "Track",
    "keyframes",
    "load_engine",
    "policy_names",
    "read_clip",
    "read_image",
]
