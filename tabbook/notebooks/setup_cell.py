"""The cell that prepares Colab, at the head of a notebook."""

SETUP_CELL_ID = "colab-setup"
"""The cell's id. It does nothing elsewhere, so it is not part of a result's key."""
