"""A run on the workers of a Ray cluster: on this machine's devices, or on several machines'.

The driver is the run's own process. It hands out pieces of the run, scores what comes back, and is
the only one that writes to the store. Imports Ray when a cluster is asked for, not before.
"""
