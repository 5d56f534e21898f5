"""Builds kustomizations of a repository: `Builder(files).build(folder)`, in the order of kustomize.

Resources and bases, configurations, generators, Components, patches, namespace, names, labels, annotations, late JSON
patches, replicas, images, replacements, transformers; at the root hashes, name references and variables.
Source: kustomize 5.8.1, api/internal/target/kusttarget.go.
"""

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from infra_scale.core.manifests.entries import local, steps_of
from infra_scale.core.manifests.external import external_steps
from infra_scale.core.manifests.field_specs import read_config
from infra_scale.core.manifests.finishing import finished, rooted, with_metadata
from infra_scale.core.manifests.generators import absorbed, generated, without_data
from infra_scale.core.manifests.identity import Resource, declared
from infra_scale.core.manifests.kustomization import Kustomization, read_kustomization
from infra_scale.core.manifests.outcome import Place, Reason, Refusal, Refused, Unavailable
from infra_scale.core.manifests.reading import Files, Parsed, documents_in, is_remote, may_rename, resolved
from infra_scale.core.manifests.state import Join, Removal, Resources, State, check_cycle, check_unique
from infra_scale.core.manifests.tree import text_at
from infra_scale.model.names import RENDERED
from infra_scale.model.source import Found
from infra_scale.model.tagged import tagged

MAX_DEPTH = 40
MAX_VISITS = 4_000
MAX_OBJECTS = 20_000
MAX_BYTES = 64 * 1024 * 1024
_ADDING = ("helmCharts", "helmChartInflationGenerator", "generators")
_GENERATORS = {"configMapGenerator": "ConfigMap", "secretGenerator": "Secret"}


@tagged
class Build(NamedTuple):
    """What a kustomization builds, as far as that is known."""

    resources: tuple[Resource, ...]
    opens: tuple[Reason, ...] = ()
    """Why there may be objects that are not among these; empty: these are all."""
    notes: tuple[Reason, ...] = ()
    """Why fields of some objects are not known."""
    joins: tuple[Join, ...] = ()
    reads: frozenset[str] = frozenset()
    """The paths that decide about it, whether a file is there or not."""
    removals: tuple[Removal, ...] = ()
    """What steps have deleted."""


class Known(NamedTuple):
    """What all builders of some files share, by path."""

    parsed: Parsed
    kustomizations: dict[str, Kustomization | Refusal | Unavailable]
    folders: dict[str, tuple[State, frozenset[str]]]
    """What folders build about which no Component of ours decides, and the paths that do."""
    rendered: Mapping[str, Found] = {}
    """More files, below RENDERED, which other builders do not have."""


class _TooLarge(Exception):  # noqa: N818 (unwinds one build)
    """A build beyond the bounds."""


