"""Many inputs through every reader; and that the runner counts what it has to find."""

import subprocess
import sys
from pathlib import Path

import pytest

from fuzz.loaders import LOADERS, next_input
from fuzz.report import BEGIN, END, Row, write_into
from support.amounts import share
from support.repository import CHECKOUT, environment

_INPUTS = share(20_000)

_BAD = """
import os, signal
from fuzz import run
from fuzz.loaders import Loader

def check(contents):
    if contents == [b"3"]:
        {fault}
    return 1

numbers = iter(range(10**9))
run.next_input = lambda loader, seed, index: str(index).encode()
run.SLOW, run.ENDLESS, run.ARTIFACTS = 0.2, 0.5, run.Path({folder!r})
row = run.run(Loader("bad", 1, None, check), 1, 6)
print(row.name, row.inputs, row.failed)
"""
_FAULTS = {
    "exception": 'raise KeyError("x")',
    "crash": "os.kill(os.getpid(), signal.SIGSEGV)",
    "slow": "[None for _ in range(20_000_000)]",
    "slow ": "while True: pass",
}


def _python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """In a process without the threads of the test runner, so that it may fork."""
    command = [sys.executable, *arguments]
    variables = {**environment(), "PYTHONPATH": str(CHECKOUT / "tests")}
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=CHECKOUT, env=variables)


def test_no_input_ends_in_an_exception_a_crash_or_a_slow_run() -> None:
    done = _python("-m", "fuzz.run", "--inputs", str(_INPUTS), "--seed", "1")

    assert done.returncode == 0, done.stderr + done.stdout
    name, inputs, accepted, *failures = (word.replace(",", "") for word in done.stdout.splitlines()[-1].split())
    assert (name, failures[:3]) == ("all", ["0", "0", "0"])
    assert int(inputs) >= _INPUTS
    assert int(accepted) > _INPUTS / 10, "most of the code lies behind what is accepted"


@pytest.mark.parametrize("kind", _FAULTS)
def test_a_failing_input_is_counted_and_the_others_are_run(kind: str, tmp_path: Path) -> None:
    done = _python("-c", _BAD.format(fault=_FAULTS[kind], folder=str(tmp_path)))

    assert done.stdout.split() == ["bad", "6", f"('{kind.strip()}',)"], done.stderr
    assert (tmp_path / "bad-1-3").read_bytes() == b"3"
    assert "--only 3" in done.stderr


def test_a_seed_gives_the_same_inputs_again() -> None:
    for loader in LOADERS:
        first = [next_input(loader, 5, index) for index in range(10)]

        assert [next_input(loader, 5, index) for index in range(10)] == first
        assert [next_input(loader, 6, index) for index in range(10)] != first


def test_the_table_replaces_the_marked_block_of_a_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")

    write_into(page, [Row("request", 1000, 10, (), 0.02, 1.0)], seed=3)

    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert "| request | 1,000 | 10 | 0 | 0 | 0 | 20 ms | 1,000 |" in text


def test_the_page_has_the_figures_of_every_reader() -> None:
    text = (CHECKOUT / "docs/reliability.md").read_text(encoding="utf-8")

    block = text.partition(BEGIN)[2].partition(END)[0]
    assert [line.split("|")[1].strip() for line in block.splitlines() if line.startswith("|")][2:] == [
        *(loader.name for loader in LOADERS),
        "all",
    ]
