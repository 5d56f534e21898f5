"""Scope: the selected requests of a run."""

from typing import NamedTuple
from zlib import crc32


class Shard(NamedTuple):
    """One shard of all requests."""

    number: int
    """From 0."""
    parts: int

    def has(self, path: str) -> bool:
        """Whether a path belongs to this shard; deterministic."""
        return crc32(path.encode("utf-8", "surrogateescape")) % self.parts == self.number


class Scope(NamedTuple):
    """All requests, or those of one target and below some paths, or a part of all."""

    target: str | None = None
    paths: tuple[str, ...] = ()
    """Request files or folders, from the root of the repository; none means all."""
    shard: Shard | None = None

    def has_path(self, path: str) -> bool:
        """Whether the request at `path` is selected."""
        if self.shard and not self.shard.has(path):
            return False
        return not self.paths or any(path == asked or path.startswith(f"{asked}/") for asked in self.paths)

    def has_request(self, path: str, target: str | None) -> bool:
        """Whether a request is selected; one with an unknown target is, so that it is reported."""
        return self.has_path(path) and (self.target is None or target is None or target == self.target)

    @property
    def is_whole(self) -> bool:
        """Whether all requests are selected, possibly as a shard."""
        return self.target is None and not self.paths

    def has_generated(self, request: str, target: str | None) -> bool:
        """Whether the generated files of the request at path `request` for `target` are selected."""
        return self.has_path(request) and self.target in (None, target)
