"""What passes between a run and Ray's driver: calls as bytes, and replies to the right thread."""

import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import AuthenticationError
from multiprocessing.connection import Listener
from pathlib import Path

import pytest

from memeprobe.errors import JobError
from memeprobe.on_ray.cluster import Cluster, ClusterLost, Died, NotDone
from memeprobe.on_ray.driver import Driver, serve
from memeprobe.on_ray.packed import called, packed, unpacked


class Noted(Driver):
    """A driver whose cluster keeps numbers, and ends when it is asked for 13."""

    def __init__(self) -> None:
        class Errors:
            RayActorError = ChildProcessError

        self._ray = type("Ray", (), {"exceptions": Errors})

    def wait(self, references: list[int], seconds: float) -> list[int]:
        if 13 in references:
            raise ChildProcessError("The actor died.\nBecause of this and that.")
        time.sleep(seconds)
        return references

    def get(self, reference: int, seconds: float | None) -> bytes:
        if reference == 13:
            raise TimeoutError("no outcome yet")
        return called(packed(int, "x" if reference == 14 else f"{reference}"))


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    listener = Listener(str(tmp_path / "socket"), "AF_UNIX", authkey=b"key")
    threading.Thread(target=serve, args=(Noted().reply, listener), daemon=True).start()
    yield Cluster(str(tmp_path / "socket"), b"key")


def test_threads_that_ask_the_driver_at_once_get_their_own_replies(cluster: Cluster) -> None:
    def asked(number: int) -> list[int]:
        return [*cluster.wait([number], 0.01), cluster.get(number)]

    numbers = range(20, 60)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(asked, numbers)) == [[n, n] for n in numbers]


def test_what_went_wrong_in_a_cluster_is_told_apart(cluster: Cluster) -> None:
    with pytest.raises(Died, match=r"^The actor died\.$"):
        cluster.wait([13], 1)
    with pytest.raises(NotDone, match=r"^TimeoutError: no outcome yet$") as slow:
        cluster.get(13)
    assert not isinstance(slow.value, Died)
    with pytest.raises(ValueError, match="invalid literal"):  # what the call itself raised
        cluster.get(14)
    with pytest.raises(ClusterLost):
        Cluster(cluster._address + "-of-nobody", b"key").wait([1], 0)
    with pytest.raises(AuthenticationError):
        Cluster(cluster._address, b"another key").wait([1], 0)


def test_who_is_interrupted_never_reads_an_old_reply(cluster: Cluster) -> None:
    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(KeyboardInterrupt):
            cluster.wait([1], 1.5)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert cluster.get(77) == 77


class Odd(Exception):
    """Can be packed, and not unpacked."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what}, {why}")


def raise_odd() -> None:
    raise Odd("this", "for that")


def test_an_error_that_cannot_travel_is_told_in_words() -> None:
    with pytest.raises(JobError, match=r"^Odd: this, for that$"):
        unpacked(called(packed(raise_odd)))
    with pytest.raises(ZeroDivisionError):
        unpacked(called(packed(divmod, 1, 0)))
    assert unpacked(called(packed(divmod, 7, 2))) == (3, 1)
