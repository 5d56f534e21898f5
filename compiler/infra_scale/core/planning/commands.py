"""What every command of a plan begins with, and how it names a workload."""

from infra_scale.model.action import Autoscaler
from infra_scale.model.workload import Cluster, WorkloadRef

OBJECTS: dict[Autoscaler, str] = {"hpa": "hpa", "vpa": "vpa", "keda": "scaledobject"}
"""What kubectl calls each autoscaler."""


def kubectl(cluster: Cluster | None) -> str:
    """kubectl for a cluster; where none is named, for whichever is current."""
    return f"kubectl --context {cluster.context}" if cluster else "kubectl"


def resource(ref: WorkloadRef) -> str:
    """A workload as kubectl takes it: deployment/web."""
    return f"{ref.kind.lower()}/{ref.name}"


def scale(cluster: Cluster | None, ref: WorkloadRef, replicas: int | str) -> str:
    """Set the number of replicas through the scale subresource."""
    return f"{kubectl(cluster)} scale {resource(ref)} -n {ref.namespace} --replicas={replicas}"


def show(cluster: Cluster | None, ref: WorkloadRef, path: str) -> str:
    """Print one value of a workload; `path` as in jsonpath, such as .spec.replicas."""
    return f"{kubectl(cluster)} get {resource(ref)} -n {ref.namespace} -o jsonpath={{{path}}}"
