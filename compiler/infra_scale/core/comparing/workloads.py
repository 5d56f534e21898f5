"""Two desired states to the changes for each workload in each cluster."""

from collections.abc import Iterable, Iterator, Sequence

from infra_scale.core.comparing.desired import DesiredState
from infra_scale.core.comparing.settings import Key
from infra_scale.model.comparison import Moved, Presence, Requests, Retargeted, Setting, WorkloadChange
from infra_scale.model.cost import Estimate, Monthly
from infra_scale.model.forecast import WorkloadForecast
from infra_scale.model.verdict import Scenario, Status, Unknown

Pair = tuple[DesiredState | None, DesiredState | None]
"""Before and after: at least one exists."""

NO_LONGER_ASKED = "no request scales it any more"
ASKED_ELSEWHERE = "no request scales it there any more"
ASKED_NOWHERE = "its target no longer has clusters"
NO_LONGER_PRICED = "prices are no longer configured"


def pairs(before: Sequence[DesiredState], after: Sequence[DesiredState]) -> list[Pair]:
    """Pairs of the same workload in the same cluster: those of `after` in their order, then the removed ones.

    If the target had no clusters before, its first cluster now is the counterpart, and vice versa.
    """
    left = {one.place: one for one in before}
    paired: list[Pair] = [(left.pop(one.place, None), one) for one in after]
    for number, (old, new) in enumerate(paired):
        if old is None and new and new.place.cluster:
            homeless = left.get(new.place._replace(cluster=None))
            if homeless and homeless.target == new.target:
                paired[number] = (left.pop(homeless.place), new)
        elif old is None and new:
            housed = next((one for one in left.values() if _is_homeless(new, one)), None)
            if housed:
                paired[number] = (left.pop(housed.place), new)
    gone: list[Pair] = [(one, None) for one in left.values()]
    return [*paired, *gone]


def changes(paired: Iterable[Pair]) -> Iterator[WorkloadChange]:
    """The changes, one for each workload and cluster with a difference."""
    asked = {_subject(after): after for _, after in paired if after}
    for before, after in paired:
        one = after or before
        if one is None:
            continue
        change = WorkloadChange(
            _presence(before, after),
            one.target,
            one.place.cluster,
            one.place.namespace,
            one.place.workload,
            one.request,
            before.request if before else None,
            tuple(_settings(before, after)),
            _cost(before, after, _why_gone(asked.get(_subject(one)))),
            before is None or before.estimate is None,
            before.forecast if before else None,
            after.forecast if after else None,
            before.target if before and before.target != one.target else None,
        )
        if (
            change.presence != "changed"
            or change.settings
            or (change.cost and change.cost.moves)
            or _fits_other(change)
        ):
            yield change


def requests(paired: Sequence[Pair]) -> Requests:
    """The changes of request files. A removed one counts as moved if a new one scales a workload of it."""
    old = dict.fromkeys(before.request for before, _ in paired if before)
    new = dict.fromkeys(after.request for _, after in paired if after)
    moved = {
        after.request: before.request
        for before, after in paired
        if before and after and after.request not in old and before.request not in new
    }
    return Requests(
        len(old),
        len(new),
        tuple(path for path in new if path not in old and path not in moved),
        tuple(path for path in old if path not in new and path not in moved.values()),
        tuple(Moved(moved[path], path) for path in new if path in moved),
        tuple(_retargeted(paired)),
    )


def _retargeted(paired: Sequence[Pair]) -> Iterator[Retargeted]:
    """The requests with another target than before, whether their clusters are the same or not."""
    old = {before.request: before.target for before, _ in paired if before}
    new = {after.request: after.target for _, after in paired if after}
    for path, target in new.items():
        if old.get(path, target) != target:
            yield Retargeted(path, old[path], target)


def _is_homeless(new: DesiredState, old: DesiredState) -> bool:
    """Whether a workload of a target without clusters is the same as one in a cluster before."""
    return old.place.cluster is not None and _subject(old) == _subject(new)


def _subject(one: DesiredState) -> tuple[str, str, str]:
    """A workload of a target, in any cluster."""
    return one.target, one.place.namespace, one.place.workload


def _why_gone(asked: DesiredState | None) -> str:
    """Why the future state of a workload in a cluster is unknown."""
    if asked is None:
        return NO_LONGER_ASKED
    return ASKED_ELSEWHERE if asked.place.cluster else ASKED_NOWHERE


def _presence(before: DesiredState | None, after: DesiredState | None) -> Presence:
    if before is None:
        return "new"
    return "changed" if after else "gone"


def _settings(before: DesiredState | None, after: DesiredState | None) -> Iterator[Setting]:
    old, new = (dict(side.settings) if side else {} for side in (before, after))
    live = after.running if after else {}
    for key in dict.fromkeys((*new, *old)):
        is_live = key not in old and key in live
        was = live[key] if is_live else old.get(key)
        if was != new.get(key):
            yield Setting(*key, was, new.get(key), is_live)
    if before and after:
        yield from _moved_triggers(before, after)


def _moved_triggers(before: DesiredState, after: DesiredState) -> Iterator[Setting]:
    """The changed HPA triggers, if both sides have the same one."""
    for key, value in after.triggers.items():
        was = before.triggers.get(key, value)
        if was != value:
            yield Setting(*_named(key), was, value)


def _named(key: Key) -> tuple[str, str]:
    return key.object, key.setting


def _cost(before: DesiredState | None, after: DesiredState | None, gone: str) -> Estimate | None:
    """The cost of the desired states, each by its own prices; without a previous one, the cost of the running state."""
    old = before.estimate if before else None
    new = after.estimate if after else None
    if old is None:
        return new
    if new is None:
        why = Unknown(NO_LONGER_PRICED if after else gone)
        return _estimate(old, old, old.after if isinstance(old.after, Unknown) else why)
    return _estimate(new, old, new.after)


def _estimate(of: Estimate, old: Estimate, after: Monthly | Unknown) -> Estimate:
    before = old.after
    if isinstance(before, Monthly) and old.currency != of.currency:
        before = Unknown(f"the price was in {old.currency}")
    if isinstance(before, Unknown):
        return of._replace(before=before, after=after, delta=before)
    delta = after if isinstance(after, Unknown) else after.point - before.point
    return of._replace(before=before, after=after, delta=delta)


def _fits_other(change: WorkloadChange) -> bool:
    return _statuses(change.forecast_before) != _statuses(change.forecast)


def _statuses(forecast: WorkloadForecast | None) -> dict[Scenario, Status] | None:
    return {one.scenario: one.status for one in forecast.expected} if forecast else None
