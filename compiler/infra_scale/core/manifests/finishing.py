"""What only the root of a build does: hashes, name references, variables; and how Argo CD and Flux change a root."""

import re
from collections.abc import Mapping
from dataclasses import replace

from infra_scale.core.manifests.generators import hashed
from infra_scale.core.manifests.identity import Resource
from infra_scale.core.manifests.kustomization import Kustomization
from infra_scale.core.manifests.outcome import Place, Refusal
from infra_scale.core.manifests.references import resolved_names
from infra_scale.core.manifests.state import State, check_unique
from infra_scale.core.manifests.tree import Open, Unknown, mapped, member, text_at, with_member, without
from infra_scale.core.syntax.plain import Typed

_LOCAL = "config.kubernetes.io/local-config"


def finished(state: State) -> tuple[Resource, ...]:
    """The objects of a build, complete. Raises Refusal."""
    resources = tuple(hashed(one, one.place) for one in state.resources)
    unseen = state.unseen if state.renames else ""
    try:
        resources = resolved_names(resources, state.config.references, unseen)
    except Refusal:
        if not state.opens:
            raise
    if not state.opens:
        check_unique(resources, resources[0].place if resources else Place(""))
    return tuple(_with_variables(_tidied(one), state) for one in resources if not _is_local(one))


def _tidied(one: Resource) -> Resource:
    """kustomize keeps what it remembers in annotations; writing them in the end makes texts of them, or drops them."""
    metadata = one.doc.get("metadata")
    annotations = member(metadata, "annotations")
    if not isinstance(metadata, dict) or not isinstance(annotations, dict):
        return one
    if annotations or isinstance(annotations, Open):
        new = mapped(annotations, lambda text: str(text) if isinstance(text, Typed) else text)
        changed = metadata if new is annotations else with_member(metadata, "annotations", new)
    else:
        changed = without(metadata, "annotations")
    return one if changed is metadata else replace(one, doc=with_member(one.doc, "metadata", changed))


def _is_local(one: Resource) -> bool:
    return text_at(one.doc, "metadata", "annotations", _LOCAL) not in ("", "false")


def _with_variables(one: Resource, state: State) -> Resource:
    """`vars` are not followed: a text that names one is not known."""
    if not state.variables:
        return one
    pattern = re.compile("|".join(re.escape(f"$({name})") for name in state.variables))
    doc = mapped(one.doc, lambda text: Unknown("vars are not followed") if pattern.search(text) else text)
    return one.changed(doc, one.place) if isinstance(doc, dict) else one


def rooted(kustomization: Kustomization, overrides: Mapping[str, object], place: Place | None = None) -> Kustomization:
    """A kustomization as Argo CD or Flux changes it: texts are replaced, lists appended to, maps extended.

    `place` is where the overrides are written.
    """
    fields, added = dict(kustomization.fields), {}
    for key, value in overrides.items():
        old = fields.get(key)
        if place is not None:
            added[key] = (len(old) if isinstance(old, list) else 0, place)
        if isinstance(value, list) and isinstance(old, list):
            fields[key] = [*old, *value]
        elif isinstance(value, dict) and isinstance(old, dict):
            fields[key] = {**old, **value}
        else:
            fields[key] = value
    return kustomization._replace(fields=fields, added=added)


def with_metadata(state: State, kustomization: Kustomization) -> State:
    """`buildMetadata` adds annotations and a label, which nothing here reads."""
    if not kustomization.items("buildMetadata"):
        return state
    place, reason = kustomization.place("buildMetadata"), "buildMetadata adds to it"
    changed = []
    for one in state.resources:
        metadata = one.doc.get("metadata")
        for field in ("annotations", "labels"):
            old = member(metadata, field)
            new = Open(old, reason) if isinstance(old, dict) else Unknown(reason)
            metadata = with_member(metadata, field, new)
        changed.append(one.changed(with_member(one.doc, "metadata", metadata), place))
    return state.with_resources(tuple(changed))
