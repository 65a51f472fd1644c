"""The rendered world: small characters that do things, with captions in Chinese and English.

``vocabulary`` says what there is, ``draw`` paints one scene, ``story`` strings scenes into a
clip with uneven timing, ``questions`` asks about it. Everything is seeded: the same seed gives
the same pixels.
"""
