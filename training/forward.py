"""blip-nano's training loss and accuracy.

Each distinct frame is encoded once; for every question the Q-Former reads each frame of its clip
under that question, and the outputs stand one after another before the question, as InstructBLIP
does for video (arXiv 2305.06500). The loss covers the answer only.
"""

import torch
from torch.nn import functional as F
from transformers import InstructBlipForConditionalGeneration, InstructBlipProcessor

from training.batches import AskBatch, ask_batch, encode_texts


def look(
    net: InstructBlipForConditionalGeneration,
    hidden: torch.Tensor,
    texts: dict[str, torch.Tensor],
) -> torch.Tensor:
    """Frames (questions, k, tokens, width) -> what the Q-Former saw, (questions, k * 8, width)."""
    n, k = hidden.shape[:2]
    ids = texts["reader"].repeat_interleave(k, 0).to(hidden.device)
    mask = texts["reader_mask"].repeat_interleave(k, 0).to(hidden.device)
    queries = net.query_tokens.expand(n * k, -1, -1)
    mask = torch.cat([mask.new_ones(queries.shape[:2]), mask], 1)
    out = net.qformer(
        input_ids=ids,
        attention_mask=mask,
        query_embeds=queries,
        encoder_hidden_states=hidden.flatten(0, 1),
        return_dict=True,
    )
    seen = net.language_projection(out.last_hidden_state[:, : queries.shape[1]])
    return seen.unflatten(0, (n, k)).flatten(1, 2)


def answer_logits(
    net: InstructBlipForConditionalGeneration, hidden: torch.Tensor, texts: dict[str, torch.Tensor]
) -> torch.Tensor:
    """Logits that predict each answer token, (questions, answer length, vocabulary)."""
    seen = look(net, hidden, texts)
    question, answer = texts["question"].to(seen.device), texts["answer"].to(seen.device)
    words = net.get_input_embeddings()(torch.cat([question, answer[:, :-1]], 1))
    mask = torch.cat(
        [
            question.new_ones(seen.shape[:2]),
            texts["question_mask"].to(seen.device),
            torch.ones_like(answer[:, :-1]),
        ],
        1,
    )
    places = mask.cumsum(1) - 1
    out = net.language_model(
        inputs_embeds=torch.cat([seen, words], 1), attention_mask=mask, position_ids=places
    )
    return out.logits[:, -answer.shape[1] :]


def see(net: InstructBlipForConditionalGeneration, batch: AskBatch) -> torch.Tensor:
    """The vision tower's tokens of a batch's frames, (clips, k, tokens, width)."""
    if batch.hidden is not None:
        return batch.hidden.to(net.device)
    assert batch.pixels is not None
    pixels = batch.pixels.to(net.device)
    hidden = net.vision_model(pixels.flatten(0, 1)).last_hidden_state
    return hidden.unflatten(0, pixels.shape[:2])


def answer_loss(
    net: InstructBlipForConditionalGeneration,
    batch: AskBatch,
    texts: dict[str, torch.Tensor],
    train_vision: bool,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean cross-entropy of the answers, and the vision tokens (clips, k, tokens, width)."""
    with torch.set_grad_enabled(train_vision):
        hidden = see(net, batch)
    logits = answer_logits(net, hidden[batch.clip.to(net.device)], texts)
    answer = texts["answer"].to(logits.device)
    loss = F.cross_entropy(logits.flatten(0, 1), answer.flatten(), ignore_index=0)
    return loss, hidden


@torch.no_grad()
def evaluate(
    net: InstructBlipForConditionalGeneration,
    processor: InstructBlipProcessor,
    batches: int,
    k: int,
) -> dict[str, float]:
    """Share of answers right to the last token, per kind of question, on seeds never trained on.

    Teacher-forced: all tokens of an answer must be the most likely ones. That equals greedy
    generation, because a wrong token would change only what follows it.
    """
    net.eval()
    right: dict[str, list[bool]] = {}
    for i in range(batches):
        batch = ask_batch(f"held-out-{i}", 24, 6, k)
        texts = encode_texts(processor, batch.asked)
        logits = answer_logits(net, see(net, batch)[batch.clip.to(net.device)], texts)
        answer = texts["answer"].to(logits.device)
        whole = ((logits.argmax(-1) == answer) | (answer == 0)).all(1)
        for asked, ok in zip(batch.asked, whole.tolist(), strict=True):
            right.setdefault(asked.kind, []).append(ok)
    net.train()
    return {kind: round(sum(oks) / len(oks), 3) for kind, oks in sorted(right.items())}
