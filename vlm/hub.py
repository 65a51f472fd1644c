"""Where a checkpoint lies on this machine, and the small files in it."""

from pathlib import Path

from vlm.query import ModelError

WEIGHTS = (".safetensors", ".bin", ".pth", ".pt")


def local(source: str) -> Path:
    """The directory of a checkpoint; a hub id is fetched into the hub's cache first.

    Takes .bin files only where there are no safetensors, and never any code. Raises ModelError.
    """
    folder = Path(source)
    if folder.is_absolute():
        return folder
    from huggingface_hub import snapshot_download

    wanted = ["*.json", "*.model", "*.txt"]
    try:
        folder = Path(snapshot_download(source, allow_patterns=[*wanted, "*.safetensors"]))
        if not any(folder.glob("*.safetensors")):
            folder = Path(snapshot_download(source, allow_patterns=[*wanted, "*.bin"]))
    except (OSError, ValueError) as error:  # the hub's own errors are among them
        first = str(error).strip().splitlines()[0]
        raise ModelError(
            f"cannot get {source} from the hub: {first} Give a local directory instead."
        ) from error
    return folder


def in_hub_cache(source: str) -> bool:
    """Whether the hub's cache here has config and weights of this hub id."""
    from huggingface_hub import try_to_load_from_cache

    try:
        config = try_to_load_from_cache(source, "config.json")
    except ValueError:  # a path that is no hub id
        return False
    if not isinstance(config, str):
        return False
    return any(path.suffix in WEIGHTS for path in Path(config).parent.iterdir())


def settings_files(folder: Path) -> list[Path]:
    """The small files beside the weights that change what a model answers."""
    kinds = (".json", ".model", ".txt")
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix in kinds and path.is_file() and not path.name.endswith(".index.json")
    ]
