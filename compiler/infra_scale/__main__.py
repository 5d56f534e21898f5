"""`python -I -m infra_scale`, for where no console script is installed.

Without -I, Python looks into the current folder first, and a repository's own `requests/__init__.py` would be run.
"""

import sys

from infra_scale.cli.main import main

sys.exit(main())
