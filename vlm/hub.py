"""Where a checkpoint lies on this machine, which commit of the hub it is, and its small files."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vlm.errors import ModelError

WEIGHTS = (".safetensors", ".bin", ".pth", ".pt")
_SNAPSHOT = re.compile(r"(?P<cache>.*)/models--(?P<id>[^/]+)/snapshots/(?P<commit>[0-9a-f]{40})")


def split(source: str) -> tuple[str, str | None]:
    """Hub id and revision of ``id@revision``; a directory, or an id alone, has no revision."""
    if Path(source).is_absolute() or "@" not in source:
        return source, None
    name, revision = source.rsplit("@", 1)
    return name, revision


def absolute(spec: str) -> str:
    """The absolute directory that a spec names, or the hub id that it is.

    Raises ModelError: no directory can be called so (a name too long, the home of nobody).
    """
    try:
        path = Path(spec).expanduser()
        if path.exists() or spec.startswith((".", "/", "~")):
            return str(path.absolute())
    except (OSError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or error
        raise ModelError(f"{spec[:80]!r} can be no directory and no hub id: {why}") from error
    return spec


def pinned(source: str, revision: str | None = None) -> str:
    """``id@commit`` of a hub id, so that all parts of a model are read from one commit; a
    directory as it is.

    ``revision``: a commit, tag or branch; None takes what ``source`` says, else the newest (or
    without a network what lies in the hub's cache). Raises ModelError: it cannot be had, or a
    directory was given a revision.
    """
    if Path(source).is_absolute():
        if revision is not None:
            raise ModelError(f"--revision {revision} is for hub ids; {source} is a directory")
        return source
    name, own = split(source)
    if own is not None and revision is not None and own != revision:
        raise ModelError(f"{source} and --revision {revision} name two revisions; give one")
    config = _download(name, revision or own)
    return f"{name}@{config.parent.name}"


def _download(name: str, revision: str | None) -> Path:
    from huggingface_hub import hf_hub_download

    try:
        return Path(hf_hub_download(name, "config.json", revision=revision))
    except (OSError, ValueError) as error:  # the hub's own errors are among them
        raise _not_there(name, revision, error) from error


def _not_there(name: str, revision: str | None, error: Exception) -> ModelError:
    first = next(iter(str(error).strip().splitlines()), type(error).__name__)
    asked = f"{name} (revision {revision})" if revision else name
    return ModelError(
        f"cannot get {asked} from the hub: {first} "
        "Give a local directory with the checkpoint instead."
    )


def config_file(source: str) -> Path:
    """The config.json of a hub id, fetched into the hub's cache. Raises ModelError."""
    return _download(*split(source))


def local(source: str) -> Path:
    """The directory of a checkpoint; a hub id is fetched into the hub's cache first.

    Takes .bin files only where there are no safetensors, and never any code. Raises ModelError.
    """
    folder = Path(source)
    if folder.is_absolute():
        return folder
    from huggingface_hub import snapshot_download

    name, revision = split(source)
    wanted = ["*.json", "*.jinja", "*.model", "*.spm", "*.txt"]
    try:
        for weights in ("*.safetensors", "*.bin"):
            folder = Path(
                snapshot_download(name, revision=revision, allow_patterns=[*wanted, weights])
            )
            if any(folder.glob(weights)):
                break
    except (OSError, ValueError) as error:  # the hub's own errors are among them
        raise _not_there(name, revision, error) from error
    return folder


def by_name(folder: Path) -> tuple[str, dict[str, Any]]:
    """How transformers is to be told of a directory: a snapshot in the hub's cache by its hub id
    and commit, for it mends some repositories by their name; any other directory by its path.

    Returns what to load from, and named arguments for ``from_pretrained``.
    """
    found = _SNAPSHOT.match(folder.as_posix())
    if found is None:
        return str(folder), {}
    inside = folder.as_posix()[found.end() :].strip("/")
    where = {"revision": found["commit"], "cache_dir": found["cache"]}
    return found["id"].replace("--", "/", 1), where | ({"subfolder": inside} if inside else {})


def load_named(load: Callable[..., Any], folder: Path, **more: Any) -> Any:
    """What ``load`` (a ``from_pretrained``) makes of a directory, told as ``by_name`` says."""
    source, where = by_name(folder)
    if where:
        try:
            return load(source, **where, **more)
        except OSError:  # offline, the cache cannot tell that an optional file does not exist
            pass
    return load(str(folder), **more)


def in_hub_cache(source: str) -> bool:
    """Whether the hub's cache here has config and weights of this hub id."""
    from huggingface_hub import constants

    name, revision = split(source)
    # Most ids have no folder there, and the hub's client takes a third of a second to come.
    if not Path(constants.HF_HUB_CACHE, f"models--{name.replace('/', '--')}").is_dir():
        return False
    from huggingface_hub import try_to_load_from_cache

    try:
        config = try_to_load_from_cache(name, "config.json", revision=revision)
    except ValueError:  # a path that is no hub id
        return False
    if not isinstance(config, str):
        return False
    return any(path.suffix in WEIGHTS for path in Path(config).parent.iterdir())


def settings_files(folder: Path) -> list[Path]:
    """The small files beside the weights that change what a model answers."""
    kinds = (".json", ".model", ".txt")
    below = [f for f in sorted(folder.iterdir()) if f.is_dir() and not f.is_symlink()]
    return [
        path
        for place in (folder, *below)
        for path in sorted(place.iterdir())
        if path.suffix in kinds and path.is_file() and not path.name.endswith(".index.json")
    ]
