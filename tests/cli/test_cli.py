"""Test exit statuses and messages of the command line, and that failures keep pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tabbook.base.config import Config
from tabbook.cli import main as cli
from tests.support.waiting import PATIENCE

SECTION = "# 一\n\n```{.python .input}\n%%tab left\nprint('l')\n```\n"


@pytest.fixture
def config(make_book, light_environments) -> Config:
    return make_book(
        {
            "index.md": "# 本\n\n```toc\nchapter_a/one\n```\n",
            "chapter_a/one.md": SECTION,
        },
        "[project]\ntitle = 本\nlang = ja\n"
        "[build]\nnotebooks = index.md chapter_*/*.md\n"
        f"tabs = left\n[tabbook]\ntimeout = {PATIENCE:.0f}\n",
    )


def run(config: Config, *arguments: str) -> int:
    return cli.main(["-C", str(config.root), *arguments])


def test_build_prints_the_summary_and_the_address_of_the_page(
    config: Config, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(config) == 0
    out = capfd.readouterr().out
    assert "chapter_a/one" in out
    assert "run" in out
    assert str(config.output / "html" / "index.html") in out
    assert (config.output / "html" / "index.html").exists()
    assert run(config) == 0
    assert "reused" in capfd.readouterr().out


def test_run_can_be_limited_to_sections_and_frameworks(
    config: Config, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(config, "run", "one", "--framework", "left") == 0
    assert run(config, "run", "chapter_a", "--force") == 0
    assert "run" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "nowhere"], "no section is called 'nowhere'; there are: index, "),
        (
            ["run", "--framework", "jax"],
            "no framework is called 'jax'; there are: left",
        ),
    ],
)
def test_wrong_name_is_reported_in_one_message_with_exit_status_2(
    config: Config,
    capfd: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    assert run(config, *arguments) == 2
    err = capfd.readouterr().err
    assert message in err
    assert "Traceback" not in err


def test_lint_error_prevents_execution(
    config: Config, capfd: pytest.CaptureFixture[str]
) -> None:
    (config.root / "chapter_a/one.md").write_text(
        SECTION.replace("%%tab left", "%%tab wrong"), "utf-8"
    )
    assert run(config) == 1
    err = capfd.readouterr().err
    assert "chapter_a/one.md:" in err
    assert "[unknown-tab]" in err
    assert not config.notebooks.exists()


def test_failed_cell_leaves_the_pages_unchanged(
    config: Config, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(config) == 0
    page = config.output / "html" / "chapter_a" / "one.html"
    before = page.read_bytes()
    (config.root / "chapter_a/one.md").write_text(
        SECTION.replace("print('l')", "1 / 0"), "utf-8"
    )
    assert run(config) == 1
    err = capfd.readouterr().err
    assert "chapter_a/one.md:3: error: [left] ZeroDivisionError" in err
    assert "1 / 0" in err
    assert page.read_bytes() == before


def test_compile_writes_unexecuted_notebooks(config: Config) -> None:
    assert run(config, "compile") == 0
    file = config.output / "compiled" / "left" / "chapter_a" / "one.ipynb"
    assert '"execution_count": null' in file.read_text("utf-8")
    assert not config.notebooks.exists()


def test_setup_installs_the_environments(
    config: Config, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(config, "setup", "--framework", "left") == 0
    python = config.venvs / "left/bin/python"
    said = "setting up left: there was none (this takes a minute)"
    assert capfd.readouterr().out == f"{said}\n{python}\n"
    assert run(config, "setup") == 0
    assert capfd.readouterr().out == f"{python}\n"


def test_html_without_outputs_needs_no_notebook(config: Config) -> None:
    assert run(config, "html", "--without-outputs") == 0
    assert (config.output / "html" / "chapter_a" / "one.html").exists()


def test_html_names_the_command_that_executes_a_stale_section(
    config: Config, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(config, "html") == 1
    err = capfd.readouterr().err
    command = f"./build.sh -C {config.root} run chapter_a/one --framework left"
    assert command in err
    assert "Traceback" not in err


def test_missing_config_is_reported_in_one_message(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["-C", str(tmp_path), "lint"]) == 1
    assert "config.ini: there is no such file" in capfd.readouterr().err


@pytest.mark.parametrize("command", ["", *(command.name for command in cli.COMMANDS)])
def test_every_command_has_help(
    command: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main([*([command] if command else []), "--help"])
    assert stopped.value.code == 0
    assert "usage: ./build.sh" in capfd.readouterr().out


def test_clean_deletes_products_and_keeps_what_the_user_added(
    config: Config, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(config) == 0
    assert run(config, "compile") == 0
    (config.output / "html/CNAME").write_text("example.org")
    (config.root / "chapter_a/one.md").write_text(
        SECTION + "\nもう一文です。\n", "utf-8"
    )
    assert run(config) == 0
    assert run(config, "clean") == 0
    assert f"kept {config.output / 'html'}" in capfd.readouterr().out
    assert [path.name for path in config.output.rglob("*") if path.is_file()] == [
        *("CACHEDIR.TAG", "CNAME")
    ]
    (config.output / "html/CNAME").unlink()
    assert run(config, "clean") == 0
    assert not config.output.exists()
    assert (config.notebooks / "left/chapter_a/one.ipynb").exists()


def test_clean_of_a_framework_deletes_only_its_environments(config: Config) -> None:
    assert run(config) == 0
    other = config.venvs / "lefthand"
    other.mkdir()
    assert run(config, "clean", "--framework", "left") == 0
    assert run(config, "clean", "--framework", "left") == 0
    assert other.exists()
    assert not (config.venvs / "left").exists()
    assert (config.output / "html/index.html").exists()
