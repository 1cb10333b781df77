"""Bring the outputs of cells to the form that is stored and compared."""
