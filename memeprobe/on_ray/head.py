"""The process of a cluster of our own: starts Ray, says where, and ends it with whoever asked.

    python -m memeprobe.on_ray.head PROCESSORS

In a process of its own because Ray's processes inherit the environment of the one that starts
them, and because it can end them all also when the run is killed.
"""

import os
import signal
import sys
from pathlib import Path
from tempfile import TemporaryDirectory


def main() -> None:
    """Until standard input ends."""
    import ray

    # Ray's sockets lie in it, whose paths may not be long.
    short = "/tmp" if Path("/tmp").is_dir() else None
    with TemporaryDirectory(prefix="memeprobe-ray-", dir=short, ignore_cleanup_errors=True) as own:
        ray.init(
            "local",
            num_cpus=int(sys.argv[1]),
            include_dashboard=False,
            log_to_driver=False,
            configure_logging=False,
            _node_ip_address="127.0.0.1",
            _temp_dir=own,
        )
        print(ray.get_runtime_context().gcs_address, flush=True)
        sys.stdin.read()
        ray.shutdown()
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)  # what Ray has left


if __name__ == "__main__":
    main()
