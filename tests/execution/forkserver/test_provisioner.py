"""Anything that starts kernels through jupyter_client gets forked ones."""

from __future__ import annotations

from typing import Any

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from tabbook import environments
from tabbook.execution.forkserver.servers import close_servers, started_servers
from tests.support.forks import IS_FORKED, BookOfOneCell, children
from tests.support.waiting import PATIENCE, wait_for


def test_jupyter_client_starts_interrupts_and_restarts_forked_kernels(
    book_of_one_cell: BookOfOneCell,
) -> None:
    close_servers()  # those of the tests before, in this process
    config = book_of_one_cell(IS_FORKED)
    environment = environments.prepare(config, config.default)
    specs = KernelSpecManager(
        kernel_dirs=[str(environment.jupyter_forking / "kernels")]
    )
    manager = KernelManager(kernel_name="python3", kernel_spec_manager=specs)
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=PATIENCE)
        assert _evaluate(client, "'quiet' in __import__('sys').modules") == "True"
        message = client.execute("print('runs'); import time; time.sleep(600)")
        while client.get_iopub_msg(timeout=PATIENCE)["msg_type"] != "stream":
            pass
        manager.interrupt_kernel()
        reply = client.get_shell_msg(timeout=PATIENCE)
        assert reply["parent_header"]["msg_id"] == message
        assert reply["content"]["ename"] == "KeyboardInterrupt"
        first = manager.provisioner.pid
        manager.restart_kernel(now=True)
        client.wait_for_ready(timeout=PATIENCE)
        assert _evaluate(client, "6 * 7") == "42"
        assert manager.provisioner.pid != first
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
    assert not manager.is_alive()
    (server,) = started_servers()
    wait_for(lambda: not children(server))


def _evaluate(client: Any, expression: str) -> str:
    client.execute("", user_expressions={"value": expression})
    reply = client.get_shell_msg(timeout=PATIENCE)
    return str(reply["content"]["user_expressions"]["value"]["data"]["text/plain"])
