"""The command line ``memeprobe``: one small module per command or two, put together in ``app``."""

from probes.cli.app import app, main

__all__ = ["app", "main"]
