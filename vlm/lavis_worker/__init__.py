"""LAVIS behind the OpenAI chat API, as a program of its own: see docs/lavis.md.

Runs in LAVIS's environment (environment-lavis.yml), which cannot hold the rest of the project,
so it imports nothing of it: ``python vlm/lavis_worker/serve.py --help``.
"""
