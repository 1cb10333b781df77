"""The chapter's frameworks themselves: forked kernels give what fresh ones give."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from tabbook.base.config import Framework, load
from tabbook.environments.kernelspec import KernelStart
from tabbook.execution import local, planner
from tabbook.execution.job import Job
from tabbook.notebooks import store
from tabbook.source import book
from tabbook.source.book import Section
from tests.support.paths import ROOT
from tests.support.samples import one_notebook_per_framework

pytestmark = pytest.mark.kernels

CONFIG = load(ROOT)
BOOK = book.load(CONFIG)
RANDOM = {
    "jax": (
        "import jax, numpy\nfrom flax import nnx\nprint(numpy.random.rand(2))\n"
        "print('seeded', jax.random.uniform(jax.random.key(1), (2,)))\n"
        "print(nnx.Linear(2, 2, rngs=nnx.Rngs(1)).kernel[...])"
    ),
    "mxnet": "import mxnet as mx\nprint(mx.np.random.uniform(size=(2,)))",
    "pytorch": (
        "import numpy, torch\nprint(torch.rand(2), numpy.random.rand(2))\n"
        "torch.manual_seed(1)\nnumpy.random.seed(1)\n"
        "print('seeded', torch.rand(2), numpy.random.rand(2))"
    ),
    "tensorflow": (
        "import numpy, tensorflow as tf\n"
        "print(tf.random.uniform((2,)), tf.keras.layers.Dense(2)(tf.ones((1, 2))))\n"
        "tf.keras.utils.set_random_seed(1)\n"
        "print('seeded', tf.random.uniform((2,)), numpy.random.rand(2))"
    ),
}
"""Name of a framework: a cell that prints random numbers, unseeded and seeded."""

Notebooks = dict[tuple[str, str], NotebookNode]
"""Section and framework: the executed notebook."""


SAMPLE = one_notebook_per_framework(BOOK)
"""The notebooks that run in fresh kernels, most of whose time importing takes. All of
them run so every week (.github/workflows/weekly.yml)."""


@pytest.fixture(scope="module")
def fresh_notebooks() -> Notebooks:
    """Execute the sample in kernels that are not forked."""
    steps = [
        step
        for section, framework in SAMPLE
        for step in planner.plan(BOOK, [section], [framework], force=True)
    ]
    jobs = [planner.job_of(BOOK, step) for step in steps]
    machine = local.prepare(CONFIG, CONFIG.frameworks, start=KernelStart.FRESH)
    notebooks: Notebooks = {}
    for job, result in machine.run(jobs):
        assert result.failure is None, job.name
        notebooks[job.section, job.framework] = result.notebook
    return notebooks


@pytest.mark.slow
@pytest.mark.xdist_group("notebooks in fresh kernels")
@pytest.mark.parametrize(
    ("section", "framework"),
    [
        pytest.param(section, framework, id=f"{section.name}-{framework.name}")
        for section, framework in SAMPLE
    ],
)
def test_fresh_kernel_gives_the_committed_outputs(
    fresh_notebooks: Notebooks, section: Section, framework: Framework
) -> None:
    """So does a forked one: ``./build.sh verify`` executes every notebook in one."""
    fresh = fresh_notebooks[section.name, framework.name]
    committed = store.load(CONFIG, section, framework)
    assert committed
    versions = committed.metadata["tabbook"]["versions"]
    keyed = store.with_key(CONFIG, framework, fresh, versions)
    assert store.text(keyed) == store.text(committed)


@pytest.mark.parametrize(
    "framework", CONFIG.frameworks, ids=lambda framework: framework.name
)
def test_random_numbers_repeat_as_in_fresh_kernels(framework: Framework) -> None:
    """Seeded they are equal; unseeded they differ, but for MXNet's."""
    cell = nbformat.v4.new_code_cell(RANDOM[framework.name])
    notebook = nbformat.v4.new_notebook(cells=[cell])
    job = Job("one", framework.name, notebook, (1,), (), 240)
    outputs = []
    for start in (KernelStart.FRESH, KernelStart.FORKED):
        machine = local.prepare(CONFIG, [framework], start=start)
        for _ in range(1 if start is KernelStart.FRESH else 2):
            result = machine.run_job(job)
            assert result.failure is None
            outputs.append(result.notebook.cells[0].outputs[0].text.split("seeded"))
    assert all(seeded == outputs[0][1:] for _, *seeded in outputs)
    different = {unseeded for unseeded, *_ in outputs}
    assert len(different) == (1 if framework.name == "mxnet" else len(outputs))


def test_keras_settings_of_the_user_do_not_reach_cells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keras reads ``~/.keras/keras.json`` and variables when it is imported."""
    settings = tmp_path / ".keras" / "keras.json"
    settings.parent.mkdir()
    settings.write_text('{"floatx": "float64", "backend": "jax"}', encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setenv("TF_USE_LEGACY_KERAS", "1")
    source = (
        "import tensorflow as tf\n"
        "print(tf.keras.config.backend(), tf.keras.config.floatx())"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    tensorflow = CONFIG.framework("tensorflow")
    machine = local.prepare(CONFIG, [tensorflow], start=KernelStart.FRESH)
    result = machine.run_job(Job("one", tensorflow.name, notebook, (0,), (), 240))
    assert result.failure is None
    assert result.notebook.cells[0].outputs[0].text == "tensorflow float32\n"
