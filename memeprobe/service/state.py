"""What the routes of one service share."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from memeprobe.service.outside import Outside
from memeprobe.service.problems import Busy
from memeprobe.service.settings import ServiceSettings
from memeprobe.service.shelf import Shelf
from memeprobe.workers.sandbox import WorkerPool


class Metrics:
    """Counters in Prometheus' format, of one service."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "memeprobe_requests", "Requests", ("route", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "memeprobe_request_seconds", "Time to the response", ("route",), registry=self.registry
        )
        self.working = Gauge(
            "memeprobe_working", "Requests being decoded, read or asked", registry=self.registry
        )
        self.jobs = Gauge("memeprobe_jobs", "Jobs by state", ("state",), registry=self.registry)


@dataclass
class ServiceState:
    """Settings, uploads, workers and counters."""

    settings: ServiceSettings
    pool: WorkerPool
    shelf: Shelf
    outside: Outside
    """Takes the server's folders out of what is said."""
    metrics: Metrics = field(default_factory=Metrics)
    closing: threading.Event = field(default_factory=threading.Event)
    """Set once the service is to end: streams, which have no end to wait for, break off."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _working: int = 0

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Room for one request that takes time. Raises Busy where there is none."""
        with self._lock:
            if self._working >= self.settings.waiting:
                raise Busy(f"{self._working} requests are being worked on; come again later")
            self._working += 1
        self.metrics.working.set(self._working)
        try:
            yield
        finally:
            with self._lock:
                self._working -= 1
            self.metrics.working.set(self._working)
