"""Rules about Jobs and CronJobs."""

from collections.abc import Iterator

from infra_scale.core.capacity.admission import MUTABLE_JOBS
from infra_scale.core.capacity.versions import is_at_least
from infra_scale.core.ruling.catalogue import HERE, Hit, Subject, merged, rule
from infra_scale.model.capacity import Seen, Site
from infra_scale.model.finding import Severity
from infra_scale.model.snapshot import LiveWorkload
from infra_scale.model.workload import BATCH


@rule(
    "KIND-008",
    "error",
    why="A Job has no spec.replicas: spec.parallelism is the number of pods that run at a time.",
    fix="write `parallelism` instead of `replicas`",
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
    why="With concurrencyPolicy Allow, long runs overlap with the next ones, without a limit.",
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
    why="Suspending a Job deletes its active pods, and its deadline restarts when it is resumed.",
    fix="let the Job finish, or make sure that its pods can restart",
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
    why="The pod template of a Job is immutable. Since Kubernetes 1.36, its requests and limits can change while the "
    "Job is suspended and has no active pod.",
    fix="change them in the manifest and create the Job again, or add `suspend: true` to the request if it is "
    "suspended; a CronJob uses them for its next runs",
    source="kubernetes/pkg/apis/batch/validation/validation.go, ValidateJobSpecUpdate; "
    "KEP-5440, mutable pod resources of suspended Jobs",
)
def resources_of_job(subject: Subject) -> Iterator[Hit]:
    """Requests or limits for a Job that is not known to be suspended; a warning if only that is unknown."""
    workload = subject.workload
    if workload.ref.kind == "Job" and (workload.requests is not None or workload.limits is not None):
        yield from merged((site, hit) for site in subject.sites or (None,) for hit in _immutable(subject, site))


def _immutable(subject: Subject, site: Site | None) -> Iterator[Hit]:
    seen = site.seen if site else None
    known = seen if isinstance(seen, Seen) and seen.live else None
    is_new_enough = is_at_least(known.snapshot.kubernetes_version, MUTABLE_JOBS) if known else None
    if known and is_new_enough and known.live and known.live.is_suspended:
        return
    ref, help = subject.workload.ref, ""
    severity: Severity | None = None
    reason = "cannot change while it exists"
    if is_new_enough:
        reason = "cannot change while it is not suspended or has active pods"
        help = "suspend the Job first, in a separate request, and capture the cluster again"
    elif is_new_enough is None and _may_be_suspended(subject, known.live if known else None):
        severity = "warning"
        reason = (
            "can change only if the cluster has Kubernetes 1.36 or later and the Job is suspended without active pods"
        )
    for name, value in (("requests", subject.workload.requests), ("limits", subject.workload.limits)):
        if value is not None:
            yield Hit(f"the {name} of {ref}{HERE} {reason}", (name,), severity, help)


def _may_be_suspended(subject: Subject, live: LiveWorkload | None) -> bool:
    """Whether the snapshot shows it; without one, whether request or manifest set `suspend`."""
    if live:
        return live.is_suspended
    return subject.workload.suspend is not None or bool(subject.base and subject.base.is_suspended)
