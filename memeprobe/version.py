"""The version of memeprobe, as installed."""

from importlib import metadata

try:
    __version__ = metadata.version("memeprobe")
except metadata.PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0+unknown"
