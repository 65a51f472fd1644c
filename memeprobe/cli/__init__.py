"""The command line ``memeprobe``: one small module per command or two, put together in ``app``."""
