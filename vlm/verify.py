"""A loaded model against transformers' own code, or against what another machine recorded.

Asks fixed questions about drawn pictures. ``record`` keeps the prompt's token ids, the likeliest
first tokens with their log-probabilities, and the greedy answer; ``compare`` says where two records
differ. ``theirs`` makes the record with transformers' own class and ``generate`` alone.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from vlm.delivery import ModelInput
from vlm.errors import ModelError
from vlm.hub import local

TOP = 20
"""How many of the likeliest first tokens are kept."""
TOKENS = 8
CLOSE = {"float32": 1e-3, "float16": 0.05, "bfloat16": 0.25}
"""How far log-probabilities may lie apart, in nats, by the coarser precision of the two."""


@dataclass(frozen=True)
class Record:
    """One question as a model got and answered it."""

    ids: tuple[int, ...]
    """Of the whole prompt; -1 for a soft token."""
    first: dict[str, float]
    """Token id -> log-probability of the likeliest first tokens."""
    answer: str
    dtype: str

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def questions(pictures: int) -> list[ModelInput]:
    """The fixed questions: about one drawn picture, and about several where a model takes them."""
    ys, xs = np.mgrid[0:224, 0:224]
    drawn = []
    for i in range(pictures):
        disc = (ys - 112) ** 2 + (xs - 60 - 40 * i) ** 2 < 50**2
        picture = np.stack([xs, ys, np.full_like(xs, 60 * i)], -1).astype(np.uint8)
        picture[disc] = (255, 255 - 80 * i, 40)
        drawn.append(picture)
    text = "What is in the picture?"
    return [ModelInput((p,), text, (), TOKENS) for p in drawn] + (
        [ModelInput(tuple(drawn), text, (), TOKENS)] if pictures > 1 else []
    )


@torch.inference_mode()
def record(model: Any, look: ModelInput) -> Record:
    """The record of a loaded local model. Raises ModelError: it is none."""
    for part in ("prompt_ids", "first_logits"):
        if not hasattr(model, part):
            raise ModelError(f"{model.name} runs elsewhere or is scripted; there is nothing to see")
    with _greedy(model):
        (seen,) = model.look([look])
    ids = tuple(model.prompt_ids(look))
    return Record(ids, _likeliest(model.first_logits(look)), seen.text, _kind(model.dtype))


@torch.inference_mode()
def theirs(model: Any, source: str, look: ModelInput) -> Record | None:
    """The same by transformers' own class and processor; None where it has none for the model
    (VisualGLM, MiniGPT-4, Ziya)."""
    family = getattr(model, "member", None)
    if family is None:
        return _chat(model, look)
    if family.name not in ("instructblip", "blip-2") or len(look.images) != 1:
        return None
    return _blip(model, local(source), look)


def compare(ours: Record, other: Record) -> list[str]:
    """Where two records differ; nothing where they agree within rounding."""
    found = []
    if ours.ids != other.ids:
        at = next(
            (i for i, (a, b) in enumerate(zip(ours.ids, other.ids, strict=False)) if a != b),
            min(len(ours.ids), len(other.ids)),
        )
        found.append(f"prompts differ from token {at} on ({len(ours.ids)} and {len(other.ids)})")
    close = max(CLOSE[ours.dtype], CLOSE[other.dtype])
    shared = ours.first.keys() & other.first.keys()
    far = max((abs(ours.first[t] - other.first[t]) for t in shared), default=float("inf"))
    if len(shared) < TOP // 2 or far > close:
        found.append(
            f"of the {TOP} likeliest first tokens {len(shared)} are shared, "
            f"{far:.3g} nats apart (up to {close} is rounding)"
        )
    if ours.answer != other.answer and close <= CLOSE["float32"]:
        found.append(f"answers differ: {ours.answer!r} and {other.answer!r}")
    return found


@contextmanager
def _greedy(model: Any) -> Iterator[None]:
    """No beams and no penalty inside: the two codes count the prompt in it differently."""
    generator, family = model.generator, hasattr(model, "member")
    before = dict(generator.settings) if family else generator.penalty
    if family:
        generator.settings |= {"num_beams": 1, "repetition_penalty": 1.0}
    else:
        generator.penalty = 1.0
    try:
        yield
    finally:
        if family:
            generator.settings.update(before)
        else:
            generator.penalty = before


def _likeliest(logits: torch.Tensor) -> dict[str, float]:
    values, ids = logits.float().log_softmax(-1).topk(min(TOP, len(logits)))
    pairs = zip(ids.tolist(), values.tolist(), strict=True)
    return {str(token): round(value, 6) for token, value in pairs}


def _kind(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _chat(model: Any, look: ModelInput) -> Record:
    """The checkpoint's processor and plain ``generate``: no memory, no cache kept, no batch."""
    inputs = model.vision.inputs([(look.text, look.images)], model.dtype)
    out = model.network.generate(
        **inputs,
        max_new_tokens=TOKENS,
        num_beams=1,
        eos_token_id=model.generator.stops,
        output_logits=True,
        return_dict_in_generate=True,
    )
    ids = inputs["input_ids"][0].tolist()
    said = out.sequences[0, len(ids) :]
    text = model.processor.tokenizer.decode(said, skip_special_tokens=True).strip()
    return Record(tuple(ids), _likeliest(out.logits[0][0]), text, _kind(model.dtype))


