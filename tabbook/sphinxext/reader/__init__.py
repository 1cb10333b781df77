"""Convert a section's Markdown to the notebook that MyST-NB renders."""

from tabbook.sphinxext.reader import without_execution

without_execution.install()  # before any module here imports MyST-NB
