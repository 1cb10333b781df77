"""Show a book's sources to Jupyter's server as notebooks.

``chapter/section.md`` is also there as ``chapter/section.ipynb``, which exists nowhere
on disk: opening it reads the source, saving it writes the source. The Markdown stays a
file of text beside it.

It names ``_get_os_path`` of jupyter_server, which is not documented for use from
outside: every operation on files asks it where a path is.
"""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import Any

import nbformat
from jupyter_server.services.contents.filecheckpoints import AsyncFileCheckpoints
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from traitlets import Unicode

from tabbook.base import config as configuration
from tabbook.base.config import Config
from tabbook.base.files import write_bytes
from tabbook.lab.sources import to_notebook, to_text
from tabbook.source import source_names

NOTEBOOK, SOURCE = ".ipynb", ".md"

Model = dict[str, Any]
"""A file or folder, as Jupyter's contents API describes it."""


class SourceCheckpoints(AsyncFileCheckpoints):  # type: ignore[misc]
    """Checkpoints beside the build's products, not beside the sources."""

    def checkpoint_path(self, checkpoint_id: str, path: str) -> str:
        """Return the file of a checkpoint."""
        folder = Path(self.parent.checkpoint_folder)
        file = folder / f"{path.strip('/')}-{checkpoint_id}"
        file.parent.mkdir(parents=True, exist_ok=True)
        return str(file)


class SourcesManager(AsyncLargeFileManager):  # type: ignore[misc]
    """The contents of a book's folder."""

    checkpoint_folder = Unicode(help="Folder of the checkpoints.").tag(config=True)

    def _checkpoints_class_default(self) -> type:
        return SourceCheckpoints

    @property
    def _book(self) -> Config:
        return configuration.load(Path(self.root_dir))

    def source_of(self, path: str) -> str:
        """Return the path of the source that a notebook shows; empty for a file."""
        path = path.strip("/")
        name = path.removesuffix(NOTEBOOK)
        if name == path or Path(super()._get_os_path(path)).exists():
            return ""
        return f"{name}{SOURCE}" if name in source_names.matching(self._book) else ""

    def _get_os_path(self, path: str) -> str:
        return str(super()._get_os_path(self.source_of(path) or path))

    async def get(
        self,
        path: str,
        content: bool = True,
        type: str | None = None,
        format: str | None = None,
        **options: Any,
    ) -> Model:
        """Return a file or a folder; a source as a notebook where that is asked for."""
        source = self.source_of(path)
        if source and type in (None, "notebook"):
            model = await super().get(source, content, "file", "text", **options)
            return self._as_notebook(model, path)
        model = await super().get(path, content, type, format, **options)
        if model["type"] == "directory" and content:
            model["content"] += self._notebooks(model["content"])
        return dict(model)

    async def save(self, model: Model, path: str = "") -> Model:
        """Write a file; the source of a notebook that shows one, without outputs."""
        source = self.source_of(path)
        if not source or model.get("type") != "notebook":
            return dict(await super().save(model, path))
        text = to_text(nbformat.from_dict(model["content"]))
        # Jupyter would empty the file first, and a build would read half of it.
        write_bytes(Path(super()._get_os_path(source)), text.encode("utf-8"))
        return self._as_notebook(await super().get(source, content=False), path)

    async def rename_file(self, old_path: str, new_path: str) -> None:
        """Rename a file; the source of a notebook that shows one."""
        source = self.source_of(old_path)
        if source and new_path.endswith(NOTEBOOK):
            new_path = new_path.removesuffix(NOTEBOOK) + SOURCE
        await super().rename_file(source or old_path, new_path)

    def _as_notebook(self, model: Model, path: str) -> Model:
        """Return the model of a source as that of a notebook."""
        path = path.strip("/")
        shown = {
            **model,
            "name": posixpath.basename(path),
            "path": path,
            "type": "notebook",
            "mimetype": None,
            "format": None,
        }
        if model.get("content") is not None:
            kernel = self._book.default.name
            shown["content"] = to_notebook(model["content"], kernel)
            shown["format"] = "json"
            self.mark_trusted_cells(shown["content"], path)
        return shown

    def _notebooks(self, entries: list[Model]) -> list[Model]:
        """Return the notebooks that show the sources of a folder."""
        paths = [
            (entry, entry["path"].removesuffix(SOURCE) + NOTEBOOK)
            for entry in entries
            if entry["path"].endswith(SOURCE)
        ]
        return [
            self._as_notebook({**entry, "content": None}, path)
            for entry, path in paths
            if self.source_of(path)
        ]
