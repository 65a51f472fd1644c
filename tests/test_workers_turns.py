"""Whose turn it is at the workers, and that nothing is done for those who have left."""

import gc
import threading
import time
from collections.abc import Callable, Iterator

from memeprobe.workers.sandbox import Task
from memeprobe.workers.turns import Ticket, Turns
from memeprobe.workers.visitor import Visitor


def until(true: Callable[[], bool]) -> None:
    """Wait for it, as long as a loaded machine may take."""
    for _ in range(6000):
        if true():
            return
        time.sleep(0.01)
    raise AssertionError("it did not come true")


def waiting(turns: Turns[str], tickets: list[Ticket]) -> list[tuple[Ticket, str | None]]:
    """Each ticket waits in a thread of its own; the list fills in the order of their turns."""
    got: list[tuple[Ticket, str | None]] = []
    for number, ticket in enumerate(tickets, 1):

        def wait(ticket: Ticket = ticket) -> None:
            got.append((ticket, turns.take(ticket)))

        threading.Thread(target=wait, daemon=True).start()
        until(lambda number=number: len(turns._waiting) + len(got) >= number)  # type: ignore[misc]
    return got


def test_the_small_go_first_and_the_long_leave_a_worker_free() -> None:
    turns = Turns(["a", "b"])
    long, small, large = Ticket(0.1, True), Ticket(0.1, False), Ticket(900.0, False)
    assert turns.take(long) == "b"
    got = waiting(turns, [Ticket(0.0, True)])
    time.sleep(0.1)
    assert got == []  # a second long job waits though a worker is free
    held = Ticket(1.0, False)
    assert turns.take(held) == "a"
    more = waiting(turns, [large, small])
    turns.give_back(held, "a")
    until(lambda: len(more) == 1)
    assert more[0] == (small, "a")
    turns.give_back(small, "a")
    until(lambda: len(more) == 2)
    turns.give_back(long, "b")
    until(lambda: len(got) == 1)
    assert got[0][1] == "b"


def test_who_has_waited_long_is_next_however_large() -> None:
    old, new = Ticket(30.0, False), Ticket(0.1, False)
    assert new.rank < old.rank
    old.since -= 600
    assert old.rank < new.rank


def test_a_job_that_nobody_wants_gets_no_worker() -> None:
    turns = Turns(["a"])
    held = Ticket(1.0, False)
    assert turns.take(held) == "a"
    gone, next_one = Ticket(0.1, False), Ticket(5.0, False)
    got = waiting(turns, [gone, next_one])
    gone.wanted = False
    turns.give_back(held, "a")
    until(lambda: len(got) == 2)
    assert set(got) == {(gone, None), (next_one, "a")}


def test_what_a_visitor_began_ends_when_the_visitor_is_gone() -> None:
    """Questions that were not put yet are not put."""
    put: list[int] = []
    go_on = threading.Event()

    def questions() -> Iterator[int]:
        for number in range(15):
            put.append(number)
            yield number
            if number == 2:
                go_on.wait(60)

    task = Task(questions())
    work, thread = task._work, task._thread
    until(lambda: len(work.found) == 3)
    del task
    gc.collect()
    assert work.stopped
    go_on.set()
    until(lambda: not thread.is_alive())
    assert put in ([0, 1, 2], [0, 1, 2, 3])


def test_what_is_done_for_a_visitor_waits_while_the_page_is_closed() -> None:
    there, put = [True], []

    def questions() -> Iterator[int]:
        for number in range(6):
            put.append(number)
            there[0] = number != 2
            yield number

    task = Task(questions(), Visitor(lambda: there[0]))
    until(lambda: len(task.found) == 3)
    time.sleep(0.5)
    assert put == [0, 1, 2] and task.running
    there[0] = True  # a connection that was lost came back
    until(lambda: not task.running)
    assert task.found == list(range(6)) and not task.stopped


def test_who_stays_away_is_given_up() -> None:
    away = Visitor(lambda: False, patience=0.3)
    task = Task(iter(range(5)), away)
    turns = Turns(["a"])
    got = waiting(turns, [Ticket(0.1, False, visitor=Visitor(lambda: False, patience=0.3))])
    until(lambda: not task.running and len(got) == 1)
    assert task.found == [] and task.stopped
    assert [worker for _, worker in got] == [None]  # though one was free


def test_a_task_that_is_held_goes_on_to_its_end() -> None:
    task = Task(iter(range(200)))
    until(lambda: not task.running)
    gc.collect()
    assert task.found == list(range(200)) and task.error is None and not task.stopped
