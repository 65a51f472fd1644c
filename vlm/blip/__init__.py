"""One family: EVA-ViT-g -> Q-Former -> linear layer -> language model, a model being data."""

from vlm.blip.family import Family
from vlm.blip.variants import VARIANTS, Variant

__all__ = ["VARIANTS", "Family", "Variant"]
