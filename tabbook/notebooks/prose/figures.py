"""Pictures as notebooks show them: embedded as data addresses.

Colab opens neither files next to a notebook, nor attachments, nor SVG in a data
address; a PNG in a data address is shown there and in every Jupyter. So each SVG is
drawn once, and the PNG is committed under a name that holds the digest of the SVG: it
is drawn again when the figure changes, and only then.
"""

from __future__ import annotations

import base64
import hashlib
import mimetypes
import struct
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from tabbook import environments
from tabbook.base.config import NOTEBOOKS, Config
from tabbook.base.errors import BookError
from tabbook.base.files import disk_errors, read_bytes
from tabbook.source import images
from tabbook.source.book import Book
from tabbook.source.section import Section

FOLDER = "figures"
"""The folder of the drawn figures, inside that of the notebooks."""

KINDS = mimetypes.MimeTypes()
"""Python's own table of MIME types; that of the system differs between machines."""

SCALE = 2
"""Dots of a drawn figure per pixel of the SVG, so that it is sharp on fine screens."""

DPI = 96
"""Pixels per inch, as CSS has it, for sizes in pt, mm, cm and in."""

DRAW = f"""
import sys
from pathlib import Path
import noto_cjk_sans_jp_bold, noto_cjk_sans_jp_regular, resvg_py
packages = noto_cjk_sans_jp_regular, noto_cjk_sans_jp_bold
fonts = [str(f) for p in packages for f in Path(p.__file__).parent.glob("*.otf")]
families = ("font", "sans_serif", "serif", "monospace")
options = {{f"{{name}}_family": "Noto Sans CJK JP" for name in families}}
options |= {{"zoom": {SCALE}, "dpi": {DPI}, "font_files": fonts}}
options["skip_system_fonts"] = True
for source, target in zip(sys.argv[1::2], sys.argv[2::2]):
    try:
        drawn = resvg_py.svg_to_bytes(svg_path=source, languages=["ja"], **options)
    except Exception as error:
        utf8 = "UTF-8" in str(error)
        advice = "save it as UTF-8" if utf8 else "give it width, height and viewBox"
        sys.exit(f"{{source}}: cannot be drawn for notebooks: {{error}}; {{advice}}")
    Path(target).write_bytes(drawn)
"""
"""The program that runs in the environment ``figures``.

Its arguments are pairs of an SVG and the PNG to write.
"""


def data_address(config: Config, path: str) -> str:
    """Return a picture as a data address; empty where its file cannot be read.

    :param path: the picture, relative to the root; for SVG, its drawing is used.
    """
    file = _embedded_file(config, config.root / path)
    try:
        content = read_bytes(file) if file else b""
    except OSError:
        content = b""
    kind = KINDS.guess_type(file.name, strict=False)[0] if file else None
    if not content or not kind:
        return ""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def is_svg(path: str) -> bool:
    """Return whether a picture has to be drawn for notebooks."""
    return path.lower().endswith(".svg")


def width(config: Config, path: str) -> int | None:
    """Return the width of an SVG in pixels; None for other pictures.

    Read from the header of its drawing: bytes 16 to 20 of a PNG are its width.
    """
    file = _embedded_file(config, config.root / path)
    if not file or not is_svg(path) or not file.is_file():
        return None
    with file.open("rb") as stream:
        (dots,) = struct.unpack(">I", stream.read(20)[16:])
    return int(dots) // SCALE


def draw(book: Book) -> list[Path]:
    """Draw each new or changed SVG; delete drawings that no section shows.

    :returns: the new drawings.
    :raises BookError: a figure cannot be drawn, or its drawing cannot be written.
    """
    config = book.config
    drawings = {
        drawn: config.root / path
        for path in dict.fromkeys(pictures(book))
        if (drawn := _embedded_file(config, config.root / path)) and is_svg(path)
    }
    missing = {drawn: svg for drawn, svg in drawings.items() if not drawn.is_file()}
    if missing:
        draw_files(missing)
    for file in sorted((config.notebooks / FOLDER).glob("*.png")):
        if file not in drawings:
            file.unlink()
    return list(missing)


def _embedded_file(config: Config, file: Path) -> Path | None:
    """Return the file that a notebook embeds; None where the picture cannot be read.

    For SVG that is its drawing, which may not exist yet.
    """
    try:
        content = read_bytes(file)
    except OSError:
        return None
    if not is_svg(file.name):
        return file
    digest = hashlib.sha256(content).hexdigest()[:12]
    name = f"{file.stem}-{digest}.png"
    folders = [root / NOTEBOOKS / FOLDER for root in config.roots]
    drawings = [folder / name for folder in folders]
    return next((drawing for drawing in drawings if drawing.is_file()), drawings[0])


def pictures(book: Book) -> Iterator[str]:
    """Yield the pictures of all sections with notebooks, relative to the root."""
    for section in book.sections:
        if section.has_code:
            yield from of_section(book.config, section)


def of_section(config: Config, section: Section) -> Iterator[str]:
    """Yield the pictures of one section, relative to the root; of dropped tabs, too."""
    for picture in images.pictures(replace(section, dropped=frozenset())):
        yield images.locate(config, section.folder, picture.address)


def draw_files(missing: Mapping[Path, Path]) -> None:
    """Draw SVGs in one process, and move the drawings into place when all are done.

    :param missing: the SVG of each drawing; all drawings go to one folder.
    :raises BookError: a figure cannot be drawn, or its drawing cannot be written.
    """
    python = environments.prepare_tool(FOLDER).python
    folder = next(iter(missing)).parent
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="tabbook-", dir=folder) as scratch:
            targets = [Path(scratch) / drawing.name for drawing in missing]
            pairs = zip(missing.values(), targets, strict=True)
            names = [str(file) for pair in pairs for file in pair]
            command = [str(python), "-c", DRAW, *names]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise BookError(done.stderr.strip())
            for target, drawing in zip(targets, missing, strict=True):
                target.replace(drawing)
