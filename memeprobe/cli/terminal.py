"""What the command line prints for people: tables, timelines, verdicts."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from frames.clip import printable
from memeprobe.messages import exactly, labels
from memeprobe.one_meme import Look

if TYPE_CHECKING:
    from memeprobe.verdicts.run_result import RunResult


def percent(value: float | None) -> str:
    """0.625 -> '62.5 %'; nothing measured -> '-'."""
    return "-" if value is None else f"{100 * value:z.1f} %"


def interval(found: Mapping[str, Any]) -> str:
    """'62.5 % [50.1, 73.6]' of an interval in JSON, in percent."""
    if found.get("value") is None:
        return "–"
    return f"{percent(found['value'])} [{100 * found['low']:z.1f}, {100 * found['high']:z.1f}]"


def result_table(result: "RunResult") -> Table:
    """Accuracy per condition of one run."""
    run = result.record
    table = Table(
        title=f"{run.model} on {run.set} ({run.delivery}, {run.k} keyframes, {result.items} items)",
        title_justify="left",
        box=box.SIMPLE_HEAD,
    )
    table.add_column("condition", no_wrap=True)
    table.add_column("accuracy [95 %]", no_wrap=True, justify="right")
    outcomes = ("right", "wrong", "unparsed", "failed")
    for column in outcomes:
        table.add_column(column, justify="right")
    for name, tally in result.conditions.items():
        counts = [str(tally.counts[c]) for c in outcomes]
        table.add_row(labels.condition(name), exactly(tally.accuracy), *counts)
    return table


def print_result(console: Console, result: "RunResult") -> None:
    """Table, verdicts and notes of one run."""
    console.print(result_table(result))
    if "lure_rate" in result.measures:
        console.print(f"{labels.measure('lure_rate')}: {exactly(result.measures['lure_rate'])}")
    for name, verdict in result.reached.items():
        console.print(f"[bold]{labels.label(labels.VERDICTS, name)}:[/bold] {escape(verdict.text)}")
    for note in result.notes:
        console.print(f"[dim]note: {escape(note.text)}[/dim]")
    if result.batching:
        console.print(
            f"[dim]batching: {result.batching.asked_again} answers were asked again one by one, "
            f"{result.batching.same} came out the same[/dim]"
        )
    for row in result.problems:
        console.print(f"[dim]problem (trials: {row.trials}): {escape(row.problem)}[/dim]")


def print_short(
    console: Console, all_frames: "RunResult", first_only: "RunResult", captions: "RunResult"
) -> None:
    """The demo in four lines: how the delivery decides, and the two verdicts."""
    table = Table(box=box.SIMPLE_HEAD)
    for column in ("delivery", "right on clips", "follows frame 1"):
        table.add_column(column, no_wrap=True)
    for result in (all_frames, first_only):
        lure = result.measures.get("lure_rate")
        name = "all keyframes" if result is all_frames else "first frame only"
        right = exactly(result.conditions["keyframes"].accuracy)
        table.add_row(name, right, "–" if lure is None else exactly(lure))
    console.print(table)
    for title, result, name in (
        ("First-frame bias", all_frames, "first_frame"),
        ("Caption reading", captions, "caption"),
    ):
        console.print(f"[bold]{title}:[/bold] {escape(result.verdicts[name].text)}")


_STATES = {"blank": "blank", "cut off": "cut off: its text stands in full only later"}


def print_look(console: Console, file: str, look: Look) -> None:
    """Timeline, captions and answers of one meme."""
    clip = look.clip
    console.print(
        f"[bold]{escape(printable(file))}[/bold]  {clip.kind}, {clip.width} x {clip.height}, "
        f"{len(clip)} frame{'s' * (len(clip) != 1)}, {clip.duration_ms / 1000:.2f} s"
    )
    for warning in clip.warnings:
        console.print(f"[yellow]warning: {escape(warning)}[/yellow]")
    _print_timeline(console, look)
    if look.question is not None:
        _print_answers(console, look)


def _print_timeline(console: Console, look: Look) -> None:
    """Keyframes and captions on one time axis, drawn in characters."""
    width = max(20, min(60, console.width - 44))
    end = max(1, look.clip.duration_ms)

    def bar(start: int, stop: int, mark: str) -> str:
        left = min(width - 1, start * width // end)
        right = max(left + 1, min(width, -(-stop * width // end)))
        return "·" * left + mark * (right - left) + "·" * (width - right)

    table = Table(show_edge=False, pad_edge=False, box=None)
    for column in ("", "time"):
        table.add_column(column, no_wrap=True)
    table.add_column("", no_wrap=True, min_width=width)  # a long caption must not cut the axis off
    table.add_column("", overflow="fold")
    if look.frame_0 is not None and all(frame.index != 0 for frame in look.keyframes):
        stop = look.frame_0.duration_ms
        table.add_row("[dim]frame 0[/dim]", _seconds(0, stop), bar(0, stop, "░"), "")
    for frame in look.keyframes:
        stop = frame.start_ms + frame.duration_ms
        table.add_row(
            f"frame {frame.index}",
            _seconds(frame.start_ms, stop),
            bar(frame.start_ms, stop, "█"),
            "",
        )
    for track in look.captions:
        table.add_row(
            "caption",
            _seconds(track.start_ms, track.end_ms),
            bar(track.start_ms, track.end_ms, "▒"),
            f"[bold]{escape(track.text.replace(chr(10), ' / '))}[/bold]",
        )
    console.print(table)
    if not look.captions:
        console.print("[dim]no caption found[/dim]")
    if look.frame_0_state != "shown":
        console.print(
            f"[yellow]note: the file's first frame is {_STATES[look.frame_0_state]}[/yellow]"
        )
    if look.note:
        console.print(f"[yellow]note: {escape(look.note)}[/yellow]")


def _seconds(start_ms: int, end_ms: int) -> str:
    return f"{start_ms / 1000:.2f}-{end_ms / 1000:.2f} s"


def _print_answers(console: Console, look: Look) -> None:
    console.print(f"Asked: {escape(look.question or '')}")
    if look.first_picture is not None:
        said = escape(look.first_picture.text)
        console.print(f"[bold]Does it read only the first picture?[/bold] {said}")
    table = Table()
    for column in ("condition", "frames given", "answer"):
        table.add_column(column)
    for asked in look.answers:
        answer = escape(asked.text or "") if asked.error is None else f"[red]{escape(asked.error)}"
        table.add_row(asked.condition, _frames(asked.frames), answer)
    console.print(table)
    follows = look.follows
    if follows is not None:
        said = f"that of frame {_frames(follows)}" if follows else "that of no single frame"
        console.print(f"The answer to the whole clip is {said}.")


def _frames(indices: Sequence[int]) -> str:
    return ", ".join(map(str, indices))
