"""Chat templates as the hub has them, and small chat models trained on the toy question with them.

Each row says in plain words what its authors trained on: the text of a whole conversation, written
down here apart from the template and from ``vlm.chat``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from tests.tiny_chat import make_chat
from tests.trained import ANSWERS, LINES, QUESTION, byte_level, cross_entropy, fit, pictures
from vlm import LoadOptions, load_model
from vlm.chat import ChatModel

SIGNS = ["</s>", "<pad>", "<|im_start|>", "<|im_end|>"]


@dataclass(frozen=True)
class Row:
    """One way to write a conversation."""

    family: str
    template: str
    prompt: str
    """Up to the answer, IMAGE for the picture and QUESTION for the question."""
    answer: str
    """As it goes on, ANSWER for the answer."""
    words: str = "bytes"
    eos: str = "<|im_end|>"


def _parts(picture: str) -> str:
    """A message's parts in order."""
    return (
        "{% for part in message['content'] %}{% if part['type'] == 'image' %}"
        + picture
        + "{% else %}{{ part['text'] }}{% endif %}{% endfor %}"
    )


_LLAVA = (
    "{% for message in messages %}{{ message['role'].upper() + ': ' }}"
    "{% for part in message['content'] | selectattr('type', 'equalto', 'image') %}"
    "{{ '<image>\n' }}{% endfor %}"
    "{% for part in message['content'] | selectattr('type', 'equalto', 'text') %}"
    "{{ part['text'] + ' ' }}{% endfor %}{% endfor %}"
    "{% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}"
)
_CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' }}PARTS"
    "{{ '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}THINK{% endif %}"
)
_SMOLVLM = (
    "<|im_start|>{% for message in messages %}{{ message['role'] | capitalize }}"
    "{% if message['content'][0]['type'] == 'image' %}{{ ':' }}{% else %}{{ ': ' }}{% endif %}"
    + _parts("{{ '<image>' }}")
    + "<end_of_utterance>\n{% endfor %}{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}"
)
_PLAIN = (
    "{% for message in messages %}{{ message['role'].upper() + ': ' + message['content'] + ' ' }}"
    "{% endfor %}{% if add_generation_prompt %}ASSISTANT:{% endif %}"
)
_MISTRAL = (
    "{% for message in messages %}{% if message['role'] == 'user' %}{{ '[INST] ' }}PARTS"
    "{{ ' [/INST]' }}{% else %}{{ ' ' + message['content'][0]['text'] + '</s>' }}{% endif %}"
    "{% endfor %}"
).replace("PARTS", _parts("{{ '<image>\n' }}"))
_GLM = (
    "{% for message in messages %}{% if message['role'] == 'user' %}<|im_start|>\nPARTS"
    "{% else %}<|im_end|>\n{{ message['content'][0]['text'] }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|im_end|>\n{% endif %}"
).replace("PARTS", _parts("<image>"))
_QUESTIONS_ONLY = (
    "{% for message in messages %}{% if message['role'] != 'user' %}"
    "{{ raise_exception('only questions') }}{% endif %}USER: " + _parts("<image>") + " "
    "{% endfor %}ASSISTANT:"
)


def chatml(picture: str, think: str = "") -> str:
    """Qwen's and InternVL's form."""
    return _CHATML.replace("PARTS", _parts(picture)).replace("THINK", think)


