"""JupyterLab for a book: sources open as notebooks, with a kernel per framework.

``sources`` turns a source into a notebook and back, ``contents`` shows sources to
Jupyter's server, ``kernels`` describes the frameworks' kernels, ``tab_magic`` is what
these know of tabs. JupyterLab has an environment of its own.
"""

from tabbook.lab.server import serve

__all__ = ["serve"]
