"""Patterns of the folders that a cluster applies: `*` within one name."""

from fnmatch import fnmatchcase


def matches(pattern: str, folder: str) -> bool:
    """Whether a pattern matches a folder, name by name."""
    wanted, parts = pattern.split("/"), folder.split("/")
    return len(parts) == len(wanted) and all(map(fnmatchcase, parts, wanted))


def corrected(pattern: str, folder: str) -> str:
    """A pattern of the same length with the names of a folder where it does not match; empty for another length."""
    wanted, parts = pattern.split("/"), folder.split("/")
    if len(parts) != len(wanted):
        return ""
    return "/".join(want if fnmatchcase(part, want) else part for part, want in zip(parts, wanted, strict=True))
