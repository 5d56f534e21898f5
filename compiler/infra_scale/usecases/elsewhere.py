"""The workloads of other open pull requests, within a limited number of API calls; skipped ones are reported."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from infra_scale.adapters import commits, files
from infra_scale.core.comparing.collisions import Scaled, scaled_by
from infra_scale.core.documents.request import read_request
from infra_scale.core.schema import catalogue
from infra_scale.core.syntax import limits
from infra_scale.model.names import REQUESTS, SUFFIXES, request_id
from infra_scale.model.request import ScaleRequest
from infra_scale.model.source import Source
from infra_scale.ports.forge import Forge, Pull

_MOST_CALLS = 60
"""In total: the token of Actions has 1,000 an hour for a whole repository."""
_MOST_PULLS = 30
_MOST_READ = 20
"""Requests of one pull request that are read through the API; files in the clone need no calls."""

_LISTED = 100
"""GitHub's largest page."""


class Elsewhere(NamedTuple):
    """The workloads of other open pull requests, by number."""

    scaled: Mapping[int, frozenset[Scaled]] = {}
    unchecked: Mapping[int, str] = {}
    """Pull requests that were not checked, and why."""
    older: int = 0
    """The number of older pull requests that were not checked either."""


def scaled_elsewhere(forge: Forge, root: Path, pull: Pull) -> Elsewhere:
    """The workloads of other open pull requests, the newest first; unreadable requests are ignored.

    Raises ForgeError.
    """
    numbers = forge.open_pulls(base=pull.base, most=_LISTED)
    others = [number for number in numbers if number != pull.number]
    found: dict[int, frozenset[Scaled]] = {}
    unchecked: dict[int, str] = {}
    with ExitStack() as stack:
        reader = _Reader(forge, _objects(stack, root))
        for number in others[:_MOST_PULLS]:
            read = reader.scaled(number)
            if isinstance(read, str):
                unchecked[number] = read
            else:
                found[number] = read
    return Elsewhere(found, unchecked, len(others[_MOST_PULLS:]))


def _objects(stack: ExitStack, root: Path) -> commits.Objects | None:
    try:
        return stack.enter_context(commits.objects(root))
    except commits.CommitError:  # outside a clone, everything is read through the API
        return None


class _Reader:
    """Reads requests of other pull requests, each content once, until the limit of calls."""

    def __init__(self, forge: Forge, objects: commits.Objects | None) -> None:
        self._forge = forge
        self._objects = objects
        self._calls = _MOST_CALLS
        self._read: dict[str, bytes | None] = {}
        self._schema = files.schema_text(catalogue.REQUEST)

    def scaled(self, number: int) -> frozenset[Scaled] | str:
        """The workloads of a pull request, or why they were not checked."""
        if self._calls <= 0:
            return "was not reached within the calls of one run"
        changed = self._forge.changed_files(number, below=REQUESTS)
        self._calls -= changed.calls
        if not changed.is_whole:
            return "changes too many files"
        requests = {path: blob for path, blob in changed.blobs.items() if _is_request(path)}
        missing = {blob for blob in requests.values() if not self._has(blob)}
        if len(missing) > min(_MOST_READ, self._calls):
            return f"changes {len(requests)} requests"
        for blob in sorted(missing):
            self._read[blob] = self._forge.blob(blob, limit=limits.MAX_BYTES)
        self._calls -= len(missing)
        found = (self._request(path, self._read[blob]) for path, blob in requests.items())
        return scaled_by(request for request in found if request)

    def _has(self, blob: str) -> bool:
        """Whether the content is known or was read from the clone."""
        if blob not in self._read and self._objects:
            held = self._objects.blob(blob, limit=limits.MAX_BYTES)
            if held is not None:
                self._read[blob] = held
        return blob in self._read

    def _request(self, path: str, content: bytes | None) -> ScaleRequest | None:
        if content is None:
            return None
        return read_request(Source(path, content, len(content)), schema=self._schema).request


def _is_request(path: str) -> bool:
    return request_id(path) is not None and path.endswith(SUFFIXES)
