"""Workloads are captured with what decides about where their pods fit, and with nothing else of their templates."""

import pytest

from infra_scale.model.pod import PodContainer, Requirement, Spread, Toleration
from infra_scale.model.snapshot import DisruptionBudget, LiveAutoscaler, LiveVpa, Strategy
from support.capacity import amounts
from support.capture import captured, captured_workload
from support.kube_objects import Object, cluster, container, deployment, metadata, node, owner, plain, pod, pod_spec

_AIM = {"kind": "Deployment", "name": "web"}


def _hpa(**spec: object) -> Object:
    return plain("autoscaling/v2", "HorizontalPodAutoscaler", "web", {"scaleTargetRef": _AIM, "maxReplicas": 6, **spec})


def _job(name: str, **more: object) -> Object:
    spec = {"parallelism": 4, "template": {"spec": pod_spec()}}
    return plain("batch/v1", "Job", name, spec, **more)


def test_a_deployment_is_captured_whole() -> None:
    (live,) = captured(cluster()).workloads

    assert (live.ref.kind, live.ref.namespace, live.ref.name) == ("Deployment", "shop", "web")
    assert (live.replicas, live.generation, live.resource_version) == (3, 4, None)
    assert live.strategy == Strategy("RollingUpdate", "25%", "0")
    assert live.pod.containers == (PodContainer("app", amounts(cpu="250m", memory="256Mi")),)
    assert live.hpa == LiveAutoscaler("web", 2, 6, 70)
    assert live.vpa == LiveVpa("web", "Off")
    assert live.budgets == (DisruptionBudget("web", "2", None),)


def test_namespaces_that_are_not_managed_leave_only_their_sums() -> None:
    there = captured(cluster())

    assert [state.name for state in there.namespaces] == ["shop"]
    assert sum(row.pods * row.times for row in there.nodes) == 7


def test_conditions_on_nodes_are_kept() -> None:
    zone = "topology.kubernetes.io/zone"
    own = {"matchLabels": {"app": "web"}}
    required = "requiredDuringSchedulingIgnoredDuringExecution"
    term = {"matchExpressions": [{"key": zone, "operator": "NotIn", "values": ["b", "a"]}]}
    live = captured_workload(
        deployment(
            nodeSelector={"disk": "ssd"},
            tolerations=[{"key": "spot", "operator": "Exists"}, {"operator": "Exists"}],
            affinity={
                "nodeAffinity": {required: {"nodeSelectorTerms": [term, {}]}},
                "podAntiAffinity": {required: [{"topologyKey": "kubernetes.io/hostname", "labelSelector": own}]},
            },
            topologySpreadConstraints=[
                {"topologyKey": zone, "maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule", "labelSelector": own},
                {"topologyKey": "x", "maxSkew": 1, "whenUnsatisfiable": "ScheduleAnyway", "labelSelector": own},
            ],
            priorityClassName="high",
            activeDeadlineSeconds=60,
        )
    )

    scheduling = live.pod.scheduling
    assert scheduling.node_selector == (("disk", "ssd"),)
    assert scheduling.affinity == ((Requirement(zone, "NotIn", ("a", "b")),),)
    assert set(scheduling.tolerations) == {
        Toleration("spot", "Exists", "", None),
        Toleration(None, "Exists", "", None),
    }
    assert scheduling.is_alone_on_host
    assert scheduling.spread == (Spread(zone, 1),)
    assert live.pod.priority_class == "high"
    assert live.pod.is_terminating


_HOST, _ZONE = "kubernetes.io/hostname", "topology.kubernetes.io/zone"
_OWN, _OTHER = {"matchLabels": {"app": "web"}}, {"matchLabels": {"app": "db"}}


