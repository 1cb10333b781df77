"""``python -m tabbook``."""

import sys

from tabbook.cli.main import main

sys.exit(main())
