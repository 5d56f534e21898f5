"""Autoscalers of committed plans that no request has any more: they still exist in the cluster."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from infra_scale.core.documents.planned_scalers import PlannedScaler
from infra_scale.core.planning.commands import OBJECTS
from infra_scale.core.planning.ownership import after_of
from infra_scale.model.action import NOUNS
from infra_scale.model.finding import Finding
from infra_scale.model.manifest import Base
from infra_scale.model.names import quoted
from infra_scale.model.policy import Policy
from infra_scale.model.position import Position, Route
from infra_scale.model.request import ScaleRequest, Workload

RULE = "OWN-007"
_START = Position(1, 1, 1, "")

Bases = Mapping[str, Mapping[Route, Base | None]]
"""The workloads in the manifests, by the path of the request."""


def departed(
    committed: Iterable[PlannedScaler],
    requests: Mapping[str, ScaleRequest],
    bases: Bases,
    policies: Mapping[str, Policy],
) -> Iterator[Finding]:
    """OWN-007 for each autoscaler of the committed plans that neither a request nor a hand-over has.

    Not for plans: the next run compares with the new committed plan and would remove the finding.
    """
    kept = kept_scalers(requests.values())
    there = {(request.target, *_place(workload)): (request, workload) for request, workload in _all(requests.values())}
    for scaler in committed:
        policy = policies.get(scaler.target)
        setting = policy.settings.get(RULE) if policy else None
        severity = (setting and setting.severity) or "warning"
        if scaler.key in kept or severity == "off":
            continue
        now = there.get((scaler.target, scaler.namespace, scaler.name))
        orphaned = (
            _of_workload(scaler, _Now(*now, bases)) if now else _without_workload(scaler, requests.get(scaler.request))
        )
        yield orphaned._replace(severity=severity)


class _Now(NamedTuple):
    """The workload in the current request."""

    request: ScaleRequest
    workload: Workload
    bases: Bases

    @property
    def base(self) -> Base | None:
        return self.bases.get(self.request.path, {}).get(self.workload.key)


def _of_workload(scaler: PlannedScaler, now: _Now) -> Finding:
    ref = now.workload.ref
    message = f"the {NOUNS[scaler.kind]} of {ref} is in the committed plan but not in this one: {_next(scaler, now)}."
    delete = f"`kubectl delete {OBJECTS[scaler.kind]} {scaler.name} -n {scaler.namespace}`"
    count = " with the desired `replicas`" if scaler.kind != "vpa" and now.workload.replicas is None else ""
    help = f"add `handover: {{from: {scaler.kind}}}`{count} for the steps; without pruning, {delete}"
    route = (*now.workload.route, "name")
    return Finding(RULE, "warning", message, now.request.path, route=route, help=help, workload=ref)


def _without_workload(scaler: PlannedScaler, request: ScaleRequest | None) -> Finding:
    named = f"the {NOUNS[scaler.kind]} {scaler.name} in namespace {scaler.namespace}"
    message = f"{named} is in a committed plan but no longer in a request: a pruning engine deletes it, {_REST}."
    help = f"to keep the pods, keep the workload in a request with `handover: {{from: {scaler.kind}}}` first"
    if request:
        return Finding(RULE, "warning", message, request.path, route=("workloads",), on_key=True, help=help)
    return Finding(RULE, "warning", message, scaler.path, help=help, position=_START)


_REST = "and the manifests set the workload again"


def _next(scaler: PlannedScaler, now: _Now) -> str:
    if scaler.kind == "vpa":
        return "a pruning engine deletes it, and new pods get the requests of the template"
    after = after_of(now.workload, now.request)
    if after in ("hpa", "keda"):
        return "until it is deleted, two autoscalers conflict"
    if after == "replicas":
        return f"a pruning engine deletes it, and {now.workload.replicas} replicas are set"
    if now.base and now.base.replicas is not None:
        where = quoted(now.base.replicas_path, "the base manifest")
        return f"a pruning engine deletes it, and {where} sets {now.base.replicas} replicas again"
    return "a pruning engine deletes it, and its last count stays until something else sets the replicas"


def kept_scalers(requests: Iterable[ScaleRequest]) -> set[tuple[str, str, str, str]]:
    """The keys of the autoscalers in requests, and of those that a hand-over removes with its steps."""
    return set(_kept(requests))


def concerned(request: ScaleRequest, scalers: Iterable[PlannedScaler]) -> bool:
    """Whether a request concerns any of some autoscalers, or one was generated from it."""
    places = {(request.target, *_place(workload)) for workload in request.workloads}
    return any(one.request == request.path or (one.target, one.namespace, one.name) in places for one in scalers)


def _kept(requests: Iterable[ScaleRequest]) -> Iterator[tuple[str, str, str, str]]:
    for request, workload in _all(requests):
        scalers = {"hpa": request.hpa_of(workload), "keda": request.keda_of(workload), "vpa": workload.vpa}
        before = workload.handover.before if workload.handover else None
        for kind, block in scalers.items():
            if block or kind == before:
                yield (request.target, kind, *_place(workload))


def _all(requests: Iterable[ScaleRequest]) -> Iterator[tuple[ScaleRequest, Workload]]:
    for request in requests:
        for workload in request.workloads:
            yield request, workload


def _place(workload: Workload) -> tuple[str, str]:
    return workload.ref.namespace, workload.ref.name
