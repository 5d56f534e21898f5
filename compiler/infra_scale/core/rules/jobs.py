"""Rules about Jobs and CronJobs."""

from collections.abc import Iterator

from infra_scale.core.rules.catalogue import Hit, Subject, rule
from infra_scale.model.workload import BATCH


@rule(
    "KIND-008",
    "error",
    why="A Job has no spec.replicas: spec.parallelism says how many of its pods work at a time.",
    fix="write `parallelism` in place of `replicas`",
    source="Kubernetes API reference, batch/v1 JobSpec",
)
def replicas_on_job(subject: Subject) -> Iterator[Hit]:
    """Replicas for a Job or CronJob."""
    workload = subject.workload
    if workload.ref.kind in BATCH and workload.replicas is not None:
        yield Hit(f"{workload.ref} has no replica count; it runs `parallelism` pods at a time.", ("replicas",))


@rule(
    "KIND-009",
    "error",
    why="Only Jobs and CronJobs have spec.parallelism and spec.suspend.",
    fix="write `replicas`; 0 stops the workload",
    source="Kubernetes API reference, batch/v1 JobSpec and CronJobSpec",
)
def job_values_elsewhere(subject: Subject) -> Iterator[Hit]:
    """Parallelism or suspend for another kind."""
    workload = subject.workload
    if workload.ref.kind in BATCH:
        return
    for name, value in (("parallelism", workload.parallelism), ("suspend", workload.suspend)):
        if value is not None:
            yield Hit(f"{workload.ref} has no {name}; Jobs and CronJobs do.", (name,))


@rule(
    "KIND-007",
    "warning",
    why="With concurrencyPolicy Allow a run that takes long goes on beside the next ones, without a bound.",
    fix="set concurrencyPolicy to Forbid or Replace in the manifest",
    source="kubernetes/pkg/apis/batch/types.go, CronJobSpec.ConcurrencyPolicy; datree, 24",
)
def overlapping_runs(subject: Subject) -> Iterator[Hit]:
    """Parallelism for a CronJob whose base manifest has concurrencyPolicy Allow, or none."""
    workload, base = subject.workload, subject.base
    if base is None or workload.ref.kind != "CronJob" or not workload.parallelism:
        return
    if base.concurrency in (None, "Allow"):
        message = f"overlapping runs of {workload.ref} possible: worst case unbounded × {workload.parallelism} pods"
        yield Hit(message, ("parallelism",))


@rule(
    "KIND-005",
    "warning",
    why="Suspending a Job deletes its active pods and starts its deadline anew when it is resumed.",
    fix="let the Job end, or be sure that its pods can begin again",
    source="kubernetes/pkg/apis/batch/types.go, JobSpec.Suspend",
)
def suspended_job(subject: Subject) -> Iterator[Hit]:
    """Suspend true for a Job."""
    workload = subject.workload
    if workload.ref.kind == "Job" and workload.suspend:
        yield Hit(f"Suspending {workload.ref} deletes its active pods; their work is lost.", ("suspend",))


@rule(
    "KIND-006",
    "error",
    why="The pod template of a Job is immutable, so its requests and limits cannot change.",
    fix="change them in the manifest and create the Job anew; a CronJob takes them for its next runs",
    source="kubernetes/pkg/apis/batch/validation/validation.go, ValidateJobSpecUpdate",
)
def resources_of_job(subject: Subject) -> Iterator[Hit]:
    """Requests or limits for a Job."""
    workload = subject.workload
    if workload.ref.kind != "Job":
        return
    for name, value in (("requests", workload.requests), ("limits", workload.limits)):
        if value is not None:
            yield Hit(f"the {name} of {workload.ref} cannot change while it exists", (name,))
