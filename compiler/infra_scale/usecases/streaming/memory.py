"""The cache of results for requests whose plans are up to date.

Its keys are the bytes of a request, of its environment and of its generated files, not file times: it stays valid
after a checkout. Requests with errors or with changes to write are not cached.
"""

import marshal
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from infra_scale.adapters import cache
from infra_scale.adapters.stamp import program
from infra_scale.core.compiling.compiled import CompiledRequest
from infra_scale.core.compiling.context import Context
from infra_scale.model.source import Found, Source, Unread

_VERSION = 4


class Memory(NamedTuple):
    """The cache entry of one request."""

    key: bytes
    """The digest of its bytes and its environment."""
    target: str
    counts: tuple[tuple[str, int], ...]
    namespaces: tuple[str, ...]
    claims: tuple[int, ...]
    folder: str
    files: tuple[str, ...]
    """The paths of its generated files."""
    blobs: bytes
    """Identifies the contents of all these files, see `together`."""
    parts: tuple[tuple[str, bytes], ...] = ()
    """The values of its workloads of Helm releases, which the files of these releases join."""


def memory_of(one: CompiledRequest, counts: Mapping[str, int], key: bytes, target: str, blobs: bytes) -> Memory:
    """The entry of a compiled request."""
    namespaces = tuple(sorted(one.namespaces))
    counted, parts = tuple(counts.items()), tuple(one.parts.items())
    return Memory(key, target, counted, namespaces, one.claims, one.folder or "", tuple(one.files), blobs, parts)


class Memories:
    """The entries of an earlier run, in the order of their paths; only some are unpacked at a time."""

    def __init__(self, environment: bytes, first: list[str], packed: list[bytes]) -> None:
        self.environment = environment
        self._first, self._packed = first, packed
        self._at, self._open = -1, dict[str, tuple[object, ...]]()

    def of(self, path: str) -> Memory | None:
        """The entry of the request at a path."""
        at = bisect_right(self._first, path) - 1
        if at < 0:
            return None
        if at != self._at:
            self._at, self._open = at, _unpacked(self._packed[at])
        found = self._open.get(path)
        return Memory(*found) if found else None  # type: ignore[arg-type]  # sealed: we wrote it

    def key(self, blob: bytes) -> bytes:
        """The key of a request, by its bytes and its environment."""
        return cache.digest(blob, self.environment)


def recall(root: str, name: str, environment: bytes) -> Memories:
    """The results of earlier runs with the same environment."""
    kept = cache.load(root, name)
    if isinstance(kept, tuple) and kept[:2] == (_VERSION, environment):
        return Memories(environment, kept[2], kept[3])
    return Memories(environment, [], [])


def remember(root: str, name: str, environment: bytes, some: Iterable[bytes]) -> None:
    """Store results, batch by batch in the order of their paths."""
    packed = [batch for batch in some if batch]
    cache.store(root, name, (_VERSION, environment, [next(iter(_unpacked(batch))) for batch in packed], packed))


def packed(memories: Mapping[str, Memory]) -> bytes:
    """The entries of a batch."""
    plain = {path: tuple(memory) for path, memory in memories.items()}
    return zlib.compress(marshal.dumps(plain), 1) if plain else b""


def _unpacked(batch: bytes) -> dict[str, tuple[object, ...]]:
    found: dict[str, tuple[object, ...]] = marshal.loads(zlib.decompress(batch))  # noqa: S302 (see cache.load)
    return found


def together(blobs: Iterable[bytes]) -> bytes:
    """One identifier for those of several files, see Generated.blob."""
    return cache.digest(b"".join(len(blob).to_bytes(1, "little") + blob for blob in blobs))


def environment_of(context: Context) -> bytes:
    """An identifier of all inputs of a plan besides its request."""
    seen = cache.Digest(program(), digest_size=32)
    for item in (*context.targets, *context.manifests):
        seen.update(_facts(item))
    return seen.digest()


def _facts(item: Found) -> bytes:
    if isinstance(item, Source):
        digest = item.digest if isinstance(item, Unread) else cache.digest(item.content)
        return f"{item.path}\0{item.size}\0".encode("utf-8", "surrogateescape") + digest
    return f"{item.path}\0{item.what}\0".encode("utf-8", "surrogateescape")
