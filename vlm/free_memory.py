"""Whether a device has the memory for a batch twice as large as the last one."""

import contextlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SPARED = 0.9
"""Share of the free memory that may be used: it comes in pieces, and others use it too."""
LEAST = 16 << 20
"""Bytes that a batch is taken to need at least: what is freed beside it hides what it took."""
STATUS, MEMINFO = Path("/proc/self/status"), Path("/proc/meminfo")
LIMIT, USED = Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")


@contextmanager
def measured(device: str) -> Iterator[Callable[[], bool]]:
    """What is yielded says, after the block, whether there is room for one twice as large; no
    where the device does not tell: torch's CUDA and Linux do."""
    begin, end = (_begin_cuda, _end_cuda) if device.startswith("cuda") else (_begin_cpu, _end_cpu)
    before, found = None, [False]
    # Whatever goes wrong here must not cost an answer.
    with contextlib.suppress(Exception):
        before = begin(device) if device.startswith(("cuda", "cpu")) else None
    yield lambda: found[0]
    with contextlib.suppress(Exception):
        if before is not None:
            used, free = end(device, before)
            found[0] = 2 * max(used, LEAST) <= SPARED * free


def _begin_cuda(device: str) -> Any:
    """Bytes that are in use."""
    import torch

    torch.cuda.reset_peak_memory_stats(device)
    return torch.cuda.memory_allocated(device)


def _end_cuda(device: str, before: Any) -> tuple[int, int]:
    """(bytes that the block took at its peak, bytes that there are for it)."""
    import torch

    free, _ = torch.cuda.mem_get_info(device)
    kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return torch.cuda.max_memory_allocated(device) - before, int(free) + kept


def _begin_cpu(device: str) -> Any:
    """Resident and free bytes. Raises OSError, KeyError: the system does not tell."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
    return _bytes(STATUS, "VmRSS"), _available()


def _end_cpu(device: str, before: Any) -> tuple[int, int]:
    return max(0, _bytes(STATUS, "VmHWM") - before[0]), before[1]


def _available() -> int:
    """Memory that this process can get: the machine's, or what its container has left."""
    free = _bytes(MEMINFO, "MemAvailable")
    with contextlib.suppress(OSError, ValueError):  # no container, or no limit ("max")
        free = min(free, int(LIMIT.read_text()) - int(USED.read_text()))
    return free


def _bytes(file: Path, name: str) -> int:
    """A line like ``VmRSS:   1234 kB``. Raises KeyError: there is none."""
    for line in file.read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise KeyError(name)
