"""What was asked about one file on the page Explore, and what has been said to it so far."""

from dataclasses import asdict, dataclass
from types import SimpleNamespace
from typing import Any, cast

from frames import Clip
from memeprobe.dashboard.explore.view import View
from memeprobe.first_picture import first_picture
from memeprobe.one_meme import Look
from memeprobe.workers.asking import Said, by_delivery, plain
from memeprobe.workers.sandbox import Task
from ocr import Line, Track


@dataclass(frozen=True)
class Conversation:
    """One question to one model about the keyframes of one file."""

    view: View
    model: str
    question: str
    deliveries: tuple[str, ...]
    task: Task
    planned: int
    """How many answers there will be."""

    @property
    def said(self) -> list[Said]:
        """The answers that have come."""
        return list(self.task.found)

    def look(self, delivery: str) -> Look:
        """The answers by one delivery as ``probes`` knows them (frames alone count for each)."""
        clip = SimpleNamespace(**self.view.about)
        rows = tuple(by_delivery(self.said, delivery))
        return Look(cast(Clip, clip), [], _tracks(self.view), self.question, rows)

    def as_json(self) -> dict[str, Any]:
        """All that is shown, as ``memeprobe look --json`` has it, with receipts."""
        view, about = self.view, self.view.about
        looks = {d: self.look(d) for d in self.deliveries}
        return {
            "file": view.name,
            "sha256": about["sha256"],
            "kind": about["kind"],
            "width": about["width"],
            "height": about["height"],
            "frames": len(about["timings"]),
            "duration_ms": about["duration_ms"],
            "warnings": about["warnings"],
            "keyframes": [
                dict(zip(("index", "start_ms", "duration_ms"), (i, *view.time_of(i)), strict=True))
                for i, _ in view.shown
            ],
            "captions": [
                {k: t[k] for k in ("text", "start_ms", "end_ms", "confidence", "box")}
                for t in view.tracks or ()
            ],
            "model": self.model,
            "question": self.question,
            "answers": [plain(one) for one in self.said],
            "follows": {d: look.follows for d, look in looks.items()},
            "first_picture": {d: asdict(first_picture(look.answers)) for d, look in looks.items()},
        }


def _tracks(view: View) -> tuple[Track, ...]:
    return tuple(
        Track(
            **{
                **t,
                "box": tuple(t["box"]),
                "lines": tuple(
                    Line(**{**line, "box": tuple(map(tuple, line["box"]))}) for line in t["lines"]
                ),
            }
        )
        for t in view.tracks or ()
    )
