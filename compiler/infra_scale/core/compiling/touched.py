"""The requests that a change touches, directly or through their targets, clusters and manifests."""

from typing import NamedTuple

from infra_scale.core.compiling.context import Base
from infra_scale.core.documents.target import Targets
from infra_scale.model.names import CLUSTERS, TARGETS, plan_folder, request_id, target_name
from infra_scale.model.target import Target


class Touch(NamedTuple):
    """The files and targets that a change touches."""

    changed: frozenset[str]
    """Paths that it adds, edits or removes, from the root of the repository."""
    folders: frozenset[str]
    """The folders of these files."""
    edited: frozenset[str]
    """Targets whose file it adds, edits or removes."""
    moved: frozenset[str]
    """Targets whose clusters, manifests or cluster files change."""
    is_whole: bool = False
    """Whether it adds the first target or removes the last one: then it touches everything."""

    def request(self, path: str, target: str | None) -> bool:
        """Whether the change touches the request at a path, or an input of its plan or findings."""
        return target in self.edited or self.beyond_policy(path, target)

    def beyond_policy(self, path: str, target: str | None) -> bool:
        """Whether it touches more than the policy of the request's target."""
        if self.is_whole or path in self.changed or target in self.moved:
            return True
        id = request_id(path)
        return target is not None and id is not None and plan_folder(target, id) in self.folders


def touch_of(base: Base, before: Targets, targets: Targets) -> Touch:
    """The files and targets that a change touches; `before` are the targets of the base."""
    names = {target_name(path) for path in base.changed if _is_target(path)}
    return Touch(
        base.changed,
        frozenset(path.rpartition("/")[0] for path in base.changed),
        frozenset(names),
        frozenset(name for name, target in targets.by_name.items() if _is_moved(target, before, base.changed)),
        is_whole=before.is_open != targets.is_open,
    )


def _is_target(path: str) -> bool:
    return path.startswith(f"{TARGETS}/") and path.endswith(".yaml")


def _is_moved(target: Target, before: Targets, changed: frozenset[str]) -> bool:
    old = before.by_name.get(target.name)
    if old is None or old.manifests != target.manifests or _places(old) != _places(target):
        return True
    facts = tuple(f"{CLUSTERS}/{cluster.name}/" for cluster in target.clusters)
    return any(path.startswith(facts) or target.has_manifest(path) for path in changed)


def _places(target: Target) -> set[tuple[str, str]]:
    return {(cluster.name, cluster.context) for cluster in target.clusters}
