"""Any chat model that transformers knows as ``AutoModelForImageTextToText``.

Qwen-VL, LLaVA, Idefics, SmolVLM, InternVL, Gemma and their like, from a directory or hub id. The
form of the prompt is the checkpoint's own chat template: the pictures in order, then the question.
"""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from itertools import groupby
from typing import Any

import numpy as np
import torch

from vlm.adapter import Adapter
from vlm.arrival import check_room, scored_or_reason, unknown_note
from vlm.budget import TOKENS
from vlm.chat.answer_tokens import AnswerTokens
from vlm.chat.conversation import Conversation
from vlm.chat.generator import Generator
from vlm.chat.loading import load_network
from vlm.chat.processor import load_processor
from vlm.chat.score import Inputs, OptionScorer, Prefilled, extended
from vlm.chat.thinking import ROOM, Said
from vlm.chat.vision_inputs import VisionInputs
from vlm.delivery import ModelInput, ModelOutput
from vlm.device import choose_device, choose_dtype
from vlm.fingerprint import fingerprint
from vlm.options import Forms, alike, merged
from vlm.query import PictureSeen, Seen
from vlm.settings import DEFAULTS, LoadOptions

ADAPTER_VERSION = "2"
UNFINISHED = (
    "the model was still thinking when its {} tokens ended; give it more with --max-new-tokens"
)