class Builder:
    """The kustomizations of some files; a folder that several name is built once.

    Components in the folders `empty`, or below, are not read: they make of the objects what `standing_in` does, by
    default nothing. `joining` are Components that kustomizations join besides those that they name, by the folder of
    the kustomization. `known` are results of other builders of `files`.
    """

    def __init__(
        self,
        files: Mapping[str, Found],
        *,
        empty: Iterable[str] = (),
        joining: Mapping[str, tuple[str, ...]] | None = None,
        standing_in: Callable[[Resources], Resources] | None = None,
        known: Known | None = None,
    ) -> None:
        self._known = known or Known(Parsed({}, {}), {}, {})
        self._files = Files(files, self._known.parsed, self._known.rendered)
        self._own: dict[str, Kustomization | Refusal | Unavailable] = {}
        self._empty = frozenset(empty)
        self._joining = joining or {}
        self._standing_in = standing_in
        self._built: dict[str, tuple[State, frozenset[str]]] = {}
        self._visits = 0

    def build(
        self, folder: str, overrides: Mapping[str, object] | None = None, written: Place | None = None
    ) -> Build | Refused:
        """What a folder builds. `overrides` are fields that Argo CD or Flux adds, which are `written` elsewhere."""
        self._visits, self._files.bytes, self._files.read = 0, 0, set()
        place = Place(posixpath.join(folder, "kustomization.yaml"))
        try:
            state = self._accumulated(self._root(folder, overrides or {}, written), State(), (folder,))
            resources = finished(state)
        except (Unavailable, _TooLarge) as error:
            return Build((), (Reason(str(error), place),), reads=frozenset(self._files.read))
        except Refusal as error:
            return Refused(str(error), error.place or place)
        return Build(resources, state.opens, state.notes, state.joins, frozenset(self._files.read), state.removals)

    def kustomization_of(self, folder: str) -> str:
        """The path of the kustomization file of a folder. Raises Refusal, Unavailable."""
        path = self._files.kustomization_of(folder)
        if not path:
            self._files.check_above(posixpath.join(folder, "kustomization.yaml"))
            message = f"unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in {folder}"
            raise Refusal(message)
        return path

    def kustomization(self, folder: str) -> Kustomization:
        """The kustomization of a folder. Raises Refusal, Unavailable."""
        path = self.kustomization_of(folder)
        kustomizations = self._own if path in self._known.rendered else self._known.kustomizations
        known = kustomizations.get(path)
        if known is None:
            try:
                known = read_kustomization(path, self._files.documents(path))
            except (Refusal, Unavailable) as error:
                known = error
            kustomizations[path] = known
        if isinstance(known, Exception):
            raise known
        return known

    def _root(self, folder: str, overrides: Mapping[str, object], written: Place | None) -> Kustomization:
        if "resources" in overrides and not self._files.kustomization_of(folder):
            return rooted(Kustomization(posixpath.join(folder, "kustomization.yaml"), {}), overrides, written)
        return rooted(self.kustomization(folder), overrides, written)

    def _accumulated(self, kustomization: Kustomization, state: State, stack: tuple[str, ...]) -> State:
        """What a kustomization makes of some objects, with its own added. Raises Refusal."""
        self._visits += 1
        is_large = len(state.resources) > MAX_OBJECTS or self._files.bytes > MAX_BYTES
        if len(stack) > MAX_DEPTH or self._visits > MAX_VISITS or is_large:
            message = f"a build of more than {MAX_DEPTH} levels, {MAX_VISITS} folders or {MAX_OBJECTS} objects"
            raise _TooLarge(message)
        state = replace(state, folders=(*state.folders, stack[-1]))
        for field in ("resources", "bases"):
            for index, path in enumerate(kustomization.texts(field)):
                state = self._with_resource(kustomization, state, stack, path, kustomization.place(field, index))
        state = self._configured(kustomization, state)
        state = self._with_generated(kustomization, state)
        components = (*kustomization.texts("components"), *self._more(kustomization))
        for index, path in enumerate(components):
            state = self._with_component(kustomization, state, stack, path, kustomization.place("components", index))
        return self._transformed(kustomization, state)

    def _more(self, kustomization: Kustomization) -> Iterator[str]:
        for folder in self._joining.get(kustomization.folder, ()):
            yield posixpath.relpath(folder, kustomization.folder or ".")

    def _with_resource(
        self, kustomization: Kustomization, state: State, stack: tuple[str, ...], path: str, place: Place
    ) -> State:
        try:
            target = resolved(kustomization.folder, path)
            if self._files.has(target):
                found = self._files.objects(target)
                return state.appended((declared(one.object, one.place) for one in found), place)
            if is_remote(path) and not self._files.kustomization_of(target):
                return state.opened(f"{path} is remote", place, renames=may_rename(path))
            inner = self._folder(target, stack, place)
        except Unavailable as error:
            return state.opened(str(error), place, renames=may_rename(path))
        except Refusal as error:
            error.place = error.place or place
            raise
        return state.merged(inner, kustomization.path, place)

    def _folder(self, folder: str, stack: tuple[str, ...], place: Place) -> State:
        """What a folder under `resources` builds; the same for all who name it. Raises Refusal, Unavailable."""
        check_cycle((folder,), stack, place)
        known = self._built.get(folder) or self._known.folders.get(folder)
        if known is None:
            outer, self._files.read = self._files.read, set()
            try:
                kustomization = self.kustomization(folder)
                if kustomization.is_component:
                    message = f"expected kind != 'Component' for path '{folder}'"
                    raise Refusal(message, place)
                known = (self._accumulated(kustomization, State(), (*stack, folder)), frozenset(self._files.read))
            finally:
                outer |= self._files.read
                self._files.read = outer
            (self._built if _has_ours(*known) else self._known.folders)[folder] = known
        state, reads = known
        self._files.read |= reads
        check_cycle(state.folders, stack, place)
        return state

    def _configured(self, kustomization: Kustomization, state: State) -> State:
        config = state.config
        for index, path in enumerate(kustomization.texts("configurations")):
            try:
                config = config.with_more(read_config(documents_in(path, local(self._files, kustomization, path))))
            except Unavailable as error:
                state = state.shaken(str(error), kustomization.place("configurations", index))
        return replace(state, config=config)

    def _with_generated(self, kustomization: Kustomization, state: State) -> State:
        defaults = kustomization.fields.get("generatorOptions")
        for field, kind in _GENERATORS.items():
            for index, entry in enumerate(kustomization.items(field)):
                place = kustomization.place(field, index)
                try:
                    one = generated(
                        kind,
                        entry if isinstance(entry, dict) else {},
                        defaults if isinstance(defaults, dict) else {},
                        lambda path: local(self._files, kustomization, path),
                        place,
                    )
                    state = state.with_resources(absorbed(state.resources, one))
                except Unavailable as error:
                    reason = Reason(str(error), place)
                    state = state.with_resources(absorbed(state.resources, without_data(kind, entry, reason)))
                    state = state.opened(*reason)
                except Refusal:
                    if not state.opens:
                        raise
        for field in _ADDING:
            if kustomization.items(field):
                state = state.opened(f"{field} are not run", kustomization.place(field))
        return state

    def _with_component(
        self, kustomization: Kustomization, state: State, stack: tuple[str, ...], path: str, place: Place
    ) -> State:
        try:
            target = resolved(kustomization.folder, path)
            if is_remote(path) and not self._files.kustomization_of(target):
                return state.shaken(f"{path} is remote", place)
            join = Join((kustomization.path,), target, state.resources, place)
            state = replace(state, joins=(*state.joins, join))
            if any(target == one or target.startswith(f"{one}/") for one in self._empty):
                state = replace(state, leaves_out=state.leaves_out or path in kustomization.texts("components"))
                return state.with_resources(self._standing_in(state.resources)) if self._standing_in else state
            check_cycle((target,), stack, place)
            component = self.kustomization(target)
        except Unavailable as error:
            return state.shaken(str(error), place)
        except Refusal as error:
            error.place = error.place or place
            raise
        if not component.is_component:
            message = f"expected kind 'Component' for path '{target}' but got 'Kustomization'"
            raise Refusal(message, place)
        earlier = len(state.joins)
        state = self._accumulated(component, state, (*stack, target))
        joins = (one._replace(chain=(kustomization.path, *one.chain)) for one in state.joins[earlier:])
        check_unique(state.resources, place)
        return replace(state, joins=(*state.joins[:earlier], *joins))

    def _transformed(self, kustomization: Kustomization, state: State) -> State:
        for place, change in steps_of(self._files, kustomization, state.config):
            state = _after(state, change, place)
        for place, change in external_steps(self._files, kustomization, state.config):
            state = _after(state, change, place)
        for field in ("openapi", "crds", "validators"):
            if kustomization.fields.get(field):
                state = state.opened(f"{field} are not read", kustomization.place(field))
        if kustomization.fields.get("openapi"):
            state = state.shaken("openapi changes how lists are merged", kustomization.place("openapi"))
        names = (text_at(one, "name") for one in kustomization.items("vars"))
        state = replace(state, variables=(*state.variables, *names))
        return with_metadata(state, kustomization)


def _after(state: State, change: object, place: Place) -> State:
    """A build after a step; what cannot be known of it is a reason."""
    try:
        new = change(state) if callable(change) else state
        return new.without_those_of(state, place) if isinstance(new, State) else state
    except Unavailable as error:
        return state.shaken(str(error), place)
    except Refusal as error:
        if state.is_shaken:
            return state.shaken(f"a step may fail: {error}", place)
        raise Refusal(str(error), error.place or place) from error


def _has_ours(state: State, reads: Iterable[str]) -> bool:
    """Whether our Components decide about a folder."""
    paths = (*reads, *(join.component for join in state.joins))
    return any(path.startswith(f"{RENDERED}/") for path in paths)
