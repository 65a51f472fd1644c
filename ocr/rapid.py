"""RapidOCR: PP-OCRv6 (small) on onnxruntime; the weights come inside its package."""

from collections.abc import Sequence

import numpy as np

from ocr.caption import OcrError
from ocr.engines import MEAN, SETTINGS, STD


class RapidEngine:
    """The default engine."""

    name = "rapidocr"

    def __init__(self, threads: int | None = None) -> None:
        try:
            from rapidocr import RapidOCR
            from rapidocr.ch_ppocr_rec import TextRecInput
        except ImportError as error:
            raise OcrError("rapidocr is not installed: pip install rapidocr onnxruntime") from error
        # RapidOCR's own normalisation and its dilation differ from what the weights were made for;
        # its angle classifier loses captions and costs time.
        params = {
            "Global.use_cls": False,
            "Global.log_level": "error",
            "Det.mean": list(MEAN),
            "Det.std": list(STD),
            "Det.use_dilation": False,
            # More threads spin while they wait for each other: twice the processor time for the
            # same readings, and what works beside this one is held up.
            "EngineConfig.onnxruntime.intra_op_num_threads": threads or 1,
            **{f"Det.{key}": value for key, value in SETTINGS.items()},
        }
        ocr = RapidOCR(params=params)
        # Its call runs both steps at once; clips need them apart. The version is pinned.
        self._detector, self._recogniser = ocr._load_det_model(), ocr._load_rec_model()
        self._input = TextRecInput
        # They come as its configuration's own lists, which cost as much as a small detection.
        self._detector.mean, self._detector.std = list(MEAN), list(STD)

    def detect(self, image: np.ndarray) -> list[np.ndarray]:
        """See ``Engine``."""
        boxes = self._detector(np.ascontiguousarray(image[..., ::-1])).boxes
        return [] if boxes is None else [np.asarray(box, np.float32) for box in boxes]

    def recognise(self, crops: Sequence[np.ndarray]) -> list[tuple[str, float]]:
        """See ``Engine``."""
        # One by one: a batch is padded to its widest line, which changes the others now and then.
        return [self._one(crop) for crop in crops]

    def _one(self, crop: np.ndarray) -> tuple[str, float]:
        found = self._recogniser(self._input(img=[np.ascontiguousarray(crop[..., ::-1])]))
        return (found.txts[0], float(found.scores[0])) if found.txts else ("", 0.0)
