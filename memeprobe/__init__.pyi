# The public names for type checkers; ``__init__.py`` loads them when they are first used.

from frames import Clip as Clip
from frames import Frame as Frame
from frames import Limits as Limits
from frames import MediaError as MediaError
from meme_sets import Item as Item
from meme_sets import MemeSet as MemeSet
from meme_sets import SetError as SetError
from meme_sets import load_set as load_set
from meme_sets.importers.entry import ImportEntry as ImportEntry
from meme_sets.importers.entry import ImportSource as ImportSource
from memeprobe.api.media import captions as captions
from memeprobe.api.media import keyframes as keyframes
from memeprobe.api.media import look as look
from memeprobe.api.media import open_clip as open_clip
from memeprobe.api.models import load_model as load_model
from memeprobe.api.runs import Comparison as Comparison
from memeprobe.api.runs import Run as Run
from memeprobe.api.runs import compare as compare
from memeprobe.api.runs import list_runs as list_runs
from memeprobe.api.runs import open_run as open_run
from memeprobe.api.runs import run as run
from memeprobe.client.client import Client as Client
from memeprobe.client.connection import ServiceError as ServiceError
from memeprobe.experiment.spec import SpecError as SpecError
from memeprobe.one_meme import Look as Look
from memeprobe.store.store import StoreError as StoreError
from memeprobe.verdicts.run_result import RunResult as RunResult
from memeprobe.version import __version__ as __version__
from ocr import OcrError as OcrError
from ocr import Track as Track
from ocr.policies import Policy as Policy
from vlm import Answer as Answer
from vlm import LoadOptions as LoadOptions
from vlm import Model as Model
from vlm import ModelError as ModelError
from vlm import Query as Query
from vlm import Receipt as Receipt
from vlm.adapter import Adapter as Adapter
from vlm.delivery import ModelInput as ModelInput
from vlm.delivery import ModelOutput as ModelOutput

__all__: list[str]
