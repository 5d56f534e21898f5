"""The cache of what manifests declare: files that have not changed are read only if something is built from them.

A file is the same if its size, times and inode are, or its object id in the index. Files that may have changed since
the run began are not cached, because equal times may be the same tick of the clock. The first run in a clone caches
nothing, because in CI it is the only one.
"""

import sys
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from infra_scale.adapters import cache
from infra_scale.adapters.stamp import program
from infra_scale.adapters.states.index import Index
from infra_scale.adapters.states.work_tree import WorkTree
from infra_scale.core.syntax import limits
from infra_scale.errors import InfraScaleError
from infra_scale.model.source import Found, Source, Unread

if TYPE_CHECKING:
    from infra_scale.core.manifests.facts import FileFacts

_VERSION = 3
_Entry = tuple[bytes, int, bytes, tuple[object, ...]]
"""What identifies a file, its size, the digest of its content, and its facts."""


class KnownManifests:
    """The manifests of a state, with what the last run found in them."""

    def __init__(self, state: WorkTree | Index, name: Literal["manifests", "staged-manifests"]) -> None:
        self._state, self._name = state, name
        self._root = str(state.root)
        self._read: dict[str, tuple[bytes, Source]] = {}
        """Files that were read, with what identifies them."""
        self._kept: dict[str, _Entry] = {}
        """The entries of the others."""
        self.facts: dict[str, FileFacts] = {}
        """The facts of these."""

    @cached_property
    def _stored(self) -> object | None:
        return cache.load(self._root, self._name) if sys.platform != "win32" else None

    @cached_property
    def _since(self) -> cache.Since | None:
        """The start of the run; None: nothing is cached."""
        return cache.probe(self._root) if self._stored else None

    @cached_property
    def _entries(self) -> dict[str, _Entry]:
        stored = self._stored if self._since else None
        found = isinstance(stored, tuple) and stored[:2] == (_VERSION, program())
        return stored[2] if found else {}  # type: ignore[index]  # sealed: we wrote it

    def below(self, folder: str) -> Iterator[Found]:
        """Everything below a folder, with content or with facts. Raises InfraScaleError."""
        from infra_scale.core.manifests.facts import loaded  # noqa: PLC0415 (only where a target names manifests)

        for item, mark in self._state.marked(folder, self._since if self._entries else None):
            entry = self._entries.get(item.path)
            if entry and mark == entry[0]:
                self._kept[item.path] = entry
                self.facts[item.path] = loaded(entry[3])
                yield Unread.of(item.path, entry[1], entry[2], self._content)
            else:
                yield self._found(item)

    def keep(self, facts: Iterable[tuple[str, "FileFacts"]]) -> None:
        """Store the facts of files that were read."""
        from infra_scale.core.manifests.facts import stored  # noqa: PLC0415 (as above)

        if self._since and (self._read or len(self._kept) != len(self._entries)):
            for path, one in facts:
                if path in self._read:
                    mark, source = self._read[path]
                    self._kept[path] = mark, source.size, cache.digest(source.content), stored(one)
            cache.store(self._root, self._name, (_VERSION, program(), self._kept))
        elif self._stored is None:
            cache.store(self._root, self._name, (_VERSION, program(), {}))

    def _found(self, item: Found) -> Found:
        found, mark = self._state.read_marked(item.path, self._since, limit=limits.MAX_MANIFEST_BYTES)
        if mark and isinstance(found, Source) and len(found.content) == found.size:
            self._read[item.path] = mark, found
        return found or item

    def _content(self, path: str, digest: bytes) -> bytes:
        found = self._state.content(path, limit=limits.MAX_MANIFEST_BYTES)
        if not isinstance(found, Source) or cache.digest(found.content) != digest:
            message = f"{path} changed during the run"
            raise InfraScaleError(message, hint="run the command again")
        return found.content
