"""One virtual environment per framework, made by uv from pinned requirements.

Only the standard library is imported here: build.sh makes the engine's own
environment with this module, before there is one.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tabbook.base.config import Config, Framework
from tabbook.base.errors import BookError
from tabbook.base.files import disk_errors, json_digest, lock, write_text

ENGINE = "book"
"""Name of the environment the engine itself runs in."""

REPOSITORY = Path(__file__).parent.parent.parent
"""Where the engine lies; its own environment's pins are there."""

COLAB = "-colab"
"""How the name of an environment ends that has Colab's versions."""

SETUP = "colab-setup"
"""The id of a notebook's cell that sets Colab up; it counts for no result."""

KERNEL_VARIABLES = {
    "MATPLOTLIBRC": "",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYTHONHASHSEED": "0",
    "PYTHONNOUSERSITE": "1",
    "PYTHONPATH": "",
    "PYTHONWARNINGS": "",
}
"""What every kernel starts with, so that no machine's settings reach an output."""

LIMIT = 'ulimit -d "$0" 2>/dev/null; exec "$@"'
"""Start of what keeps within a limit of memory."""

LAUNCH = "{ echo 1000 > /proc/self/oom_score_adj; } 2>/dev/null; " + LIMIT
"""Start of a kernel: the first to go when memory runs out, and within its limit."""

KERNEL_MODULES = "ipykernel.kernelapp ipykernel.debugger"
"""What every kernel imports before its first cell."""

PROVISIONER = "tabbook"
"""The entry point by which jupyter_client finds ``provisioner``."""

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

STAMP = "tabbook.json"


@dataclass(frozen=True)
class Environment:
    """A virtual environment that is ready to run kernels."""

    name: str
    folder: Path

    @property
    def python(self) -> Path:
        """Return its interpreter."""
        return self.folder / "bin" / "python"

    @property
    def jupyter(self) -> Path:
        """Return the folder for JUPYTER_PATH in which it is the kernel python3."""
        return self.folder / "share" / "tabbook"

    @property
    def forking(self) -> Path:
        """Return such a folder in which that kernel is forked from a template."""
        return self.folder / "share" / "tabbook-forking"

    @property
    def ipython(self) -> Path:
        """Return the folder of IPython's settings."""
        return self.folder / "share" / "ipython"

    @property
    def matplotlib(self) -> Path:
        """Return the folder of matplotlib's settings and list of fonts."""
        return self.folder / "share" / "matplotlib"

    @property
    def versions(self) -> dict[str, str]:
        """Return the versions of every distribution in it, and Python's."""
        return _stamp(self.folder)[1]


def pins(framework: Framework) -> list[str]:
    """Return the pinned requirements, comments and blank lines gone.

    :raises BookError: the file is missing.
    """
    try:
        text = framework.environment.read_text(encoding="utf-8")
    except OSError as error:
        raise BookError(
            f"{framework.environment}: the pinned requirements of {framework.label} "
            f"cannot be read ({error.strerror}); write their names to "
            f"{framework.environment.with_suffix('.in').name} and run "
            f"./build.sh pin {framework.name}"
        ) from error
    lines = (line.split("#")[0].strip() for line in text.splitlines())
    return [line for line in lines if line]


def setup(config: Config, framework: Framework) -> dict[str, object]:
    """Return what, besides pins and cells, decides on a kernel's results."""
    return {
        "python": config.python,
        "variables": {**KERNEL_VARIABLES, **dict(framework.variables)},
        "plots": PLOTS,
    }


def ready(config: Config, framework: Framework) -> Environment | None:
    """Return the framework's environment where it stands as pinned, else None."""
    made = Environment(framework.name, config.venvs / framework.name)
    wanted = _digest(pins(framework), config.python)
    if _stamp(made.folder)[0] != wanted or not made.python.exists():
        return None
    _write_kernel(config, framework, made)
    return made


def prepare(
    config: Config,
    framework: Framework,
    setting_up: Callable[[Framework, str], None] = lambda framework, reason: None,
) -> Environment:
    """Make a framework's environment, or make it again when its pins changed.

    :param setting_up: is told where it has to be made, and why.
    :raises BookError: uv failed, such as without a network.
    """
    if ready(config, framework) is None:
        setting_up(framework, why(config, framework))
    made = Environment(framework.name, config.venvs / framework.name)
    _install(made, framework.environment, pins(framework), config.python)
    _write_kernel(config, framework, made)
    return made


def why(config: Config, framework: Framework) -> str:
    """Return why an environment has to be made."""
    folder = config.venvs / framework.name
    if not folder.exists():
        return "there was none"
    if not _stamp(folder)[0]:
        return "the last set-up did not finish"
    return f"{framework.environment.name} changed"


def own() -> Environment | None:
    """Return the engine's own environment where it stands as pinned, else None."""
    made = Environment(ENGINE, REPOSITORY / ".venvs" / ENGINE)
    wanted = _digest(_own_pins(ENGINE), _running())
    return made if _stamp(made.folder)[0] == wanted and made.python.exists() else None


