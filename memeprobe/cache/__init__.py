"""What was worked out from pictures once: readings, keyframes, checked caption edits.

file       the cache's file: bounded, shared by processes, damaged entries are made anew
versions   what an entry depends on beside its pixels: code, libraries, engine
engine     an OCR engine that reads no picture twice
keyframes  keyframes that are chosen once
"""
