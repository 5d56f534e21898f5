"""Actions to the steps around them, and steps to the commands that a person types."""

import pytest

from infra_scale.core.planning.actions import workload_of
from infra_scale.core.planning.commands import command
from infra_scale.core.planning.steps import undo
from infra_scale.model.action import Action, RemoveAutoscaler, ScaleJob, ScaleWorkload, UpdateResources
from infra_scale.model.quantity import Quantity, Resources
from infra_scale.model.request import ScaleRequest, Workload
from infra_scale.model.step import (
    Create,
    Delete,
    FieldValue,
    Item,
    Live,
    Manual,
    ObjectRef,
    Patch,
    Restore,
    Save,
    Saved,
    Scale,
    Step,
    Wait,
)
from infra_scale.model.target import Target
from infra_scale.model.workload import Cluster, WorkloadRef

_WEB = WorkloadRef("Deployment", "shop", "web")
_OBJECT = ObjectRef("Deployment", "shop", "web")
_HPA = ObjectRef("HorizontalPodAutoscaler", "shop", "web")
_REPLICAS = Saved(_OBJECT, (("spec", "replicas"),))
_EU, _US = Cluster("eu", "eu-ctx", 0), Cluster("us", "us-ctx", 1)
_TARGET = Target("prod", (_EU, _US))


def _around(*actions: Action) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    """The steps that save before, and those that undo, a plan of a request without a hand-over."""
    workloads = tuple(
        Workload(ref, (), None, None, None, None, None, None, None) for ref in {one.ref for one in actions}
    )
    request = ScaleRequest("requests/web.yaml", "web", "prod", "shop", "hpa", None, None, None, workloads)
    return undo(actions, Target("prod", ()), workload_of(request), {})


def test_a_scale_is_undone_by_a_scale_to_the_count_that_was_saved() -> None:
    assert _around(ScaleWorkload(_WEB, 6)) == ((Save(_REPLICAS),), (Scale(_OBJECT, _REPLICAS),))


def test_each_field_of_a_job_is_saved_and_put_back_by_itself() -> None:
    job = ObjectRef("CronJob", "shop", "report")
    parallelism = Saved(job, (("spec", "jobTemplate", "spec", "parallelism"),))
    suspend = Saved(job, (("spec", "suspend"),))

    saved, undone = _around(ScaleJob(WorkloadRef(*job), 2, suspend=True))  # type: ignore[arg-type]

    assert saved == (Save(parallelism), Save(suspend))
    assert undone == tuple(Patch(job, (FieldValue(one.fields[0], one),)) for one in (parallelism, suspend))


def test_a_removed_autoscaler_is_saved_and_created_again() -> None:
    assert _around(RemoveAutoscaler(_WEB, "hpa")) == ((Save(Saved(_HPA)),), (Create(Saved(_HPA)),))


def test_resources_of_an_unknown_container_are_those_of_each_container() -> None:
    requests = Resources(Quantity.parse("1"), None)
    cpu = ("spec", "template", "spec", "containers", Item(None), "resources", "requests", "cpu")

    saved, (undone, other) = _around(UpdateResources(_WEB, None, requests, None))

    assert saved == (Save(Saved(_OBJECT, (cpu,))),)
    assert undone == Restore(Saved(_OBJECT, (cpu,)))
    assert isinstance(other, Manual)


def test_resources_that_name_no_amount_need_no_step() -> None:
    assert _around(UpdateResources(_WEB, None, Resources(None, None), None)) == ((), ())


@pytest.mark.parametrize(
    ("step", "typed"),
    [
        (Scale(_OBJECT, 3), "kubectl scale deployment/web -n shop --replicas=3"),
        (
            Scale(_OBJECT, 3, 0, _EU),
            "kubectl --context eu-ctx scale deployment/web -n shop --replicas=3 --current-replicas=0",
        ),
        (
            Scale(_OBJECT, _REPLICAS, cluster=_US),
            "kubectl --context us-ctx scale deployment/web -n shop --replicas="
            "${detect:-$(grep . previous-replicas.prod.us.shop.deployment.web.txt || echo unknown)}",
        ),
        (
            Patch(_HPA, (FieldValue(("spec", "minReplicas"), 2), FieldValue(("spec", "maxReplicas"), 4))),
            """kubectl patch hpa web -n shop --type merge -p '{"spec":{"minReplicas":2,"maxReplicas":4}}'""",
        ),
        (
            Patch(_OBJECT, (FieldValue(("spec", "containers", Item("app"), "resources", "limits", "cpu"), None),)),
            "kubectl patch deployment/web -n shop -p "
            "'spec: {containers: [{name: app, resources: {limits: {cpu: null}}}]}'",
        ),
        (
            Patch(_HPA, (FieldValue(("metadata", "annotations", "a.b/c"), Live(_OBJECT, ("spec", "replicas"))),)),
            "kubectl annotate hpa web -n shop --overwrite "
            'a.b/c="$(kubectl get deployment/web -n shop -o jsonpath={.spec.replicas})"',
        ),
        (Create(Saved(_HPA)), "kubectl apply -f previous-hpa.prod.shop.web.yaml"),
        (Delete(_HPA, may_be_gone=True), "kubectl delete hpa web -n shop --ignore-not-found"),
        (
            Restore(Saved(_HPA), Delete(_HPA)),
            "ls previous-hpa.prod.shop.web.yaml && if test -s previous-hpa.prod.shop.web.yaml; then "
            "kubectl replace -f previous-hpa.prod.shop.web.yaml; else kubectl delete hpa web -n shop; fi",
        ),
        (Wait(_HPA, "ScalingActive", 5), "kubectl wait hpa web -n shop --for=condition=ScalingActive --timeout=5m"),
        (Manual("look", Delete(_HPA)), "# look: kubectl delete hpa web -n shop"),
        (Manual("look"), "# look"),
    ],
)
def test_a_step_is_one_command(step: Step, typed: str) -> None:
    assert command(step, _TARGET) == typed
