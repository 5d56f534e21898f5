"""The proof that no hand-over drops a workload: each one that is planned is carried out against a model of a cluster.

Every combination of owners, bounds, numbers asked for, running and in Git, every applier and every order.
"""

from collections.abc import Iterator
from itertools import permutations, product
from typing import NamedTuple

from infra_scale.core.planning.handover import CLIENT_SIDE
from infra_scale.model.ownership import HandoverStep
from infra_scale.model.plan import ScalePlan
from support.cluster import Applier, Bounds, Workload
from support.pure import compile_with_base

_APPLIERS: tuple[Applier, ...] = ("client", "server")
_EVENTS = ("apply", "prune", "create")
_TRIGGERS = "triggers: [{type: cron, metadata: {timezone: UTC}}]"


class _Case(NamedTuple):
    before: str | None
    after: str
    minimum: int
    replicas: int | None
    stated: int | None
    base: int | None

    @property
    def workload(self) -> str:
        bounds = f"min: {self.minimum}, max: 6"
        parts = {"hpa": f"hpa: {{{bounds}}}", "keda": f"keda: {{{bounds}, {_TRIGGERS}}}", "replicas": ""}[self.after]
        handover = {"from": self.before, "replicas": self.stated}
        said = ", ".join(f"{key}: {value}" for key, value in handover.items() if value is not None)
        number = "" if self.replicas is None else f"replicas: {self.replicas}"
        return ", ".join(filter(None, [parts, number, f"handover: {{{said}}}" if self.before else ""]))

    def lives(self) -> tuple[int, ...]:
        """How many pods may run: what is said, else what Git says where nothing has overruled it, else anything."""
        if self.stated is not None:
            return (self.stated,)
        if self.base is not None and self.before in (None, "replicas"):
            return (self.base,)
        return (1, 2, 8)


def _cases() -> Iterator[_Case]:
    for case in product(
        (None, "replicas", "hpa", "keda"),
        ("replicas", "hpa", "keda"),
        (0, 1, 2, 5),
        (None, 0, 1, 3),
        (None, 0, 1, 4),
        (None, 1, 4),
    ):
        found = _Case(*case)
        if found.before or found.stated is None:
            yield found


def _commands(steps: tuple[HandoverStep, ...], phase: str, applier: Applier) -> list[str]:
    left_out = (CLIENT_SIDE,) if applier == "server" else ()
    return [step.command for step in steps if step.phase == phase and step.command and step.only not in left_out]


def _arrivals(case: _Case, plan: ScalePlan, live: int, applier: Applier) -> Iterator[Workload]:
    """The workload after the plan has arrived: with its own commands, and in every order that a GitOps engine takes."""
    steps = plan.transfers[0].steps if plan.transfers else ()
    in_git = case.replicas if case.after == "replicas" else None
    new = None if case.after == "replicas" else Bounds(case.minimum, 6)

    for order in permutations(_EVENTS):
        workload = _running(case, live, applier)
        _run(workload, _commands(steps, "before", applier))
        for event in order:
            _happens(workload, event, in_git, new)
        _run(workload, _commands(steps, "after", applier))
        yield workload

    workload = _running(case, live, applier)
    _run(workload, _commands(steps, "before", applier))
    _run(workload, _commands(steps, "plan", applier))
    _happens(workload, "create", in_git, new)
    _happens(workload, "apply", in_git, new)
    _run(workload, _commands(steps, "after", applier))
    yield workload


def _running(case: _Case, live: int, applier: Applier) -> Workload:
    workload = Workload(live, in_git=case.base, applier=applier)
    workload.old = case.before if case.before in ("hpa", "keda") else None
    return workload


def _run(workload: Workload, commands: list[str]) -> None:
    for command in commands:
        workload.run(command)
        workload.settle()


def _happens(workload: Workload, event: str, in_git: int | None, new: Bounds | None) -> None:
    if event == "apply":
        workload.apply(in_git)
    elif event == "prune":
        workload.prune()
    else:
        workload.new = new
    workload.settle()


def test_no_hand_over_that_is_planned_leaves_fewer_pods_than_run_or_are_asked_for() -> None:
    planned = 0
    for case in _cases():
        compilation = compile_with_base(case.workload, base=case.base) if case.workload else None
        for plan in compilation.plans if compilation else ():
            planned += 1
            asked = (case.replicas, case.minimum if case.after != "replicas" else None)
            for live, applier in product(case.lives(), _APPLIERS):
                floor = min(live, *(number for number in asked if number is not None))
                for workload in _arrivals(case, plan, live, applier):
                    assert min(workload.seen) >= floor, (case, live, applier, workload.seen)
                    if case.before:
                        assert min(workload.seen) > 1 or live <= 1, (case, live, applier, workload.seen)
    assert planned > 100


def test_without_the_steps_the_same_hand_over_would_drop_to_one() -> None:
    for applier in _APPLIERS:
        workload = Workload(4, in_git=4, applier=applier)

        workload.apply(None)

        assert workload.replicas == 1
