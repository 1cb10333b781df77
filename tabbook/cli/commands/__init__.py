"""The commands: each is one function, declared together with its options.

Modules of the engine are imported inside the functions, so that ``--help`` is fast.
"""
