"""A REST service in a process of its own."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from memeprobe.workers.batch import jobs_folder
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

    def job_folder(self, name: str) -> Path:
        """The folder of a job that nobody runs: one that failed, unless more is written there."""
        folder = jobs_folder(self.workspace) / name
        folder.mkdir(parents=True, exist_ok=True)
        about = {"id": name, "kind": "run", "arguments": [], "started": 0.0, "about": {}}
        told = {**about, "folder": str(folder), "workspace": str(self.workspace)}
        (folder / "job.json").write_text(json.dumps(told), "utf-8")
        return folder
