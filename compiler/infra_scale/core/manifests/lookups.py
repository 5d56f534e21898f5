"""Workloads looked up in the builds of one set of manifest folders, made only if they may hold them."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from infra_scale.core.manifests.alike import Alike
from infra_scale.core.manifests.beside import with_objects
from infra_scale.core.manifests.build import Build, Builder
from infra_scale.core.manifests.candidates import END, Candidate, candidates_in, named
from infra_scale.core.manifests.identity import Resource
from infra_scale.core.manifests.inventory import Inventory
from infra_scale.core.manifests.loose import loose_candidates, loose_objects
from infra_scale.core.manifests.outcome import Reason, Refused, shown
from infra_scale.core.manifests.overruled import marked, overrulings
from infra_scale.core.manifests.provenance import located
from infra_scale.core.manifests.tree import text_at
from infra_scale.model.helm import HelmEntry
from infra_scale.model.manifest import Absence, Base
from infra_scale.model.names import RENDERED, is_label
from infra_scale.model.workload import WorkloadRef

_Placed = tuple[str | None, Resource]
"""An object, with the root that builds it; None: no kustomization decides about it."""


class Lookup(NamedTuple):
    """What the manifests of a target have about one workload."""

    candidates: tuple[Candidate, ...] = ()
    """The builds that may be meant, each different from the others."""
    absence: Absence | None = None

    @property
    def base(self) -> Base | None:
        """The workload; None if there is none, or several."""
        return self.candidates[0].base if len(self.candidates) == 1 else None


class Builds:
    """The builds of one set of manifest folders."""

    def __init__(self, inventory: Inventory, places: frozenset[str]) -> None:
        """`places` are the folders that may join our Components."""
        self.inventory = inventory
        ends = dict.fromkeys(places, (END,))
        files, known = inventory.files, inventory.known
        self._plain = Builder(files, empty=(RENDERED,), joining=ends, known=known)
        self._marked = Builder(files, empty=(RENDERED,), standing_in=marked, known=known)
        self._built: dict[str, Build | Refused] = {}
        self._alike: Alike | None = None
        self._budgets: dict[str, tuple[_Placed, ...]] = {}
        """What the files with budgets have in each namespace."""

    def lookup(self, ref: WorkloadRef, helm: tuple[HelmEntry, ...] = ()) -> Lookup:
        """What is known of a workload."""
        found, unknown = self._candidates(ref)
        if not found and (self.inventory.releases or helm):
            from infra_scale.core.manifests.helm_search import charts_with  # noqa: PLC0415 (only for repositories with charts)

            of_charts = charts_with(ref, helm, self.inventory, self.build)
            if of_charts.absence and not unknown:
                return Lookup((), of_charts.absence)
            found, unknown = of_charts.candidates, [*unknown, *of_charts.unknown]
        joined = [one for one in found if one.is_joined] or found
        named = [one for one in joined if one.base.built_name == ref.name] or joined
        # A base without a namespace gets it when it is applied; one with this namespace is a better match.
        nearest = [one for one in named if one.base.built_namespace] or named
        return self.chosen(nearest, ref) if nearest else Lookup((), self._absence(ref, unknown))

    def chosen(self, nearest: list[Candidate], ref: WorkloadRef) -> Lookup:
        """One of some builds of a workload, unless they differ."""
        distinct = {one.base: one for one in reversed(nearest)}
        if len(distinct) > 1:
            paths = tuple(one.base.path for one in nearest)
            return Lookup(tuple(nearest), Absence("", several=paths))
        base = self._with_others(self._with_places(nearest[0]), ref)
        return Lookup((nearest[0]._replace(base=base),))

    def build(self, root: str) -> Build | Refused:
        """What a root builds without our Components."""
        if root not in self._built:
            self._built[root] = self._plain.build(root)
        return self._built[root]

    def _candidates(self, ref: WorkloadRef) -> tuple[list[Candidate], list[Reason]]:
        """The builds with a workload; why others may have it."""
        found: list[Candidate] = []
        unknown: list[Reason] = []
        paths = self.inventory.declared.get((ref.kind, ref.name), [])
        roots = {root for path in paths for root in self.inventory.roots_of(path)}
        for root in sorted(roots | self.inventory.renaming):
            if not self.inventory.may_be_in(root, ref.namespace):
                continue
            build = self.build(root)
            if isinstance(build, Refused):
                if root in roots:
                    unknown.append(Reason(f"kustomize does not build {root or 'the root'}: {build.what}", build.place))
                continue
            here = [*candidates_in(root, build, ref)]
            found += (self._with_overrulings(one, ref) for one in here if isinstance(one, Candidate))
            unknown += (one for one in here if isinstance(one, Reason))
            if root in roots and not here and build.opens:
                unknown.append(build.opens[0])
        found += loose_candidates(self.inventory, paths, ref)
        return found, unknown

    def _with_overrulings(self, one: Candidate, ref: WorkloadRef) -> Candidate:
        """A workload with what its root changes after our Component."""
        if not one.clusters:
            return one
        build = self._marked.build(one.root)
        finals = named(build, ref) if isinstance(build, Build) else ()
        files = self.inventory.files
        found = [each for final in finals for name in sorted(one.clusters) for each in overrulings(final, name, files)]
        return one._replace(base=one.base._replace(overrulings=tuple(found)))

    def _with_places(self, one: Candidate) -> Base:
        """A workload with the lines of what is unknown."""
        reasons = (
            (field, self._explained(Reason(reason, place)) if (place := one.unknown_at.get(field)) else reason)
            for field, reason in one.base.unknown
        )
        return one.base._replace(unknown=tuple(reasons))

    def _explained(self, reason: Reason) -> str:
        """A reason with its file and line, as one line of plain text."""
        return f"{shown(reason.what)} ({located(self.inventory.files, reason.place)})"

    def _with_others(self, base: Base, ref: WorkloadRef) -> Base:
        """A workload with the autoscalers and budgets of its namespace in builds that do not have it."""
        key = (ref.kind, ref.name)
        base = base._replace(rollout=self.inventory.rollouts.get(key, ""))
        if ref.namespace not in self._budgets:
            self._budgets[ref.namespace] = tuple(self._placed(self.inventory.budgets, ref.namespace))
        placed = (*self._placed(self.inventory.aimed_at.get(key, ()), ref.namespace), *self._budgets[ref.namespace])
        own = {root for root in {root for root, _ in placed} if self._builds(root, ref)}
        found = {(root, one.place, one.id): one for root, one in placed if root not in own}
        return with_objects(base, found.values(), ref) if found else base

    def _placed(self, paths: Iterable[str], namespace: str) -> "Iterator[_Placed]":
        """What some files have in a namespace."""
        for path in paths:
            roots = self.inventory.roots_of(path)
            for root in sorted(root for root in roots if self.inventory.may_be_in(root, namespace)):
                build = self.build(root)
                here = build.resources if isinstance(build, Build) else ()
                yield from ((root, one) for one in here if one.place.file == path and _is_in(one, namespace))
            if self.inventory.is_loose(path):
                objects = loose_objects(self.inventory, path)
                yield from ((None, one) for one in objects if _is_in(one, namespace))

    def _builds(self, root: str | None, ref: WorkloadRef) -> bool:
        build = None if root is None else self.build(root)
        return isinstance(build, Build) and any(named(build, ref))

    def _absence(self, ref: WorkloadRef, unknown: list[Reason]) -> Absence:
        if unknown:
            return Absence("", unknown=self._explained(unknown[0]))
        key = (ref.kind, ref.name)
        if elsewhere := self._other_namespace(ref):
            return Absence(f"{ref} in namespace {elsewhere}", is_complete=self._is_complete())
        if key in self.inventory.declared and (reason := self.inventory.nameless(key)):
            return Absence("", unknown=shown(reason))
        self._alike = self._alike or Alike(self.inventory.declared)
        near = next(self._alike.to(ref), None)
        if near is None and self.inventory.doubts:
            return Absence("", unknown=self._explained(self.inventory.doubts[0]))
        return Absence("/".join(near or ()), is_complete=self._is_complete())

    def _is_complete(self) -> bool:
        """Whether all objects that the manifests build are known."""
        renamed = map(self.build, self.inventory.renaming)
        return not self.inventory.doubts and all(isinstance(one, Build) and not one.opens for one in renamed)

    def _other_namespace(self, ref: WorkloadRef) -> str:
        """Another namespace in which the manifests have a workload of this name."""
        for path in self.inventory.declared.get((ref.kind, ref.name), ()):
            builds = [self.build(root) for root in sorted(self.inventory.roots_of(path))]
            resources = [one for build in builds if isinstance(build, Build) for one in build.resources]
            resources += loose_objects(self.inventory, path) if self.inventory.is_loose(path) else ()
            for one in resources:
                namespace = str(text_at(one.doc, "metadata", "namespace"))
                if (one.id.kind, one.id.name) == (ref.kind, ref.name) and is_label(namespace):
                    return namespace
        return ""


def _is_in(one: Resource, namespace: str) -> bool:
    return text_at(one.doc, "metadata", "namespace") == namespace
