"""What ChatGLM-6B v1.1 is made of, under the names that its published config.json uses."""

from typing import ClassVar

from transformers import PretrainedConfig

ROTARY_DTYPES = ("auto", "float16", "float32")


class ChatGLMConfig(PretrainedConfig):
    """Sizes, token ids and numeric choices; the defaults are those of the published 6B model.

    ``deepnorm_layers`` sets the residual weight alpha = sqrt(2 * deepnorm_layers). The published
    code leaves it at 28 whatever ``num_layers`` says, so it is a field of its own here.

    ``rotary_dtype``: "float16" computes the rotary angles, cosines and sines in half precision, as
    the model was trained and served; "float32" rounds only the frequencies to half precision, as
    the published code does after ``.float()``; "auto" takes "float16" for models in float16 or
    bfloat16 and "float32" for models in float32.

    Raises ValueError: sizes that do not fit together, or a variant that this port does not have.
    """

    model_type = "chatglm"
    keys_to_ignore_at_inference: ClassVar[list[str]] = ["past_key_values"]
    attribute_map: ClassVar[dict[str, str]] = {
        "num_hidden_layers": "num_layers",
        "intermediate_size": "inner_hidden_size",
        "max_position_embeddings": "max_sequence_length",
    }

    vocab_size: int = 130528
    hidden_size: int = 4096
    num_layers: int = 28
    num_attention_heads: int = 32
    inner_hidden_size: int = 16384
    layernorm_epsilon: float = 1e-5
    max_sequence_length: int = 2048
    bos_token_id: int | None = 130004
    eos_token_id: int | list[int] | None = 130005
    pad_token_id: int | None = 3
    mask_token_id: int = 130000
    gmask_token_id: int = 130001
    position_encoding_2d: bool = True
    quantization_bit: int = 0
    pre_seq_len: int | None = None
    deepnorm_layers: int = 28
    rotary_dtype: str = "auto"
    initializer_range: float = 0.02
    use_cache: bool = True
    tie_word_embeddings: bool = False

    def __post_init__(self, **kwargs: object) -> None:
        super().__post_init__(**kwargs)
        if self.hidden_size % (4 * self.num_attention_heads):
            raise ValueError(
                f"hidden_size {self.hidden_size} must be a multiple of 4 * num_attention_heads "
                f"(= {4 * self.num_attention_heads}): each head turns two halves by pairs"
            )
        if self.rotary_dtype not in ROTARY_DTYPES:
            raise ValueError(
                f"rotary_dtype is {self.rotary_dtype!r}; must be one of {', '.join(ROTARY_DTYPES)}"
            )
        if not self.position_encoding_2d:
            raise ValueError("this port has two-dimensional positions only (position_encoding_2d)")
        if self.quantization_bit:
            raise ValueError(
                f"quantization_bit is {self.quantization_bit}: checkpoints that were published "
                "quantised are not supported; load the float16 one and quantise it here"
            )
        if self.pre_seq_len is not None:
            raise ValueError("pre_seq_len is set: P-tuning prefixes are not supported")
