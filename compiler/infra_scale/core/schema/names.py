"""Names of our keys in Kubernetes manifests, Helm values and commands."""

from collections.abc import Container, Mapping

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
_IN_BLOCKS = {
    "maxReplicaCount": ("keda", "max", "9"),
    "maxReplicas": ("hpa", "max", "12"),
    "metrics": ("hpa", "targetCPU", "65"),
    "minReplicaCount": ("keda", "min", "2"),
    "minReplicas": ("hpa", "min", "4"),
    "targetCPUUtilizationPercentage": ("hpa", "targetCPU", "65"),
    "targetMemoryUtilizationPercentage": ("hpa", "targetMemory", "75"),
}
"""The block for autoscaler keys written directly in a workload: block, key, and an example value."""
WRAPPERS = {
    "metadata": "`name`",
    "resources": "`requests` and `limits`",
    "spec": "`replicas`",
}
"""Wrapper keys of manifests that requests do not have."""
_OTHER_RESOURCES = ("ephemeral-storage", "storage", "pods", "hugepages-", "gpu")


def meant(key: str, free: list[str]) -> str | None:
    """The unused key of ours for a key of another format."""
    name = _MEANT.get(key)
    return name if name in free else None


def in_block(key: str, value: object, known: Container[str]) -> str:
    """How to write a key of an autoscaler object in a workload; empty for any other key or place."""
    if key == "scaleTargetRef":
        return "delete it: `kind` and `name` of the workload select the object"
    block, name, example = _IN_BLOCKS.get(key, ("", "", ""))
    if block not in known:
        return ""
    return f"write `{block}: {{{name}: {value if isinstance(value, int) else example}}}`"


def is_other_resource(key: str) -> bool:
    """Whether a key of requests or limits names a resource that a request does not set."""
    return "/" in key or key.startswith(_OTHER_RESOURCES)
