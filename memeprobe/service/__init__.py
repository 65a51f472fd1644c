"""The REST service: what the command line and the pages do, for programs.

``app`` puts the rooms together; ``clips``, ``asking``, ``runs`` and ``lists`` are the routes,
``access`` decides who may ask and how much, ``problems`` says what went wrong. It uses the same
``workers`` and the same workspace as the pages, so work begun in one is seen in the other.
"""
