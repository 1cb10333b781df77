"""Kernel specifications: how Jupyter starts a framework's kernels.

Each environment has two folders for JUPYTER_PATH. In both the kernel ``python3`` is the
framework's; in one it starts as a process of its own, in the other it is forked from
the framework's fork server.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from tabbook.base.config import Config, Framework
from tabbook.base.files import write_text
from tabbook.environments.environment import Environment
from tabbook.environments.pins import read_pins, requirements_digest

KERNEL_VARIABLES = {
    "MATPLOTLIBRC": "",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYTHONHASHSEED": "0",
    "PYTHONNOUSERSITE": "1",
    "PYTHONPATH": "",
    "PYTHONWARNINGS": "",
}
"""Environment variables of every kernel: no machine's settings reach an output."""

USER_SETTINGS = (
    *("PYTHON", "IPYTHON", "IPYKERNEL", "MPL", "MATPLOTLIB", "BASH_ENV"),
    *("KERAS_", "TF_", "TENSORFLOW_", "XLA_", "JAX_", "MXNET_", "DMLC_"),
    *("TORCH_", "TORCHINDUCTOR_", "TORCHDYNAMO_", "PYTORCH_"),
    *("NUMPY_", "NPY_", "NUMBA_", "PANDAS_", "SKLEARN_", "PLOTLY_", "TQDM_"),
    *("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "COLUMNS"),
)
"""Prefixes of the environment variables that configure libraries of cells.

None reaches a kernel from the machine; config.ini's ``variables`` may set them.
"""

LIMITED = 'ulimit -d "$0" 2>/dev/null; exec "$@"'
"""Shell code that runs a command within a limit of memory, its first argument."""

LIMITED_KERNEL = "{ echo 1000 > /proc/self/oom_score_adj; } 2>/dev/null; " + LIMITED
"""The same for a kernel, which the system kills first when memory runs out."""

KERNEL_MODULES = "ipykernel.kernelapp ipykernel.debugger"
"""Modules that every kernel imports before its first cell."""

KERNEL_OPTIONS = (
    "--HistoryManager.enabled=False",
    "--IPKernelApp.log_level=CRITICAL",
)
"""Options of every kernel: no history on disk, no log below a cell."""

HAS_FORK_SERVERS = hasattr(os, "pidfd_open")
"""Whether fork servers work: they use system calls of Linux."""

PROVISIONER = "tabbook"
"""Entry point of ``execution.forkserver.provisioner`` in pyproject.toml."""

PLOTS = """\
c = get_config()
c.InlineBackend.figure_formats = {"svg"}
c.InlineBackend.print_figure_kwargs = {
    "bbox_inches": "tight",
    "metadata": {"Date": None, "Creator": None},
}
c.InlineBackend.rc = {"svg.hashsalt": "tabbook", "svg.fonttype": "none"}
"""
"""IPython's configuration in every kernel: a plot is an SVG, always the same bytes."""

STARTUP = Path(__file__).with_name("kernel_startup.py").read_text(encoding="utf-8")
"""Code that every kernel runs before its first cell.

It is not part of a result's key: outputs that verify without it are the same with it.
"""

PIP = """\
#!/bin/sh
echo "pip: a build installs what environments/{name}.txt pins and nothing else; add" \
    "the package to environments/{name}.in and run the command pin {name}" >&2
exit 1
"""
"""A program in place of the machine's pip, which would install for other programs."""


class KernelStart(StrEnum):
    """How kernels are started."""

    FORKED = "forked"
    """Fork from the framework's fork server; start afresh where that is refused."""
    FRESH = "fresh"
    """Start a new process for every kernel."""


def result_settings(config: Config, framework: Framework) -> dict[str, object]:
    """Return what, besides cells and pins, decides a kernel's outputs.

    It is part of the key of each result: a change makes all outputs stale.
    """
    return {
        "python": config.python,
        "variables": {**KERNEL_VARIABLES, **dict(framework.variables)},
        "plots": PLOTS,
    }


def write_kernels(
    config: Config, framework: Framework, environment: Environment
) -> None:
    """Write IPython's configuration and both kernel specifications."""
    profile = environment.ipython / "profile_default"
    write_text(profile / "ipython_kernel_config.py", PLOTS + STARTUP)
    for name in ("pip", "pip3"):
        write_text(environment.programs / name, PIP.format(name=framework.name))
        (environment.programs / name).chmod(0o755)
    specification: dict[str, object] = {
        "argv": [
            *in_shell(LIMITED_KERNEL, memory_limit(config)),
            *(str(environment.python), "-m", "ipykernel_launcher"),
            *("-f", "{connection_file}", *KERNEL_OPTIONS),
        ],
        "display_name": framework.label,
        "language": "python",
        "env": kernel_variables(framework, environment),
    }
    command = fork_server_command(config, framework, environment)
    write_specifications(environment, specification, command)


def write_specifications(
    environment: Environment, specification: dict[str, object], fork_server: list[str]
) -> None:
    """Write the specification of the kernel ``python3`` for both ways to start it.

    :param fork_server: command of the fork server; empty if there is none.
    """
    for folder, command in (
        (environment.jupyter, []),
        (environment.jupyter_forking, fork_server),
    ):
        provisioner = {
            "provisioner_name": PROVISIONER,
            "config": {"fork_server": command},
        }
        metadata = {"kernel_provisioner": provisioner}
        text = json.dumps(
            {**specification, "metadata": metadata}, indent=1, sort_keys=True
        )
        write_text(folder / "kernels" / "python3" / "kernel.json", text)


def kernel_variables(framework: Framework, environment: Environment) -> dict[str, str]:
    """Return the environment variables of a framework's kernels."""
    return {
        **KERNEL_VARIABLES,
        "KERAS_HOME": str(environment.keras),
        **dict(framework.variables),
        **path_variable(environment, dict(framework.variables).get("PATH", "")),
        "IPYTHONDIR": str(environment.ipython),
        "MPLCONFIGDIR": str(environment.matplotlib),
        # If set, no bytecode is written, and imports are slow.
        "PYTHONDONTWRITEBYTECODE": "",
    }


def without_user_settings(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of this machine without those that configure cells."""
    return {
        name: value
        for name, value in variables.items()
        if not name.startswith(USER_SETTINGS)
    }


def path_variable(environment: Environment, path: str = "") -> dict[str, str]:
    """Return PATH such that ``!`` and subprocesses run the environment's programs.

    :param path: where other programs are; by default this process's PATH.
    """
    own = [environment.python.parent, environment.programs]
    return {"PATH": os.pathsep.join([*map(str, own), path or os.environ["PATH"]])}


def fork_server_command(
    config: Config,
    framework: Framework,
    environment: Environment,
    variables: Mapping[str, str] | None = None,
) -> list[str]:
    """Return the command that starts the fork server of a framework's kernels.

    Its last two items are the modules that every kernel imports and the modules that
    config.ini preloads. The command identifies the server among those that run.

    :param variables: of the kernels; those of the framework by default.
    :returns: empty if config.ini names no module to preload: it is not known whether
        such a framework works in a forked process; and on systems other than Linux.
    """
    if not framework.preload or not HAS_FORK_SERVERS:
        return []
    variables = variables or kernel_variables(framework, environment)
    # As a comment of the shell: a running server whose imports saw other pins or
    # variables has another command, so it is not used.
    imported = [*read_pins(framework), json.dumps(dict(variables))]
    digest = requirements_digest(imported, "")
    return [
        *in_shell(f"{LIMITED} # {digest}", memory_limit(config)),
        *(str(environment.python), KERNEL_MODULES, " ".join(framework.preload)),
    ]


def in_shell(code: str, *arguments: str) -> list[str]:
    """Return the beginning of a command that shell code starts; empty on Windows."""
    return ["/bin/sh", "-c", code, *arguments] if Path("/bin/sh").exists() else []


def memory_limit(config: Config) -> str:
    """Return the KiB of data that a kernel may hold, as ``ulimit`` takes it."""
    return str(config.memory * 1024 * 1024) if config.memory else "unlimited"
