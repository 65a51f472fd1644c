"""blip-nano's architecture and tokenizer: a small InstructBLIP in transformers' own classes."""

import re

import torch
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import (
    BlipImageProcessorPil,
    InstructBlipConfig,
    InstructBlipForConditionalGeneration,
    InstructBlipProcessor,
    LlamaConfig,
    PreTrainedTokenizerFast,
)

from meme_sets.world import questions as q
from meme_sets.world import vocabulary as v

IMAGE_SIZE = 96
PATCH = 8
QUERIES = 8
SPECIAL = ["<pad>", "<s>", "</s>", "<unk>", "<image>"]
# A word with the space before it, one digit, one Chinese character, or one other sign.
PIECE = r" ?[a-z]+|[0-9]|[\u4e00-\u9fff]|[^\s]"


def _texts() -> list[str]:
    """Every text that the rendered world can ask or answer."""
    texts = []
    for lang in ("en", "zh"):
        texts += [getattr(row, lang) for row in q.QUESTIONS.values()]
        texts += [getattr(q.AFTER, lang), getattr(q.NO_CAPTION, lang)]
        for table in (v.SPECIES, v.OBJECTS, v.PLACES, v.MOODS, v.ACTIONS, v.TOPICS):
            texts += [getattr(name, lang) for name in table.values()]
        texts += v.captions(lang)
    texts += [f" {t}" for t in texts]
    return [re.sub(r"\{.\}", "", t).lower() for t in texts]


def tokenizer(padding_side: str = "left") -> PreTrainedTokenizerFast:
    """Words and Chinese characters of the rendered world; anything else is spelt as <unk>."""
    pieces = sorted({p for text in _texts() for p in re.findall(PIECE, text)})
    pieces += [
        c for c in "abcdefghijklmnopqrstuvwxyz0123456789.,:;!?\"'()-，。：；、" if c not in pieces
    ]
    vocab = {piece: i for i, piece in enumerate([*SPECIAL, *pieces])}
    tok = Tokenizer(models.WordLevel(vocab, unk_token="<unk>"))
    tok.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tok.pre_tokenizer = pre_tokenizers.Split(Regex(PIECE), "isolated")
    tok.decoder = decoders.Fuse()
    tok.post_processor = processors.TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", vocab["<s>"])]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tok,
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        pad_token="<pad>",
        additional_special_tokens=["<image>"],
        padding_side=padding_side,
    )


def processor() -> InstructBlipProcessor:
    """Pictures to 96 x 96 with CLIP's mean and standard deviation, texts to ids."""
    images = BlipImageProcessorPil(size={"height": IMAGE_SIZE, "width": IMAGE_SIZE})
    return InstructBlipProcessor(
        images, tokenizer("left"), tokenizer("right"), num_query_tokens=QUERIES
    )


def model(vocab_size: int) -> InstructBlipForConditionalGeneration:
    """A fresh blip-nano with random weights."""
    config = InstructBlipConfig(
        vision_config={
            "hidden_size": 128,
            "intermediate_size": 512,
            "num_hidden_layers": 4,
            "num_attention_heads": 4,
            "image_size": IMAGE_SIZE,
            "patch_size": PATCH,
            # The class's default, 1e-10, is made for loading weights, not for training; the usual
            # 0.02 is made for widths near 1,000 and leaves attention this narrow almost uniform.
            "initializer_range": 0.06,
        },
        qformer_config={
            "vocab_size": vocab_size,
            "hidden_size": 160,
            "num_hidden_layers": 2,
            "num_attention_heads": 5,
            "intermediate_size": 480,
            "encoder_hidden_size": 128,
            "cross_attention_frequency": 1,
            "max_position_embeddings": 64,
            "hidden_dropout_prob": 0.0,
            "attention_probs_dropout_prob": 0.0,
            "pad_token_id": 0,
            "initializer_range": 0.06,
        },
        text_config=LlamaConfig(
            vocab_size=vocab_size,
            hidden_size=160,
            intermediate_size=432,
            num_hidden_layers=3,
            num_attention_heads=5,
            max_position_embeddings=512,
            pad_token_id=0,
            bos_token_id=1,
            eos_token_id=2,
            tie_word_embeddings=False,
            initializer_range=0.06,
        ).to_dict(),
        num_query_tokens=QUERIES,
        image_token_index=SPECIAL.index("<image>"),
    )
    net = InstructBlipForConditionalGeneration(config)
    with torch.no_grad():
        net.query_tokens.normal_(0.0, 0.5)
        embeddings = net.vision_model.embeddings
        embeddings.class_embedding.normal_(0.0, 0.5)
        embeddings.position_embedding[0, 0] = 0.0
        embeddings.position_embedding[0, 1:] = 0.5 * _waves(IMAGE_SIZE // PATCH, 128)
    return net


def _waves(side: int, width: int) -> torch.Tensor:
    """Sines and cosines of a patch's row and column, (side * side, width): near patches start
    alike, so attention finds its neighbours without having to learn the grid first."""
    frequencies = 10000 ** (-torch.arange(width // 4) / (width // 4))
    angles = torch.arange(side)[:, None] * frequencies
    wave = torch.cat([angles.sin(), angles.cos()], 1)
    rows = wave[:, None].expand(side, side, -1)
    columns = wave[None].expand(side, side, -1)
    return torch.cat([rows, columns], -1).flatten(0, 1)
