"""Whether the visitor for whom something is done still looks at the page."""

import time
from collections.abc import Callable

PATIENCE = 120.0
"""Seconds after which one who went away does not come back: a session is kept as long."""


class Visitor:
    """Somebody for whom work is done. A closed tab and a lost connection look alike, so work waits
    for a while for one who went away, and is given up then."""

    def __init__(self, there: Callable[[], bool], patience: float = PATIENCE) -> None:
        self._there, self._patience = there, patience
        self._seen = time.monotonic()

    @property
    def here(self) -> bool:
        """Whether the page is open now."""
        found = self._there()
        if found:
            self._seen = time.monotonic()
        return found

    @property
    def gone(self) -> bool:
        """Whether nobody is to be waited for any more."""
        return not self.here and time.monotonic() - self._seen > self._patience


ALWAYS = Visitor(lambda: True)
"""Of work that is done whoever looks."""
