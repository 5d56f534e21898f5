"""Orders of events in which a plan may be carried out, and which of them to try."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from infra_scale.core.capacity.scheduling import Scoring
from infra_scale.core.capacity.ties import Ties

_Ends = Literal["at once", "any time", "last"]
_First = Literal["controllers", "scheduler"]


class Order(NamedTuple):
    """One order of events."""

    is_reversed: bool = False
    """Whether workloads act from the last to the first."""
    by_size: int = 0
    """1: those with the largest pods first, -1: those with the smallest."""
    is_interleaved: bool = False
    """Whether the pods of all workloads are scheduled in turn, and not those of one workload after another."""
    prefers_last: bool = False
    """Which of nodes and pods that are alike come first."""
    waiting_first: bool = True
    """Whether pods that wait already are scheduled before new ones."""
    one_by_one: bool = False
    """Whether the change of a workload is applied only once that of the one before it has come to rest."""
    scoring: Scoring = Scoring()
    ends: _Ends = "at once"
    """When the pods of a ReplicaSet end that are deleted; last: once nothing else happens any more."""
    first: _First | None = None
    """Which of the two goes on until it has nothing left to do, before the other takes one step; None: in any order."""
    last: int | None = None
    """The number of the planned workload whose pods have a turn only where no other pod has a place."""
    seed: int | None = None
    """Steps of controllers and scheduler in any order, always the same for one seed."""

    def ties(self) -> Ties:
        """Which of several that are alike comes first."""
        return Ties(prefers_last=self.prefers_last, seed=self.seed)


def variants(pods: int, nodes: int, members: int) -> Iterator[Order]:
    """The orders to try: many where there is little to do."""
    yield Order()
    yield Order(is_reversed=True, prefers_last=True, waiting_first=False)
    work = max(1, pods * min(nodes, _SCANNED))
    if members > 1 and work <= _LITTLE_WORK:
        yield Order(is_interleaved=True, prefers_last=True)
        yield Order(is_reversed=True, is_interleaved=True, waiting_first=False)
        yield Order(by_size=1)
        yield Order(by_size=-1, prefers_last=True, waiting_first=False)
        yield Order(one_by_one=True)
        yield Order(one_by_one=True, is_reversed=True, prefers_last=True)
    runs = min(_MOST_RUNS if members > 1 else _FEW_RUNS, _RANDOM_WORK // work)
    yield from map(_random_order, range(runs))


def further_variants(pods: int, nodes: int, members: int) -> Iterator[Order]:
    """More orders, where pods compete: another one may be left out."""
    work = max(1, pods * min(nodes, _SCANNED))
    runs = min(_MORE_RUNS, _RANDOM_WORK // work) if members > 1 else 0
    yield from (_random_order(_MOST_RUNS + number) for number in range(runs))


def _random_order(seed: int) -> Order:
    """Plans are applied at once or one after another; and schedulers may be configured otherwise."""
    last = seed // 2 if seed % 2 else None
    scoring, ends = _SCORINGS.get(seed % 5, Scoring()), _ENDS[seed % len(_ENDS)]
    first = _FIRST[seed % len(_FIRST)]
    return Order(seed=seed, last=last, one_by_one=seed % 3 == 1, scoring=scoring, ends=ends, first=first)


_FIRST: tuple[_First | None, ...] = (None, "controllers", "scheduler", None, None, "controllers", "scheduler", None)
_ENDS: tuple[_Ends, ...] = ("any time", "last", "at once", "any time", "at once", "last", "at once")

_SCORINGS = {3: Scoring(balances=False, spreads=False), 4: Scoring(spreads=False)}


_SCANNED = 100
_LITTLE_WORK, _RANDOM_WORK = 60_000, 6_000
"""Pods times nodes."""
_MOST_RUNS, _MORE_RUNS, _FEW_RUNS = 64, 72, 8
"""In any order: where several workloads move, where they compete, and where it is one."""
