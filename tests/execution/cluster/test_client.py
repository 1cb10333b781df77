"""A real scheduler, real workers, real kernels; every loss is caused.

The client has no environment, workers have no sources, and no folder is shared.
"""

from __future__ import annotations

import shutil
import signal
import time
from pathlib import Path

import pytest

from tabbook.base.config import load
from tabbook.base.engine import REPOSITORY
from tabbook.base.errors import BookError
from tabbook.execution.cluster import client
from tabbook.execution.cluster.client import NotebookCluster
from tabbook.notebooks import notebook_file, store
from tests.support.clusters import (
    MARK,
    Build,
    Cluster,
    ClusterBook,
    belongs_to,
    cell,
    live_kernels,
    notebook_text,
    run_locally,
)
from tests.support.two_frameworks import ENDLESS, LIMIT
from tests.support.waiting import PATIENCE, wait_for

pytestmark = pytest.mark.long


def test_notebooks_run_where_their_framework_is_and_equal_local_ones(
    cluster: Cluster, cluster_book: ClusterBook
) -> None:
    config = cluster_book(
        one=cell(cluster.marks, "left") + "print(open('../data/x.txt').read())",
        two=("right", cell(cluster.marks, "right") + "print('r')"),
    )
    left = cluster.start_worker(config, "--framework", "left", "--jobs", "1")
    right = cluster.start_worker(config, "--framework", "right", "--jobs", "1")
    outcomes = Build(config, cluster).run()
    assert [outcome.failure for outcome in outcomes.values()] == [None, None]
    assert "from a file" in notebook_text(config, "one")
    assert '"python": "3.11"' in notebook_text(config, "one")
    names = (("one",), ("two", "right"))
    before = {name: notebook_text(config, *name) for name in names}
    # This machine finds each result under its own key, and gives the same bytes.
    assert [outcome.seconds for outcome in run_locally(config).values()] == [None] * 2
    shutil.rmtree(config.notebooks)
    assert all(outcome.seconds for outcome in run_locally(config).values())
    assert {name: notebook_text(config, *name) for name in names} == before
    # A worker computes the same key, though it has no sources.
    worker_config = load(cluster.folder / "worker-0")
    committed = notebook_file.read(config.notebooks / "left/chapter_a/one.ipynb")
    assert committed
    key = store.key(worker_config, worker_config.default, committed)
    assert key == store.stored_key(committed)
    assert left.poll() is right.poll() is None


def test_notebook_of_a_lost_worker_runs_elsewhere_and_is_saved_once(
    cluster: Cluster, cluster_book: ClusterBook
) -> None:
    config = cluster_book(one=cell(cluster.marks, "one", go="go"))
    workers = [cluster.start_worker(config, "--jobs", "1") for _ in range(3)]
    build = Build(config, cluster)
    outcomes = build.start()
    for ending in (signal.SIGKILL, signal.SIGTERM):
        wait_for(lambda: live_kernels(cluster.marks, "one"))
        (kernel,) = live_kernels(cluster.marks, "one")
        (worker,) = (worker for worker in workers if belongs_to(kernel, worker))
        workers.remove(worker)
        worker.send_signal(ending)
        wait_for(lambda kernel=kernel: kernel not in live_kernels(cluster.marks))
        assert worker.wait(PATIENCE) == (0 if ending == signal.SIGTERM else -ending)
    wait_for(lambda: live_kernels(cluster.marks, "one"))
    (cluster.marks / "go").touch()
    assert outcomes()["one"].failure is None
    assert build.ended == ["chapter_a/one [left]"]
    assert len(list(cluster.marks.glob("one-*"))) == 3
    assert notebook_text(config, "one").count('"done\\n"') == 1
    # A worker that gets SIGTERM leaves no files; one that is killed cannot clean up.
    assert len(list(cluster.folder.glob("tabbook-worker-*"))) == 2


def test_worker_that_is_ended_does_not_wait_for_threads(
    cluster: Cluster, cluster_book: ClusterBook, tmp_path: Path
) -> None:
    config = cluster_book(one=cell(cluster.marks, "one", go="go"))
    engine = copied_engine(tmp_path / "engine")
    (engine / "sitecustomize.py").write_text(STUCK, "utf-8")
    worker = cluster.start_worker(config, "--jobs", "1", engine=engine)
    Build(config, cluster).start()
    wait_for(lambda: live_kernels(cluster.marks))
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(PATIENCE) == 0
    assert list(cluster.folder.glob("tabbook-*")) == []


STUCK = """\
import sys

if "worker" in sys.argv:
    import time

    from nbclient import NotebookClient

    async def stick(client):
        time.sleep(600)

    NotebookClient._async_cleanup_kernel = stick
    NotebookClient._cleanup_kernel = lambda client: time.sleep(600)
"""
"""Makes threads hang whose kernels were killed, and what nbclient does at the exit."""