@pytest.mark.parametrize(
    ("kind", "term", "expected"),
    [
        ("podAffinity", {"topologyKey": _HOST, "labelSelector": _OWN}, ("podAffinity",)),
        ("podAffinity", {"topologyKey": _ZONE, "labelSelector": _OTHER}, ("podAffinity",)),
        ("podAntiAffinity", {"topologyKey": _HOST, "labelSelector": _OWN}, ()),
        ("podAntiAffinity", {"topologyKey": _HOST, "labelSelector": _OTHER}, ("podAntiAffinity",)),
        ("podAntiAffinity", {"topologyKey": _ZONE, "labelSelector": _OWN}, ("podAntiAffinity",)),
        ("podAntiAffinity", {"topologyKey": _HOST, "labelSelector": _OWN, "namespaces": ["x"]}, ("podAntiAffinity",)),
    ],
)
def test_required_affinity_that_is_not_followed_is_named(kind: str, term: Object, expected: tuple[str, ...]) -> None:
    required = {"requiredDuringSchedulingIgnoredDuringExecution": [term]}
    preferred = {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1, "podAffinityTerm": term}]}

    assert captured_workload(deployment(affinity={kind: required})).pod.scheduling.unmodelled == expected
    assert captured_workload(deployment(affinity={kind: preferred})).pod.scheduling.unmodelled == ()


_BY_ZONE: Object = {"topologyKey": _ZONE, "maxSkew": 1, "labelSelector": _OWN}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, ()),
        ({"minDomains": 1, "nodeAffinityPolicy": "Honor", "matchLabelKeys": ["pod-template-hash"]}, ()),
        ({"minDomains": 3}, ("topologySpread",)),
        ({"nodeAffinityPolicy": "Ignore"}, ("topologySpread",)),
        ({"labelSelector": _OTHER}, ("topologySpread",)),
        ({"labelSelector": None}, ()),
        ({"labelSelector": _OTHER, "minDomains": 3, "whenUnsatisfiable": "ScheduleAnyway"}, ()),
    ],
    ids=["plain", "defaults", "minDomains", "more nodes", "pods of others", "no pods", "a wish"],
)
def test_a_spread_that_is_not_followed_is_named(more: Object, expected: tuple[str, ...]) -> None:
    live = captured_workload(deployment(topologySpreadConstraints=[{**_BY_ZONE, **more}]))

    assert live.pod.scheduling.unmodelled == expected


def test_sidecars_and_init_containers_are_told_apart() -> None:
    sidecar = {**container("proxy", cpu="10m"), "restartPolicy": "Always"}

    live = captured_workload(deployment(initContainers=[sidecar, container("migrate", cpu="1")]))

    assert [(one.name, one.is_sidecar) for one in live.pod.init_containers] == [("proxy", True), ("migrate", False)]


def test_overhead_that_admission_adds_is_that_of_the_workload() -> None:
    with_class = pod(1, 1, overhead={"cpu": "120m"})

    (live,) = captured([node(1), deployment(), cluster()[5], with_class]).workloads

    assert live.pod.overhead == amounts(cpu="120m")


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, LiveAutoscaler("web", 1, 6, None)),
        ({"minReplicas": 0}, LiveAutoscaler("web", 0, 6, None)),
        ({"targetCPUUtilizationPercentage": 60}, LiveAutoscaler("web", 1, 6, 60)),
        (
            {"metrics": [{"type": "Resource", "resource": {"name": "memory", "target": {"averageUtilization": 9}}}]},
            LiveAutoscaler("web", 1, 6, None),
        ),
    ],
)
def test_an_hpa_is_captured_with_its_bounds(spec: Object, expected: LiveAutoscaler) -> None:
    assert captured_workload(deployment(), _hpa(**spec)).hpa == expected


def test_the_hpa_that_keda_has_made_is_a_part_of_the_scaled_object() -> None:
    made = _hpa()
    made["metadata"] = metadata("keda-hpa-web", ownerReferences=[owner("ScaledObject", "web")])
    scaled = plain("keda.sh/v1alpha1", "ScaledObject", "web", {"scaleTargetRef": {"name": "web"}})

    live = captured_workload(deployment(), made, scaled)

    assert live.hpa is None
    assert live.scaled_object == LiveAutoscaler("web", 0, 100)


