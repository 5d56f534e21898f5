"""History: the events of a repository, in the order in which they were recorded."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from infra_scale.model.event import Event


class History(Protocol):
    """An append-only store."""

    def record(self, events: Iterable[Event]) -> None:
        """Store events; an event that is already stored is ignored. Raises InfraScaleError."""

    def events(self) -> Iterator[Event]:
        """All events, the oldest first. Raises InfraScaleError."""
