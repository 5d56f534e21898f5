"""The files of a target's pull request: its plans and rendered files that differ from the base."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import NamedTuple

from infra_scale.core.comparing.desired import DesiredState, wanted
from infra_scale.core.comparing.workloads import changes as differences
from infra_scale.core.comparing.workloads import pairs, requests
from infra_scale.core.compiling.comparison import in_order, pictures, running_beside
from infra_scale.core.compiling.compilation import NOTHING_COMPILED, Compilation
from infra_scale.core.documents.header import (
    COMPONENT_FILE,
    PLAN_FILE,
    SUMMARY_FILE,
    is_component_file,
    is_namespace_file,
    origin,
    target_of,
)
from infra_scale.core.documents.plan import read_plan, write_plan
from infra_scale.core.forecast.costs import cost_of
from infra_scale.core.forecast.outlook import NO_OUTLOOKS
from infra_scale.core.planning.actions import request_of
from infra_scale.core.render.components import namespace_file
from infra_scale.core.reporting.summary import summary
from infra_scale.model.comparison import Comparison
from infra_scale.model.cost import Cost
from infra_scale.model.forecast import PlanForecast
from infra_scale.model.names import BRANCH_PREFIX, PLANS, RENDERED
from infra_scale.model.plan import ScalePlan
from infra_scale.model.proposal import Files
from infra_scale.model.source import Source
from infra_scale.model.target import Target


class TargetPlans(NamedTuple):
    """The plans of one target that differ from the base."""

    target: str
    plans: tuple[ScalePlan, ...]
    """The plans with files that differ."""
    files: Files
    """All files that differ; None deletes."""
    replaces: Files
    """The base's files at these paths."""


def branch_of(target: str) -> str:
    """The one branch of a target."""
    return f"{BRANCH_PREFIX}{target}"


def target_plans(
    compilation: Compilation, held: Mapping[str, bytes], targets: Iterable[Target]
) -> dict[str, TargetPlans]:
    """The generated files that differ from the base, by target; `held` are the base's generated files.

    A rendered file belongs to the target of its request. A namespace's Component is shared: each target proposes the
    list of the base with its own workloads added and removed, so no proposal drops another's, and merging all of them
    gives the complete list. If only the list changes, it belongs to the first target, by name, with its cluster.
    """
    plans: dict[str, list[ScalePlan]] = {}
    for plan in compilation.plans:
        plans.setdefault(plan.metadata.target, []).append(plan)
    wanted: dict[str, bytes | None] = {**compilation.files, **dict.fromkeys(compilation.obsolete)}
    return {
        target: TargetPlans(
            target,
            tuple(_with_files(plans.get(target, ()), files)),
            dict(sorted(files.items())),
            {path: held.get(path) for path in sorted(files)},
        )
        for target, files in sorted(_by_target(wanted, held, _first_by_cluster(targets)).items())
        if target != _NOBODY and files
    }


def recorded(plan: ScalePlan) -> TargetPlans:
    """The record of a plan without a request file: the files of its pull request."""
    target = plan.metadata.target
    made: dict[str, bytes | None] = {
        f"{PLANS}/{target}/{PLAN_FILE}": write_plan(plan).encode(),
        f"{PLANS}/{target}/{SUMMARY_FILE}": summary(plan).encode(),
    }
    return TargetPlans(target, (plan,), made, {})


def comparison(proposed: Iterable[TargetPlans], compilation: Compilation, *, schema: str) -> Comparison:
    """The changed settings, from the replaced plan files; `schema` is the JSON Schema of plans."""
    proposed = tuple(proposed)
    plans = [plan for change in proposed for plan in change.plans if f"{plan.folder}/{PLAN_FILE}" in change.files]
    states = (wanted(plan, compilation.forecast(plan)) for plan in plans)
    after = list(running_beside(chain.from_iterable(states), compilation))
    before = chain.from_iterable(_replaced(change, compilation, schema) for change in proposed)
    paired = pairs([*_with_forecasts(before, after)], after)
    changed = in_order(differences(paired))
    return Comparison(changed, tuple(pictures(changed, NOTHING_COMPILED, compilation)), requests(paired))


