"""Import a module with stubs for heavy modules that it imports but never calls."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


@contextmanager
def stub_imports(*modules: str) -> Iterator[None]:
    """Replace imports of some modules, and of their submodules, by stubs.

    Any name can be imported from a stub; calling one raises ``NotImplementedError``.
    Modules that are imported already stay as they are. Afterwards the stubs are gone
    from ``sys.modules``, and imports give the real modules.
    """
    finder = _StubFinder(frozenset({*modules} - sys.modules.keys()))
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        stubs = [
            name for name, module in sys.modules.items() if isinstance(module, _Stub)
        ]
        for name in stubs:
            del sys.modules[name]


class _Stub(ModuleType):
    """A module from which any name can be imported."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__version__":
            raise AttributeError(name)
        return _uncallable


class _StubFinder(Loader):
    """Finds and creates stubs for some modules and their submodules."""

    def __init__(self, modules: frozenset[str]) -> None:
        self._modules = modules

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Return how to make a stub; None for a module that is not replaced."""
        parts = name.split(".")
        prefixes = {".".join(parts[:length]) for length in range(1, len(parts) + 1)}
        if not prefixes & self._modules:
            return None
        return ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the stub of a module."""
        return _Stub(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Leave the stub as it is; there is no code to run."""


def _uncallable(*arguments: object, **options: object) -> None:
    raise NotImplementedError("a module was called that was replaced by a stub")
