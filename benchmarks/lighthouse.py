"""Lighthouse on the built pages, on this machine alone: what readers of a site feel.

Pages are served compressed over HTTP/1.1, as GitHub Pages does. Lighthouse comes from
npm once; Debian's chromium runs it.

    .venvs/book/bin/python -m benchmarks.lighthouse [PAGE ...]
"""

from __future__ import annotations

import functools
import gzip
import json
import os
import shutil
import subprocess
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PAGES = ROOT / "_build" / "html"
VERSION = "12.8.2"
CHROMIUM = "/usr/bin/chromium"
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-background-networking"
LEAST = 98
TEXT = (".html", ".css", ".js", ".svg", ".json", ".xml")


class Compressed(SimpleHTTPRequestHandler):
    """Serves text compressed, and says nothing of each request."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Send a file, compressed where it is text."""
        file = Path(self.translate_path(self.path))
        if not file.is_file():
            self.send_error(404)
            return
        content = file.read_bytes()
        self.send_response(200)
        if file.suffix in TEXT:
            content = gzip.compress(content)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", self.guess_type(str(file)))
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "max-age=600")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def lighthouse() -> Path:
    """Return the program; npm brings it where it is not there yet."""
    folder = ROOT / ".venvs" / "lighthouse"
    program = folder / "node_modules" / ".bin" / "lighthouse"
    if not program.exists():
        npm = shutil.which("npm")
        if npm is None:
            sys.exit("npm is missing: apt-get install npm")
        folder.mkdir(parents=True, exist_ok=True)
        options = ["--no-audit", "--no-fund", "--silent", "--prefix", str(folder)]
        package = f"lighthouse@{VERSION}"
        subprocess.run([npm, "install", *options, package], check=True)
    return program


def measure(program: Path, address: str, form: str) -> dict[str, Any]:
    """Return Lighthouse's report on one page.

    :param form: ``mobile`` or ``desktop``.
    """
    command = [str(program), address, "--quiet", "--output=json"]
    command += [f"--chrome-flags={FLAGS}"]
    command += ["--preset=desktop"] if form == "desktop" else []
    environment = {**os.environ, "CHROME_PATH": CHROMIUM}
    done = subprocess.run(command, env=environment, capture_output=True, check=True)
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def told(page: str, form: str, report: dict[str, Any]) -> tuple[str, bool]:
    """Return a line on one report, and whether every score is high enough."""
    scores = {
        name: round((found["score"] or 0) * 100)
        for name, found in report["categories"].items()
    }
    requests = report["audits"]["network-requests"]["details"]["items"]
    size = sum(one["transferSize"] for one in requests)
    shift = report["audits"]["cumulative-layout-shift"]["numericValue"]
    line = f"{page:45} {form:8}" + "".join(f"{one:6}" for one in scores.values())
    line += f"{len(requests):10}{size / 1000:10.0f}{shift:8.3f}"
    low = [
        f"    {name}: {one['id']} {report['audits'][one['id']].get('displayValue', '')}"
        for name, found in report["categories"].items()
        for one in found["auditRefs"]
        if scores[name] < LEAST
        and one["weight"]
        and (report["audits"][one["id"]]["score"] or 0) < 1
    ]
    return "\n".join([line, *low]), min(scores.values()) >= LEAST


def main(pages: list[str]) -> int:
    """Print a table; return 1 where a score is too low."""
    handler = functools.partial(Compressed, directory=str(PAGES))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    site = f"http://127.0.0.1:{server.server_port}"
    pages = pages or sorted(
        str(one.relative_to(PAGES)) for one in PAGES.rglob("*.html")
    )
    program = lighthouse()
    heads = "".join(f"{one:>6}" for one in ("perf", "a11y", "best", "seo"))
    sys.stdout.write(
        f"{'page':45} {'form':8}{heads}{'requests':>10}{'kB':>10}{'shift':>8}\n"
    )
    passed = True
    for page in pages:
        for form in ("mobile", "desktop"):
            line, well = told(page, form, measure(program, f"{site}/{page}", form))
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
            passed = passed and well
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
