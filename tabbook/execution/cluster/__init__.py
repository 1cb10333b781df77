"""Execute notebooks on the workers of a Dask cluster.

``client`` runs where the book is built, ``scheduler`` and ``worker`` are the two other
commands, ``protocol`` is the wire format between client and worker.
"""
