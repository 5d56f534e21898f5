"""The usage of each resource of each quota during a simulation."""

from collections.abc import Iterable
from typing import NamedTuple

from infra_scale.core.capacity.quota import charge
from infra_scale.model.pod import Pod
from infra_scale.model.quantity import Quantity
from infra_scale.model.snapshot import ClusterSnapshot, Quota

_NONE = Quantity(0, "decimal")


class Line(NamedTuple):
    """One resource of one quota."""

    namespace: str
    quota: Quota
    resource: str

    @property
    def hard(self) -> Quantity:
        """The hard limit."""
        return dict(self.quota.hard)[self.resource]

    @property
    def used(self) -> int:
        """Current use, in nano."""
        return dict(self.quota.used).get(self.resource, _NONE).nano

    @property
    def capacity(self) -> int:
        """The remaining amount, in nano; negative if it is already exceeded."""
        return self.hard.nano - self.used


def lines_of(snapshot: ClusterSnapshot, namespaces: Iterable[str]) -> tuple[Line, ...]:
    """The quotas of some namespaces."""
    return tuple(
        Line(name, quota, resource)
        for name in sorted(set(namespaces))
        for quota in snapshot.namespace(name).quotas
        for resource, _ in quota.hard
    )


def charges(lines: Iterable[Line], namespace: str, pod: Pod) -> tuple[tuple[int, int], ...]:
    """The use of one pod: the number of the line, and the amount in nano."""
    found: list[tuple[int, int]] = []
    charged: dict[str, dict[str, Quantity]] = {}
    for number, line in enumerate(lines):
        if line.namespace == namespace:
            of_quota = charged.setdefault(line.quota.name, dict(charge(line.quota, pod)))
            if (one := of_quota.get(line.resource, _NONE).nano) > 0:
                found.append((number, one))
    return tuple(found)
