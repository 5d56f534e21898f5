"""The table of faults that publishing has survived: gathered by `make faults`, printed, and written into the docs.

Each test leaves how many calls of its flow it has broken; one that fails leaves nothing, and its cell says so.
"""

import json
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_FOUND = _ROOT / ".artifacts/faults"
_PAGE = _ROOT / "docs/reliability.md"
_BEGIN, _END = "<!-- faults:begin, written by `make faults` -->\n", "<!-- faults:end -->"


def note(flow: str, fault: str, calls: int) -> None:
    """Every one of this many calls was broken this way, and the next run ended right."""
    _FOUND.mkdir(parents=True, exist_ok=True)
    name = f"{flow}-{fault.replace(' ', '-')}.json"
    (_FOUND / name).write_text(json.dumps([flow, fault, calls]), encoding="utf-8")


def table() -> str:
    """Calls broken and survived, a row for each way to break them."""
    found = {(flow, fault): calls for flow, fault, calls in map(_read, _FOUND.glob("*.json"))}
    flows, faults = (sorted({key[place] for key in found}) for place in (0, 1))
    cells = {fault: [str(found.get((flow, fault), "not survived")) for flow in flows] for fault in faults}
    rows = [f"| {' | '.join([fault, *numbers])} |" for fault, numbers in cells.items()]
    total = sum(found.values())
    heads = f"| each call broken by | {' | '.join(flows)} |\n|{' --- |' * (len(flows) + 1)}"
    return f"{heads}\n" + "\n".join(rows) + f"\n\n{total} broken calls; after each, one more run ended right.\n"


def write(text: str) -> None:
    """Put the table into the page."""
    before, _, rest = _PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    after = rest.partition(_END)[2]
    _PAGE.write_text(f"{before}{_BEGIN}\n{text}\n{_END}{after}", encoding="utf-8")


def _read(file: Path) -> tuple[str, str, int]:
    flow, fault, calls = json.loads(file.read_text(encoding="utf-8"))
    return str(flow), str(fault), int(calls)


if __name__ == "__main__":
    made = table()
    sys.stdout.write(made)
    write(made)
