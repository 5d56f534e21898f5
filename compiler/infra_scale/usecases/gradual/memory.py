"""What was found about requests that are in step: as long as neither they nor anything around them changes, it is true.

The bytes of a request, everything around it and what it was written as decide, not the times of files. So it holds
after a checkout, too. Only what is in step and without error is remembered: whatever is to be told of one by one, or
written, is found anew.
"""

import marshal
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from infra_scale.adapters import cache
from infra_scale.adapters.stamp import program
from infra_scale.core.compiling.context import Context
from infra_scale.model.source import Found, Source

_VERSION = 3


class Memory(NamedTuple):
    """What is known of one request."""

    key: bytes
    """Of its bytes and of everything around it."""
    target: str
    counts: tuple[tuple[str, int], ...]
    namespaces: tuple[str, ...]
    claims: tuple[int, ...]
    folder: str
    files: tuple[str, ...]
    """The paths of what it is written as."""
    marks: bytes
    """What stands for the contents of them all, see `together`."""


class Memories:
    """Those of an earlier run, in the order of their paths: of many, only some are unpacked at a time."""

    def __init__(self, environment: bytes, first: list[str], packed: list[bytes]) -> None:
        self.environment = environment
        self._first, self._packed = first, packed
        self._at, self._open = -1, dict[str, tuple[object, ...]]()

    def of(self, path: str) -> Memory | None:
        """What is known of the request at a path."""
        at = bisect_right(self._first, path) - 1
        if at < 0:
            return None
        if at != self._at:
            self._at, self._open = at, _unpacked(self._packed[at])
        found = self._open.get(path)
        return Memory(*found) if found else None  # type: ignore[arg-type]  # sealed: we wrote it

    def key(self, mark: bytes) -> bytes:
        """What a request is known by: what stands for its bytes and for its environment."""
        return digest(mark, self.environment)


def recall(root: str, name: str, environment: bytes) -> Memories:
    """What earlier runs have found and kept under a name, with the same around them."""
    kept = cache.load(root, name)
    if isinstance(kept, tuple) and kept[:2] == (_VERSION, environment):
        return Memories(environment, kept[2], kept[3])
    return Memories(environment, [], [])


def remember(root: str, name: str, environment: bytes, some: Iterable[bytes]) -> None:
    """Keep what was found under a name, batch by batch in the order of their paths."""
    packed = [batch for batch in some if batch]
    cache.store(root, name, (_VERSION, environment, [next(iter(_unpacked(batch))) for batch in packed], packed))


def packed(memories: Mapping[str, Memory]) -> bytes:
    """Those of a batch."""
    plain = {path: tuple(memory) for path, memory in memories.items()}
    return zlib.compress(marshal.dumps(plain), 1) if plain else b""


def _unpacked(batch: bytes) -> dict[str, tuple[object, ...]]:
    found: dict[str, tuple[object, ...]] = marshal.loads(zlib.decompress(batch))  # noqa: S302 (see cache.load)
    return found


def together(marks: Iterable[bytes]) -> bytes:
    """One for several marks of files, see trees.Tree: it is kept for each request."""
    return digest(b"".join(len(mark).to_bytes(1, "little") + mark for mark in marks))


def digest(content: bytes, key: bytes = b"") -> bytes:
    """What stands for some bytes."""
    return cache.Digest(content, digest_size=16, key=key).digest()


def around_of(context: Context) -> bytes:
    """What stands for everything that decides about a plan besides its request."""
    seen = cache.Digest(program(), digest_size=32)
    for item in (*context.targets, *context.manifests):
        seen.update(_facts(item))
    return seen.digest()


def _facts(item: Found) -> bytes:
    if isinstance(item, Source):
        return f"{item.path}\0{item.size}\0".encode("utf-8", "surrogateescape") + digest(item.content)
    return f"{item.path}\0{item.what}\0".encode("utf-8", "surrogateescape")