def _with_forecasts(before: Iterable[DesiredState], after: Iterable[DesiredState]) -> Iterator[DesiredState]:
    """The states before; an unchanged one gets cost and capacity from the state after."""
    same = {one.place: one for one in after}
    for one in before:
        new = same.get(one.place)
        is_same = new is not None and new.settings == one.settings
        yield one._replace(estimate=new.estimate, forecast=new.forecast) if new and is_same else one


def _replaced(change: TargetPlans, compilation: Compilation, schema: str) -> Iterator[DesiredState]:
    """The states in the plan files that a change replaces or deletes."""
    for path, old in change.replaces.items():
        if old and path.endswith(f"/{PLAN_FILE}"):
            target = compilation.targets.get(target_of(path, old) or "")
            plan = read_plan(Source(path, old, len(old)), schema=schema, clusters=target.clusters if target else ())
            yield from wanted(plan, PlanForecast(cost=_cost(plan, compilation))) if plan else ()


def _cost(plan: ScalePlan, compilation: Compilation) -> Cost | None:
    """The cost of a plan of the base, by the prices and snapshots of the compilation."""
    return cost_of(compilation.environment.aimed(request_of(plan)), compilation.outlooks or NO_OUTLOOKS)


def _by_target(
    wanted: Files, held: Mapping[str, bytes], first: Mapping[str, str]
) -> dict[str, dict[str, bytes | None]]:
    """The differing files, by the target that proposes them."""
    found: dict[str, dict[str, bytes | None]] = {}
    for path, content in wanted.items():
        if held.get(path) != content and not is_namespace_file(path):
            found.setdefault(_owner(path, wanted, held) or first.get(_cluster(path), _NOBODY), {})[path] = content
    for path in filter(is_namespace_file, wanted):
        joining = [target for target, files in found.items() if _joined_by(path, files)]
        for target in joining:
            joined = _joined(path, held, found[target], goes=wanted[path] is None)
            if joined != held.get(path):
                found[target][path] = joined
        if not joining and held.get(path) != wanted[path]:
            found.setdefault(first.get(_cluster(path), _NOBODY), {})[path] = wanted[path]
    return found


def _owner(path: str, wanted: Files, held: Mapping[str, bytes]) -> str | None:
    """The target that proposes a file: all files of a workload belong to one proposal."""
    component = f"{path.rpartition('/')[0]}/{COMPONENT_FILE}"
    for place in (component, path):
        content = wanted.get(place) or held.get(place)
        if content is not None:
            return target_of(path, content)
    return None


_NOBODY = ""
"""Files of a cluster that no target has any more, and without a known target: `compile` deletes them."""


def _first_by_cluster(targets: Iterable[Target]) -> dict[str, str]:
    first: dict[str, str] = {}
    for target in sorted(targets, key=lambda target: target.name):
        for cluster in target.clusters:
            first.setdefault(cluster.name, target.name)
    return first


def _cluster(path: str) -> str:
    """The cluster of a rendered file."""
    return path.split("/")[RENDERED.count("/") + 1]


def _joined_by(path: str, files: Files) -> dict[str, bool]:
    """The workloads that a change adds to (true) or removes from (false) the namespace with the Component at `path`."""
    folder = path.removesuffix(COMPONENT_FILE)
    inside = (other for other in files if other.startswith(folder) and is_component_file(other))
    return {other.split("/")[-2]: files[other] is not None for other in inside}


def _joined(path: str, held: Mapping[str, bytes], files: Files, *, goes: bool) -> bytes | None:
    """A namespace's Component of the base, with the changes of one target."""
    mine = _joined_by(path, files)
    names = {name for name in _joined_by(path, held) if mine.get(name, True)}
    names |= {name for name, is_there in mine.items() if is_there}
    return None if goes and not names else namespace_file(names)


def _with_files(plans: Iterable[ScalePlan], files: Files) -> Iterable[ScalePlan]:
    requests = {origin(path, content) for path, content in files.items() if content is not None}
    return (plan for plan in plans if plan.metadata.path in requests)
