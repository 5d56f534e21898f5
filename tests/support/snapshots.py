"""Small snapshots and price sheets as files, in few words: JSON is YAML."""

import json
from typing import Any

Json = dict[str, Any]

CAPTURED = "2026-01-01T00:00:00Z"


def app(name: str = "app", cpu: str = "500m", memory: str = "512Mi", **more: object) -> Json:
    """A container that requests as much; nothing where both are empty."""
    requests = {key: one for key, one in (("cpu", cpu), ("memory", memory)) if one}
    return {"name": name, **({"requests": requests} if requests else {}), **more}


def live(**said: object) -> Json:
    """Deployment/web of the namespace shop with two pods of one container, but for what is said."""
    return {
        "kind": "Deployment",
        "namespace": "shop",
        "name": "web",
        "replicas": 2,
        "containers": [app()],
        **said,
    }


def node(id: str, cpu: str = "4", memory: str = "8Gi", **said: object) -> Json:
    """A node of the pool general, of which other people have one core and one GiB."""
    return {
        "id": id,
        "pool": "general",
        "allocatable": {"cpu": cpu, "memory": memory, "pods": "30"},
        "requested": {"cpu": "1", "memory": "1Gi"},
        "pods": 3,
        **said,
    }


def pool(maximum: int, current: int = 3) -> Json:
    """The pool general; a further node is empty."""
    template = {"allocatable": {"cpu": "4", "memory": "8Gi", "pods": "30"}}
    return {"name": "general", "min": 1, "max": maximum, "current": current, "template": template}


def quota(name: str = "compute", *, hard: Json, used: Json | None = None) -> Json:
    """A ResourceQuota."""
    return {"name": name, "hard": hard, "used": used or {}}


def limits(**bounds: Json) -> Json:
    """A LimitRange for containers."""
    return {"name": "bounds", "limits": [{"type": "Container", **bounds}]}


def snapshot(
    *workloads: Json,
    cluster: str = "prod-eu-1",
    nodes: tuple[Json, ...] = (),
    most: int = 3,
    namespace: Json | None = None,
) -> str:
    """The file of a cluster whose three nodes have room for six pods of web each; without workloads it has web."""
    return json.dumps(
        {
            "metadata": {"cluster": cluster, "capturedAt": CAPTURED},
            "nodePools": [pool(most, len(nodes) or 3)],
            "nodes": nodes or [node("n1"), node("n2"), node("n3")],
            "namespaces": [{"name": "shop", **(namespace or {})}],
            "workloads": workloads or [live()],
        }
    )


def prices(cluster: str = "prod-eu-1") -> str:
    """A core costs 0.10 an hour and a GiB 0.01, so that a month of a core is 73."""
    return json.dumps(
        {
            "metadata": {"cluster": cluster, "effectiveFrom": "2026-01-01"},
            "currency": "USD",
            "default": {"cpuCoreHour": "0.10", "ramGiBHour": "0.01"},
        }
    )
