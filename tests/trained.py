"""Small checkpoints *trained* on one toy question: does it give the same answer in words and by
options? Random weights cannot show that: whatever tokens they weigh, the result is noise.

The targets are tokenised here as the model's authors tokenised theirs, apart from ``vlm.options``.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from tests.not_none import not_none
from vlm import Query
from vlm.blip import Family
from vlm.delivery import looks
from vlm.translate.seq2seq import Seq2Seq

QUESTION = "is it day here ?"
ANSWERS = ("yes", "no")
"""To a bright picture and to a dark one."""
Taught = list[tuple[list[int], list[int]]]
"""Ids of a text and of its translation, end signs included."""
LINES = (
    "what is shown here ? is it day here ?",
    "Question: is it day here ? Answer: yes",
    "Question: is it day here ? Answer: no",
    "Question: is it day here ? Answer: it is red",
    "USER: is it day here ? ASSISTANT: yes",
    "User: what is it ? Assistant: no it is red",
    "system user assistant <think> </think>",
)


def byte_level(special: Sequence[str], bos: str | None = None) -> PreTrainedTokenizerFast:
    """GPT-2's kind of tokenizer, as OPT, Qwen and SmolLM have it: ``no`` and `` no`` are different
    tokens. ``special``: end sign, padding, then whatever else, with ids from 0."""
    tok = Tokenizer(models.BPE())
    tok.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tok.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=list(special),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    both = [line for line in LINES for _ in range(9)]
    tok.train_from_iterator([*both, *(w for w in ANSWERS for _ in range(9))], trainer)
    if bos is not None:
        tok.post_processor = processors.TemplateProcessing(
            single=f"{bos} $A", special_tokens=[(bos, tok.token_to_id(bos))]
        )
    return PreTrainedTokenizerFast(
        tokenizer_object=tok,
        eos_token=special[0],
        bos_token=bos or special[0],
        pad_token=special[1],
        additional_special_tokens=list(special[2:]),
    )


def pictures(count: int, seed: int) -> list[tuple[np.ndarray, int]]:
    """Noisy pictures and the number of the answer that each calls for."""
    rng = np.random.default_rng(seed)
    made = []
    for i in range(count):
        answer = i % len(ANSWERS)
        noise = rng.integers(0, 16, (28, 28, 3))
        made.append(((noise + (235, 5)[answer]).astype(np.uint8), answer))
    return made


def train_family(
    model: Family, target: Callable[[str, str], list[int]], steps: int = 200, seed: int = 0
) -> None:
    """Teach a loaded member of the family the toy question; only its language model learns.

    ``target``: (last stretch of the prompt, answer) -> the ids that the authors' code would have
    trained on, end sign included.
    """
    lm = model.network.language_model.float()
    shown = pictures(8, 1)
    _open_eyes(model, [p for p, _ in shown])
    torch.manual_seed(seed)
    for name, weight in lm.named_parameters():
        if weight.ndim > 1:
            torch.nn.init.normal_(weight, std=0.1)
        elif name.endswith("norm.weight"):
            # Random checkpoints have large ones, so that their choices are clear; from there on
            # training never settles.
            torch.nn.init.ones_(weight)
    asked = [looks(Query((p,), QUESTION, (), "concat"))[0] for p, _ in shown]
    prompts = [model.member.template(QUESTION, 1)] * len(asked)
    with torch.no_grad():  # the pictures' soft tokens, which stay as they are
        mask = model._prefix(asked, prompts)[1]
    ids = [target(not_none(prompts[0][-1]), ANSWERS[a]) for _, a in shown]
    width = max(map(len, ids))
    wanted = torch.tensor([[*row, *[-100] * (width - len(row))] for row in ids])
    fed = wanted.clamp(min=0)
    seq2seq = lm.config.is_encoder_decoder
    places = mask.cumsum(1).sub(1).clamp(min=0)

    def logits() -> torch.Tensor:
        # Anew in each step: the prompt's words are the same weights as the answer's.
        prefix = model._prefix(asked, prompts)[0]
        if seq2seq:
            start = torch.full_like(fed[:, :1], lm.config.decoder_start_token_id)
            said = torch.cat([start, fed[:, :-1]], 1)
            return lm(inputs_embeds=prefix, attention_mask=mask, decoder_input_ids=said).logits
        # The cache holds the prompt: ChatGLM tells prompt from answer by it.
        out = lm(inputs_embeds=prefix, attention_mask=mask, position_ids=places, use_cache=True)
        grown = torch.cat([mask, torch.ones_like(fed[:, 1:])], 1)
        behind = places[:, -1:] + 1 + torch.arange(width - 1)
        more = lm(
            input_ids=fed[:, :-1],
            attention_mask=grown,
            position_ids=behind,
            past_key_values=out.past_key_values,
            use_cache=True,
        )
        return torch.cat([out.logits[:, -1:], more.logits], 1)

    fit(lm, lambda: cross_entropy(logits(), wanted), steps, 1e-2 if seq2seq else 6e-3)


@torch.no_grad()
def _open_eyes(model: Family, shown: Sequence[np.ndarray]) -> None:
    """A vision tower that sees (transformers begins BLIP-2's with weights of 1e-10), and a
    projection turned towards what differs between the pictures."""
    net: Any = model.network
    torch.manual_seed(0)
    if hasattr(net, "abstractor"):
        reader, projection = net.abstractor, net.abstractor.visual_fc
    else:
        reader, projection = net.qformer, net.language_projection
    for part in (net.vision_model, reader):
        for weight in part.parameters():
            if weight.ndim > 1:
                weight.normal_(0.0, 0.15)
    encoder = model.vision_encoder
    caught: list[torch.Tensor] = []
    hook = projection.register_forward_pre_hook(lambda _, given: caught.append(given[0].float()))
    encoder.look(list(shown), [QUESTION] * len(shown))
    hook.remove()
    encoder.forget()
    tokens = torch.cat(caught)  # (pictures, queries, width)
    seen = tokens.mean(1)
    middle = seen.mean(0)
    _, spread, directions = torch.linalg.svd(seen - middle, full_matrices=False)
    pick = directions[:2] * 8.0 * len(shown) ** 0.5 / spread[0]
    turn = torch.nn.init.orthogonal_(torch.empty(len(projection.weight), 2))
    weight = turn @ pick
    projection.weight.copy_(weight)
    projection.bias.copy_(-weight @ middle)


def cross_entropy(logits: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Mean over the tokens that are wanted; -100 is none."""
    return torch.nn.functional.cross_entropy(logits.float().flatten(0, 1), wanted.flatten())


def fit(
    net: torch.nn.Module, loss_of: Callable[[], torch.Tensor], steps: int, rate: float = 3e-3
) -> None:
    """Adam until the loss is small; fails where it never becomes so."""
    parameters = list(net.requires_grad_(True).parameters())
    adam = torch.optim.Adam(parameters, rate)
    loss = torch.tensor(torch.inf)
    for _ in range(steps):
        loss = loss_of()
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        adam.step()
        if loss.item() < 0.004:
            break
    net.requires_grad_(False)
    assert loss.item() < 0.1, f"the toy did not learn: loss {loss.item():.3f}"


def counts(
    model: Any,
    delivery: str,
    count: int = 42,
    seed: int = 2,
    toy: tuple[str, tuple[str, ...]] = (QUESTION, ANSWERS),
) -> tuple[int, int, int]:
    """(right in words, right by options, asked) on pictures that were not trained on.

    ``toy``: the question, and its answers to a bright picture and to a dark one.
    """
    shown = pictures(count, seed)
    question, options = toy
    asked = [Query((p,), question, options, delivery, max_new_tokens=8) for p, _ in shown]
    answers = model.answer(asked)
    assert all(a.error is None for a in answers), answers[0].error
    words = sum(a.text == options[want] for a, (_, want) in zip(answers, shown, strict=True))
    chosen = 0
    for answer, (_, want) in zip(answers, shown, strict=True):
        assert answer.option_logprobs is not None, answer.receipt
        best = max(range(len(options)), key=answer.option_logprobs.__getitem__)
        chosen += best == want
    return words, chosen, len(shown)


def deltalm_rows(folder: Path, pairs: Sequence[tuple[str, str]]) -> Taught:
    """Texts as DeltaLM's authors tokenise them: XLM-R's ids, with <s> before a source."""
    spm = sentencepiece.SentencePieceProcessor(model_file=str(folder / "spm.model"))
    # <unk>, <s>, </s> of the model become <s> 0, <pad> 1, </s> 2, <unk> 3.
    ids = lambda text: [i + 1 if i else 3 for i in spm.encode(text)] + [2]  # noqa: E731
    return [([0, *ids(one)], ids(other)) for one, other in pairs]


def marian_rows(folder: Path, pairs: Sequence[tuple[str, str]]) -> Taught:
    """Texts as opus-mt's authors tokenise them: pieces, looked up in the vocabulary; what names the
    target language (``>>...<<``) is one token before a source."""
    vocab = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
    source, target = (
        sentencepiece.SentencePieceProcessor(model_file=str(folder / f"{side}.spm"))
        for side in ("source", "target")
    )

    def ids(spm: Any, text: str) -> list[int]:
        code, _, rest = text.partition("<< ") if text.startswith(">>") else ("", "", text)
        named = [vocab[f"{code}<<"]] if code else []
        pieces = spm.encode(rest, out_type=str)
        return [*named, *(vocab.get(p, vocab["<unk>"]) for p in pieces), vocab["</s>"]]

    return [(ids(source, one), ids(target, other)) for one, other in pairs]


def train_translator(translator: Seq2Seq, rows: Taught) -> None:
    """Teach a loaded translator these texts and nothing else."""
    net = translator.net
    pad, start = translator.codec.pad, net.config.decoder_start_token_id
    longest = max(len(ids) for row in rows for ids in row)
    fill = lambda ids, with_: ids + [with_] * (longest - len(ids))  # noqa: E731
    given = torch.tensor([fill(ids, pad) for ids, _ in rows])
    wanted = torch.tensor([fill(ids, -100) for _, ids in rows])
    fed = torch.where(wanted < 0, pad, wanted)
    said = torch.cat([torch.full_like(wanted[:, :1], start), fed[:, :-1]], 1)
    torch.manual_seed(0)
    for weight in net.parameters():
        if weight.ndim > 1:
            torch.nn.init.normal_(weight, std=0.1)
    mask = (given != pad).long()

    def loss() -> torch.Tensor:
        logits = net(input_ids=given, attention_mask=mask, decoder_input_ids=said).logits
        return cross_entropy(logits, wanted)

    fit(net, loss, 200, 1e-2)
