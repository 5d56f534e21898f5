"""Pod specs to pods: only sizes and placement constraints."""

from collections.abc import Iterator, Mapping
from typing import Literal, get_args

from infra_scale.core.capacity.amounts import amounts, largest
from infra_scale.core.capture.amounts import read_amounts
from infra_scale.core.capture.selectors import read_requirement
from infra_scale.core.reading.values import mapping, optional_text, sequence, text, whole_number
from infra_scale.core.syntax.scalars import Value
from infra_scale.model.pod import Effect, Pod, PodContainer, Requirement, Scheduling, Toleration, Unmodelled
from infra_scale.model.quantity import Quantity

NODE_NAME = "metadata.name"
"""The name of a node as a field (matchFields): no label can have this name."""

_EFFECTS: tuple[Effect, ...] = get_args(Effect)
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


def read_pod(spec: Mapping[str, Value], *, has_claims: bool = False) -> Pod:
    """The pod of a PodSpec, without requirements on other pods. Raises TypeError and ValueError.

    `has_claims`: whether a StatefulSet makes volume claims for it.
    """
    level = mapping(spec.get("resources"))
    return Pod(
        containers=tuple(_read_container(mapping(one)) for one in sequence(spec.get("containers"))),
        init_containers=tuple(_read_container(mapping(one)) for one in sequence(spec.get("initContainers"))),
        overhead=read_amounts(spec.get("overhead")),
        requests=read_amounts(level.get("requests")),
        limits=read_amounts(level.get("limits")),
        scheduling=_read_scheduling(spec, has_claims=has_claims),
        priority_class=optional_text(spec.get("priorityClassName")),
        is_terminating=spec.get("activeDeadlineSeconds") is not None,
        has_cross_namespace_affinity=has_cross_namespace_affinity(spec),
    )


def read_running(spec: Mapping[str, Value], status: Mapping[str, Value]) -> Pod:
    """The use of a running pod: while it is resized, the larger of current and desired.

    Source: component-helpers/resource/helpers.go, UseStatusResources.
    """
    level = mapping(spec.get("resources"))
    had = {**_had(status, "containerStatuses"), **_had(status, "initContainerStatuses")}
    started, before = (
        tuple(
            one._replace(requests=amounts(largest(dict(one.requests), had.get(one.name, {}))))
            for one in (_read_container(mapping(each)) for each in sequence(spec.get(key)))
        )
        for key in ("containers", "initContainers")
    )
    return Pod(started, before, read_amounts(spec.get("overhead")), read_amounts(level.get("requests")))


def _had(status: Mapping[str, Value], key: str) -> dict[str, dict[str, Quantity]]:
    """By container, the resources that the node has allocated."""
    found: dict[str, dict[str, Quantity]] = {}
    for one in map(mapping, sequence(status.get(key))):
        actual = read_amounts(mapping(one.get("resources")).get("requests"))
        found[text(one.get("name"))] = largest(dict(read_amounts(one.get("allocatedResources"))), dict(actual))
    return found


def _read_container(written: Mapping[str, Value]) -> PodContainer:
    resources = mapping(written.get("resources"))
    return PodContainer(
        text(written.get("name")),
        read_amounts(resources.get("requests")),
        read_amounts(resources.get("limits")),
        is_sidecar=written.get("restartPolicy") == "Always",
    )


def _read_scheduling(spec: Mapping[str, Value], *, has_claims: bool) -> Scheduling:
    selector = ((key, text(value)) for key, value in mapping(spec.get("nodeSelector")).items())
    return Scheduling(
        node_selector=tuple(sorted(selector)),
        affinity=tuple(sorted(_node_terms(spec))),
        tolerations=tuple(sorted(set(map(_read_toleration, sequence(spec.get("tolerations")))), key=str)),
        ports=host_ports(spec),
        unmodelled=tuple(_unmodelled(spec, has_claims=has_claims)),
    )


def _node_terms(spec: Mapping[str, Value]) -> Iterator[tuple[Requirement, ...]]:
    required = mapping(mapping(mapping(spec.get("affinity")).get("nodeAffinity")).get(_REQUIRED))
    for term in sequence(required.get("nodeSelectorTerms")):
        written = mapping(term)
        expressions = (*sequence(written.get("matchExpressions")), *sequence(written.get("matchFields")))
        # No node meets a term without a condition (nodeaffinity.go): it adds nothing to the others.
        if expressions:
            yield tuple(sorted(map(read_requirement, expressions)))


