"""What sphinx-build reads: the settings that tabbook makes from config.ini."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from tabbook import config, sphinx  # noqa: E402 - found by the line above

globals().update(sphinx.settings(config.load(HERE)))
