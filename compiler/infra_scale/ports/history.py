"""History: the events of a repository, in the order in which they were recorded."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from infra_scale.model.event import Event


class History(Protocol):
    """A store that only grows."""

    def record(self, events: Iterable[Event]) -> None:
        """Store events; one that is stored already changes nothing. Raises InfraScaleError."""

    def events(self) -> Iterator[Event]:
        """All events, the oldest first. Raises InfraScaleError."""
