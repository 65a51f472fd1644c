"""RapidOCR: PP-OCRv6 (small) on onnxruntime; the weights come inside its package."""

import functools
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from ocr.caption import OcrError
from ocr.engines import MEAN, SETTINGS, STD
from ocr.own_model import CHARACTERS
from ocr.unknown_script import alphabets

DETECTOR, RECOGNISER = "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"
LARGE = 3 * 640 * 640
"""Numbers of a picture (three a pixel) from which on the detector gives its memory back."""
MOST_THREADS = 4
"""So many pictures or lines are worked on at once at most, unless other numbers are asked for."""

_In = TypeVar("_In")
_Out = TypeVar("_Out")


class RapidEngine:
    """The default engine."""

    name = "rapidocr"

    def __init__(self, threads: int | None = None, model: Path | None = None) -> None:
        """``model``: a recognition model to read with; None = the bundled one."""
        try:
            import rapidocr

            with _plain_tables():
                from rapidocr.ch_ppocr_det import TextDetector
                from rapidocr.ch_ppocr_rec import TextRecInput, TextRecognizer
        except ImportError as error:
            raise OcrError("rapidocr is not installed: pip install rapidocr onnxruntime") from error
        # Its two parts alone, without its class RapidOCR: that runs both at once, where clips need
        # them apart, takes no sessions, and brings an angle classifier that loses captions.
        # The version is pinned.
        logging.getLogger("RapidOCR").setLevel(logging.ERROR)
        models = Path(rapidocr.__file__).parent / "models"
        self._threads = threads or min(MOST_THREADS, os.cpu_count() or 1)
        engine = {"engine_type": rapidocr.EngineType.ONNXRUNTIME}
        # RapidOCR's own normalisation and its dilation differ from what the weights were made for.
        self._detector = TextDetector(
            _Settings(
                engine,
                session=_detecting(models / DETECTOR),
                mean=list(MEAN),
                std=list(STD),
                use_dilation=False,
                **SETTINGS,
            )
        )
        session = _session(model or models / RECOGNISER)
        self.alphabets = frozenset[str]()
        if model is not None:
            self.alphabets = alphabets(_checked_characters(session, model))
        self._recogniser = TextRecognizer(
            _Settings(
                engine,
                session=session,
                rec_keys_path=None if model is None else model.with_suffix(CHARACTERS),
                lang_type=rapidocr.LangRec.CH,
                rec_img_shape=[3, 48, 320],
                rec_batch_num=1,
                font_path=None,
            )
        )
        self._input = TextRecInput

    def detect(self, images: Sequence[np.ndarray]) -> list[list[np.ndarray]]:
        """See ``Engine``."""
        return self._each(self._boxes, images)

    def _boxes(self, image: np.ndarray) -> list[np.ndarray]:
        boxes = self._detector(np.ascontiguousarray(image[..., ::-1])).boxes
        return [] if boxes is None else [np.asarray(box, np.float32) for box in boxes]

    def recognise(self, crops: Sequence[np.ndarray]) -> list[tuple[str, float]]:
        """See ``Engine``."""
        # One by one: a batch is padded to its widest line, which changes the others now and then.
        return self._each(self._line, crops)

    def _line(self, crop: np.ndarray) -> tuple[str, float]:
        found = self._recogniser(self._input(img=[np.ascontiguousarray(crop[..., ::-1])]))
        return (found.txts[0], float(found.scores[0])) if found.txts else ("", 0.0)

    def _each(self, work: Callable[[_In], _Out], given: Sequence[_In]) -> list[_Out]:
        """What ``work`` makes of each, done by several threads, this one among them."""
        if len(given) < 2 or self._threads < 2:
            return [work(one) for one in given]
        left = iter(enumerate(given))
        found: dict[int, _Out] = {}

        def some() -> None:
            for place, one in left:
                found[place] = work(one)

        helpers = min(self._threads, len(given)) - 1
        # Threads of a call of its own: those that wait from call to call would not survive a fork.
        with ThreadPoolExecutor(helpers) as pool:
            working = [pool.submit(some) for _ in range(helpers)]
            some()
        for one in working:
            one.result()
        return [found[place] for place in range(len(given))]


@contextmanager
def _plain_tables() -> Iterator[None]:
    """While RapidOCR is imported, it reads its table of downloads twice, which takes longer than
    to load the weights: it gets a plain one, and its own once it asks for a download."""
    import yaml  # comes with omegaconf, that with rapidocr
    from omegaconf import OmegaConf

    load, loader = OmegaConf.load, getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    @functools.cache
    def plain(path: Path) -> Any:
        return yaml.load(path.read_bytes(), loader)

    OmegaConf.load = staticmethod(plain)  # type: ignore[method-assign]
    try:
        yield
        from rapidocr.inference_engine.base import MODEL_URL_PATH, InferSession
    finally:
        OmegaConf.load = staticmethod(load)  # type: ignore[method-assign]
    InferSession.model_info = _Later(lambda: load(MODEL_URL_PATH))  # type: ignore[assignment]


class _Later:
    """An attribute of a class that is made when it is asked for."""

    def __init__(self, made: Callable[[], Any]) -> None:
        self._made = functools.cache(made)

    def __get__(self, _: object, owner: type) -> Any:
        return self._made()


class _Settings(dict[str, Any]):
    """Settings as RapidOCR's parts read them: as items and as attributes."""

    __getattr__ = dict.__getitem__


def _detecting(model: Path) -> Any:
    """The detector's session. It keeps the memory of its last pictures, which a sixth of the time
    would go into asking for again, but not that of a large one."""
    import onnxruntime

    spare = onnxruntime.RunOptions()
    spare.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    session = _session(model, keeps_memory=True)
    run = session.run

    def sparing(names: Any, given: dict[str, np.ndarray], options: Any = None) -> Any:
        large = any(picture.size > LARGE for picture in given.values())
        return run(names, given, spare if large else options)

    session.run = sparing
    return session


def _session(model: Path, keeps_memory: bool = False) -> Any:
    import onnxruntime  # comes with rapidocr's parts

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    # Several threads inside an operation wait for each other most of the time: two take twice the
    # processor time and end as late as one. Two lines at once are read twice as fast.
    options.intra_op_num_threads = 1
    options.enable_cpu_mem_arena = keeps_memory
    try:
        return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # whatever onnxruntime makes of a file that is no model
        first = str(error).splitlines()[0]
        raise OcrError(f"{model}: not a recognition model in ONNX: {first}") from None


def _checked_characters(session: Any, model: Path) -> list[str]:
    """A model's characters. Raises OcrError unless it reads lines 48 pixels high and the list is
    there and as long as it should be: a class each, one for nothing, mostly one for the space."""
    path = model.with_suffix(CHARACTERS)
    inside = session.get_modelmeta().custom_metadata_map.get("character")
    if inside is None and not path.is_file():
        raise OcrError(f"{model}: without a list of characters; put it beside it as {path.name}")
    try:
        listed = path.read_text("utf-8") if inside is None else inside
        blank = np.zeros((1, 3, 48, 320), np.float32)
        classes = session.run(None, {session.get_inputs()[0].name: blank})[0].shape[2]
    except UnicodeDecodeError:
        raise OcrError(f"{path}: not UTF-8; save it as UTF-8") from None
    except Exception as error:
        first = (str(error).splitlines() or [""])[0]
        raise OcrError(f"{model}: does not read lines of 48 pixels: {first}") from None
    characters = listed.splitlines()
    count = len(characters)
    if classes - count not in (1, 2):
        raise OcrError(
            f"{model}: it tells {classes} classes apart, but its list has {count} characters"
        )
    return characters
