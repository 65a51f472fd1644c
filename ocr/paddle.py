"""PaddleOCR itself, on onnxruntime: no paddlepaddle and no network.

The weights are the PP-OCRv6 files that RapidOCR's package carries (their SHA-256 are those of the
published ones); PaddleOCR wants them in directories with an ``inference.yml``, which are written
into the user's cache once.
"""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
import yaml

from ocr.caption import OcrError
from ocr.engines import MEAN, SETTINGS, STD
from ocr.unknown_script import alphabets

DETECTOR, RECOGNISER = "PP-OCRv6_small_det", "PP-OCRv6_small_rec"
FILES = {DETECTOR: "PP-OCRv6_det_small.onnx", RECOGNISER: "PP-OCRv6_rec_small.onnx"}


class PaddleEngine:
    """PaddleOCR's own detector and recogniser."""

    name = "paddleocr"

    def __init__(self, threads: int | None = None, model: Path | None = None) -> None:
        """``model``: folder of a recognition model (inference.onnx, inference.yml) to read with."""
        os.environ.setdefault("PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK", "True")
        os.environ.setdefault("PADDLE_PDX_CACHE_HOME", str(_cache()))
        try:
            from paddleocr import TextDetection, TextRecognition
        except ImportError as error:
            raise OcrError("paddleocr is not installed: pip install 'memeprobe[paddle]'") from error
        name = RECOGNISER if model is None else _name_of(model)
        self.alphabets = alphabets(() if model is None else _characters_of(model))
        common: dict[str, Any] = {"device": "cpu", "engine": "onnxruntime"}
        if threads:
            common["engine_config"] = {"intra_op_num_threads": threads}
        self._detector = TextDetection(
            model_name=DETECTOR, model_dir=str(_model_dir(DETECTOR)), **SETTINGS, **common
        )
        self._recogniser = TextRecognition(
            model_name=name,
            model_dir=str(_model_dir(RECOGNISER) if model is None else model),
            **common,
        )

    def detect(self, images: Sequence[np.ndarray]) -> list[list[np.ndarray]]:
        """See ``Engine``."""
        return [self._boxes(image) for image in images]

    def _boxes(self, image: np.ndarray) -> list[np.ndarray]:
        (found,) = self._detector.predict(np.ascontiguousarray(image[..., ::-1]))
        return [np.asarray(box, np.float32) for box in found["dt_polys"]]

    def recognise(self, crops: Sequence[np.ndarray]) -> list[tuple[str, float]]:
        """See ``Engine``."""
        if not crops:
            return []
        bgr = [np.ascontiguousarray(crop[..., ::-1]) for crop in crops]
        return [
            (str(found["rec_text"]), float(found["rec_score"]))
            for found in self._recogniser.predict(bgr, batch_size=1)  # as RapidEngine, and why
        ]


def _name_of(model: Path) -> str:
    """The name in a model's own description. Raises OcrError: it has none."""
    try:
        told = yaml.safe_load((model / "inference.yml").read_text("utf-8"))
        return str(told["Global"]["model_name"])
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError):
        raise OcrError(
            f"{model}: PaddleOCR wants a folder with inference.onnx and an inference.yml that "
            "names the model"
        ) from None


def _characters_of(model: Path) -> list[str]:
    """The list of characters in a model's own description; empty if it names none."""
    told = yaml.safe_load((model / "inference.yml").read_text("utf-8"))
    return [str(c) for c in told.get("PostProcess", {}).get("character_dict", ())]


def _cache() -> Path:
    return Path(platformdirs.user_cache_dir("memeprobe")) / "paddle"


def _model_dir(model: str) -> Path:
    """The model's directory, made on first use."""
    folder = _cache() / model
    if (folder / "inference.yml").is_file():
        return folder
    import rapidocr

    source = Path(rapidocr.__file__).parent / "models" / FILES[model]
    if not source.is_file():
        raise OcrError(
            f"{source} is missing; the pinned rapidocr carries it: pip install rapidocr==3.10.0"
        )
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, folder / "inference.onnx")
    # Written last and in one step: a directory with it is whole.
    partial = folder / "inference.yml.part"
    config = _detector_config() if model == DETECTOR else _recogniser_config(source)
    partial.write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    partial.replace(folder / "inference.yml")
    return folder


def _detector_config() -> dict[str, Any]:
    return {
        "Global": {"model_name": DETECTOR},
        "PreProcess": {
            "transform_ops": [
                {"DecodeImage": {"img_mode": "BGR", "channel_first": False}},
                {"DetResizeForTest": {"resize_long": 960}},
                {
                    "NormalizeImage": {
                        "mean": list(MEAN),
                        "std": list(STD),
                        "scale": "1./255.",
                        "order": "hwc",
                    }
                },
                {"ToCHWImage": None},
            ]
        },
        "PostProcess": {
            "name": "DBPostProcess",
            "thresh": SETTINGS["thresh"],
            "box_thresh": SETTINGS["box_thresh"],
            "max_candidates": 1000,
            "unclip_ratio": SETTINGS["unclip_ratio"],
        },
    }


def _recogniser_config(source: Path) -> dict[str, Any]:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(source), providers=["CPUExecutionProvider"])
    characters = session.get_modelmeta().custom_metadata_map["character"].splitlines()
    return {
        "Global": {"model_name": RECOGNISER},
        "PreProcess": {
            "transform_ops": [
                {"DecodeImage": {"img_mode": "BGR", "channel_first": False}},
                {"RecResizeImg": {"image_shape": [3, 48, 320]}},
            ]
        },
        "PostProcess": {"name": "CTCLabelDecode", "character_dict": characters},
    }
