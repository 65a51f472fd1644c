"""What sees in mPLUG-Owl: vision tower and visual abstractor, under their published names."""

from vlm.mplug_owl.configuration import AbstractorConfig, VisionConfig
from vlm.mplug_owl.modeling import Abstractor, VisionTower

__all__ = ["Abstractor", "AbstractorConfig", "VisionConfig", "VisionTower"]
