"""``mp.Client``: the local API over HTTP. ``client`` asks, ``remote`` is what it hands out,
``connection`` carries both. Users import it from ``memeprobe``."""
