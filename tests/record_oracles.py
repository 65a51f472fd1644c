"""Record what the published code computes, for the tests that run without it.

MEMEPROBE_ORACLES=/path python -m tests.record_oracles
"""

import json
from pathlib import Path
from typing import Any

import torch

from tests import tiny_chatglm as glm
from tests import tiny_translators as pair
from tests.oracles import published_chatglm, published_deltalm

DATA = Path(__file__).parent / "data"


def glm_positions(contexts: tuple[tuple[int, ...], ...], answer: int = 0) -> torch.Tensor:
    """Both position rows (rows, 2, length) of left-padded prompts and ``answer`` more tokens."""
    width = max(map(len, contexts)) + 2
    rows = []
    for context in contexts:
        before = len(context) + 1  # [gMASK] belongs to the context
        padding = [0] * (width - before - 1)
        place = [*padding, *range(before), *[before - 1] * (1 + answer)]
        rows.append([place, [*padding, *[0] * before, *range(1, answer + 2)]])
    return torch.tensor(rows)


@torch.no_grad()
def glm_greedy(net: Any, contexts: tuple[tuple[int, ...], ...], steps: int) -> list[list[int]]:
    """Greedy tokens of the published model, with its own cache, masks and positions."""
    ids, mask = glm.batch(contexts)
    places = glm_positions(contexts)
    out = net(ids, attention_mask=mask, position_ids=places, use_cache=True, return_dict=True)
    made: list[torch.Tensor] = []
    for _ in range(steps):
        made.append(out.logits[:, -1].argmax(-1, keepdim=True))
        places = places[..., -1:].clone()  # the published code moves on in the second row only
        places[:, 1] += 1
        mask = torch.cat([mask, torch.ones_like(mask[:, :1])], 1)
        out = net(
            made[-1],
            attention_mask=mask,
            position_ids=places,
            use_cache=True,
            past_key_values=out.past_key_values,
            return_dict=True,
        )
    return torch.cat(made, 1).tolist()


@torch.no_grad()
def glm_answer(net: Any, context: tuple[int, ...], answer: tuple[int, ...]) -> torch.Tensor:
    """Logits (length, vocabulary) of the published model over prompt and answer in one pass."""
    ids = torch.tensor([[*glm.prompt(context), *answer]])
    return net(ids, use_cache=False, return_dict=True).logits[0]


def rounded(values: torch.Tensor) -> list[Any]:
    """Numbers to six digits after the point."""
    return [round(v, 6) for v in values.flatten().tolist()]


def record_chatglm() -> dict[str, Any]:
    """Last logits of a prompt, of a long one, of an answer, and greedy tokens."""
    net = published_chatglm(glm.CONFIG)
    first = glm_answer(net, glm.CONTEXTS[0], glm.ANSWER)
    return {
        "answer_logits": [rounded(row[:12]) for row in first[-len(glm.ANSWER) - 1 :]],
        "answer_logprobs": rounded(
            first[-len(glm.ANSWER) - 1 : -1].log_softmax(-1)[range(4), glm.ANSWER]
        ),
        "long_logits": rounded(glm_answer(net, glm.LONG, ())[-1][:24]),
        "greedy": glm_greedy(net, glm.CONTEXTS, 12),
    }


@torch.no_grad()
def deltalm_logits(net: Any) -> torch.Tensor:
    """Logits (rows, length, vocabulary) of ``pair.SOURCES``, padded, with the same target each."""
    ids, mask = pair.padded()
    target = torch.tensor([pair.TARGET] * len(ids))
    return net(
        input_ids=ids,
        attention_mask=mask,
        decoder_input_ids=target,
        use_cache=False,
        return_dict=True,
    ).logits


@torch.no_grad()
def deltalm_greedy(net: Any, steps: int) -> list[list[int]]:
    """Greedy tokens after the start token, without a cache."""
    ids, mask = pair.padded()
    said = torch.zeros(len(ids), 1, dtype=torch.long)
    for _ in range(steps):
        out = net(
            input_ids=ids,
            attention_mask=mask,
            decoder_input_ids=said,
            use_cache=False,
            return_dict=True,
        )
        said = torch.cat([said, out.logits[:, -1].argmax(-1, keepdim=True)], 1)
    return said.tolist()


def record_deltalm() -> dict[str, Any]:
    """Some logits, and greedy tokens."""
    net = published_deltalm(pair.DELTALM)
    return {
        "logits": [rounded(row) for row in deltalm_logits(net)[:, -1, :12]],
        "greedy": deltalm_greedy(net, 12),
    }


RECORDS = {"chatglm": record_chatglm, "deltalm": record_deltalm}


def main() -> None:
    """Write one file for each record."""
    DATA.mkdir(exist_ok=True)
    for name, record in RECORDS.items():
        text = json.dumps(record(), indent=1)
        (DATA / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