_ASSISTANT = "<|im_end|>\n<|im_start|>assistant\n"
ROWS: dict[str, Row] = {
    "llava-1.5": Row(
        "llava", _LLAVA, "USER: IMAGE\nQUESTION ASSISTANT:", " ANSWER</s>", "llama", "</s>"
    ),
    "llava-bytes": Row(
        "llava", _LLAVA, "USER: IMAGE\nQUESTION ASSISTANT:", " ANSWER</s>", eos="</s>"
    ),
    "qwen2.5-vl": Row(
        "qwen2_5_vl",
        chatml("<|vision_start|><|image_pad|><|vision_end|>"),
        "<|im_start|>user\nIMAGEQUESTION" + _ASSISTANT,
        "ANSWER<|im_end|>",
    ),
    "smolvlm": Row(
        "smolvlm",
        _SMOLVLM,
        "<|im_start|>User:IMAGEQUESTION<end_of_utterance>\nAssistant:",
        " ANSWER<end_of_utterance>",
        eos="<end_of_utterance>",
    ),
    "idefics3": Row(
        "idefics3",
        _SMOLVLM,
        "<|im_start|>User:IMAGEQUESTION<end_of_utterance>\nAssistant:",
        " ANSWER<end_of_utterance>",
        eos="<end_of_utterance>",
    ),
    "internvl": Row(
        "internvl",
        chatml("{{ '<IMG_CONTEXT>\n' }}"),
        "<|im_start|>user\nIMAGE\nQUESTION" + _ASSISTANT,
        "ANSWER<|im_end|>",
    ),
    "plain strings": Row(
        "llava", _PLAIN, "USER: IMAGE\nQUESTION ASSISTANT:", " ANSWER</s>", eos="</s>"
    ),
    "mistral": Row("llava", _MISTRAL, "[INST] IMAGE\nQUESTION [/INST]", " ANSWER</s>", eos="</s>"),
    "end by the next turn": Row(
        "llava", _GLM, "<|im_start|>\nIMAGEQUESTION<|im_end|>\n", "ANSWER<|im_start|>", eos="</s>"
    ),
    "no answers in it": Row(
        "llava", _QUESTIONS_ONLY, "USER: IMAGEQUESTION ASSISTANT:", " ANSWER</s>", eos="</s>"
    ),
    "switched off": Row(
        "llava",
        chatml(
            "<image>",
            "{% if enable_thinking is defined and not enable_thinking %}"
            "{{ '<think>\n\n</think>\n\n' }}{% endif %}",
        ),
        "<|im_start|>user\nIMAGEQUESTION" + _ASSISTANT + "<think>\n\n</think>\n\n",
        "ANSWER<|im_end|>",
    ),
    "thinks aloud": Row(
        "llava",
        chatml("<image>"),
        "<|im_start|>user\nIMAGEQUESTION" + _ASSISTANT,
        "<think>\nwhat is it it is it is red it is red what is shown here it is red\n</think>\n\n"
        "ANSWER<|im_end|>",
    ),
    "opened by the template": Row(
        "llava",
        chatml("<image>", "{{ '<think>\n' }}"),
        "<|im_start|>user\nIMAGEQUESTION" + _ASSISTANT + "<think>\n",
        "what is it it is it is red it is red what is shown here it is red\n</think>\n\n"
        "ANSWER<|im_end|>",
    ),
}


def llama_words(special: list[str]) -> PreTrainedTokenizerFast:
    """Llama's kind of tokenizer: a word carries the blank before it, a text begins with one."""
    tok = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>"))
    tok.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
    tok.decoder = decoders.Metaspace(prepend_scheme="first")
    trainer = trainers.BpeTrainer(
        vocab_size=500,
        special_tokens=[*special, "<unk>", *(f"<0x{i:02X}>" for i in range(256))],
        show_progress=False,
    )
    tok.train_from_iterator([line for line in LINES for _ in range(9)], trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tok,
        eos_token=special[0],
        bos_token=special[0],
        pad_token=special[1],
        unk_token="<unk>",
        additional_special_tokens=special[2:],
    )


def make_row(row: Row, folder: Path) -> Path:
    """The checkpoint of a row, untrained."""
    kind: Callable[[list[str]], PreTrainedTokenizerFast]
    kind = llama_words if row.words == "llama" else byte_level

    def words(special: list[str]) -> PreTrainedTokenizerFast:
        made = kind([*SIGNS, *special])
        made.eos_token = row.eos
        return made

    return make_chat(row.family, folder, 0, words, row.template, scale=1.0)


def trained(row: Row, folder: Path, steps: int = 150) -> ChatModel:
    """The model of a row, loaded and then taught the toy question, as its authors' code would."""
    model = load_model(str(make_row(row, folder)), LoadOptions("cpu"))
    assert isinstance(model, ChatModel)
    processor, net = model.processor, model.network
    image = {
        "qwen2_5_vl": "<|vision_start|><|image_pad|><|vision_end|>",
        "internvl": "<IMG_CONTEXT>",
    }
    prompt = row.prompt.replace("IMAGE", image.get(row.family, "<image>"))
    prompt = prompt.replace("QUESTION", QUESTION)
    from PIL import Image

    shown = pictures(18, 1)
    whole = [prompt + row.answer.replace("ANSWER", ANSWERS[a]) for _, a in shown]
    count = lambda text: len(processor.tokenizer(text, add_special_tokens=False).input_ids)  # noqa: E731
    new = [count(text) - count(prompt) for text in whole]
    made = processor(
        text=whole,
        images=[[Image.fromarray(p)] for p, _ in shown],
        padding=True,
        return_tensors="pt",
        add_special_tokens=False,
    )
    made["pixel_values"] = made["pixel_values"].float()  # Llama 4's are bfloat16
    labels = torch.full_like(made["input_ids"], -100)
    for i, n in enumerate(new):  # padded on the left
        labels[i, -n:] = made["input_ids"][i, -n:]
    torch.manual_seed(0)

    def loss() -> torch.Tensor:
        logits = net(**made, use_cache=False).logits
        return cross_entropy(logits[:, :-1], labels[:, 1:])

    fit(net, loss, steps, rate=5e-3)
    return model