def test_worker_that_joins_late_is_used(
    cluster: Cluster, cluster_book: ClusterBook
) -> None:
    config = cluster_book(
        one=cell(cluster.marks, "one", go="two"),
        two=MARK.format(folder=str(cluster.marks), name="two")
        + "(folder / 'two').touch()",
        three=("right", "print('r')"),
    )
    cluster.start_worker(config, "--framework", "left", "--jobs", "1")
    build = Build(config, cluster)
    outcomes = build.start()
    wait_for(lambda: live_kernels(cluster.marks, "one") and build.messages)
    assert "waiting 60 s: no worker has right as this book pins it" in build.messages[0]
    assert f"worker {cluster.address} --framework right" in build.messages[0]
    cluster.start_worker(config, "--jobs", "1")
    # The first notebook waits for the second, for which only the late worker has room.
    assert [outcome.failure for outcome in outcomes().values()] == [None] * 3
    assert build.messages[1:] == ["a worker with right is there"]


def test_lost_scheduler_ends_the_build_and_keeps_its_results(
    own_cluster: Cluster, cluster_book: ClusterBook
) -> None:
    folder = own_cluster.marks
    config = cluster_book(one=cell(folder, "one"), two=cell(folder, "two", go="go"))
    worker = own_cluster.start_worker(config, "--jobs", "2")
    build = own_cluster.start_build(config, "running 2 notebooks")
    wait_for((config.notebooks / "left/chapter_a/one.ipynb").exists)
    wait_for(lambda: live_kernels(folder, "two"))
    own_cluster.processes[0].kill()
    output, _ = build.communicate(timeout=PATIENCE)
    assert build.returncode == 1
    assert f"scheduler at {own_cluster.address} is gone: 1 of 2 notebooks" in output
    assert "the next run goes on from there" in output
    assert "Traceback" not in output
    # The worker ends by itself, and its kernel with it.
    output, _ = worker.communicate(timeout=PATIENCE)
    assert worker.returncode == 1
    assert output == f"the scheduler at {own_cluster.address} is gone\n"
    wait_for(lambda: not live_kernels(folder))
    # The next command removes the scratch folder of the killed scheduler.
    left = list(own_cluster.folder.glob("tabbook-*"))
    assert [path for path in left if "tabbook-scheduler-" not in path.name] == []
    (folder / "go").touch()
    outcomes = run_locally(config)
    assert {
        name: outcome.seconds is not None for name, outcome in outcomes.items()
    } == {
        "one": False,
        "two": True,
    }


def test_stopped_build_withdraws_waiting_notebooks(
    cluster: Cluster, cluster_book: ClusterBook
) -> None:
    folder = cluster.marks
    names = ("one", "two", "three")
    config = cluster_book(**{name: cell(folder, name, go="go") for name in names})
    cluster.start_worker(config, "--jobs", "1")
    build = cluster.start_build(config, "running 3 notebooks")
    wait_for(lambda: live_kernels(folder))
    build.send_signal(signal.SIGINT)
    output, _ = build.communicate(timeout=PATIENCE)
    assert (build.returncode, output) == (130, "stopped; what was finished is saved\n")
    (folder / "go").touch()
    wait_for(lambda: not live_kernels(folder))
    time.sleep(1)  # in which the next would start
    assert len(list(folder.glob("*-[0-9]*"))) == 1


def test_gpu_is_preferred_and_not_required(
    cluster: Cluster, cluster_book: ClusterBook
) -> None:
    folder = cluster.marks
    config = cluster_book(
        one="gpu_wanted = 1\n" + cell(folder, "one", go="go"),
        two="gpu_wanted = 1\n" + cell(folder, "two", go="go"),
    )
    cpu = cluster.start_worker(config, "--jobs", "2", "--gpus", "0")
    gpu = cluster.start_worker(config, "--jobs", "2", "--gpus", "1")
    outcomes = Build(config, cluster).start()
    wait_for(lambda: live_kernels(folder))
    time.sleep(1)  # in which the other would start if it did not wait for the GPU
    (kernel,) = live_kernels(folder)
    assert belongs_to(kernel, gpu)
    gpu.kill()
    wait_for(
        lambda: sum(belongs_to(kernel, cpu) for kernel in live_kernels(folder)) == 2
    )
    (folder / "go").touch()
    assert [outcome.failure for outcome in outcomes().values()] == [None, None]


