"""Batch files as OpenAI takes them: requests written as JSONL in parts, answers read in any order.

DashScope, Zhipu and ``vllm run-batch`` take and give the same lines; a line of answers is
``{"custom_id", "response": {"status_code", "body"}, "error"}``.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Protocol, Self

from vlm.errors import ModelError
from vlm.server.bounded import MOST_BYTES
from vlm.server.client import QUOTED, ServerError
from vlm.server.harness_files import predictions, sample
from vlm.server.words import one_line

PART = "batch-{:04d}.jsonl"
OURS = "memeprobe-"
"""What a request's id begins with."""


TABLES = (".xlsx", ".tsv", ".json")
"""Suffixes of VLMEvalKit's predictions; all other files are JSONL."""


class Writer(Protocol):
    """What writes questions down."""

    folder: Path
    files: list[Path]
    """Those that are whole."""

    def __len__(self) -> int:
        """How many questions were written."""
        ...

    def add(self, request: Mapping[str, Any]) -> None:
        """Write one, unless it was. Raises ModelError: it cannot be written."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: Any) -> None: ...


class BatchWriter:
    """Requests in files of a folder, each at most so many lines and bytes. A context; each request
    is written once, and a file has its name only when it is whole."""

    def __init__(self, folder: Path, lines: int, size: int) -> None:
        """Raises ModelError: the folder holds requests already, or cannot be written to."""
        self.folder, self.lines, self.size = folder, lines, size
        self.files: list[Path] = []
        self._written: set[str] = set()
        self._open: BinaryIO | None = None
        self._here = self._bytes = 0
        try:
            folder.mkdir(parents=True, exist_ok=True)
            old = sorted(p.name for p in folder.glob("batch-*.jsonl*"))
        except OSError as error:
            raise ModelError(f"cannot write to {folder}: {error.strerror}") from error
        if old:
            raise ModelError(
                f"{folder} holds requests already ({old[0]}); name another folder, or read their "
                "answers with --batch-in"
            )

    def __len__(self) -> int:
        """How many requests were written."""
        return len(self._written)

    def add(self, request: Mapping[str, Any]) -> None:
        """Write a request, unless it was. Raises ModelError: it is larger than a file may be."""
        name = str(request["custom_id"])
        if name in self._written:
            return
        raw = json.dumps(request, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        if len(raw) > self.size:
            raise ModelError(
                f"one request has {len(raw):,} bytes and a file may have {self.size:,}; give fewer "
                "keyframes, --delivery grid, or MEMEPROBE_SERVER_PICTURES=jpeg"
            )
        if self._open is None or self._here == self.lines or self._bytes + len(raw) > self.size:
            self._next()
        assert self._open is not None
        self._open.write(raw)
        self._here, self._bytes = self._here + 1, self._bytes + len(raw)
        self._written.add(name)

    def _next(self) -> None:
        self._close()
        self.files.append(self.folder / PART.format(len(self.files) + 1))
        self._open = self._beside(self.files[-1]).open("wb")
        self._here = self._bytes = 0

    def _beside(self, path: Path) -> Path:
        return path.with_name(path.name + ".part")

    def _close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None
            self._beside(self.files[-1]).rename(self.files[-1])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._close()
        elif self._open is not None:
            self._open.close()
            self._beside(self.files.pop()).unlink()


class _Place(NamedTuple):
    """Where a line stands."""

    path: Path
    start: int
    length: int


@dataclass
class Replies:
    """Answers in files, found by the ids of their requests; only their places are in memory."""

    answered: dict[str, _Place | str] = field(default_factory=dict)
    """Id -> where its answer stands, or the words themselves from a table or a sample."""
    refused: dict[str, str] = field(default_factory=dict)
    """Id -> what the server said instead of an answer."""
    twice: int = 0
    """Further answers to a request that had one; the first one counts."""
    strangers: int = 0
    """Answers to requests that are not memeprobe's."""
    broken: list[str] = field(default_factory=list)
    """Lines that hold no answer, each with its file, number, and why."""
    used: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, paths: Iterable[Path]) -> "Replies":
        """From files, and the ``.jsonl``, ``.xlsx``, ``.tsv`` and ``.json`` files of folders;
        questions among them are passed over.

        Raises ModelError: a file is missing or cannot be read, a folder holds none.
        """
        found = cls()
        for path in paths:
            kinds = (".jsonl", *TABLES)
            inside = sorted(p for p in path.iterdir() if p.suffix in kinds) if path.is_dir() else []
            files = inside if path.is_dir() else [path]
            if not files:
                raise ModelError(f"{path} holds no file with answers ({', '.join(kinds)})")
            for file in files:
                try:
                    (found._read_table if file.suffix in TABLES else found._read)(file)
                except OSError as error:
                    raise ModelError(f"cannot read {file}: {error.strerror}") from error
        return found

    def _read_table(self, path: Path) -> None:
        """VLMEvalKit's predictions."""
        try:
            for name, text in predictions(path):
                self._keep(name, text, "no answer in the table")
        except (ValueError, RecursionError) as error:
            self.broken.append(f"{path.name}: {error}")

    def _keep(self, name: str, found: _Place | str | None, why: str) -> None:
        """An answer, or None and why there is none."""
        if not name.startswith(OURS):
            self.strangers += 1
        elif found is None:
            self.refused[name] = why
        elif name in self.answered:
            self.twice += 1
        else:
            self.answered[name] = found

    def _read(self, path: Path) -> None:
        start = 0
        with path.open("rb") as file:
            for number, raw in enumerate(_lines(file), 1):
                place = _Place(path, start, len(raw))
                start += len(raw)
                if not raw.strip():
                    continue
                try:
                    self._sort(_row(raw), place)
                except (ValueError, RecursionError) as error:
                    self.broken.append(f"{path.name}, line {number}: {error}")

    def _sort(self, row: Mapping[str, Any], place: _Place) -> None:
        answered = sample(row)
        if answered is not None:
            self._keep(*answered, "")
            return
        if "response" not in row and ("method" in row or "images" in row):
            return  # a question
        name = row.get("custom_id")
        if not isinstance(name, str):
            raise ValueError("no custom_id")
        said = _refusal(row)
        self._keep(name, place if said is None else None, said or "")

    def reply(self, name: str) -> dict[str, Any] | None:
        """The body of the answer to a request; None: there is none.

        Raises ServerError: the server refused it and gave no answer elsewhere.
        """
        place = self.answered.get(name)
        if place is None:
            if name in self.refused:
                self.used.add(name)
                raise ServerError(f"the batch gave an error: {self.refused[name]}")
            return None
        self.used.add(name)
        if isinstance(place, str):
            return {"choices": [{"message": {"content": place}, "finish_reason": "stop"}]}
        with place.path.open("rb") as file:
            file.seek(place.start)
            row = _row(file.read(place.length))
        body: dict[str, Any] = row["response"]["body"]
        return body

    @property
    def unused(self) -> int:
        """Answers that nothing asked for: given before, or of another run."""
        return len((self.answered.keys() | self.refused.keys()) - self.used)


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Lines with their ends; one that is too long to be an answer comes in pieces."""
    while raw := file.readline(MOST_BYTES):
        yield raw


def _row(raw: bytes) -> dict[str, Any]:
    if len(raw) >= MOST_BYTES:
        raise ValueError(f"longer than {MOST_BYTES:,} bytes")
    try:
        found = json.loads(raw)
    except ValueError:
        raise ValueError("no JSON") from None
    if not isinstance(found, dict):
        raise ValueError("no JSON object")
    return found


def _refusal(row: Mapping[str, Any]) -> str | None:
    """What a row says instead of an answer; None: it holds one."""
    response = row.get("response")
    status = response.get("status_code") if isinstance(response, dict) else None
    body = response.get("body") if isinstance(response, dict) else None
    if isinstance(body, dict) and "choices" in body and status in (200, None):
        return None
    said = row.get("error") or (body.get("error") if isinstance(body, dict) else None) or body
    if isinstance(said, dict):
        said = said.get("message") or said.get("error") or said
    if isinstance(said, dict):
        said = said.get("message") or said
    return f"{status or 'no status'}: {one_line(str(said or 'nothing said'))[:QUOTED]}"


@dataclass
class BatchFiles:
    """What a model that is asked by files reads and writes."""

    replies: Replies = field(default_factory=Replies)
    writer: Writer | None = None
    left: set[str] = field(default_factory=set)
    """Requests that have no answer yet."""

    def ask(self, requests: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]] | None:
        """The answer to each request, or None where one has none yet: it is written down.

        Raises ServerError: the server refused one; ModelError: one is too large for a file.
        """
        found: list[dict[str, Any]] = []
        refused: ServerError | None = None
        for request in requests:
            try:
                reply = self.replies.reply(str(request["custom_id"]))
            except ServerError as error:
                refused = error
                continue
            if reply is not None:
                found.append(reply)
                continue
            self.left.add(str(request["custom_id"]))
            if self.writer is not None:
                self.writer.add(request)
        if refused is not None:
            raise refused
        return found if len(found) == len(requests) else None
