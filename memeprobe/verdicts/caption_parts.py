"""The caption probe in parts, each with its number: reads letters, uses what it reads, is led by
what it is told, makes captions up. A verdict's headline names the weakest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from memeprobe import measures, stats
from memeprobe.measures import Group, Table
from memeprobe.stats import NOTHING, Interval
from memeprobe.verdicts.common import FLAT_MARGIN

LIMITS: Mapping[str, float] = {
    "reads_part": 0.25,
    "reads_unevenly": 0.40,
    "guesses_words": 0.20,
    "reads_not_uses": 0.20,
    "copies_prompt": FLAT_MARGIN,
    "thrown_off": FLAT_MARGIN,
    "invents": 0.20,
}
"""Part that can be the weakest -> how large its fault must surely be. Order is that of cause: a
caption is read before it is used. Conventions; the intervals allow others."""

FEWEST = 12
"""Items that are needed to name a part weak."""
WIDER = NormalDist().inv_cdf(0.995) / NormalDist().inv_cdf(0.975)
"""A 99 % limit is about so much further off than a 95 % one: seven parts are tried."""


@dataclass(frozen=True)
class Parts:
    """What was measured of each part. NOTHING where it was not asked."""

    cer: Interval
    """Character error rate on words."""
    exact: Interval
    """Share of captions transcribed without an error that counts."""
    read: Interval
    """The same, minus what chance would hit."""
    nonwords: Interval
    """Character error rate on letters that make no word."""
    guessing: Interval
    """How much that exceeds the rate on the same items' words."""
    gap: tuple[Group, Group, Interval] | None
    """The languages, places or lengths that differ most."""
    used: Interval
    """Share of pairs of captions answered rightly both ways."""
    unused: Interval
    """Share of captions read rightly minus share of pairs right: read, and not used."""
    copied: Interval
    """Answers that follow a wrong caption in the prompt."""
    pull: Interval
    """The same, minus what follows it where nothing is told."""
    cost: Interval
    """What telling the true caption costs."""
    invented: Interval
    """Texts reported where there is none."""

    def faults(self) -> dict[str, Interval]:
        """Part -> how large its fault is, 0 to 1."""
        # A model that answers by the caption has read it, whatever its free transcription says.
        unread = self.cer
        if self.used.n and 1 - self.used.value < unread.value:
            unread = Interval(
                1 - self.used.value, 1 - self.used.high, 1 - self.used.low, self.used.n
            )
        return {
            "reads_part": unread,
            "reads_unevenly": self.gap[2] if self.gap is not None else NOTHING,
            "guesses_words": self.guessing,
            "reads_not_uses": self.unused,
            "copies_prompt": self.pull,
            "thrown_off": self.cost,
            "invents": self.invented,
        }

    def weak(self) -> list[str]:
        """The parts that are surely weak (99 %), the weakest first."""
        found = {
            name: fault
            for name, fault in self.faults().items()
            if fault.n >= FEWEST and fault.value - WIDER * (fault.value - fault.low) > LIMITS[name]
        }
        if "reads_unevenly" in found:  # that is why only a part is read
            found.pop("reads_part", None)
        return sorted(found, key=lambda name: -found[name].value)

    def sound(self) -> bool:
        """Whether no part looks weak, sure or not: what does is not to be passed over."""
        return not any(
            fault.n >= FEWEST and fault.value > LIMITS[name] + FLAT_MARGIN
            for name, fault in self.faults().items()
        )


def parts_of(table: Table) -> Parts:
    """Every part that the rows allow."""
    asked = any(table.answered(f"transcribe{e}") for e in ("", "_erased", "_nonword"))
    read = measures.reading(table) if asked else {}
    words = measures.word_rows(table)
    names = measures.clusters(words)
    cer = stats.mean(measures.errors(words), names, bounds=(0.0, 1.0)) if words else NOTHING
    return Parts(
        cer=cer,
        exact=read.get("transcription_exact", NOTHING),
        read=measures.read_beyond_chance(table) if words else NOTHING,
        nonwords=read.get("nonword_cer", NOTHING),
        guessing=read.get("nonword_cer_gap", NOTHING),
        gap=measures.widest_gap(measures.groups(table)),
        used=measures.pair_accuracy(table),
        unused=_unused(table),
        copied=measures.copying(table),
        pull=measures.led(table),
        cost=measures.told_cost(table),
        invented=read.get("hallucination", NOTHING),
    )


def _unused(table: Table) -> Interval:
    """Transcribed rightly minus both captions of the pair answered rightly, item by item."""
    rows = table.together(("transcribe", "as_is", "replaced"))
    values = [
        int(measures.right(t)) - int(measures.right(a) and measures.right(b)) for t, a, b in rows
    ]
    return stats.mean(values, measures.clusters([t for t, _, _ in rows]))


def as_json(parts: Parts, weak: Sequence[str]) -> dict[str, object]:
    """Plain values for the result object."""
    gap = parts.gap
    return {
        "letters": {
            "cer": parts.cer.as_json(),
            "exact": parts.exact.as_json(),
            "exact_beyond_chance": parts.read.as_json(),
            "nonword_cer": parts.nonwords.as_json(),
            "guessing": parts.guessing.as_json(),
            "widest_gap": None
            if gap is None
            else {
                "split": gap[0].split,
                "worse": gap[0].name,
                "better": gap[1].name,
                "worse_cer": gap[0].cer.as_json(),
                "better_cer": gap[1].cer.as_json(),
                "gap": gap[2].as_json(),
            },
        },
        "use": {"pairs": parts.used.as_json(), "read_not_used": parts.unused.as_json()},
        "led": {
            "prompt_copying": parts.copied.as_json(),
            "prompt_pull": parts.pull.as_json(),
            "told_cost": parts.cost.as_json(),
        },
        "invented": parts.invented.as_json(),
        "weak": list(weak),
    }
