"""Pod specs to pods: sizes and the conditions on nodes, and nothing else of what stands there."""

from collections.abc import Iterator, Mapping
from typing import Literal, get_args

from infra_scale.core.capacity.amounts import amounts, largest
from infra_scale.core.capacity.filters import HOSTNAME
from infra_scale.core.capture.amounts import read_amounts
from infra_scale.core.capture.selectors import read_requirement, selects
from infra_scale.core.reading.values import mapping, optional_text, sequence, text, whole_number
from infra_scale.core.syntax.document import Value
from infra_scale.model.pod import Effect, Pod, PodContainer, Requirement, Scheduling, Spread, Toleration, Unmodelled
from infra_scale.model.quantity import Quantity

NODE_NAME = "metadata.name"
"""What a node is called when a field of it is meant (matchFields): no label can have this name."""

_EFFECTS: tuple[Effect, ...] = get_args(Effect)
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


def read_pod(spec: Mapping[str, Value], labels: Mapping[str, Value]) -> Pod:
    """The pod that a PodSpec describes; `labels` are its own. Raises TypeError and ValueError."""
    level = mapping(spec.get("resources"))
    return Pod(
        containers=tuple(_read_container(mapping(one)) for one in sequence(spec.get("containers"))),
        init_containers=tuple(_read_container(mapping(one)) for one in sequence(spec.get("initContainers"))),
        overhead=read_amounts(spec.get("overhead")),
        requests=read_amounts(level.get("requests")),
        limits=read_amounts(level.get("limits")),
        scheduling=_read_scheduling(spec, labels),
        priority_class=optional_text(spec.get("priorityClassName")),
        is_terminating=spec.get("activeDeadlineSeconds") is not None,
        has_cross_namespace_affinity=any(map(_crosses_namespaces, _affinity_terms(spec))),
    )


def read_running(spec: Mapping[str, Value], status: Mapping[str, Value]) -> Pod:
    """What a pod that runs takes of its node: while it is resized, the larger of what it has and what it shall have.

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
    """By container, what the node has set aside for it."""
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


def _read_scheduling(spec: Mapping[str, Value], labels: Mapping[str, Value]) -> Scheduling:
    selector = ((key, text(value)) for key, value in mapping(spec.get("nodeSelector")).items())
    return Scheduling(
        node_selector=tuple(sorted(selector)),
        affinity=tuple(sorted(_node_terms(spec))),
        tolerations=tuple(sorted(set(map(_read_toleration, sequence(spec.get("tolerations")))), key=str)),
        is_alone_on_host=any(_is_alone(term, labels) for term in _required(spec, "podAntiAffinity")),
        spread=tuple(sorted(_spreads(spec, labels))),
        unmodelled=tuple(_unmodelled(spec, labels)),
    )


def _node_terms(spec: Mapping[str, Value]) -> Iterator[tuple[Requirement, ...]]:
    required = mapping(mapping(mapping(spec.get("affinity")).get("nodeAffinity")).get(_REQUIRED))
    for term in sequence(required.get("nodeSelectorTerms")):
        written = mapping(term)
        expressions = (*sequence(written.get("matchExpressions")), *sequence(written.get("matchFields")))
        # A term without a condition is met by no node (nodeaffinity.go): it adds nothing to the others.
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


def _hard_spreads(spec: Mapping[str, Value]) -> Iterator[dict[str, Value]]:
    for written in map(mapping, sequence(spec.get("topologySpreadConstraints"))):
        if written.get("whenUnsatisfiable", "DoNotSchedule") == "DoNotSchedule":
            yield written


def _spreads(spec: Mapping[str, Value], labels: Mapping[str, Value]) -> Iterator[Spread]:
    for written in _hard_spreads(spec):
        if selects(written.get("labelSelector"), labels):
            yield Spread(text(written.get("topologyKey")), whole_number(written.get("maxSkew")))


def _is_alone(term: Mapping[str, Value], labels: Mapping[str, Value]) -> bool:
    return term.get("topologyKey") == HOSTNAME and selects(term.get("labelSelector"), labels)


def _unmodelled(spec: Mapping[str, Value], labels: Mapping[str, Value]) -> Iterator[Unmodelled]:
    """What placing pods does not follow: where pods of others are, and domains that it does not count."""
    if any(_required(spec, "podAffinity")):
        yield "podAffinity"
    if any(not _is_alone(term, labels) or _is_about_others(term) for term in _required(spec, "podAntiAffinity")):
        yield "podAntiAffinity"
    if any(_spreads_otherwise(written, labels) for written in _hard_spreads(spec)):
        yield "topologySpread"


def _spreads_otherwise(written: Mapping[str, Value], labels: Mapping[str, Value]) -> bool:
    """Whether pods of others count, or more domains than those of the nodes that are there and eligible."""
    counts_others = written.get("labelSelector") is not None and not selects(written.get("labelSelector"), labels)
    counts_more = (written.get("minDomains") or 1) != 1 or written.get("nodeAffinityPolicy") == "Ignore"
    return counts_others or counts_more


def _is_about_others(term: Mapping[str, Value]) -> bool:
    return _crosses_namespaces(term) or bool(term.get("mismatchLabelKeys"))


def _required(spec: Mapping[str, Value], kind: str) -> Iterator[dict[str, Value]]:
    written = mapping(mapping(spec.get("affinity")).get(kind))
    yield from map(mapping, sequence(written.get(_REQUIRED)))


def _affinity_terms(spec: Mapping[str, Value]) -> Iterator[dict[str, Value]]:
    for kind in ("podAffinity", "podAntiAffinity"):
        yield from _required(spec, kind)
        written = mapping(mapping(spec.get("affinity")).get(kind))
        for preference in sequence(written.get("preferredDuringSchedulingIgnoredDuringExecution")):
            yield mapping(mapping(preference).get("podAffinityTerm"))


def _crosses_namespaces(term: Mapping[str, Value]) -> bool:
    """As the quota scope CrossNamespacePodAffinity has it (pods.go, usesCrossNamespacePodAffinity)."""
    return bool(term.get("namespaces")) or term.get("namespaceSelector") is not None
