"""Autoscalers and budgets that are built apart from their workload."""

from collections.abc import Iterable
from dataclasses import replace

from infra_scale.core.manifests.bases import with_companions
from infra_scale.core.manifests.build import Build
from infra_scale.core.manifests.identity import Resource, declared
from infra_scale.core.manifests.membership import companions
from infra_scale.core.manifests.outcome import Place
from infra_scale.model.manifest import Base
from infra_scale.model.workload import WorkloadRef


def with_objects(base: Base, found: Iterable[Resource], ref: WorkloadRef) -> Base:
    """A workload with more objects about it, all of its own namespace."""
    labels = dict(base.labels)
    doc: dict[str, object] = {
        "apiVersion": base.api_version,
        "kind": ref.kind,
        "metadata": {"name": ref.name, "namespace": ref.namespace},
        "spec": {"template": {"metadata": {"labels": labels}}},
    }
    if ref.kind == "CronJob":
        doc["spec"] = {"jobTemplate": {"spec": doc["spec"]}}
    workload = declared(doc, Place(base.path))
    others = [replace(one, id=one.id._replace(namespace=workload.id.namespace)) for one in found]
    more = with_companions(base, companions(Build(tuple(others)), workload))
    return more._replace(
        hpas=tuple(dict.fromkeys((*base.hpas, *more.hpas))),
        scaled_objects=tuple(dict.fromkeys((*base.scaled_objects, *more.scaled_objects))),
        budgets=tuple(dict.fromkeys((*base.budgets, *more.budgets))),
    )
