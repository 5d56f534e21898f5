"""Versions of Kubernetes."""

import re


def is_at_least(version: str | None, least: tuple[int, int]) -> bool | None:
    """Whether a cluster has a version of Kubernetes or a later one; None: unknown."""
    found = _VERSION.fullmatch(version or "")
    return (int(found[1]), int(found[2])) >= least if found else None


_VERSION = re.compile(r"v?([0-9]{1,4})\.([0-9]{1,4})(?:[^0-9].*)?")
