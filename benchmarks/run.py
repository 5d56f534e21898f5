"""Measure, and write docs/performance.md: `run.py 1 100 1000`. README.md beside this file says what is needed."""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

from jobs import Place, jobs
from measure import Results, Run, interleaved
from table import page

_HERE = Path(__file__).parent
_ROOT = _HERE.parent
_RESULTS = _ROOT / ".artifacts/benchmarks/results.json"
_PAGE = _ROOT / "docs/performance.md"
_LARGE = 5_000
"""From this size on, `--rounds-large` counts."""


def main() -> None:
    """Measure each size, keep the results, and write the page of all that were ever kept."""
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
        results = interleaved(list(jobs(place, copier=copier, modules=_modules())), rounds=rounds, warm_up=warm_up)
        files = sum(path.is_file() for path in (place.compiled / "ops").rglob("*")) - 3
        kept[str(requests)] = {"files": files, "rounds": rounds, "commit": _commit(), "runs": results}
        _RESULTS.parent.mkdir(parents=True, exist_ok=True)
        _RESULTS.write_text(json.dumps(kept), encoding="utf-8")
    _PAGE.write_text(page(_measured(kept), kept), encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Measure infra-scale and what does a part of its work.")
    parser.add_argument("sizes", type=int, nargs="+", metavar="N", help="requests in the repository")
    parser.add_argument("--rounds", type=int, default=7, help="rounds for each size (default: 7)")
    parser.add_argument("--rounds-large", type=int, default=3, help=f"the same from {_LARGE} requests on (default: 3)")
    parser.add_argument("--anew", action="store_true", help="forget the sizes of earlier calls")
    default = _ROOT / ".artifacts/benchmarks"
    parser.add_argument("--folder", type=Path, default=default, help="where to work (default: .artifacts/benchmarks)")
    return parser


def _measured(kept: dict[str, dict[str, object]]) -> dict[int, Results]:
    return {
        int(size): {name: [Run(*run) for run in runs] for name, runs in dict(of_size["runs"]).items()}  # type: ignore[call-overload]  # JSON
        for size, of_size in sorted(kept.items(), key=lambda item: int(item[0]))
    }


def _copier(folder: Path) -> list[str]:
    """The copier in C, compiled where there is a compiler; else the one in Python."""
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
    asked = ["git", "-C", str(_ROOT), "describe", "--always", "--dirty"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    main()
