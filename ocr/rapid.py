"""RapidOCR: PP-OCRv6 (small) on onnxruntime; the weights come inside its package."""

from collections.abc import Sequence

import numpy as np

from ocr.caption import OcrError
from ocr.engines import SETTINGS


class RapidEngine:
    """The default engine."""

    name = "rapidocr"

    def __init__(self, threads: int | None = None) -> None:
        try:
            from rapidocr import RapidOCR
            from rapidocr.ch_ppocr_rec import TextRecInput
        except ImportError as error:
            raise OcrError("rapidocr is not installed: pip install rapidocr onnxruntime") from error
        # The angle classifier loses captions and costs time (docs: benchmarks/README_ocr.md).
        params = {"Global.use_cls": False, "Global.log_level": "error",
                  "EngineConfig.onnxruntime.intra_op_num_threads": threads or -1,
                  **{f"Det.{key}": value for key, value in SETTINGS.items()}}  # fmt: skip
        ocr = RapidOCR(params=params)
        # Its call runs both steps at once; clips need them apart. The version is pinned.
        self._detector, self._recogniser = ocr._load_det_model(), ocr._load_rec_model()
        self._input = TextRecInput

    def detect(self, image: np.ndarray) -> list[np.ndarray]:
        """See ``Engine``."""
        boxes = self._detector(np.ascontiguousarray(image[..., ::-1])).boxes
        return [] if boxes is None else [np.asarray(box, np.float32) for box in boxes]

    def recognise(self, crops: Sequence[np.ndarray]) -> list[tuple[str, float]]:
        """See ``Engine``."""
        if not crops:
            return []
        bgr = [np.ascontiguousarray(crop[..., ::-1]) for crop in crops]
        found = self._recogniser(self._input(img=bgr))
        return list(zip(found.txts or ("",) * len(bgr), map(float, found.scores), strict=True))