def _read_toleration(value: Value) -> Toleration:
    written = mapping(value)
    effect = written.get("effect") or None
    known = next((one for one in _EFFECTS if one == effect), None)
    if effect is not None and known is None:
        message = f"unknown effect {effect!r}"
        raise ValueError(message)
    operator: Literal["Equal", "Exists"] = "Exists" if written.get("operator") == "Exists" else "Equal"
    return Toleration(
        optional_text(written.get("key")) or None, operator, optional_text(written.get("value")) or "", known
    )


_ALL_ADDRESSES = (None, "", "0.0.0.0", "::")  # noqa: S104 (nothing is bound: it is compared with)
_HostPort = tuple[str, int, bool]
"""Protocol, number, and whether it is used at one address of the node only."""


def host_ports(spec: Mapping[str, Value]) -> tuple[str, ...]:
    """The ports of its node that a pod takes, such as TCP/8080, sorted."""
    return tuple(sorted({f"{protocol}/{port}" for protocol, port, _ in _host_ports(spec)}))


def _host_ports(spec: Mapping[str, Value]) -> Iterator[_HostPort]:
    """Of all that runs in the pod; in the network of the host, every port is one of the host (SetDefaults_Pod)."""
    is_in_host = spec.get("hostNetwork") is True
    beside = (one for one in map(mapping, sequence(spec.get("initContainers"))) if one.get("restartPolicy") == "Always")
    for container in (*map(mapping, sequence(spec.get("containers"))), *beside):
        for written in map(mapping, sequence(container.get("ports"))):
            number = written.get("hostPort") or (written.get("containerPort") if is_in_host else None)
            if number is not None:
                protocol = optional_text(written.get("protocol")) or "TCP"
                yield protocol, whole_number(number), written.get("hostIP") not in _ALL_ADDRESSES


_DEFAULT_SCHEDULER = "default-scheduler"


def _unmodelled(spec: Mapping[str, Value], *, has_claims: bool) -> Iterator[Unmodelled]:
    """Placement rules of a pod that verdicts do not model."""
    if any(required(spec, "podAffinity")):
        yield "podAffinity"
    if any(is_at_one_address for _, _, is_at_one_address in _host_ports(spec)):
        yield "hostPorts"
    volumes = map(mapping, sequence(spec.get("volumes")))
    if has_claims or any("persistentVolumeClaim" in one or "ephemeral" in one for one in volumes):
        yield "volumes"
    if spec.get("schedulerName") not in (None, "", _DEFAULT_SCHEDULER):
        yield "schedulerName"
    if spec.get("schedulingGates"):
        yield "schedulingGates"
    if spec.get("resourceClaims"):
        yield "resourceClaims"


def required(spec: Mapping[str, Value], kind: Literal["podAffinity", "podAntiAffinity"]) -> Iterator[dict[str, Value]]:
    """The required terms of affinity to other pods."""
    written = mapping(mapping(spec.get("affinity")).get(kind))
    yield from map(mapping, sequence(written.get(_REQUIRED)))


def has_cross_namespace_affinity(spec: Mapping[str, Value]) -> bool:
    """As the quota scope CrossNamespacePodAffinity has it (pods.go, usesCrossNamespacePodAffinity)."""
    return any(map(crosses_namespaces, _affinity_terms(spec)))


def _affinity_terms(spec: Mapping[str, Value]) -> Iterator[dict[str, Value]]:
    kinds: tuple[Literal["podAffinity", "podAntiAffinity"], ...] = ("podAffinity", "podAntiAffinity")
    for kind in kinds:
        yield from required(spec, kind)
        written = mapping(mapping(spec.get("affinity")).get(kind))
        for preference in sequence(written.get("preferredDuringSchedulingIgnoredDuringExecution")):
            yield mapping(mapping(preference).get("podAffinityTerm"))


def crosses_namespaces(term: Mapping[str, Value]) -> bool:
    """Whether a term is about pods of other namespaces."""
    return bool(term.get("namespaces")) or term.get("namespaceSelector") is not None
