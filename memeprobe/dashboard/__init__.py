"""The pages behind ``probe_app.py``: upload a meme and see what the model looked at.

No science here: what is measured and said comes from the measures, the verdicts and ``workers``.
"""
