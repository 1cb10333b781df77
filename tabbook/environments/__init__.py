"""One virtual environment per framework, installed by uv from pinned requirements.

``pins`` reads and resolves requirements, ``venv`` installs them, ``kernelspec`` makes
an environment a Jupyter kernel, ``uv`` and ``npm`` run the package managers.

Only the standard library is imported here and in ``base``: build.sh installs the
engine's own environment with it, before the engine's dependencies exist.
"""

from tabbook.environments.environment import Environment, installed_versions
from tabbook.environments.pins import COLAB_SUFFIX, Upgrade, pin, read_pins
from tabbook.environments.venv import (
    ENGINE,
    TOOLS,
    prepare,
    prepare_from,
    prepare_tool,
    ready,
    ready_engine,
    ready_from,
)

__all__ = [
    "COLAB_SUFFIX",
    "ENGINE",
    "TOOLS",
    "Environment",
    "Upgrade",
    "installed_versions",
    "pin",
    "prepare",
    "prepare_from",
    "prepare_tool",
    "read_pins",
    "ready",
    "ready_engine",
    "ready_from",
]
