"""Possible orders of events while a plan is applied, and the ones to simulate."""

from collections.abc import Iterator
from itertools import permutations
from typing import Literal, NamedTuple

from infra_scale.core.capacity.simulation.scheduling import Scoring
from infra_scale.core.capacity.simulation.ties import Ties

Actor = Literal["controllers", "scheduler", "kubelet"]
"""The components that create, schedule, delete and terminate pods."""
Queue = Literal["oldest", "newest", "any"]
Applies = Literal["at once", "one by one", "any time"]


class Order(NamedTuple):
    """One order of events."""

    is_reversed: bool = False
    """Whether workloads act from the last to the first."""
    by_size: int = 0
    """1: largest pods first, -1: smallest pods first."""
    is_interleaved: bool = False
    """Whether pods of all workloads are scheduled in turn, instead of workload by workload."""
    prefers_last: bool = False
    """Breaks ties between equal nodes and identical pods."""
    waiting_first: bool = True
    """Whether pending pods are scheduled before new ones."""
    applies: Applies = "at once"
    """When changes arrive; one by one: each after the previous one is complete."""
    scoring: Scoring = Scoring()
    seed: int | None = None
    """Single steps of controllers, scheduler and kubelet in any order, deterministic for a seed."""
    precedence: tuple[Actor, ...] = ()
    """With a seed: each of them runs until it is idle, before the next one takes a step."""
    queue: Queue = "oldest"
    """With a seed: the order in which pending pods are scheduled."""
    last: int | None = None
    """With a seed: the number of the planned workload whose pods are scheduled only if no other pod fits."""
    is_adverse: bool = False
    """Whether pods of others are scheduled when they take the most capacity from the last workload's pods."""

    def ties(self) -> Ties:
        """Breaks ties."""
        return Ties(prefers_last=self.prefers_last, seed=self.seed)


class Effort(NamedTuple):
    """The orders to simulate: more of them for small plans."""

    pods: int
    nodes: int
    members: int

    @property
    def _work(self) -> int:
        return max(1, self.pods * min(self.nodes, _SCANNED))

    @property
    def _first_runs(self) -> int:
        return min(_MOST_RUNS if self.members > 1 else _FEW_RUNS, _RANDOM_WORK // self._work)

    def usual_orders(self) -> Iterator[Order]:
        """Workload by workload, and for several workloads also pod by pod."""
        yield Order()
        yield Order(is_reversed=True, prefers_last=True, waiting_first=False)
        if self.members > 1 and self._work <= _LITTLE_WORK:
            yield Order(is_interleaved=True, prefers_last=True)
            yield Order(is_reversed=True, is_interleaved=True, waiting_first=False)
            yield Order(by_size=1)
            yield Order(by_size=-1, prefers_last=True, waiting_first=False)
            yield Order(applies="one by one")
            yield Order(applies="one by one", is_reversed=True, prefers_last=True)

    def random_orders(self) -> Iterator[Order]:
        """Changes arrive together or not, each actor may be slow, and schedulers may have another configuration."""
        return map(_random_order, range(self._first_runs))

    def adverse_orders(self, workload: int) -> Iterator[Order]:
        """The scheduler is late or early with the pods of others, whichever is worse for one planned workload."""
        runs = min(_ADVERSE_RUNS, _RANDOM_WORK // (2 * self._work)) if self.members > 1 else 0
        return (_random_order(number)._replace(last=workload, is_adverse=True) for number in range(runs))

    def further_orders(self) -> Iterator[Order]:
        """More of any kind, for close verdicts."""
        runs = min(_MORE_RUNS, _FURTHER_WORK // self._work) if self.members > 1 else 0
        return map(_random_order, range(self._first_runs, runs))


def _random_order(number: int) -> Order:
    draw = Ties(seed=-1 - number)
    return Order(
        seed=number,
        applies=draw.one_of(_APPLIES),
        scoring=draw.one_of(_SCORINGS),
        precedence=draw.one_of(_PRECEDENCES),
        queue=draw.one_of(_QUEUES),
        last=draw.one_of(_LAST),
    )


_APPLIES: tuple[Applies, ...] = ("at once", "one by one", "any time")
_SCORINGS = (Scoring(), Scoring(), Scoring(), Scoring(balances=False, spreads=False), Scoring(spreads=False))
_ACTORS: tuple[Actor, ...] = ("controllers", "scheduler", "kubelet")
_PRECEDENCES: tuple[tuple[Actor, ...], ...] = (*permutations(_ACTORS), (), (), (), ())
_QUEUES: tuple[Queue, ...] = ("oldest", "newest", "any")
_LAST = (None, None, 0, 1, 2)

_SCANNED = 100
_LITTLE_WORK, _RANDOM_WORK, _FURTHER_WORK = 60_000, 6_000, 60_000
"""Pods times nodes."""
_MOST_RUNS, _ADVERSE_RUNS, _MORE_RUNS, _FEW_RUNS = 64, 96, 640, 8
"""If several workloads change, for each of them, for close verdicts, and if only one changes."""
