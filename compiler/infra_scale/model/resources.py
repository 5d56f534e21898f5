"""Resources: cpu and memory of one container."""

from typing import NamedTuple

from infra_scale.model.quantity import Quantity


class Resources(NamedTuple):
    """Requests or limits of one container; None where nothing was said."""

    cpu: Quantity | None
    """Cores."""
    memory: Quantity | None
    """Bytes."""
    memory_key: str = "mem"
    """How the request spells it (`mem` or `memory`), so that a rule can point at it."""

    @property
    def canonical(self) -> "Resources":
        """The same, spelled as plans spell it."""
        return self._replace(memory_key="mem")
