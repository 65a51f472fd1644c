"""Whether a server is still there: how often in a row, and for how long, nobody answered at all."""

import threading
import time

SILENT = 12
"""So many tries in a row without any reply, and as long as the settings say: nobody is there."""


class Silence:
    """What the threads that ask one server know together. A reply of the server itself ends it,
    of whatever status: one that is overloaded or refuses a question is there."""

    def __init__(self, seconds: float) -> None:
        """``seconds``: so long at least nobody must have answered."""
        self._seconds = seconds
        self._lock = threading.Lock()
        self._began = 0.0
        self.tries = 0
        """Tries without a reply since the last one."""
        self.final = False
        """Whether nobody was there when it was looked at last."""

    def ended(self) -> None:
        """A reply came."""
        with self._lock:
            self.tries, self.final = 0, False

    def went_on(self) -> None:
        """A try ended without a reply."""
        with self._lock:
            if not self.tries:
                self._began = time.monotonic()
            self.tries += 1

    @property
    def long(self) -> bool:
        """Whether that is too much for a server that is there."""
        with self._lock:
            long = time.monotonic() - self._began >= self._seconds
            return self.tries >= SILENT and long
