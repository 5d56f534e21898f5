"""What decides about the rollout of a workload is captured, written and read again."""

import pytest

from infra_scale.model.snapshot import LiveWorkload
from support.capture import captured
from support.kube_objects import Object, cluster, plain, pod_spec


def _seen(version: str, kind: str, status: Object | None = None, **spec: object) -> LiveWorkload:
    item = plain(version, kind, "db", {"template": {"spec": pod_spec()}, **spec})
    found = captured([*cluster(), item | {"status": status or {}}])
    return next(one for one in found.workloads if one.ref.name == "db")


@pytest.mark.parametrize(("partition", "kept"), [(2, 2), (0, None)])
def test_the_partition_of_a_statefulset(partition: int, kept: int | None) -> None:
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"partition": partition}}

    assert _seen("apps/v1", "StatefulSet", updateStrategy=strategy).strategy.partition == kept


@pytest.mark.parametrize("paused", [True, False])
def test_whether_a_deployment_is_paused(*, paused: bool) -> None:
    assert _seen("apps/v1", "Deployment", paused=paused).is_paused is paused


@pytest.mark.parametrize(
    ("kind", "suspend", "status", "suspended"),
    [
        ("Job", True, {}, True),
        ("Job", True, {"active": 2}, False),
        ("Job", False, {}, False),
    ],
)
def test_a_job_is_suspended_once_none_of_its_pods_is_active(
    kind: str, status: Object, *, suspend: bool, suspended: bool
) -> None:
    assert _seen("batch/v1", kind, status, suspend=suspend).is_suspended is suspended
