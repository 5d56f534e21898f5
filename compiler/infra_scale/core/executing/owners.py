"""Who delivers a live object, and who last wrote one of its fields.

Sources: argo-cd util/argo/resource_tracking.go, kustomize-controller and helm-controller labels, Helm's
pkg/action/validate.go, Kubernetes docs on managedFields.
"""

from typing import Literal, NamedTuple

from infra_scale.core.executing.fields import parts_of, value_at
from infra_scale.core.executing.writes import Object
from infra_scale.model.run import Json

Engine = Literal["Argo CD", "Flux", "Helm"]

_TRACKING = "argocd.argoproj.io/tracking-id"
_FLUX = "kustomize.toolkit.fluxcd.io/name"
_FLUX_HELM = "helm.toolkit.fluxcd.io/name"
_HELM = "meta.helm.sh/release-name"
_ARGOCD_MANAGER = "argocd-controller"


class Owner(NamedTuple):
    """What delivers an object."""

    engine: Engine
    name: str
    """The Application, Kustomization, HelmRelease or release; empty if unknown."""

    def __str__(self) -> str:
        noun = {"Argo CD": "Argo CD application", "Flux": "Flux Kustomization", "Helm": "Helm release"}[self.engine]
        return f"{noun} {self.name}" if self.name else self.engine


def owner_of(item: Object) -> Owner | None:
    """What delivers a live object; None for one that nothing delivers."""
    notes, labels = _texts(item, "annotations"), _texts(item, "labels")
    if _TRACKING in notes:
        return Owner("Argo CD", notes[_TRACKING].partition(":")[0])
    if any(entry.get("manager") == _ARGOCD_MANAGER for entry in _managed(item)):
        return Owner("Argo CD", labels.get("app.kubernetes.io/instance", ""))
    if _FLUX in labels:
        return Owner("Flux", labels[_FLUX])
    if _FLUX_HELM in labels:
        return Owner("Helm", labels[_FLUX_HELM])
    return Owner("Helm", notes[_HELM]) if _HELM in notes else None


def writer_of(item: Object, path: str) -> str:
    """The field manager that last set a field, as `kubectl (scale)`; empty if the object does not show it.

    Entries of the scale subresource have no time, so of several owners the one without a time is named last.
    """
    owners = [entry for entry in _managed(item) if _owns(entry.get("fieldsV1"), parts_of(path))]
    if not owners:
        return ""
    last = max(owners, key=lambda entry: (entry.get("subresource") == "scale", str(entry.get("time") or "")))
    below = last.get("subresource")
    return f"{last.get('manager')} ({below})" if below else str(last.get("manager"))


def _owns(fields: Json, parts: tuple[str, ...]) -> bool:
    """Whether a set of fields has a field; the items of a list count as one."""
    for part in parts:
        if not isinstance(fields, dict):
            return False
        if part.isdecimal():
            return bool(fields)
        fields = fields.get(f"f:{part}")
    return fields is not None


def _managed(item: Object) -> list[Object]:
    entries = value_at(item, "/metadata/managedFields")
    return [one for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []


def _texts(item: Object, name: str) -> dict[str, str]:
    found = value_at(item, f"/metadata/{name}")
    return {key: text for key, text in found.items() if isinstance(text, str)} if isinstance(found, dict) else {}
