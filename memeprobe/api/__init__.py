"""The Python API, by what it is about: media, models, runs. Users import it from ``memeprobe``."""
