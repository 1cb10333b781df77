"""Bring the outputs of cells to what is stored and compared."""