def _own_pins(name: str) -> list[str]:
    """Return what an environment of the engine's repository is made of."""
    file = REPOSITORY / "environments" / f"{name}.txt"
    wanted = pins(Framework(name, name, file))
    if name == ENGINE:  # it is installed too, for others to find its entry points
        wanted.append((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    return wanted


def _running() -> str:
    """Return the version of this process's Python, such as ``3.11``."""
    return f"{sys.version_info[0]}.{sys.version_info[1]}"


def prepare_own(name: str = ENGINE, python: str = "") -> Environment:
    """Make an environment of the engine's repository: its own, or d2lbook's.

    :param python: its version; that of this process where none is given.
    :raises BookError: uv failed, such as without a network.
    """
    file = REPOSITORY / "environments" / f"{name}.txt"
    made = Environment(name, REPOSITORY / ".venvs" / name)
    _install(made, file, _own_pins(name), python or _running())
    return made


def prepare_other(
    config: Config, name: str, file: Path, python: str, *, torch_index: bool
) -> Environment:
    """Make an environment of the book from any file of pinned requirements.

    :param torch_index: take PyTorch from its own index, whatever pip's settings say.
    :raises BookError: uv failed: there is no such Python or release, or no network.
    """
    made = Environment(name, config.venvs / name)
    with _torch_index() if torch_index else contextlib.nullcontext():
        _install(made, file, pins(Framework(name, name, file)), python)
    return made


def stands(config: Config, name: str, file: Path, python: str) -> Environment | None:
    """Return an environment of ``prepare_other`` where it stands as pinned."""
    made = Environment(name, config.venvs / name)
    if not file.is_file() or not made.python.exists():
        return None
    wanted = _digest(pins(Framework(name, name, file)), python)
    return made if _stamp(made.folder)[0] == wanted else None


@contextlib.contextmanager
def _torch_index() -> Iterator[None]:
    """Ask for PyTorch's builds without CUDA, unless another backend is asked for."""
    before = os.environ.get("UV_TORCH_BACKEND")
    os.environ.setdefault("UV_TORCH_BACKEND", "cpu")
    try:
        yield
    finally:
        if before is None:
            del os.environ["UV_TORCH_BACKEND"]


def pin(requirements: Path, python: str) -> Path:
    """Resolve ``NAME.in`` to ``NAME.txt`` beside it; return the pinned file.

    ``NAME.toml``, where it stands, is uv's configuration for that environment.

    :raises BookError: uv found no solution, or there is no such file.
    """
    if not requirements.is_file():
        raise BookError(f"{requirements}: there is no such file to pin")
    target = requirements.with_suffix(".txt")
    overrides = requirements.with_suffix(".toml")
    command = ["pip", "compile", "--quiet", "--upgrade", "--python-version", python]
    command += ["--no-emit-index-url", "--no-emit-find-links", "--no-header"]
    command += ["--no-annotate"]
    command += ["--config-file", str(overrides)] if overrides.exists() else []
    text = _uv([*command, str(requirements)], f"{requirements} cannot be resolved")
    # A local version (torch's +cpu) names one machine's wheel, not a release.
    target.write_text(re.sub(r"\+\w+$", "", text, flags=re.M), encoding="utf-8")
    return target


def _install(made: Environment, file: Path, wanted: list[str], python: str) -> None:
    digest = _digest(wanted, python)
    lock_file = made.folder.with_name(f"{made.folder.name}.lock")
    with disk_errors(made.folder), lock(lock_file):
        if _stamp(made.folder)[0] == digest and made.python.exists():
            return
        (made.folder / STAMP).unlink(missing_ok=True)
        failed = f"the environment {made.name} could not be set up"
        if _python_of(made.folder) != python:
            shutil.rmtree(made.folder, ignore_errors=True)
            _uv(["venv", "--quiet", "--python", python, str(made.folder)], failed)
        _uv(
            [
                *("pip", "sync", "--quiet", "--compile-bytecode"),
                *("--python", str(made.python), str(file)),
            ],
            failed,
        )
        if made.name == ENGINE:
            _install_engine(made, failed)
        _list_fonts(made)
        stamp = {"digest": digest, "versions": versions(made.python)}
        write_text(made.folder / STAMP, json.dumps(stamp, indent=1, sort_keys=True))


def _install_engine(made: Environment, failed: str) -> None:
    """Have the engine's environment know the repository, entry points and all."""
    _uv(
        [
            *("pip", "install", "--quiet", "--python", str(made.python)),
            *("--no-deps", "--no-build-isolation"),
            # As a path alone: setuptools' finder slows each start of Python down.
            *("--config-settings", "editable_mode=compat"),
            *("--editable", str(REPOSITORY)),
        ],
        failed,
    )


def _list_fonts(made: Environment) -> None:
    """Have matplotlib, where it is, list the fonts now.

    The first kernel that draws would do so, and complain there that it takes long.
    """
    environment = {**os.environ, "MPLCONFIGDIR": str(made.matplotlib)}
    command = [str(made.python), "-c", "import matplotlib.font_manager"]
    subprocess.run(command, env=environment, capture_output=True, check=False)


def _uv(arguments: list[str], failed: str) -> str:
    """Run uv with this machine's settings for pip; return what it printed."""
    environment = dict(os.environ)
    environment.pop("VIRTUAL_ENV", None)
    # uv looks for Pythons on the PATH; pyenv keeps those it is not set to elsewhere.
    kept = Path(environment.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    folders = [str(folder) for folder in sorted(kept.glob("*/bin"))]
    environment["PATH"] = os.pathsep.join([environment.get("PATH", ""), *folders])
    for name in ("FIND_LINKS", "INDEX_URL", "EXTRA_INDEX_URL"):
        value = environment.get("PIP_" + name)
        if value:
            environment.setdefault("UV_" + name, value)
    if not environment.get("UV_FIND_LINKS"):
        # Plain torch brings gigabytes of CUDA; uv's own variable chooses otherwise.
        environment.setdefault("UV_TORCH_BACKEND", "cpu")
    command = [shutil.which("uv") or str(REPOSITORY / ".venvs/uv/bin/uv"), *arguments]
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise BookError(f"{failed}: uv cannot be started; pip install uv") from error
    if done.returncode:
        raise BookError(
            f"{failed}: uv says\n{done.stderr.strip()}\n"
            "Is the network there? What was built before is untouched; "
            "run the command again."
        )
    return done.stdout


def _digest(wanted: list[str], python: str) -> str:
    return json_digest(sorted(wanted), python)


def _stamp(folder: Path) -> tuple[str, dict[str, str]]:
    """Return digest and versions of a finished environment; empty for no such."""
    try:
        found = json.loads((folder / STAMP).read_text(encoding="utf-8"))
        return str(found["digest"]), dict(found["versions"])
    except (OSError, ValueError, TypeError, KeyError):
        return "", {}


def _python_of(folder: Path) -> str:
    with contextlib.suppress(OSError):
        text = (folder / "pyvenv.cfg").read_text(encoding="utf-8")
        if match := re.search(r"version(?:_info)?\s*=\s*(\d+\.\d+)", text):
            return match[1]
    return ""


def versions(python: Path) -> dict[str, str]:
    """Return the versions of every distribution an interpreter has, and its own.

    A local version (torch's +cpu) names one machine's wheel, not a release: it is left
    out.
    """
    code = (
        "import importlib.metadata as m, json, platform\n"
        "found = {d.name.lower().replace('_', '-'): d.version.split('+')[0] "
        "for d in m.distributions()}\n"
        "print(json.dumps({**found, 'python': platform.python_version()}))"
    )
    done = subprocess.run(
        [str(python), "-c", code], capture_output=True, text=True, check=True
    )
    found: dict[str, str] = json.loads(done.stdout)
    return found


def _write_kernel(config: Config, framework: Framework, made: Environment) -> None:
    """Make the environment the kernel python3 of its own Jupyter folders."""
    profile = made.ipython / "profile_default"
    write_text(profile / "ipython_kernel_config.py", PLOTS)
    spec: dict[str, object] = {
        "argv": [
            *("/bin/sh", "-c", LAUNCH, limit(config), str(made.python)),
            *("-m", "ipykernel_launcher", "-f", "{connection_file}"),
            "--HistoryManager.enabled=False",
            "--IPKernelApp.log_level=CRITICAL",
        ],
        "display_name": framework.label,
        "language": "python",
        "env": variables(framework, made),
    }
    write_spec(made.jupyter, spec)
    config_of = {"template": template(config, framework, made)}
    forked = {"provisioner_name": PROVISIONER, "config": config_of}
    write_spec(made.forking, spec | {"metadata": {"kernel_provisioner": forked}})


def variables(framework: Framework, made: Environment) -> dict[str, str]:
    """Return the environment variables that a framework's kernels start with."""
    return {
        **KERNEL_VARIABLES,
        **dict(framework.variables),
        "IPYTHONDIR": str(made.ipython),
        "MPLCONFIGDIR": str(made.matplotlib),
        # The variable keeps compiled bytecode away; imports would be slow.
        "PYTHONDONTWRITEBYTECODE": "",
    }


def write_spec(jupyter: Path, spec: dict[str, object]) -> None:
    """Make a specification the kernel python3 of a Jupyter folder."""
    file = jupyter / "kernels" / "python3" / "kernel.json"
    write_text(file, json.dumps(spec, indent=1, sort_keys=True))


def template(config: Config, framework: Framework, made: Environment) -> list[str]:
    """Return the command of the template of a framework's kernels.

    :returns: as ``forking.Template`` takes it; empty where config.ini names nothing to
        preload: such a framework is not known to bear a fork.
    """
    modules = [KERNEL_MODULES, " ".join(framework.preload)]
    # A comment to the shell; to others it is another template where pins or variables
    # are others than those that its imports saw.
    state = _digest([*pins(framework), json.dumps(variables(framework, made))], "")
    within = f"{LIMIT} # {state}"
    command = ["/bin/sh", "-c", within, limit(config), str(made.python), *modules]
    return command if framework.preload else []


def limit(config: Config) -> str:
    """Return the KiB of data a kernel may hold, as ulimit takes it."""
    return str(config.memory * 1024 * 1024) if config.memory else "unlimited"
