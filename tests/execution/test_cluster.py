"""A real scheduler, real workers, real kernels; every loss is caused.

Who asks has no environment, workers have no sources, and nobody shares a folder. The
shared scheduler is Dask's own program, which knows nothing of the engine.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from tabbook import environments
from tabbook.base.config import Config, load
from tabbook.base.errors import BookError, UsageError
from tabbook.base.paths import REPOSITORY
from tabbook.execution import planner, runner
from tabbook.execution.cluster import dispatcher, protocol
from tabbook.execution.cluster import executor as cluster_module
from tabbook.execution.cluster.executor import ClusterExecutor
from tabbook.execution.cluster.scheduler import address
from tabbook.notebooks import store
from tabbook.source import book
from tests.support.books import HEAD

BOOK = (
    HEAD
    + """[tabbook]
timeout = {timeout}
[colab]
gpu_pattern = gpu_wanted
[framework-left]
packages = {package}
"""
)
CELL = "# {name}\n\n```{{.python .input}}\n%%tab {tab}\n{code}\n```\n"
MARK = """import os
from pathlib import Path

folder = Path({folder!r})
Path(folder / f"{name}-{{os.getpid()}}").touch()
"""
"""A cell that tells the test, and the test alone, where it runs."""
WAIT = """import time

while not (folder / "{go}").exists():
    time.sleep(0.02)
print("done")
"""

pytestmark = pytest.mark.usefixtures("light_environments")


@dataclass
class Cluster:
    """A scheduler, and the workers of one test."""

    address: str
    folder: Path
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def marks(self) -> Path:
        """Return where cells tell the test that they run."""
        made = self.folder / "marks"
        made.mkdir(exist_ok=True)
        return made

    def worker(
        self, config: Config, *options: str, engine: Path = REPOSITORY
    ) -> subprocess.Popen[str]:
        """Start a worker in a folder of its own, with pins and settings alone."""
        root = self.folder / f"worker-{len(self.processes)}"
        root.mkdir()
        shutil.copy(config.root / "config.ini", root)
        shutil.copytree(config.root / "environments", root / "environments")
        own = load(root)
        for framework in own.frameworks:
            environments.prepare(own, framework)
        command = ["-m", "tabbook", "-C", str(root), "worker", self.address]
        return self.start([*command, *options], "worker of", engine=engine)

    def start(
        self, arguments: list[str], said: str, engine: Path = REPOSITORY
    ) -> subprocess.Popen[str]:
        """Start a process of Python; go on once it has said something."""
        environment = {
            **os.environ,
            "PYTHONPATH": str(engine),
            "TMPDIR": str(self.folder),
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
        }
        process = subprocess.Popen(
            [sys.executable, *arguments],
            **{"cwd": self.folder, "env": environment, "text": True},
            **{"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT},
        )
        self.processes.append(process)
        assert process.stdout
        line = next((one for one in process.stdout if said in one), "")
        assert line, "it ended before it said so"
        if not self.address:
            self.address = f"tcp://{line.split('tcp://')[1].split(';')[0].strip()}"
        return process

    def end(self) -> None:
        """End what is left; its kernels end with it."""
        for process in self.processes:
            process.kill()
            process.communicate()


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start Dask's own scheduler, where the engine cannot be imported."""
    made = Cluster("", tmp_path_factory.mktemp("scheduler"))
    program = ["-m", "distributed.cli.dask_scheduler", "--no-dashboard"]
    options = ["--dashboard-address", "127.0.0.1:0", "--port", "0"]
    command = [*program, *options, "--host", "127.0.0.1"]
    made.start(command, "Scheduler at:", engine=made.folder)
    yield made.address
    made.end()


@pytest.fixture
def cluster(scheduler: str, tmp_path: Path) -> Iterator[Cluster]:
    """Give a test workers of its own; none of their kernels outlives it."""
    made = Cluster(scheduler, tmp_path)
    yield made
    made.end()
    wait(lambda: not marked(made.marks))


