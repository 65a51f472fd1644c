"""HTTP connections with a bound on time and number; uvicorn itself waits for a request for ever."""

import asyncio
from http import HTTPStatus
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from memeprobe.service.problems import reply

HEAD_SECONDS = 20.0
"""Longest time that the head of a request may take, from the connection or the answer before it."""
LINGER_SECONDS = 10.0
"""How long the rest of a body may come, unread, after the request was answered."""
MOST = 400
"""Connections at once; beyond that the one goes whose request has been awaited for longest. Many
systems give a process 1024 open files, and an upload takes two of them."""


class BoundedConnection(H11Protocol):
    """A connection that is given up when its request does not arrive in time.

    uvicorn's own limit concerns connections on which nothing comes between two requests.
    """

    head_seconds = HEAD_SECONDS
    linger_seconds = LINGER_SECONDS
    most = MOST
    _timer: asyncio.TimerHandle | None = None
    _stage: tuple[str, int] = "", 0
    since: float = 0.0
    """When the stage began in which it is, by the loop's clock."""

    @property
    def awaited(self) -> bool:
        """Whether the client has yet to send something: a request, or the rest of one."""
        return self._stage[0] != ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client is there."""
        super().connection_made(transport)
        self._look()
        if len(self.connections) > self.most:  # what others have sent already is read before
            self.loop.call_later(0.01, self._make_room)

    def data_received(self, data: bytes) -> None:
        """Some bytes of a request."""
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """The whole answer was handed to the transport."""
        super().on_response_complete()
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is there any more."""
        self._forget()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """What came is no request: said as every other problem is. ``msg``: uvicorn's words."""
        limit = self.config.h11_max_incomplete_event_size or 0
        about = f"this is no HTTP/1.1 request, or its head is longer than {limit // 1024} KiB"
        self._refuse(400, "bad_request", about)

    def _make_room(self) -> None:
        """End the connection whose request has been awaited for longest, if there are too many."""
        waiting = [c for c in self.connections if isinstance(c, BoundedConnection) and c.awaited]
        if len(self.connections) > self.most and waiting:
            longest = min(waiting, key=lambda connection: connection.since)
            self.connections.discard(longest)
            longest.transport.abort()

    def _look(self) -> None:
        """Time the stage in which the connection is, from its beginning."""
        stage = self._now(), id(self.cycle)
        if stage == self._stage:
            return
        self._forget()
        self._stage, self.since = stage, self.loop.time()
        seconds = {"head": self.head_seconds, "rest": self.linger_seconds}.get(stage[0])
        if seconds is not None:
            self._timer = self.loop.call_later(seconds, self._late)

    def _now(self) -> str:
        """What is awaited: the head of a request, its body (``access.Body`` has the time), the
        rest of one that was answered; nothing."""
        if self.conn.their_state is h11.IDLE:
            return "head"
        if self.conn.their_state is h11.SEND_BODY:
            return "rest" if self.cycle.response_complete else "body"
        return ""

    def _late(self) -> None:
        """The time is over; who has sent nothing at all is told nothing."""
        if self._stage[0] == "head" and self.conn.trailing_data[0]:
            about = f"the head of the request took longer than {self.head_seconds:g} s to arrive"
            self._refuse(408, "timeout", about)
        self.transport.close()

    def _refuse(self, status: int, kind: str, message: str) -> None:
        """Say what was wrong, unless an answer has begun already, and hang up."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            answer = reply(status, kind, message, {"Connection": "close"})
            head: Any = h11.Response(
                status_code=status, headers=answer.raw_headers, reason=HTTPStatus(status).phrase
            )
            for event in (head, h11.Data(data=bytes(answer.body)), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _forget(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._stage = None, ("", 0)
