"""A workload of a Helm release: the steps of its hand-over, and how its plan is undone.

The values reach it with an upgrade, so no step changes the workload itself: `kubectl scale` would make the next upgrade
of a release that Helm applies server-side fail (a conflict over .spec.replicas).
"""

from collections.abc import Iterator

from infra_scale.core.planning.commands import OBJECTS, kubectl, show
from infra_scale.core.planning.holding import MANAGER, held_count
from infra_scale.model.autoscaler import Hpa
from infra_scale.model.helm import ChartWorkload
from infra_scale.model.manifest import Base
from infra_scale.model.ownership import HandoverStep
from infra_scale.model.request import Workload
from infra_scale.model.step import Manual, workload_object
from infra_scale.model.workload import Cluster, WorkloadRef

_CLIENT_SIDE = "a release that Helm applies client-side: one that Helm 3 installed"


def chart_steps(workload: Workload, base: Base, hpa: Hpa | None, cluster: Cluster | None) -> Iterator[HandoverStep]:
    """The steps that keep the pods of a workload running while the chart's autoscaler arrives or goes."""
    ref, chart = workload.ref, base.chart
    if chart is None:
        return
    if hpa:
        yield HandoverStep(
            "before",
            f"upgrade the release once without changes and {_server_side(chart)}: else the count is not kept",
            only=_CLIENT_SIDE,
        )
        yield held_count(ref, cluster)
        bounds = f"between {hpa.minimum} and {hpa.maximum} pods from now on"
        yield HandoverStep("plan", f"the upgrade of {_release(chart)} creates the chart's HPA: {bounds}")
        yield HandoverStep("after", "check that the HPA is active", _get_hpa(ref, cluster))
        yield HandoverStep(
            "after",
            f"nothing needs to be released: the field manager {MANAGER} disappears when the HPA sets another count. "
            "Removing the field from it earlier would set 1",
        )
    elif workload.replicas is not None:
        what = f"the upgrade of {_release(chart)} deletes the chart's HPA and sets {workload.replicas} replicas"
        yield HandoverStep("plan", what)
        conflict = "add --force-conflicts to the upgrade once, if the HPA wrote the count"
        yield HandoverStep("plan", conflict, only="plain Helm 4; Flux always forces")
        shown = show(workload_object(ref), ("spec", "replicas"), cluster)
        yield HandoverStep("after", f"check that {workload.replicas} replicas are set", shown)
    if workload.requests or workload.limits:
        yield HandoverStep("plan", "requests and limits of the pod template are set: the pods restart once")


def undone(ref: WorkloadRef, chart: ChartWorkload, cluster: Cluster | None) -> Iterator[Manual]:
    """How a plan for a workload of a release is undone."""
    context = f" --kube-context {cluster.context}" if cluster else ""
    namespace = chart.object_namespace or ref.namespace
    rollback = f"helm rollback {chart.release} -n {namespace}{context}"
    if not chart.api_version:
        yield Manual(f"revert the merge and upgrade release {chart.release} of {ref}; in a hurry", rollback)
        return
    flux = f"flux{f' --context {cluster.context}' if cluster else ''}"
    named = f"helmrelease {chart.object_name} -n {namespace}"
    yield Manual(
        f"revert the merge: Flux upgrades release {chart.release} of {ref} to the values before; in a hurry",
        f"{flux} suspend {named} && {rollback}",
    )
    yield Manual("after such a rollback, once the revert has arrived", f"{flux} resume {named}")


def _server_side(chart: ChartWorkload) -> str:
    return "`upgrade.serverSideApply: enabled` in the HelmRelease" if chart.api_version else "`--server-side=true`"


def _release(chart: ChartWorkload) -> str:
    return f"HelmRelease/{chart.object_name}" if chart.api_version else f"release {chart.release}"


def _get_hpa(ref: WorkloadRef, cluster: Cluster | None) -> str:
    return f"{kubectl(cluster)} get {OBJECTS['hpa']} {ref.name} -n {ref.namespace}"
