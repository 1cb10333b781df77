"""Where the repository and the benchmarks lie."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
"""The repository: the engine, and the chapter that it builds."""
