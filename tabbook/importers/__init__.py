"""Turn Jupyter notebooks and pages of MyST or Quarto into sections of a book.

A reader turns a file into pieces of text and code in the dialect (``conversion/``),
``merging`` joins the notebooks of several frameworks, ``writer`` puts the section with
its pictures into the book. What the dialect cannot express is a problem with the file
and the line it came from, never an exception.
"""

from tabbook.importers.importing import CHAPTER, Imported, Source, import_files

__all__ = ["CHAPTER", "Imported", "Source", "import_files"]
