"""Trains blip-nano, the model that memeprobe ships. ``python -m training.train --help``."""
