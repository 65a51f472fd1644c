"""``python -m memeprobe``: the command line."""

from memeprobe.cli.app import main

main()
