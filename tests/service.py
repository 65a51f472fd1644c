"""A REST service in a process of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.served import end

TOKEN = "a-token-of-the-tests-0123456789"


class Served:
    """A service in a process of its own."""

    def __init__(self, workspace: Path, *options: str, tokens: str = "") -> None:
        command = [sys.executable, "-m", "memeprobe", "serve", "--port", "0", *options]
        environment = {**os.environ, "MEMEPROBE_SERVICE_TOKENS": tokens}
        self.workspace = workspace
        self.process = subprocess.Popen(
            [*command, "--workspace", str(workspace)],
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, line
        self.url = found.group()

    def end(self) -> None:
        """Stop it."""
        end(self.process)
