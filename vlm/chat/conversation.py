"""How a checkpoint's own chat template writes a question, an answer, and what stands between.

An option has to be weighed in the tokens with which the model was trained to go on: behind LLaVA's
``ASSISTANT:`` that is `` yes`` and the end sign, behind Qwen's ``assistant`` and a line break it is
``yes<|im_end|>``. So the template is asked to write an answer, and what it puts before and behind
it is taken over. Where a template cannot write answers, both ways to go on count (``vlm.options``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from vlm.chat.template import check
from vlm.chat.video import FrameVideos, metadata, one_size
from vlm.errors import ModelError

ASKED, ANSWERED, NEXT = "what is here?", "Qz7", "and there?"
"""A conversation to be rendered once; its words stand in no template."""
PARTS, PLAIN = "parts", "plain"
"""How a template takes a message: a list of pictures and text, or one string."""
SWITCHES: tuple[dict[str, Any], ...] = ({"enable_thinking": False}, {"thinking": False})
"""What templates call the switch that keeps a model from thinking aloud."""


@dataclass(frozen=True)
class AnswerForm:
    """What a template puts around an answer."""

    before: str | None
    """Between the end of the prompt and the answer; None where that could not be found out."""
    behind: str
    """From the answer to the next question, or to the end."""


class Conversation:
    """One checkpoint's chat template."""

    def __init__(self, name: str, processor: Any) -> None:
        """Raises ModelError: the template cannot be rendered, whatever form a message has, or
        takes far too much time or memory."""
        self.name, self.processor = name, processor
        check(name, self.template)
        self.switch: dict[str, Any] = {}
        self.style = self._style()
        plain = self.prompt(ASKED, 1)
        self.switch = next((s for s in SWITCHES if self._differs(plain, s)), {})
        self.form = self._answer_form()

    @property
    def template(self) -> str:
        """The template's source."""
        found = self.processor.chat_template
        return "\n".join(found.values()) if isinstance(found, dict) else str(found)

    def prompt(self, text: str, pictures: int) -> str:
        """A question up to where the answer begins, a mark for each picture.

        Raises ModelError: the template refuses it (so many pictures, for example).
        """
        try:
            return self._render([self._user(text, [None] * pictures)], add_generation_prompt=True)
        except Exception as error:
            raise ModelError(
                f"the chat template of {self.name} refuses a question with {pictures} pictures: "
                f"{_first_line(error)}"
            ) from error

    def takes(self, pictures: int) -> bool:
        """Whether the template takes a question with so many pictures."""
        try:
            self.prompt(ASKED, pictures)
        except ModelError:
            return False
        return True

    def video_prompt(self, text: str) -> str:
        """A question about a video up to where the answer begins, one mark for the video.

        Raises whatever the template's code raises."""
        content = [{"type": "video"}, {"type": "text", "text": text}]
        return self._render([{"role": "user", "content": content}], add_generation_prompt=True)

    def takes_video(self) -> bool:
        """Whether template and processor take a video here."""
        made = getattr(self.processor, "video_processor", None)
        mark = getattr(self.processor, "video_token", None)
        if not isinstance(made, FrameVideos) or not made.works or not mark:
            return False
        try:
            prompt = self.video_prompt(ASKED)
            frames = [np.full((32, 32, 3), 40 * i, np.uint8) for i in range(4)]
            self.video_inputs([(ASKED, frames, (0.0, 0.5, 1.0, 1.5))])
        except Exception:  # whatever a family's code raises where a video is not for it
            return False
        return prompt.count(mark) == 1 and ASKED in prompt

    def video_inputs(
        self, looks: Sequence[tuple[str, Sequence[np.ndarray], Sequence[float]]]
    ) -> Any:
        """What the processor makes of (question, frames, their times in seconds), left-padded."""
        prompts = [self.video_prompt(text) for text, _, _ in looks]
        begins = self.processor.tokenizer.bos_token
        opened = bool(begins) and prompts[0].startswith(begins)
        return self.processor(
            text=prompts,
            videos=[one_size(frames) for _, frames, _ in looks],
            video_metadata=[metadata(times) for _, _, times in looks],
            return_tensors="pt",
            padding=True,
            **({"add_special_tokens": False} if opened else {}),
        )

    def inputs(self, looks: Sequence[tuple[str, Sequence[np.ndarray]]]) -> Any:
        """What the processor makes of (question, pictures), left-padded."""
        shown = [[Image.fromarray(p) for p in pictures] for _, pictures in looks]
        asked = [[self._user(text, own)] for (text, _), own in zip(looks, shown, strict=True)]
        if self.style == PARTS:
            return self.processor.apply_chat_template(
                asked,
                tokenize=True,
                return_dict=True,
                return_tensors="pt",
                add_generation_prompt=True,
                processor_kwargs={"padding": True},
                **self.switch,
            )
        prompts = [self._render(one, add_generation_prompt=True) for one in asked]
        begins = self.processor.tokenizer.bos_token
        opened = bool(begins) and prompts[0].startswith(begins)
        return self.processor(
            text=prompts,
            images=shown if any(shown) else None,
            return_tensors="pt",
            padding=True,
            **({"add_special_tokens": False} if opened else {}),
        )

    def _style(self) -> str:
        problems = []
        for style in (PARTS, PLAIN):
            self.style = style
            try:
                with_one = self._render([self._user(ASKED, [None])], add_generation_prompt=True)
                without = self._render([self._user(ASKED, [])], add_generation_prompt=True)
            except Exception as error:  # whatever a template's code raises
                problems.append(_first_line(error))
                continue
            if ASKED in with_one and with_one != without and "'type'" not in with_one:
                return style
            problems.append("the question or the picture does not appear in what it writes")
        raise ModelError(
            f"the chat template of {self.name} cannot write a question about a picture: "
            f"{problems[0]}; as plain text: {problems[1]}"
        )

    def _differs(self, plain: str, switch: dict[str, Any]) -> bool:
        """Whether the template knows this switch: it stands there, and turned the other way it
        writes something else or is what it does anyhow."""
        (name,) = switch
        if name not in self.template:
            return False
        try:
            off, on = (
                self._render([self._user(ASKED, [None])], add_generation_prompt=True, **{name: way})
                for way in (False, True)
            )
        except Exception:
            return False
        return off != on or off != plain

    def _answer_form(self) -> AnswerForm:
        """What stands around an answer, by two renderings: one to be answered, one answered."""
        prompt = self.prompt(ASKED, 1)
        user = self._user(ASKED, [None])
        for answer in self._answers():
            for more in ([self._user(NEXT, [])], []):
                try:
                    whole = self._render([user, answer, *more])
                except Exception:
                    continue
                at = whole.find(ANSWERED)
                if at < 0:
                    continue
                behind = whole[at + len(ANSWERED) :].split(NEXT)[0]
                before = whole[len(prompt) : at] if whole.startswith(prompt) else None
                if before is not None and before.strip():
                    before = None
                return AnswerForm(before, behind)
        return AnswerForm(None, "")

    def _answers(self) -> list[dict[str, Any]]:
        forms: list[Any] = [[{"type": "text", "text": ANSWERED}], ANSWERED]
        return [
            {"role": "assistant", "content": t} for t in forms[:: 1 if self.style == PARTS else -1]
        ]

    def _user(self, text: str, images: Sequence[Image.Image | None]) -> dict[str, Any]:
        if self.style == PLAIN:
            mark = getattr(self.processor, "image_token", None) or "<image>"
            return {"role": "user", "content": f"{mark}\n" * len(images) + text}
        shown = [{"type": "image", **({"image": i} if i is not None else {})} for i in images]
        return {"role": "user", "content": [*shown, {"type": "text", "text": text}]}

    def _render(self, messages: list[dict[str, Any]], **how: Any) -> str:
        prompt: str = self.processor.apply_chat_template(
            messages, tokenize=False, **{**self.switch, **how}
        )
        return prompt


def _first_line(error: Exception) -> str:
    return next((line for line in str(error).strip().splitlines() if line), type(error).__name__)
