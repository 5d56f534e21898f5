"""Document: the plain values of one file, with their positions in the text."""

from collections.abc import Callable
from typing import Protocol

from infra_scale.core.syntax.scalars import Value
from infra_scale.model.finding import Finding
from infra_scale.model.position import Position, Route


class Places(Protocol):
    """Positions by route. The root has the empty route."""

    def position(self, route: Route, *, on_key: bool) -> Position:
        """The position of the value (or key) at `route`; of its nearest ancestor if the route does not exist."""


class Document:
    """Plain values of one file; positions are computed on demand and not kept here."""

    def __init__(self, *, path: str, value: Value, places: Callable[[], Places]) -> None:
        self.path = path
        self.value = value
        self._places = places

    def position(self, route: Route, *, on_key: bool = False) -> Position:
        """The position of the value (or key) at `route`; of its nearest ancestor if the route does not exist."""
        return self._places().position(route, on_key=on_key)

    def locate(self, finding: Finding) -> Finding:
        """The finding with its position filled in."""
        if finding.position is not None or finding.route is None:
            return finding
        return finding._replace(position=self.position(finding.route, on_key=finding.on_key))
