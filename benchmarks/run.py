"""Measure, and write docs/performance.md: `run.py 1 100 1000`. See README.md in this folder for requirements."""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from jobs import Place, jobs
from measure import Run, interleaved
from table import Measured, page

_HERE = Path(__file__).parent
_ROOT = _HERE.parent
_RESULTS = _ROOT / ".artifacts/benchmarks/results.json"
_PAGE = _ROOT / "docs/performance.md"
_LARGE = 5_000
"""From this size on, `--rounds-large` counts."""


def main() -> None:
    """Measure each size, keep the results, and write the page with all kept results."""
    given = _parser().parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    copier = _copier(given.folder)
    kept = json.loads(_RESULTS.read_text(encoding="utf-8")) if _RESULTS.exists() and not given.anew else {}
    for requests in given.sizes:
        rounds = given.rounds_large if requests >= _LARGE else given.rounds
        warm_up = 0 if requests >= _LARGE else 1
        print(f"{requests} requests, {rounds} rounds", file=sys.stderr)
        place = Place(given.folder.resolve(), requests)
        place.build()
        every = jobs(place, copier=copier, modules=_modules())
        asked = [job for job in every if job.name in (given.only or (job.name,))]
        results = interleaved(asked, rounds=rounds, warm_up=warm_up)
        files = sum(path.is_file() for path in (place.compiled / "ops").rglob("*")) - 3
        disk = _disk(place.compiled)
        kept[f"{requests} {disk}"] = {
            "size": requests,
            "disk": disk,
            "files": files,
            "rounds": rounds,
            "commit": _commit(),
            "results": results,
        }
        _RESULTS.parent.mkdir(parents=True, exist_ok=True)
        _RESULTS.write_text(json.dumps(kept), encoding="utf-8")
    _PAGE.write_text(page(_measured(kept)), encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Measure infra-scale and what does a part of its work.")
    parser.add_argument("sizes", type=int, nargs="+", metavar="N", help="requests in the repository")
    parser.add_argument("--rounds", type=int, default=7, help="rounds for each size (default: 7)")
    parser.add_argument("--rounds-large", type=int, default=3, help=f"the same from {_LARGE} requests on (default: 3)")
    parser.add_argument("--only", nargs="+", metavar="ROW", help="these rows, as the tables name them (default: all)")
    parser.add_argument("--anew", action="store_true", help="forget the sizes of earlier calls")
    default = _ROOT / ".artifacts/benchmarks"
    parser.add_argument("--folder", type=Path, default=default, help="where to work (default: .artifacts/benchmarks)")
    return parser


def _measured(kept: dict[str, dict[str, Any]]) -> list[Measured]:
    made = [Measured(**{**of_size, "results": _runs(of_size["results"])}) for of_size in kept.values()]
    return sorted(made, key=lambda measured: (measured.disk, measured.size))


def _runs(results: dict[str, list[tuple[float, float]]]) -> dict[str, list[Run]]:
    return {name: [Run(*run) for run in runs] for name, runs in results.items()}


def _disk(folder: Path) -> str:
    """The kind of file system below a folder."""
    done = subprocess.run(["stat", "-f", "-c", "%T", folder], capture_output=True, text=True, check=False)
    return done.stdout.strip().replace("ext2/ext3", "ext4") or "an unknown file system"


def _copier(folder: Path) -> list[str]:
    """The copier in C if there is a compiler, else the one in Python."""
    compiler = shutil.which("cc")
    if compiler is None:
        return [sys.executable, str(_HERE / "copier.py")]
    program = folder.resolve() / "copier"
    subprocess.run([compiler, "-O2", "-o", str(program), str(_HERE / "copier.c")], check=True)
    return [str(program)]


def _modules() -> Path | None:
    modules = _HERE / "node_modules"
    return modules if (modules / "js-yaml").exists() and (modules / "ajv").exists() else None


def _commit() -> str:
    """The commit that is measured, with a mark if there are local changes."""
    git = ["git", "-C", str(_ROOT)]
    head = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True)
    changed = subprocess.run([*git, "diff", "--quiet", "HEAD", "--", "compiler", "schemas", "benchmarks"], check=False)
    return head.stdout.strip() + ("-dirty" if changed.returncode else "")


if __name__ == "__main__":
    main()
