"""Host names in workloads to node numbers: a snapshot has no host names."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from infra_scale.core.capacity.filters import HOSTNAME
from infra_scale.core.capture.nodes import Seen
from infra_scale.core.capture.templates import NODE_NAME
from infra_scale.model.pod import Pod, Requirement

_GONE = "gone"
"""The number of an unknown host: a workload that selects it fits nowhere."""


class Hosts(NamedTuple):
    """The numbers of the nodes."""

    by_hostname: Mapping[str, str]
    by_name: Mapping[str, str]


def hosts_of(seen: Iterable[Seen]) -> Hosts:
    """The numbers by host name."""
    nodes = tuple(seen)
    return Hosts({one.hostname: one.node.id for one in nodes}, {one.name: one.node.id for one in nodes})


def numbered(pod: Pod, hosts: Hosts) -> Pod:
    """The pod with numbers instead of host names."""
    scheduling = pod.scheduling
    selector = tuple(
        (key, hosts.by_hostname.get(value, _GONE) if key == HOSTNAME else value)
        for key, value in scheduling.node_selector
    )
    affinity = tuple(tuple(sorted(_numbered(one, hosts) for one in term)) for term in scheduling.affinity)
    return pod._replace(scheduling=scheduling._replace(node_selector=selector, affinity=affinity))


def asked_keys(pods: Iterable[Pod]) -> set[str]:
    """The node labels that pods select."""
    return {key for pod in pods for key, _ in _asked(pod)}


def asked_numbers(pods: Iterable[Pod]) -> set[str]:
    """The nodes that numbered pods select."""
    return {value for pod in pods for key, values in _asked(pod) if key == HOSTNAME for value in values}


def _asked(pod: Pod) -> Iterator[tuple[str, tuple[str, ...]]]:
    for key, value in pod.scheduling.node_selector:
        yield key, (value,)
    for term in pod.scheduling.affinity:
        for one in term:
            yield one.key, one.values
    keys = (one.topology_key for rules in (pod.scheduling.spread, pod.scheduling.apart) for one in rules)
    yield from ((key, ()) for key in keys)


def _numbered(one: Requirement, hosts: Hosts) -> Requirement:
    if one.key not in (HOSTNAME, NODE_NAME):
        return one
    known = hosts.by_hostname if one.key == HOSTNAME else hosts.by_name
    return Requirement(HOSTNAME, one.operator, tuple(sorted({known.get(value, _GONE) for value in one.values})))
