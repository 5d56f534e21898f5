"""Detects plans that need no simulation, because every pod fits in any order of events."""

from collections.abc import Sequence

from infra_scale.core.capacity.packing.placement_state import Item
from infra_scale.core.capacity.scenario_verdict import Judged
from infra_scale.core.capacity.simulation.workloads import RunInput
from infra_scale.model.capacity import Load
from infra_scale.model.verdict import Scenario


def is_ample(run_input: RunInput, planned: Sequence[Load], judged: Judged, scenario: Scenario) -> bool:
    """Whether the packing decides: all pods fit, in any order.

    This is so if no pod starts; or if only identical pods start, without competition.
    """
    if (
        any(not one.is_planned and not one.load.is_at_rest for one in run_input.participants)
        or run_input.snapshot.waiting
    ):
        return False
    if any(one.new.is_refused for one in run_input.participants) or not judged.has_all():
        return False
    is_moving = [load for load in planned if not load.is_at_rest or load.counts[scenario] != load.before]
    items = [judged.items[load.ref] for load in is_moving]
    if any(load.restarts or load.existing != load.scheduled or load.existing != load.before for load in is_moving):
        return False
    growing = [item for item in items if item.pods]
    if not growing:
        return True
    if any(one.new.charges or not _is_plain(one.load) for one in run_input.participants):
        return False
    return _are_alike(growing)


def _is_plain(load: Load) -> bool:
    """Whether its pods fit on any node with enough capacity, whatever else runs there."""
    scheduling = load.pod.scheduling
    is_free = not (scheduling.spread or scheduling.apart or scheduling.is_one_per_host)
    return is_free and load.ref.kind != "DaemonSet"


def _are_alike(items: Sequence[Item]) -> bool:
    return len({(item.size, item.scheduling) for item in items}) == 1
