"""One family: EVA-ViT-g -> Q-Former -> linear layer -> language model, a model being data."""

from vlm.blip.family import Family
from vlm.blip.members import MEMBERS, Member

__all__ = ["MEMBERS", "Family", "Member"]
