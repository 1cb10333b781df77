"""Import a module without the heavy ones that it names and does not call."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


@contextmanager
def without(*modules: str) -> Iterator[None]:
    """Have imports of some modules, and of those below them, give stand-ins.

    Every name can be imported from a stand-in, and none can be called. Afterwards the
    modules are imported as ever. One that was imported before stays as it is.
    """
    finder = _Finder(frozenset({*modules} - sys.modules.keys()))
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name, one in sys.modules.items() if _stands_in(one)]:
            del sys.modules[name]


class _StandIn(ModuleType):
    """A module from which any name can be imported."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__version__":
            raise AttributeError(name)
        return _never


class _Finder(Loader):
    """Finds a stand-in for each of some modules, and makes it."""

    def __init__(self, modules: frozenset[str]) -> None:
        self._modules = modules

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        parts = name.split(".")
        above = {".".join(parts[:length]) for length in range(1, len(parts) + 1)}
        if not above & self._modules:
            return None
        return ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        pass


def _stands_in(module: object) -> bool:
    return isinstance(module, _StandIn)


def _never(*arguments: object, **options: object) -> None:
    raise NotImplementedError("what was expected to call nothing of this module did")
