"""Commands that start the processes of a cluster."""

from __future__ import annotations

import argparse
from pathlib import Path

from tabbook.base.process import end_at_once, worker_count
from tabbook.cli.commands.command import command, option
from tabbook.cli.commands.options import (
    ACCESS,
    ADDRESS,
    FRAMEWORKS,
    FRESH_KERNELS,
    cluster_address,
    kernel_start,
    load_config,
    selection,
)

ROLE_USES = {
    "scheduler": "command scheduler",
    "worker": "command worker, on each of its machines",
    "client": "commands that run notebooks, such as run --scheduler",
}
"""Who uses the certificates of each role."""


@command(
    "scheduler",
    "start a scheduler, which spreads notebooks over workers",
    ADDRESS,
    *ACCESS,
)
def scheduler(arguments: argparse.Namespace) -> int:
    """Run a scheduler until the user stops it."""
    from tabbook.base import console
    from tabbook.execution.cluster import scheduler

    load_config(arguments)  # a wrong folder is an error here, as everywhere
    scheduler.serve(cluster_address(arguments, arguments.address), console.say)
    return 0


@command(
    "worker",
    "run notebooks here that a scheduler sends",
    FRAMEWORKS,
    FRESH_KERNELS,
    ADDRESS,
    *ACCESS,
    option("--gpus", type=int, help="number of GPUs to use; all by default"),
    option("--jobs", type=int, help="notebooks to run at once"),
)
def worker(arguments: argparse.Namespace) -> int:
    """Prepare the environments of the frameworks, then serve the scheduler."""
    from tabbook import environments
    from tabbook.base import console
    from tabbook.execution.cluster import worker
    from tabbook.execution.report import report_set_up

    config = load_config(arguments)
    address = cluster_address(arguments, arguments.address)
    frameworks = selection(arguments).frameworks(config)
    for framework in frameworks:
        environments.prepare(config, framework, report_set_up)
    offer = worker.Offer(
        frameworks,
        jobs=worker_count(arguments.jobs or config.jobs),
        gpus=worker.count_gpus() if arguments.gpus is None else arguments.gpus,
        start=kernel_start(arguments),
    )
    stopped = worker.serve(config, address, offer, console.say)
    end_at_once(0 if stopped else 1)


@command(
    "cluster",
    "make the certificates of a cluster that others cannot enter",
    option("task", choices=["certificates"], help="what to make"),
    option("folder", metavar="DIR", help="folder for them, a subfolder per role"),
    option("--days", type=int, default=365, help="how long they hold; 365 by default"),
    reads_sections=False,
    writes_output=False,
)
def cluster(arguments: argparse.Namespace) -> int:
    """Make an authority, and a certificate for each side of a connection."""
    from tabbook.base import console
    from tabbook.execution.cluster import certificates

    for folder in certificates.make(Path(arguments.folder), days=arguments.days):
        console.say(f"{folder}  for --certificates of the {ROLE_USES[folder.name]}")
    return 0
