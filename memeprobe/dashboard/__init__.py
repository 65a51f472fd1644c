"""The pages behind ``probe_app.py``: upload a meme and see what the model looked at.

Hostile files are decoded and read in ``worker`` processes with limits (``sandbox``); models are
asked in threads (``asking``); batch runs are processes of their own (``batch``). No science here:
what is measured and said comes from ``probes``.
"""
