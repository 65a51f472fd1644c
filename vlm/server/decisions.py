"""SGLang's ``/v1/decisions``: options weighed from a list, all turns of a question in one request.

As by letters (``vlm.server.letters``): each option stands once in every place, and its chance is
the mean over these turns of the chance that the answer is its letter. The server words the prompt;
``VERSION`` pins how. Written from ``python/sglang/srt/entrypoints/openai/protocol.py`` and
``serving_decisions.py``.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from vlm.server.letters import LETTERS

VERSION = 1
"""``prompt_format_version``: the wording that ``rendered`` repeats."""
CHOOSE = ("Which option is the answer?", "哪个选项是答案？")
"""What is asked behind the question itself, in English and Chinese."""
_HAN = re.compile("[\u3400-\u9fff]")


def request(
    model: str, text: str, orders: Sequence[Sequence[str]], images: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The body of a request. ``orders``: the options of each turn; ``images``: ``{"url"}``."""
    return {
        "model": model,
        "input": text,
        "questions": [
            {
                "id": f"turn-{i}",
                "type": "choice",
                "question": CHOOSE[bool(_HAN.search(text))],
                "options": [{"name": option} for option in order],
            }
            for i, order in enumerate(orders)
        ],
        "prompt_format_version": VERSION,
        **({"images": [dict(image) for image in images]} if images else {}),
    }


def rendered(text: str, options: Sequence[str]) -> str:
    """What the server makes of a question and its options, in version ``VERSION``."""
    lines = [f"{letter}: {o}" for letter, o in zip(LETTERS, options, strict=False)]
    asked = f"Question: {CHOOSE[bool(_HAN.search(text))]}"
    return "\n".join([text, "", asked, *lines, "Answer with the letter of one option only."])


def probabilities(
    reply: Mapping[str, Any], orders: Sequence[Sequence[str]]
) -> tuple[list[list[float]], float] | None:
    """(chance of each place in each turn, mean label mass); None where the reply has not all of
    them. The server's probabilities sum to 1 over the options; times the label mass they are the
    chance that the answer is this letter."""
    rows, masses = [], []
    try:
        for i, order in enumerate(orders):
            answer = reply["answers"][f"turn-{i}"]
            mass = float(answer["label_mass"])
            row = [float(answer["probabilities"][option]) * mass for option in order]
            if not all(0 <= p <= 1.001 for p in row) or not 0 < mass <= 1.001:
                return None
            rows.append([max(p, 1e-9) for p in row])
            masses.append(mass)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return rows, min(1.0, sum(masses) / len(masses))