@pytest.fixture
def own_cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Give a test a scheduler to kill: ours."""
    made = Cluster("", tmp_path)
    command = ["-m", "tabbook", "-C", str(REPOSITORY), "scheduler"]
    made.start([*command, "tcp://127.0.0.1:0"], "scheduler at")
    yield made
    made.end()
    wait(lambda: not marked(made.marks))


@pytest.fixture
def make(
    make_book: Callable[..., Config], request: pytest.FixtureRequest
) -> Callable[..., Config]:
    """Return a function that writes a book whose pins no other test has."""

    def made(timeout: int = 20, **sections: str | tuple[str, str]) -> Config:
        files = {"data/x.txt": "from a file"}
        for name, found in sections.items():
            tab, code = ("left", found) if isinstance(found, str) else found
            text = CELL.format(name=name, tab=tab, code=code)
            files[f"chapter_a/{name}.md"] = text
        listed = "\n".join(f"chapter_a/{name}" for name in sections)
        files["index.md"] = f"# 本\n\n```toc\n{listed}\n```\n"
        for tab in ("left", "right"):
            files[f"environments/{tab}.txt"] = f"{request.node.name}=={tab}\n"
        return make_book(files, BOOK.format(timeout=timeout, package="python"))

    return made


def wait(true: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)


def marked(folder: Path, name: str = "") -> list[psutil.Process]:
    """Return the kernels that are alive of those whose cells have said so."""
    found = []
    for file in folder.glob(f"{name}*-[0-9]*"):
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(int(file.name.split("-")[1]))
            if process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def of(kernel: psutil.Process, worker: subprocess.Popen[str]) -> bool:
    return worker.pid in {one.pid for one in kernel.parents()}


def executor(cluster: Cluster, said: list[str] | None = None) -> ClusterExecutor:
    return ClusterExecutor(cluster.address, (said if said is not None else []).append)


@dataclass
class Asked:
    """A build that runs beside the test."""

    config: Config
    cluster: Cluster
    said: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    """Names of the notebooks that ended, as often as they did."""

    def run(self) -> dict[str, planner.Outcome]:
        """Run what is stale; return what became of each section."""
        loaded = book.load(self.config)
        steps = planner.plan(loaded, loaded.sections, self.config.frameworks)
        progress = planner.Progress(
            finished=lambda outcome: self.ended.append(outcome.step.name)
        )
        far = executor(self.cluster, self.said)
        outcomes = planner.run(loaded, steps, executor=far, progress=progress)
        assert not (self.config.root / ".venvs").exists()
        return {one.step.section.name.split("/")[1]: one for one in outcomes}


def beside(asked: Asked) -> Callable[[], dict[str, planner.Outcome]]:
    """Start a build in a thread; return what waits for it."""
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(1)
    future = pool.submit(asked.run)
    pool.shutdown(wait=False)
    return lambda: future.result(timeout=40)


def cells(folder: Path, name: str, *, go: str = "") -> str:
    text = MARK.format(folder=str(folder), name=name)
    return text + (WAIT.format(go=go) if go else "")


def text(config: Config, name: str, framework: str = "left") -> str:
    file = config.notebooks / framework / f"chapter_a/{name}.ipynb"
    return file.read_text("utf-8")


def here(config: Config) -> dict[str, planner.Outcome]:
    """Run what is stale on this machine."""
    loaded = book.load(config)
    steps = planner.plan(loaded, loaded.sections, config.frameworks)
    return {
        one.step.section.name.split("/")[1]: one for one in planner.run(loaded, steps)
    }


def test_notebooks_go_where_their_framework_is_and_agree_with_this_machine(
    cluster: Cluster, make: Callable[..., Config]
) -> None:
    mark = cells(cluster.marks, "left")
    config = make(
        one=mark + "print(open('../data/x.txt').read())",
        two=("right", cells(cluster.marks, "right") + "print('r')"),
    )
    left = cluster.worker(config, "--framework", "left", "--jobs", "1")
    right = cluster.worker(config, "--framework", "right", "--jobs", "1")
    outcomes = Asked(config, cluster).run()
    assert [one.failure for one in outcomes.values()] == [None, None]
    assert "from a file" in text(config, "one")
    assert '"python": "3.11"' in text(config, "one")
    before = {name: text(config, *name) for name in (("one",), ("two", "right"))}
    # This machine finds each result under its own key, and gives the same bytes.
    assert [one.seconds for one in here(config).values()] == [None, None]
    shutil.rmtree(config.notebooks)
    assert all(one.seconds for one in here(config).values())
    assert {name: text(config, *name) for name in before} == before
    # So does a worker, which has no sources.
    own = load(cluster.folder / "worker-0")
    committed = store.read(config.notebooks / "left/chapter_a/one.ipynb")
    assert committed
    assert store.key(own, own.default, committed) == store.stored_key(committed)
    assert left.poll() is right.poll() is None


def test_the_notebook_of_a_lost_worker_runs_elsewhere_and_lands_once(
    cluster: Cluster, make: Callable[..., Config]
) -> None:
    config = make(one=cells(cluster.marks, "one", go="go"))
    workers = [cluster.worker(config, "--jobs", "1") for _ in range(3)]
    asked = Asked(config, cluster)
    outcomes = beside(asked)
    for ending in (signal.SIGKILL, signal.SIGTERM):
        wait(lambda: marked(cluster.marks, "one"))
        (kernel,) = marked(cluster.marks, "one")
        (worker,) = (one for one in workers if of(kernel, one))
        workers.remove(worker)
        worker.send_signal(ending)
        wait(lambda gone=kernel: not gone.is_running() or not gone.parents(), 5)
        wait(lambda gone=kernel: gone not in marked(cluster.marks), 5)
        assert worker.wait(10) == (0 if ending == signal.SIGTERM else -ending)
    wait(lambda: marked(cluster.marks, "one"))
    (cluster.marks / "go").touch()
    assert outcomes()["one"].failure is None
    assert asked.ended == ["chapter_a/one [left]"]
    assert len(list(cluster.marks.glob("one-*"))) == 3
    assert text(config, "one").count('"done\\n"') == 1
    # A worker that is asked to end leaves nothing; one that is killed cannot tidy up.
    assert len(list(cluster.folder.glob("tabbook-worker-*"))) == 2


def test_a_worker_that_joins_late_is_used(
    cluster: Cluster, make: Callable[..., Config]
) -> None:
    config = make(
        one=cells(cluster.marks, "one", go="two"),
        two=MARK.format(folder=str(cluster.marks), name="two")
        + "(folder / 'two').touch()",
        three=("right", "print('r')"),
    )
    cluster.worker(config, "--framework", "left", "--jobs", "1")
    asked = Asked(config, cluster)
    outcomes = beside(asked)
    wait(lambda: marked(cluster.marks, "one") and asked.said)
    assert "waiting 60 s: no worker has right as this book pins it" in asked.said[0]
    assert f"worker {cluster.address} --framework right" in asked.said[0]
    cluster.worker(config, "--jobs", "1")
    # The first waits for the second, which only the late worker has a place for.
    assert [one.failure for one in outcomes().values()] == [None] * 3
    assert asked.said[1:] == ["a worker with right is there"]


def test_a_lost_scheduler_loses_nothing_that_ended(
    own_cluster: Cluster, make: Callable[..., Config]
) -> None:
    folder = own_cluster.marks
    config = make(one=cells(folder, "one"), two=cells(folder, "two", go="go"))
    worker = own_cluster.worker(config, "--jobs", "2")
    command = ["-C", str(config.root), "run", "--scheduler", own_cluster.address]
    asker = own_cluster.start(["-m", "tabbook", *command], "running 2 notebooks")
    wait((config.notebooks / "left/chapter_a/one.ipynb").exists)
    wait(lambda: marked(folder, "two"))
    own_cluster.processes[0].kill()
    started = time.monotonic()
    out, _ = asker.communicate(timeout=15)
    assert time.monotonic() - started < 5
    assert asker.returncode == 1
    assert f"the scheduler at {own_cluster.address} is gone: 1 of 2 notebooks" in out
    assert "the next run goes on from there" in out
    assert "Traceback" not in out
    # The worker ends by itself, and its kernel with it.
    said, _ = worker.communicate(timeout=15)
    assert worker.returncode == 1
    assert said == f"the scheduler at {own_cluster.address} is gone\n"
    wait(lambda: not marked(folder), 5)
    assert not list(own_cluster.folder.glob("tabbook-*"))
    (folder / "go").touch()
    ran = {name: one.seconds is not None for name, one in here(config).items()}
    assert ran == {"one": False, "two": True}


def test_a_stopped_run_takes_back_what_waits(
    cluster: Cluster, make: Callable[..., Config]
) -> None:
    folder = cluster.marks
    config = make(
        **{name: cells(folder, name, go="go") for name in ("one", "two", "three")}
    )
    cluster.worker(config, "--jobs", "1")
    command = ["-C", str(config.root), "run", "--scheduler", cluster.address]
    asker = cluster.start(["-m", "tabbook", *command], "running 3 notebooks")
    wait(lambda: marked(folder))
    asker.send_signal(signal.SIGINT)
    out, _ = asker.communicate(timeout=5)
    assert (asker.returncode, out) == (130, "stopped; what was finished is saved\n")
    (folder / "go").touch()
    wait(lambda: not marked(folder))
    time.sleep(1)
    assert len(list(folder.glob("*-[0-9]*"))) == 1


def test_a_gpu_is_asked_for_and_not_waited_for(
    cluster: Cluster, make: Callable[..., Config]
) -> None:
    folder = cluster.marks
    config = make(
        **{
            name: "gpu_wanted = 1\n" + cells(folder, name, go="go")
            for name in ("one", "two")
        }
    )
    cpu = cluster.worker(config, "--jobs", "2", "--gpus", "0")
    gpu = cluster.worker(config, "--jobs", "2", "--gpus", "1")
    outcomes = beside(Asked(config, cluster))
    wait(lambda: marked(folder))
    time.sleep(1)  # in which the other would start, had it not to wait for the GPU
    (kernel,) = marked(folder)
    assert of(kernel, gpu)
    gpu.kill()
    wait(lambda: len([one for one in marked(folder) if of(one, cpu)]) == 2)
    (folder / "go").touch()
    assert [one.failure for one in outcomes().values()] == [None, None]


def test_what_no_worker_can_run_fails_by_name_and_the_rest_runs(
    cluster: Cluster,
    make: Callable[..., Config],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(dispatcher, "PATIENCE", 1.0)
    config = make(one="print('l')", two=("right", "print('r')"))
    left = config.framework("left").environment
    engine = tmp_path / "engine"
    ignored = shutil.ignore_patterns("__pycache__", "static", "templates")
    shutil.copytree(REPOSITORY / "tabbook", engine / "tabbook", ignore=ignored)
    with (engine / "tabbook/execute.py").open("a", encoding="utf-8") as file:
        file.write("\n# edited\n")
    (engine / "environments").mkdir()
    shutil.copy(REPOSITORY / "environments/book.txt", engine / "environments")
    cluster.worker(config, "--framework", "left", engine=engine)
    cluster.worker(config, "--framework", "right")
    wanted = left.read_text("utf-8")
    left.write_text("another==1\n", "utf-8")
    cluster.worker(config, "--framework", "left")
    left.write_text(wanted, "utf-8")
    asked = Asked(config, cluster)
    outcomes = asked.run()
    failure = outcomes["one"].failure
    assert failure
    assert failure.kind == "no-worker"
    assert "no worker that can run it came within 1 s; start one" in failure.message
    for has in (
        "left under another version of the engine",
        "left with other pins, variables or Python",
        "right",
    ):
        assert f" has {has}\n" in asked.said[0]
    assert outcomes["two"].failure is None
    assert not (config.notebooks / "left").exists()


def test_a_worker_whose_pins_were_edited_lands_nothing(
    cluster: Cluster, make: Callable[..., Config]
) -> None:
    config = make(one="print('l')")
    cluster.worker(config, "--framework", "left")
    (cluster.folder / "worker-0/environments/left.txt").write_text("new==1\n", "utf-8")
    failure = Asked(config, cluster).run()["one"].failure
    assert failure
    assert failure.kind == "other-key"
    assert "start it again" in failure.message
    assert not config.notebooks.exists()


def test_failures_are_those_of_this_machine(
    cluster: Cluster, make: Callable[..., Config]
) -> None:
    config = make(
        timeout=2,
        raised="x = 1\n1 / 0",
        dead="import os\n\nos._exit(3)",
        slow="while True:\n    pass",
    )
    cluster.worker(config, "--jobs", "3")
    far, near = Asked(config, cluster).run(), here(config)
    kinds = {name: one.failure and one.failure.kind for name, one in far.items()}
    assert kinds == {"raised": "raised", "dead": "dead-kernel", "slow": "timeout"}
    assert {name: one.failure for name, one in far.items()} == {
        name: one.failure for name, one in near.items()
    }


def test_what_ends_every_worker_is_given_up(
    cluster: Cluster, make: Callable[..., Config]
) -> None:
    config = make(one=cells(cluster.marks, "one", go="never"))
    workers = [cluster.worker(config, "--jobs", "1") for _ in range(3)]
    outcomes = beside(Asked(config, cluster))
    for _ in range(2):  # the second is one more than this scheduler allows
        wait(lambda: marked(cluster.marks))
        (kernel,) = marked(cluster.marks)
        next(one for one in workers if of(kernel, one)).kill()
        wait(lambda gone=kernel: gone not in marked(cluster.marks), 5)
    failure = outcomes()["one"].failure
    assert failure
    assert failure.kind == "lost-workers"
    assert "2 workers in turn were lost" in failure.message


def test_no_scheduler_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "CONNECT", 0.5)
    with pytest.raises(
        BookError, match=r"no scheduler answers at tcp://127\.0\.0\.1:9;"
    ):
        ClusterExecutor("127.0.0.1:9", print)


@pytest.mark.parametrize("text", ["", "HOST", "http://a:1", "tcp://a", "tcp://a:1/x"])
def test_what_is_no_address_is_named(text: str) -> None:
    with pytest.raises(UsageError, match="is no address; write one such as tcp://"):
        address(text)


def test_no_path_of_this_machine_travels(make: Callable[..., Config]) -> None:
    config = make(one="print('l')")
    loaded = book.load(config)
    (step,) = planner.plan(loaded, loaded.sections, config.frameworks)
    job = planner._job(loaded, step, None)
    sent = protocol.pack_job(job) + protocol.pack_files(config.root, config.resources)
    assert str(config.root).encode() not in sent
    assert (
        protocol.unpack_job(protocol.pack_job(job), Path("elsewhere")).lines
        == job.lines
    )


def test_the_same_files_are_the_same_bytes(tmp_path: Path) -> None:
    packed = []
    for name in ("one", "two"):
        file = tmp_path / name / "data/deep/x.txt"
        file.parent.mkdir(parents=True)
        file.write_text("x", "utf-8")
        os.utime(file, (len(packed), len(packed)))
        packed.append(protocol.pack_files(tmp_path / name, ("data", "*.none")))
    assert packed[0] == packed[1]
    protocol.unpack_files(packed[0], tmp_path / "three")
    assert (tmp_path / "three/data/deep/x.txt").read_text("utf-8") == "x"


def test_a_cluster_runs_notebooks_alone(cluster: Cluster) -> None:
    with executor(cluster) as far, pytest.raises(TypeError, match="runs notebooks"):
        far.submit(print, 1)
    assert runner.run  # what it is given instead
