"""The pictures of the text as notebooks show them: inside the notebook itself.

Colab knows no path beside the notebook, no attachment, and no SVG in a data address; a
PNG in a data address shows there and in every Jupyter. So a figure in SVG is drawn
once, and the PNG is committed beside the notebooks under a name that holds the digest
of the SVG: it is drawn again when the figure changes, and by nobody else.
"""

from __future__ import annotations

import base64
import hashlib
import mimetypes
import re
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tabbook import environments
from tabbook.source.book import Book
from tabbook.source.expressions import ELSEWHERE, IMAGE
from tabbook.source.section import Section, resolve
from tabbook.base.config import Config
from tabbook.base.errors import BookError

FOLDER = "figures"
"""Where the drawn figures lie, in the folder of the notebooks."""

SCALE = 2
"""Dots of a drawn figure per pixel of the SVG: sharp on today's screens."""

DRAW = f"""
import sys
from pathlib import Path
import noto_cjk_sans_jp_bold, noto_cjk_sans_jp_regular, resvg_py
packages = noto_cjk_sans_jp_regular, noto_cjk_sans_jp_bold
fonts = [str(f) for one in packages for f in Path(one.__file__).parent.glob("*.otf")]
families = ("font", "sans_serif", "serif", "monospace")
options = {{f"{{one}}_family": "Noto Sans CJK JP" for one in families}}
options |= {{"zoom": {SCALE}, "skip_system_fonts": True, "font_files": fonts}}
for source, target in zip(sys.argv[1::2], sys.argv[2::2]):
    try:
        drawn = resvg_py.svg_to_bytes(svg_path=source, languages=["ja"], **options)
    except Exception as error:
        sys.exit(f"{{source}}: cannot be drawn for notebooks: {{error}}")
    Path(target).write_bytes(drawn)
"""
"""What runs in the environment ``figures``: pairs of an SVG and where its PNG goes."""


def address(config: Config, path: str) -> str:
    """Return a picture as a data address; empty where there is no such file.

    :param path: the picture, relative to the root; SVG stands for what was drawn of it.
    """
    file = _shown(config, config.root / path)
    try:
        content = file.read_bytes() if file else b""
    except OSError:
        content = b""
    kind = mimetypes.guess_type(file.name)[0] if file else None
    if not content or not kind:
        return ""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def width(config: Config, path: str) -> int | None:
    """Return how many pixels wide an SVG shows by itself; None for other pictures."""
    file = _shown(config, config.root / path)
    if not file or not path.endswith(".svg") or not file.is_file():
        return None
    with file.open("rb") as stream:
        (dots,) = struct.unpack(">I", stream.read(20)[16:])
    return int(dots) // SCALE


def draw(book: Book) -> list[Path]:
    """Draw each SVG that is not drawn as it is now; delete what is of no use.

    :returns: what was drawn.
    :raises BookError: a figure cannot be drawn, or its file not be written.
    """
    config = book.config
    wanted = {
        drawn: config.root / path
        for path in dict.fromkeys(pictures(book))
        if (drawn := _shown(config, config.root / path)) and path.endswith(".svg")
    }
    missing = {drawn: svg for drawn, svg in wanted.items() if not drawn.is_file()}
    if missing:
        _draw(missing)
    for file in sorted((config.notebooks / FOLDER).glob("*.png")):
        if file not in wanted:
            file.unlink()
    return list(missing)


def _shown(config: Config, file: Path) -> Path | None:
    """Return the file whose content a notebook shows; None where there is none."""
    try:
        content = file.read_bytes()
    except OSError:
        return None
    if file.suffix != ".svg":
        return file
    digest = hashlib.sha256(content).hexdigest()[:12]
    return config.notebooks / FOLDER / f"{file.stem}-{digest}.png"


def pictures(book: Book) -> Iterator[str]:
    """Yield what the sections that have notebooks show, relative to the root."""
    for section in book.sections:
        if section.has_code:
            yield from of_section(section)


def of_section(section: Section) -> Iterator[str]:
    """Yield the pictures that one section shows, relative to the root."""
    for line in section.lines:
        for match in () if line.inside else IMAGE.finditer(line.text):
            if not ELSEWHERE.match(match["path"]):
                yield resolve(section.folder, match["path"])


def _draw(missing: dict[Path, Path]) -> None:
    python = environments.prepare_tool(FOLDER).python
    folder = next(iter(missing)).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="tabbook-", dir=folder) as scratch:
            made = [Path(scratch) / drawn.name for drawn in missing]
            pairs = zip(missing.values(), made, strict=True)
            names = [str(file) for pair in pairs for file in pair]
            command = [str(python), "-c", DRAW, *names]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise BookError(done.stderr.strip())
            for scratched, drawn in zip(made, missing, strict=True):
                scratched.replace(drawn)
    except OSError as error:
        raise BookError(f"{folder}: the figures cannot be written: {error}") from error