def test_what_another_workload_has_made_and_jobs_that_have_ended_are_no_workloads() -> None:
    over = _job("over", status={"conditions": [{"type": "Complete", "status": "True"}]})
    nightly = _job("nightly-1")
    nightly["metadata"]["ownerReferences"] = [owner("CronJob", "nightly")]

    live = captured_workload(_job("open"), over, nightly)

    assert (live.ref.name, live.replicas) == ("open", 4)


def test_a_cron_job_is_captured_by_the_template_of_its_jobs() -> None:
    job = {"spec": {"parallelism": 2, "template": {"spec": pod_spec()}}}

    live = captured_workload(plain("batch/v1", "CronJob", "nightly", {"schedule": "@daily", "jobTemplate": job}))

    assert (live.ref.kind, live.replicas) == ("CronJob", 2)
    assert live.pod.containers[0].requests == amounts(cpu="250m", memory="256Mi")


def test_a_daemon_set_has_as_many_pods_as_it_wants_nodes() -> None:
    live = captured_workload(
        plain("apps/v1", "DaemonSet", "agent", {"template": {"spec": pod_spec()}}, status={"desiredNumberScheduled": 7})
    )

    assert live.replicas == 7


@pytest.mark.parametrize(
    ("selector", "is_about_it"),
    [
        ({"matchLabels": {"app": "web"}}, True),
        ({}, True),
        (None, False),
        ({"matchLabels": {"app": "other"}}, False),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["web", "api"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]}, False),
        ({"matchExpressions": [{"key": "app", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}, False),
    ],
)
def test_a_budget_belongs_to_the_workloads_whose_pods_it_selects(selector: object, *, is_about_it: bool) -> None:
    budget = plain("policy/v1", "PodDisruptionBudget", "web", {"maxUnavailable": "20%", "selector": selector})

    expected = (DisruptionBudget("web", None, "20%"),) if is_about_it else ()
    assert captured_workload(deployment(), budget).budgets == expected


_APP_ONLY = {"containerName": "app", "controlledResources": ["memory"]}


@pytest.mark.parametrize(
    ("policies", "controlled"),
    [
        ([], ("cpu", "memory")),
        ([_APP_ONLY], ("memory",)),
        ([{**_APP_ONLY, "containerName": "*"}], ("memory",)),
        ([{**_APP_ONLY, "containerName": "mesh"}], ("cpu", "memory")),
        ([{"containerName": "app", "mode": "Off"}], ()),
        ([{"containerName": "*", "mode": "Off"}, _APP_ONLY], ("memory",)),
        ([{"mode": "Off"}], ("cpu", "memory")),
    ],
)
def test_a_vpa_is_captured_with_what_it_sets_of_the_containers_that_there_are(
    policies: list[Object], controlled: tuple[str, ...]
) -> None:
    spec = {
        "targetRef": _AIM,
        "updatePolicy": {"updateMode": "Recreate"},
        "resourcePolicy": {"containerPolicies": policies},
    }
    vpa = plain("autoscaling.k8s.io/v1", "VerticalPodAutoscaler", "web", spec)

    live = captured_workload(deployment(), vpa).vpa

    assert live
    assert (live.mode, live.controlled) == ("Recreate", controlled)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, (False, False)),
        ({"podManagementPolicy": "OrderedReady"}, (False, False)),
        ({"podManagementPolicy": "Parallel"}, (True, False)),
        ({"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete", "whenScaled": "Retain"}}, (False, False)),
        ({"persistentVolumeClaimRetentionPolicy": {"whenScaled": "Delete"}}, (False, True)),
    ],
)
def test_a_stateful_set_is_captured_with_what_decides_about_its_scaling(
    spec: Object, expected: tuple[bool, bool]
) -> None:
    live = captured_workload(plain("apps/v1", "StatefulSet", "db", {"template": {"spec": pod_spec()}, **spec}))

    assert (live.is_parallel, live.drops_claims) == expected
