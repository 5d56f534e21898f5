"""Scope: which requests a run is about."""

from typing import NamedTuple
from zlib import crc32


class Shard(NamedTuple):
    """One of several parts that together are everything."""

    number: int
    """From 0."""
    parts: int

    def has(self, path: str) -> bool:
        """Whether a path belongs to this part: the same one wherever and whenever it is asked."""
        return crc32(path.encode("utf-8", "surrogateescape")) % self.parts == self.number


class Scope(NamedTuple):
    """All requests, or those of one target and below some paths, or a part of all."""

    target: str | None = None
    paths: tuple[str, ...] = ()
    """Request files or folders, from the root of the repository; none means all."""
    shard: Shard | None = None

    def has_path(self, path: str) -> bool:
        """Whether the request at `path` is asked for."""
        if self.shard and not self.shard.has(path):
            return False
        return not self.paths or any(path == asked or path.startswith(f"{asked}/") for asked in self.paths)

    def has_request(self, path: str, target: str | None) -> bool:
        """Whether a request is asked for; one whose target is not known is, lest it go unreported."""
        return self.has_path(path) and (self.target is None or target is None or target == self.target)

    @property
    def is_whole(self) -> bool:
        """Whether all requests are asked for, if only in part."""
        return self.target is None and not self.paths

    def has_generated(self, request: str, target: str | None) -> bool:
        """Whether what was generated from the request at path `request` for `target` is asked for."""
        return self.has_path(request) and self.target in (None, target)
