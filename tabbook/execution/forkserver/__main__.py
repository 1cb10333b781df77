"""Start a fork server: ``python __main__.py LISTENER LIFETIME FOLDER OWN MODULES``.

It is run by path with the interpreter of a framework's environment, which has no
engine. The engine's folder is importable only while the server's own modules, which
use the standard library alone, are imported. Then no trace of them is left, so that
cells import what a fresh kernel would.

A forked process returns from ``serve`` and runs its module here, the same two calls
deep as ``python -m`` runs it, because code in cells can count them. That takes two
private functions of ``runpy``, used here only: its public ``run_module`` runs a module
deeper and in a temporary ``__main__``.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

if __name__ == "__main__":
    if not getattr(sys.flags, "safe_path", False):
        del sys.path[0]  # the folder of this file
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
    from tabbook.execution.forkserver.server import serve

    del sys.path[0]
    for name in [name for name in sys.modules if name.split(".")[0] == "tabbook"]:
        del sys.modules[name]

    run: Any = runpy
    _, spec, code = run._get_module_details(serve(sys.argv[1:]))
    sys.argv[0] = spec.origin
    sys.modules["__main__"] = ModuleType("__main__")
    run._run_code(code, vars(sys.modules["__main__"]), None, "__main__", spec)