def test_missing_framework_fails_by_name_and_the_others_run(
    cluster: Cluster,
    cluster_book: ClusterBook,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(client, "PATIENCE", 1.0)
    config = cluster_book(one="print('l')", two=("right", "print('r')"))
    engine = _edited_engine(tmp_path / "engine")
    cluster.start_worker(config, "--framework", "left", engine=engine)
    cluster.start_worker(config, "--framework", "right")
    pins = config.framework("left").environment
    text = pins.read_text("utf-8")
    pins.write_text("another==1\n", "utf-8")
    cluster.start_worker(config, "--framework", "left")
    pins.write_text(text, "utf-8")
    build = Build(config, cluster)
    outcomes = build.run()
    failure = outcomes["one"].failure
    assert failure
    assert failure.kind == "no-worker"
    assert "no worker that can run it came within 1 s; start one" in failure.message
    for description in (
        "left under another version of the engine",
        "left with other pins, variables or Python",
        "right",
    ):
        assert f" has {description}\n" in build.messages[0]
    assert outcomes["two"].failure is None
    assert not (config.notebooks / "left").exists()


def _edited_engine(folder: Path) -> Path:
    """Copy the engine and edit a module that executes notebooks."""
    copied_engine(folder)
    module = folder / "tabbook/execution/runner.py"
    module.write_text(module.read_text("utf-8") + "\n# edited\n", "utf-8")
    return folder


def copied_engine(folder: Path) -> Path:
    """Copy what a worker needs of the engine."""
    ignored = shutil.ignore_patterns("__pycache__", "static", "templates")
    shutil.copytree(REPOSITORY / "tabbook", folder / "tabbook", ignore=ignored)
    (folder / "environments").mkdir()
    shutil.copy(REPOSITORY / "environments/book.txt", folder / "environments")
    return folder


def test_result_of_a_worker_with_edited_pins_is_not_saved(
    cluster: Cluster, cluster_book: ClusterBook
) -> None:
    config = cluster_book(one="print('l')")
    cluster.start_worker(config, "--framework", "left")
    pins = cluster.folder / "worker-0/environments/left.txt"
    pins.write_text("new==1\n", "utf-8")
    failure = Build(config, cluster).run()["one"].failure
    assert failure
    assert failure.kind == "other-key"
    assert "start it again" in failure.message
    assert not config.notebooks.exists()


def test_other_cells_under_the_right_key_are_not_saved(
    cluster: Cluster, cluster_book: ClusterBook, tmp_path: Path
) -> None:
    config = cluster_book(one="print('asked')", two="print('fine')")
    engine = copied_engine(tmp_path / "engine")
    (engine / "sitecustomize.py").write_text(FORGER, "utf-8")
    cluster.start_worker(config, "--framework", "left", engine=engine)
    outcomes = Build(config, cluster).run()
    failure = outcomes["one"].failure
    assert failure
    assert failure.kind == "other-cells"
    assert "returned other cells than it was sent" in failure.message
    assert "start that worker again" in failure.message
    assert outcomes["two"].failure is None
    saved = [file.name for file in config.notebooks.rglob("*.ipynb")]
    assert saved == ["two.ipynb"]


FORGER = """\
import sys

if "worker" in sys.argv:
    from tabbook.execution.cluster import protocol

    pack = protocol.pack_reply

    def forge(reply):
        cells = reply.result.notebook.cells
        for cell in cells:
            cell.source = cell.source.replace("asked", "forged")
        return pack(reply)

    protocol.pack_reply = forge
"""
"""Makes a worker answer with other cells under the key that it was asked for."""


def test_failures_equal_those_of_this_machine(
    cluster: Cluster, cluster_book: ClusterBook
) -> None:
    config = cluster_book(
        timeout=LIMIT,
        raised="x = 1\n1 / 0",
        dead="import os\n\nos._exit(3)",
        slow=ENDLESS,
    )
    cluster.start_worker(config, "--jobs", "3")
    failures = {
        name: outcome.failure for name, outcome in Build(config, cluster).run().items()
    }
    kinds = {name: failure and failure.kind for name, failure in failures.items()}
    assert kinds == {"raised": "raised", "dead": "dead-kernel", "slow": "timeout"}
    outcomes = run_locally(config)
    assert failures == {name: outcome.failure for name, outcome in outcomes.items()}


def test_notebook_that_ends_every_worker_fails(
    cluster: Cluster, cluster_book: ClusterBook
) -> None:
    config = cluster_book(one=cell(cluster.marks, "one", go="never"))
    workers = [cluster.start_worker(config, "--jobs", "1") for _ in range(3)]
    outcomes = Build(config, cluster).start()
    for _ in range(2):  # one more than this scheduler allows
        wait_for(lambda: live_kernels(cluster.marks))
        (kernel,) = live_kernels(cluster.marks)
        next(worker for worker in workers if belongs_to(kernel, worker)).kill()
        wait_for(lambda kernel=kernel: kernel not in live_kernels(cluster.marks))
    failure = outcomes()["one"].failure
    assert failure
    assert failure.kind == "lost-workers"
    assert "2 workers in turn were lost" in failure.message


def test_missing_scheduler_is_reported(
    cluster_book: ClusterBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "CONNECT", 0.5)
    message = r"no scheduler answers at tcp://127\.0\.0\.1:9; start one"
    with pytest.raises(BookError, match=message):
        NotebookCluster("127.0.0.1:9", cluster_book(one="print(1)"), print)
