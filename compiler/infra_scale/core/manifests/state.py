"""What a build has come to, between two of its steps."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from infra_scale.core.manifests.field_specs import Config
from infra_scale.core.manifests.identity import Id, Resource
from infra_scale.core.manifests.outcome import Place, Reason, Refusal
from infra_scale.core.manifests.tree import Open, member
from infra_scale.model.action import AUTOSCALER_KINDS

Resources = tuple[Resource, ...]
_RENDERED = frozenset(AUTOSCALER_KINDS.values())
"""The kinds of objects in our Components."""


class Join(NamedTuple):
    """A Component that a build joins."""

    chain: tuple[str, ...]
    """The kustomization files from the root of the build to the one that joins it."""
    component: str
    """Its folder."""
    before: Resources
    """The objects that it works on."""
    place: Place
    """The line that joins it."""


class Removal(NamedTuple):
    """An object that a step deletes."""

    id: Id
    declared: Place
    place: Place
    """The step."""


@dataclass(frozen=True, slots=True)
class State:
    """The objects so far, and what is not known of them."""

    resources: Resources = ()
    config: Config = field(default_factory=Config)
    opens: tuple[Reason, ...] = ()
    """Why there may be objects that are not among these, or why some of these may be otherwise."""
    notes: tuple[Reason, ...] = ()
    """Why fields of some objects are not known."""
    joins: tuple[Join, ...] = ()
    removals: tuple[Removal, ...] = ()
    variables: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    """All that have been visited."""
    renames: bool = False
    """Whether a prefix or a suffix has been added to names, or may have been where a folder is not read."""
    leaves_out: bool = False
    """Whether a Component has been joined whose objects are left out."""

    @property
    def unseen(self) -> str:
        """Why there may be other objects; empty: there are none."""
        return self.opens[0].what if self.opens else ""

    @property
    def is_shaken(self) -> bool:
        """Whether some objects may be otherwise, or gone: then no refusal is certain."""
        return any(one.unsure for one in self.resources)

    def may_have(self, kind: str) -> bool:
        """Whether there may be objects of a kind that are not among these."""
        return bool(self.opens) or (self.leaves_out and kind in _RENDERED)

    def with_resources(self, resources: Resources) -> "State":
        """With other objects."""
        return replace(self, resources=resources)

    def opened(self, what: str, place: Place, *, renames: bool = False) -> "State":
        """With a reason why there may be more objects; `renames`: which a kustomization may have renamed."""
        return replace(self, opens=(*self.opens, Reason(what, place)), renames=self.renames or renames)

    def shaken(self, what: str, place: Place) -> "State":
        """Where anything may have happened to all objects."""
        resources = tuple(_shaken(one, what) for one in self.resources)
        return replace(self, resources=resources, opens=(*self.opens, Reason(what, place)))

    def without_those_of(self, before: "State", place: Place) -> "State":
        """After a step that may delete objects of the state before it: with the deleted ones noted."""
        if len(self.resources) >= len(before.resources):
            return self
        kept = {one.place for one in self.resources}
        gone = (Removal(one.id, one.place, place) for one in before.resources if one.place not in kept)
        return replace(self, removals=(*self.removals, *gone))

    def appended(self, new: Iterable[Resource], place: Place) -> "State":
        """With more objects. Raises Refusal where one of the same identity is there."""
        resources = (*self.resources, *new)
        check_unique(resources, place)
        return self.with_resources(resources)

    def merged(self, other: "State", chain: str, place: Place) -> "State":
        """With what a folder under `resources` builds. Raises Refusal."""
        state = self.appended(other.resources, place)
        joins = (join._replace(chain=(chain, *join.chain)) for join in other.joins)
        return replace(
            state,
            config=self.config.with_more(other.config),
            opens=(*self.opens, *other.opens),
            notes=(*self.notes, *other.notes),
            joins=(*self.joins, *joins),
            removals=(*self.removals, *other.removals),
            variables=(*self.variables, *other.variables),
            folders=(*self.folders, *other.folders),
            renames=self.renames or other.renames,
            leaves_out=self.leaves_out or other.leaves_out,
        )


def _shaken(one: Resource, what: str) -> Resource:
    metadata = one.doc.get("metadata")
    kept = {key: value for key in ("name", "namespace") if isinstance(value := member(metadata, key), str)}
    doc = Open({key: one.doc[key] for key in ("apiVersion", "kind") if key in one.doc}, what)
    doc["metadata"] = Open(kept, what)
    return replace(one, doc=doc, unsure=what)


def check_unique(resources: Resources, place: Place) -> None:
    """Raise Refusal where two objects, which are surely there, have one identity."""
    if len({one.id for one in resources}) == len(resources):
        return
    seen = set()
    for one in resources:
        if one.unsure:
            continue
        if one.id in seen:
            message = f"may not add resource with an already registered id: {one.id}"
            raise Refusal(message, place)
        seen.add(one.id)


def check_cycle(folders: Iterable[str], stack: tuple[str, ...], place: Place) -> None:
    """Raise Refusal where a folder contains one that leads to it."""
    for folder in folders:
        above = f"{folder}/" if folder else ""
        if any(f"{one}/".startswith(above) for one in stack):
            message = f"cycle detected: candidate root '{folder}' contains visited root"
            raise Refusal(message, place)
