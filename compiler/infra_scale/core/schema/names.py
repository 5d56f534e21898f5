"""What people call our keys in the manifests, values and commands that they copy from."""

from collections.abc import Mapping

_MEANT: Mapping[str, str] = {
    "averageUtilization": "targetCPU",
    "cluster": "target",
    "cpu": "targetCPU",
    "deployments": "workloads",
    "env": "target",
    "environment": "target",
    "instances": "replicas",
    "maxReplicaCount": "max",
    "maxReplicas": "max",
    "memory": "targetMemory",
    "metadata": "name",
    "minReplicaCount": "min",
    "minReplicas": "min",
    "replicaCount": "replicas",
    "spec": "replicas",
    "targetCPUUtilizationPercentage": "targetCPU",
    "targetMemoryUtilizationPercentage": "targetMemory",
}
WRAPPERS = {
    "metadata": "`name`",
    "resources": "`requests` and `limits`",
    "spec": "`replicas`",
}
"""Keys of manifests whose content stands here without them."""
_OTHER_RESOURCES = ("ephemeral-storage", "storage", "pods", "hugepages-", "gpu")


def meant(key: str, free: list[str]) -> str | None:
    """The free key of ours that a key of another format stands for."""
    name = _MEANT.get(key)
    return name if name in free else None


def is_other_resource(key: str) -> bool:
    """Whether a key of requests or limits names a resource that a request does not set."""
    return "/" in key or key.startswith(_OTHER_RESOURCES)