class ChatModel(Adapter):
    """One loaded chat model."""

    deliveries: tuple[str, ...] = ("native", "grid", "vote", "first_only")
    first_budget = TOKENS

    def __init__(
        self, source: str, name: str | None = None, options: LoadOptions = DEFAULTS
    ) -> None:
        """Raises ModelError: files missing or broken, no class for it in transformers, code of
        the checkpoint's own needed, no chat template, a package for quantising missing."""
        self.name = name or source
        self.device = choose_device(options.device)
        self.dtype = choose_dtype(self.device, options.dtype)
        self.processor = load_processor(source)
        self.conversation = Conversation(self.name, self.processor)
        self.network = load_network(source, self.dtype, options.quantise, self.device)
        self.generator = Generator(self.network, self.processor.tokenizer)
        self.answers = AnswerTokens(self.conversation, self.generator.stops)
        self.generator.stops = self.answers.stops
        self.vision = VisionInputs(self.network, self.conversation, options.max_visual_tokens)
        self.thought_room = options.max_new_tokens or ROOM
        self.scorer = OptionScorer(self.network)
        if not self.conversation.takes(2):
            self.deliveries = tuple(d for d in self.deliveries if d != "native")
        if self.conversation.takes_video():
            self.deliveries = (*self.deliveries, "video")
        bound = f"-v{options.max_visual_tokens}" if options.max_visual_tokens else ""
        room = f"-t{options.max_new_tokens}" if options.max_new_tokens else ""
        self.revision = f"{fingerprint(source)}-chat{ADAPTER_VERSION}{bound}{room}{options.shrunk}"

    @property
    def repeatable(self) -> bool:
        """Always: answers are greedy."""
        return True

    @property
    def parameters(self) -> int:
        """Number of weights."""
        return sum(p.numel() for p in self.network.parameters())

    @property
    def room(self) -> int | None:
        """How many tokens prompt and answer may have together; None where there is no bound."""
        found = getattr(
            self.network.config.get_text_config(decoder=True), "max_position_embeddings", None
        )
        return int(found) if found else None

    def prompt_ids(self, look: ModelInput) -> list[int]:
        """Token ids of a prompt, each picture's own among them."""
        ids: list[int] = self._inputs([look])["input_ids"][0].tolist()
        return ids

    def cost(self, look: ModelInput) -> int:
        """Tokens of the prompt, its pictures' among them, and of the longest answer; of a video
        as many for each frame as of a picture, which is an upper bound."""
        shown = look.images[:1] if look.times is not None else look.images
        pictures = sum(self.vision.seen(image, len(look.images)).tokens for image in shown)
        pictures *= len(look.images) // max(1, len(shown))
        return pictures + len(self.answers.ids(self._prompt(look))) + look.max_new_tokens

    @torch.inference_mode()
    def first_logits(self, look: ModelInput) -> torch.Tensor:
        """Logits (vocabulary,) of the first token of an answer."""
        inputs = self._inputs([look])
        with self._showing([look], inputs):
            return self.scorer.prefill(inputs).logits[0]

    def shown(self, picture: np.ndarray) -> np.ndarray | None:
        """A picture as the vision tower gets it, uint8 (h, w, 3); None where that is unknown."""
        return self.vision.shown(picture)

    @torch.inference_mode()
    def look(self, batch: Sequence[ModelInput]) -> list[ModelOutput]:
        """Answers of a batch; raises what transformers or torch raise."""

        def kind(place: int) -> tuple[int, bool, int, bool]:
            look = batch[place]
            return _shown(look), look.times is not None, look.max_new_tokens, bool(look.options)

        seen: dict[int, ModelOutput] = {}
        for _, group in groupby(sorted(range(len(batch)), key=kind), kind):
            places = list(group)
            for place, one in zip(places, self._alike([batch[i] for i in places]), strict=True):
                seen[place] = one
        return [seen[i] for i in range(len(batch))]

    def _alike(self, looks: list[ModelInput]) -> list[ModelOutput]:
        """Looks with equally many pictures and new tokens, all with options or all without."""
        prompts = [self._prompt(look) for look in looks]
        inputs = self._inputs(looks)
        lengths = inputs["attention_mask"].sum(1).tolist()
        for look, length in zip(looks, lengths, strict=True):
            check_room(self.name, length, look, self.room)
        with self._showing(looks, inputs):
            cache = self.scorer.cache() if looks[0].options and not self.generator.beams else None
            said, ready = self.generator.speak(inputs, prompts, looks[0].max_new_tokens, cache)
            said = self._thought_out(looks, prompts, lengths, said)
            scored = self._score(looks, prompts, inputs, said, ready)
        outputs = []
        for i, look in enumerate(looks):
            logprobs, tokens, how = scored[i]
            arrived = self._seen(look, prompts[i], inputs["input_ids"][i], lengths[i], how, said[i])
            arrived = replace(arrived, truncated=said[i].truncated)
            outputs.append(ModelOutput(said[i].answer, prompts[i], logprobs, tokens, arrived))
        return outputs

    def _inputs(self, looks: Sequence[ModelInput]) -> Inputs:
        """What the model gets, left-padded."""
        if looks[0].times is not None:
            asked = [(look.text, look.images, look.times or ()) for look in looks]
            return self.vision.video_inputs(asked, self.dtype)
        return self.vision.inputs([(look.text, look.images) for look in looks], self.dtype)

    def _prompt(self, look: ModelInput) -> str:
        if look.times is not None:
            return self.conversation.video_prompt(look.text)
        return self.conversation.prompt(look.text, len(look.images))

    def _showing(self, looks: Sequence[ModelInput], inputs: Inputs) -> Any:
        if looks[0].times is not None:
            return nullcontext()  # what is kept of pictures is not what a video becomes
        pictures: list[np.ndarray] = [image for look in looks for image in look.images]
        return self.vision.showing(pictures, len(looks[0].images), inputs)

    def _thought_out(
        self,
        looks: Sequence[ModelInput],
        prompts: Sequence[str],
        lengths: Sequence[int],
        said: list[Said],
    ) -> list[Said]:
        """The same, with more room for those that were still thinking."""
        done, rows = list(said), [i for i, one in enumerate(said) if one.unfinished]
        room = self.thought_room
        if self.room is not None:
            room = min(room, self.room - max(lengths))
        if rows and room > looks[0].max_new_tokens:
            again = [looks[i] for i in rows]
            inputs = self._inputs(again)
            with self._showing(again, inputs):
                more, _ = self.generator.speak(inputs, [prompts[i] for i in rows], room, None)
            for i, one in zip(rows, more, strict=True):
                done[i] = one
        return done

    def _score(
        self,
        looks: Sequence[ModelInput],
        prompts: Sequence[str],
        inputs: Inputs,
        said: Sequence[Said],
        ready: Prefilled | None,
    ) -> list[tuple[Any, Any, str]]:
        """Log-probabilities and lengths of each look's options, and how they were weighed; None
        twice where it has none or weighing failed."""
        if not looks[0].options:
            return [(None, None, "")] * len(looks)
        if any(one.ids or one.unfinished for one in said):
            return [
                self._behind_thought(look, prompt, one)
                for look, prompt, one in zip(looks, prompts, said, strict=True)
            ]

        def weigh() -> list[Any]:
            forms = [self._forms(look, p) for look, p in zip(looks, prompts, strict=True)]
            return self._weighed(inputs, forms, _shown(looks[0]), ready)

        found = scored_or_reason(weigh, len(looks))
        return [(None, None, found)] if isinstance(found, str) else found

    def _weighed(
        self,
        inputs: Inputs,
        forms: Sequence[Sequence[Forms]],
        pictures: int,
        ready: Prefilled | None = None,
    ) -> list[tuple[Any, Any, str]]:
        flat = [[ids for option in row for ids in option] for row in forms]
        found = merged(forms, self.scorer(inputs, flat, pictures, ready))
        return [(*score, "options") for score in found]

    def _behind_thought(self, look: ModelInput, prompt: str, said: Said) -> tuple[Any, Any, str]:
        """The same of one look whose options stand behind what the model thought."""
        if said.unfinished:
            return None, None, f"none: {UNFINISHED.format(self.thought_room)}"
        inputs = self._inputs([look])
        with self._showing([look], inputs):
            more = torch.tensor([said.ids], dtype=torch.long, device=self.device)
            if said.ids:
                inputs = extended(inputs, more, torch.ones_like(more))
            text = prompt + self.generator.text(said.ids)
            forms = [self.answers.forms(text, o, thought=bool(said.ids)) for o in look.options]
            found = scored_or_reason(lambda: self._weighed(inputs, [forms], _shown(look)), 1)
        return (None, None, found) if isinstance(found, str) else found[0]

    def _forms(self, look: ModelInput, prompt: str) -> list[Forms]:
        return [self.answers.forms(prompt, option) for option in look.options]

    def _seen(
        self,
        look: ModelInput,
        prompt: str,
        ids: torch.Tensor,
        length: int,
        scoring: str,
        said: Said,
    ) -> Seen:
        """What became of a look's pictures and text on their way in."""
        unknown = self.processor.tokenizer.unk_token_id
        lacking = 0
        if unknown is not None and unknown not in self._signs:
            lacking = int((ids == unknown).sum())
        frames, notes = None, self.vision.notes(look.images)
        if look.times is not None:
            frames, notes = self.vision.places(look.images, look.times)
        if lacking:
            notes.append(unknown_note(lacking))
        if scoring == "options":
            notes += alike(look.options, self._forms(look, prompt))
        if said.unfinished:
            notes.append(UNFINISHED.format(self.thought_room))
        thinking = "thought" if said.thought else "off" if self.conversation.switch else ""
        return Seen(
            self._pictures(look),
            length,
            unknown_tokens=lacking,
            scoring=scoring,
            thinking=thinking,
            thought=said.thought,
            notes=tuple(notes),
            frames=frames,
        )

    def _pictures(self, look: ModelInput) -> tuple[PictureSeen, ...]:
        """What became of each picture; nothing of a video, whose frames have no place each."""
        if look.times is not None:
            return ()
        return tuple(self.vision.seen(image, len(look.images)) for image in look.images)

    @property
    def _signs(self) -> set[int | None]:
        """Signs that some tokenizers name as their unknown token, though no text becomes them."""
        tokenizer = self.processor.tokenizer
        return {tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id}


def _shown(look: ModelInput) -> int:
    """What looks that share a batch have in common: how many pictures, or (below 0) frames of a
    video."""
    return len(look.images) if look.times is None else -len(look.images)
