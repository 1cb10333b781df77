"""Write the kernels of JupyterLab: one for each framework."""

from __future__ import annotations

import json
from pathlib import Path

from tabbook.base.config import Config, Framework
from tabbook.base.files import write_text
from tabbook.environments.environment import Environment
from tabbook.environments.kernelspec import (
    PLOTS,
    STARTUP,
    kernel_variables,
)

TAB_MAGIC = Path(__file__).with_name("tab_magic.py")


def write_kernel(
    config: Config, framework: Framework, environment: Environment, folder: Path
) -> None:
    """Write the specification of a framework's kernel, and IPython's configuration.

    :param folder: of Jupyter's data, where the server looks for kernels.
    """
    ipython = folder / "ipython" / framework.name
    profile = ipython / "profile_default" / "ipython_kernel_config.py"
    write_text(profile, f"{PLOTS}{STARTUP}{_exec_lines(config, framework)}")
    specification = {
        "argv": [
            *(str(environment.python), "-m", "ipykernel_launcher"),
            *("-f", "{connection_file}"),
        ],
        "display_name": framework.label,
        "language": "python",
        "env": {
            **kernel_variables(framework, environment),
            "IPYTHONDIR": str(ipython),
        },
        "metadata": {"debugger": True},
    }
    file = folder / "kernels" / framework.name / "kernel.json"
    write_text(file, json.dumps(specification, indent=1, sort_keys=True))


def _exec_lines(config: Config, framework: Framework) -> str:
    """Return the configuration with which a kernel runs the module ``tab_magic``."""
    labels = {each.name: each.label for each in config.frameworks}
    code = TAB_MAGIC.read_text(encoding="utf-8")
    program = f"{code}\ninstall({framework.name!r}, {labels!r})\n"
    # In a namespace of its own, so that cells find nothing but what they define.
    line = f"exec({program!r}, {{'__name__': 'tab_magic'}})"
    return f"\nc.InteractiveShellApp.exec_lines = [{line!r}]\n"
