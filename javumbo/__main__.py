"""`python -m javumbo`."""

import sys

from javumbo.cli import main

sys.exit(main())
