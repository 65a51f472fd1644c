"""The uploads of a service: named by their content, bounded in number and bytes."""

import hashlib
import shutil
import tempfile
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from memeprobe.service.problems import NotFound


@dataclass(frozen=True)
class ShelvedClip:
    """One uploaded file."""

    sha256: str
    name: str
    """As its sender called it."""
    path: Path

    @property
    def data(self) -> bytes:
        """The file's bytes. Raises NotFound if it was removed meanwhile."""
        try:
            return self.path.read_bytes()
        except OSError:
            raise NotFound(f"the clip {self.sha256} is no longer here; upload it again") from None


class Shelf:
    """A folder of uploads that forgets the one not used for longest, and goes away at the end."""

    def __init__(self, clips: int, total_bytes: int) -> None:
        self._clips, self._bytes = clips, total_bytes
        self._folder = Path(tempfile.mkdtemp(prefix="memeprobe-service-"))
        self._kept: OrderedDict[str, tuple[ShelvedClip, int]] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, name: str, data: bytes) -> ShelvedClip:
        """Keep a file."""
        sha = hashlib.sha256(data).hexdigest()
        clip = ShelvedClip(sha, name, self._folder / sha)
        with self._lock:
            if sha not in self._kept:
                clip.path.write_bytes(data)
            self._kept[sha] = clip, len(data)
            self._kept.move_to_end(sha)
            while len(self._kept) > 1 and (
                len(self._kept) > self._clips
                or sum(size for _, size in self._kept.values()) > self._bytes
            ):
                _, (gone, _) = self._kept.popitem(last=False)
                gone.path.unlink(missing_ok=True)
        return clip

    def get(self, sha256: str) -> ShelvedClip:
        """The file of this hash. Raises NotFound."""
        with self._lock:
            if sha256 not in self._kept:
                raise NotFound(f"no clip {sha256[:64]} is here; upload it first")
            self._kept.move_to_end(sha256)
            return self._kept[sha256][0]

    def close(self) -> None:
        """Remove all."""
        shutil.rmtree(self._folder, ignore_errors=True)
