"""What kernels know of tabs: ``%%tab`` runs a cell or says whose it is.

The text of this module, and a call of ``install``, run in every kernel of JupyterLab
before the first cell, so it uses only the standard library and IPython.
"""

import re
import sys
import types

from IPython import get_ipython

TAB_LINE = re.compile(r"(?:%%tab|#\s*@tab)\s+(?P<names>.*)")


class Tab:
    """Reads tab lines, and stands for d2lbook's object ``tab``."""

    def __init__(self, framework: str, labels: dict[str, str]) -> None:
        """Read them for a kernel.

        :param framework: name of the kernel's framework.
        :param labels: of all frameworks, by their names.
        """
        self.framework = framework
        self.labels = labels

    def interact_select(self, *names: object) -> None:
        """Choose nothing: the kernel decides on the framework."""

    def selected(self, *names: str) -> bool:
        """Return whether the kernel's framework is among some."""
        return self.framework in names

    def own_lines(self, lines: list[str]) -> list[str]:
        """Return a cell without its tab line; a message if it is of others."""
        match = TAB_LINE.match(lines[0]) if lines else None
        if not match:
            return lines
        names = [name.strip() for name in match["names"].split(",")]
        if self.framework in names or "all" in names:
            return lines[1:]
        labels = ", ".join(self.labels.get(name, name) for name in names)
        message = f"This cell is for {labels}: choose that kernel to run it."
        return [f"print({message!r})\n"]


def install(framework: str, labels: dict[str, str]) -> None:
    """Let this kernel read tab lines, and load d2lbook's extension without d2lbook."""
    tab = Tab(framework, labels)
    shell = get_ipython()
    shell.input_transformers_cleanup.append(tab.own_lines)
    shell.push({"tab": tab})
    for name in ("d2lbook", "d2lbook.tab"):
        sys.modules[name] = types.ModuleType(name)

    def load_ipython_extension(shell: object) -> None:
        """Do nothing: the object ``tab`` is there."""

    vars(sys.modules["d2lbook.tab"])["load_ipython_extension"] = load_ipython_extension
