"""How much memory weights take, told from their number and type alone."""

WEIGHT_BYTES = {"float32": 4.0, "float16": 2.0, "bfloat16": 2.0, "int8": 1.0, "int4": 0.516}
"""Memory of one weight. int4: 4 bits, and for each 64 weights a scale of 8 bits, and for each 256
of those one of 32 bits; int8's one scale a row is too little to show."""


def memory_bytes(
    language_parameters: int,
    other_parameters: int = 0,
    kind: str | None = None,
    dtype: str = "bfloat16",
) -> int:
    """About how much memory a model's weights take.

    ``language_parameters``: those that quantising shrinks; ``other_parameters``: vision tower,
    Q-Former, projection, and the language model's embeddings and output layer.
    """
    shrunk = WEIGHT_BYTES[kind or dtype]
    return round(language_parameters * shrunk + other_parameters * WEIGHT_BYTES[dtype])
