"""Coverage-guided: `make fuzz-guided LOADER=request`, where atheris is installed.

It is no dependency of ours: it has wheels for Linux on x86-64 alone, and no version has one for every Python from 3.11
to 3.14 (`pip install atheris` takes the newest that fits).
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["infra_scale"]):
    from fuzz.loaders import named, next_input

from support.repository import CHECKOUT

_SEEDS = 300


def main() -> None:
    """Begin with inputs of the other fuzzer, and go where new code is reached; ends at the first failure."""
    name, *options = sys.argv[1:]
    loader = named(name)
    corpus = CHECKOUT / ".artifacts" / "fuzz" / "corpus" / name.replace(" ", "-")
    _fill(corpus, name)

    def check(content: bytes) -> None:
        loader.check([content])

    atheris.Setup([sys.argv[0], str(corpus), "-max_len=4096", "-timeout=10", *options], check)
    atheris.Fuzz()


def _fill(corpus: Path, name: str) -> None:
    corpus.mkdir(parents=True, exist_ok=True)
    for index in range(_SEEDS):
        (corpus / f"seed-{index}").write_bytes(next_input(named(name), 0, index))


if __name__ == "__main__":
    main()
