"""What sphinx-build reads: the settings that tabbook makes from config.ini."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from tabbook import sphinxext  # noqa: E402 - found by the line above
from tabbook.base import config  # noqa: E402 - found by the line above

globals().update(sphinxext.settings(config.load(HERE)))
