"""What works beside whoever asked for it: the pages and the REST service share these.

Files of strangers are decoded and read in ``worker`` processes with limits (``sandbox`` gives them
work); models are asked in threads (``asking``); batch runs are processes of their own (``batch``).
"""
