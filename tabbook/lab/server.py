"""Start JupyterLab on a book."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tabbook import environments
from tabbook.base.config import Config, Framework
from tabbook.base.files import write_text
from tabbook.base.folders import output_folder
from tabbook.environments.venv import OnSetup
from tabbook.lab.kernels import write_kernel

TOOL = "lab"
"""The environment of JupyterLab."""

LAUNCH = """
import sys
sys.path += sys.argv.pop(1).split("\\n")
from jupyterlab.labapp import main
sys.exit(main())
"""
"""Program for JupyterLab's environment: further folders of modules, then its options.

The engine's modules come last, so that Jupyter's are those of its own environment.
"""

STOPPING = 10
"""Seconds in which the server ends its kernels."""

QUIET = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
"""Settings of the page: nothing is asked of a server elsewhere."""


def serve(
    config: Config,
    frameworks: Sequence[Framework],
    *,
    port: int,
    open_browser: bool,
    on_setup: OnSetup = lambda framework, reason: None,
) -> int:
    """Serve a book's sources until the user stops the server; return its exit status.

    :param frameworks: those that get a kernel; their environments are set up.
    :raises BookError: an environment cannot be set up, or the disk is full.
    """
    folder = output_folder.claim(config) / "lab"
    python = environments.prepare_tool(TOOL).python
    for framework in frameworks:
        environment = environments.prepare(config, framework, on_setup)
        write_kernel(config, framework, environment, folder / "data")
    write_text(folder / "config/labconfig/page_config.json", json.dumps(QUIET))
    settings = folder / "config/jupyter_server_config.json"
    write_text(settings, json.dumps(_settings(config, frameworks, port), indent=1))
    command = [str(python), "-c", LAUNCH, "\n".join(_modules()), "--config"]
    command += [str(settings), *([] if open_browser else ["--no-browser"])]
    return _run(command, config.root, _variables(folder))


def _run(command: list[str], root: Path, variables: dict[str, str]) -> int:
    """Run the server until it or this process is stopped; return its exit status."""
    with subprocess.Popen(command, cwd=root, env=variables) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.terminate()  # it ends its kernels first
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOPPING)
            return 0
        finally:
            process.kill()


def _settings(
    config: Config, frameworks: Sequence[Framework], port: int
) -> dict[str, dict[str, object]]:
    """Return the server's settings."""
    names = [framework.name for framework in frameworks]
    manager = "tabbook.lab.contents.SourcesManager"
    checkpoints = output_folder.claim(config) / "lab" / "checkpoints"
    return {
        "ServerApp": {
            "root_dir": str(config.root),
            "contents_manager_class": manager,
            "port": port,
            "answer_yes": True,
            "allow_root": True,  # as in containers; it listens on this machine only
        },
        "SourcesManager": {"checkpoint_folder": str(checkpoints)},
        "KernelSpecManager": {
            "allowed_kernelspecs": names,
            "ensure_native_kernel": False,
        },
        "MultiKernelManager": {"default_kernel_name": names[0]},
    }


def _modules() -> list[str]:
    """Return the folders from which this process imports modules."""
    return [folder for folder in sys.path if folder and Path(folder).is_dir()]


def _variables(folder: Path) -> dict[str, str]:
    """Return the environment variables of the server: nothing of the user's Jupyter."""
    return {
        **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTER_PATH": "",
        "JUPYTER_CONFIG_PATH": "",
    }