def _blip(model: Any, folder: Path, look: ModelInput) -> Record:
    """transformers' own class over the same files, fed with the same ids and pixels."""
    from transformers import Blip2ForConditionalGeneration, InstructBlipForConditionalGeneration

    kinds: dict[str, Any] = {
        "instructblip": InstructBlipForConditionalGeneration,
        "blip-2": Blip2ForConditionalGeneration,
    }
    net = kinds[model.member.name].from_pretrained(folder, dtype=model.dtype).to(model.device)
    net.eval()
    ids = model.prompt_ids(look)
    image = net.config.image_token_index
    given = torch.tensor([[image if i < 0 else i for i in ids]], device=model.device)
    encoder = model.vision_encoder
    pixels = encoder.pixels(look.images).to(model.device, model.dtype)
    more = {}
    if encoder.reader is not None:
        asked = encoder.asked([look.text]).to(model.device)
        more = {
            "qformer_input_ids": asked.input_ids,
            "qformer_attention_mask": asked.attention_mask,
        }
    mask = torch.ones_like(given)
    common: dict[str, Any] = {"pixel_values": pixels, "input_ids": given, "attention_mask": mask}
    seq2seq = net.config.text_config.is_encoder_decoder
    start = {}
    if seq2seq:
        first = torch.full_like(given[:, :1], net.config.text_config.decoder_start_token_id)
        start = {"decoder_input_ids": first}
    logits = net(**common, **more, **start).logits[0, -1]
    eos = model.generation["eos_token_id"]
    out = net.generate(
        **common, **more, max_new_tokens=TOKENS, num_beams=1, do_sample=False, eos_token_id=eos
    )
    said = out[0].tolist() if seq2seq else out[0].tolist()[given.shape[1] :]
    text = model.member.tidy(model.generator.tokenizer.decode(model.generator.cut(said)), look.text)
    return Record(tuple(ids), _likeliest(logits), text, _kind(model.dtype))


def expectations(records: Sequence[Record]) -> list[dict[str, Any]]:
    """Records as plain values, to be kept in a file."""
    return [one.as_json() for one in records]


def read(values: Sequence[dict[str, Any]]) -> list[Record]:
    """Records from such values. Raises ModelError: they are none."""
    try:
        return [
            Record(tuple(v["ids"]), dict(v["first"]), str(v["answer"]), str(v["dtype"]))
            for v in values
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"no recorded expectations of memeprobe verify: {error!r}") from error
