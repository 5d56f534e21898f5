"""CODEOWNERS: the file that GitHub reads, the owners of a path, and the lines that protect the inputs of plans.

https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
"""

import re
from collections.abc import Sequence

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""GitHub reads only the first existing one."""

_HEAD = """\
# Written by `infra-scale init`, and yours to change. The last line that matches a file decides.
# These files decide what is checked, what is applied, and who approves it: GitHub asks their owners for a review
# where the rules of the default branch require one of code owners.
"""
_PROTECTED = (
    ("/ops/", ("ops/plans/a", "ops/rendered/a", "ops/clusters/a/prices.yaml", "ops/nightly.yaml")),
    ("/ops/targets/", ("ops/targets/prod.yaml",)),
    ("/.github/", (".github/workflows/infra-scale.yml", ".github/CODEOWNERS")),
    ("/.gitattributes", (".gitattributes",)),
    ("/.pre-commit-config.yaml", (".pre-commit-config.yaml",)),
)
"""Patterns, with an example file for each."""


def owner_lines(owners: Sequence[str], patterns: Sequence[str] = ()) -> str:
    """Lines that name `owners` for the `patterns` (default: all that should have one)."""
    wanted = patterns or [pattern for pattern, _ in _PROTECTED]
    return "".join(f"{pattern:<25} {' '.join(owners)}\n" for pattern in wanted)


def new_file(owners: Sequence[str]) -> bytes:
    """A CODEOWNERS file for a repository that has none."""
    return f"{_HEAD}{owner_lines(owners)}".encode()


def unprotected(text: str, place: str, *, below: str = "") -> list[str]:
    """The patterns that a CODEOWNERS file at `place` should have, and whose files have no owner yet.

    `below` is the folder of ops/ in the repository, with a final slash; empty at the top.
    """
    itself = () if place.startswith(".github/") else ((f"/{place}", (place,)),)
    moved = ((f"/{below}{pattern[1:]}", tuple(below + file for file in files)) for pattern, files in _PROTECTED[:2])
    wanted = (*moved, *_PROTECTED[2:], *itself)
    return [pattern for pattern, files in wanted if not all(owners_of(text, file) for file in files)]


def owners_of(text: str, path: str) -> tuple[str, ...]:
    """The owners of a file: those of the last line whose pattern matches, which may name none."""
    for line in reversed(text.splitlines()):
        pattern, *owners = line.split("#")[0].split() or [""]
        if pattern and re.fullmatch(_regex(pattern), path):
            return tuple(owners)
    return ()


def _regex(pattern: str) -> str:
    """A pattern as a regular expression: gitignore's, except that `docs/*` does not match deeper paths."""
    plain = pattern.strip("/")
    start = "" if "/" in pattern.rstrip("/") else "(?:.*/)?"
    end = "/.*" if pattern.endswith("/") else "" if "*" in plain.rpartition("/")[2] else "(?:/.*)?"
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", plain)
    return start + "".join(_WILD.get(part, re.escape(part)) for part in parts) + end


_WILD = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
