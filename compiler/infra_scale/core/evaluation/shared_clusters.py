"""Clusters of several targets: each of them has to declare that it shares the cluster."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from infra_scale.core.documents.target import NO_TARGETS, Targets
from infra_scale.model.finding import Finding
from infra_scale.model.names import target_path
from infra_scale.model.target import Target

_NAMED = 3
"""At most this many targets are listed; the rest is counted."""


class _Use(NamedTuple):
    """The use of a cluster by a target."""

    target: str
    shared: bool


def unshared(targets: Targets, base: Targets = NO_TARGETS) -> Iterator[Finding]:
    """TGT-005 for each cluster of several targets, unless all of them share it.

    The other target may exist only in `base`: renaming a target must not avoid its policy.
    """
    uses = _uses(targets.by_name.values())
    removed = _uses(target for name, target in base.by_name.items() if name not in targets.by_name)
    for name, target in targets.by_name.items():
        before = {cluster.name for cluster in base.by_name[name].clusters} if name in base.by_name else set()
        for index, cluster in enumerate(target.clusters):
            others = [use for use in uses[cluster.name] if use.target != name]
            if cluster.name not in before:
                others += removed.get(cluster.name, [])
            if others and not (cluster.shared and all(use.shared for use in others)):
                names = [use.target for use in others]
                finding = _finding(name, cluster.name, names)._replace(route=("clusters", index, "name"))
                yield targets.documents[name].locate(finding)


def _uses(targets: Iterable[Target]) -> dict[str, list[_Use]]:
    found: dict[str, list[_Use]] = {}
    for target in targets:
        for cluster in target.clusters:
            found.setdefault(cluster.name, []).append(_Use(target.name, cluster.shared))
    return found


def _finding(target: str, cluster: str, others: list[str]) -> Finding:
    more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
    named = f"{', '.join(others[:_NAMED])}{more}"
    message = f"the cluster {cluster} also belongs to target {named}, but not all of them share it"
    files = " and ".join(map(target_path, [target, *others[:1]]))
    help = f"set `shared: true` for {cluster} in {files}, or use it in one target only"
    return Finding("TGT-005", "error", message, target_path(target), help=help)
