"""The image for CI, as far as it can be looked at without building it."""

import re
import shlex
from pathlib import PurePosixPath

from support.repository import CHECKOUT

_TEXT = (CHECKOUT / "Dockerfile").read_text(encoding="utf-8")
_KNOWN = {"ARG", "FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "ENTRYPOINT", "CMD"}


def _steps() -> list[tuple[str, str]]:
    lines = "\n".join(line for line in _TEXT.splitlines() if not line.startswith("#"))
    joined = lines.replace("\\\n", " ").splitlines()
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in joined if line.strip())]


def _last_stage() -> list[tuple[str, str]]:
    steps = _steps()
    last = max(number for number, (word, _) in enumerate(steps) if word == "FROM")
    return steps[last:]


def test_it_has_only_instructions_that_it_needs() -> None:
    assert {word for word, _ in _steps()} == _KNOWN


def test_it_does_not_run_as_root() -> None:
    (user,) = [rest for word, rest in _last_stage() if word == "USER"]
    after = _last_stage()[_last_stage().index(("USER", user)) :]

    assert int(user.split(":")[0]) >= 10_000
    assert {word for word, _ in after} <= {"USER", "WORKDIR", "ENTRYPOINT", "CMD"}


def test_it_is_slim() -> None:
    assert re.search(r"^ARG PYTHON=python:3\.\d+-slim$", _TEXT, re.MULTILINE)
    assert [rest.split()[0] for word, rest in _steps() if word == "FROM"] == ["${PYTHON}", "${PYTHON}"]


def test_everything_from_an_index_is_a_wheel_with_a_hash() -> None:
    installs = [part for _, rest in _steps() for part in rest.split("&&") if "pip install" in part]

    assert len(installs) == 3
    for install in installs:
        words = set(shlex.split(install))
        assert {"--require-hashes", "--only-binary"} <= words or {"--no-index", "--no-deps"} <= words, install
        assert [lock for lock in words if lock.startswith("locks/") and not (CHECKOUT / lock).is_file()] == []


def test_a_run_finds_nothing_that_could_install_more() -> None:
    assert any("pip uninstall --yes pip" in rest for _, rest in _steps())
    assert ("ENTRYPOINT", '["infra-scale"]') in _last_stage()


def test_everything_that_it_copies_is_in_the_repository_and_let_through() -> None:
    ignored = (CHECKOUT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_through = {line[1:] for line in ignored if line.startswith("!")}
    copied = [
        place for word, rest in _steps() if word == "COPY" and "--from" not in rest for place in rest.split()[:-1]
    ]

    assert "*" in ignored
    assert copied
    for place in copied:
        assert (CHECKOUT / place).exists(), place
    assert {PurePosixPath(place).parts[0] for place in copied} == let_through
