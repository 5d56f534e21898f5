"""Capture the state of a cluster from its API or from saved objects, reduced to the fields of a snapshot."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from infra_scale.adapters import checkout, files
from infra_scale.core.capture.objects import Inventory, ObjectError, inventory
from infra_scale.core.capture.snapshot import Selection, capture
from infra_scale.core.comparing.snapshots import SnapshotChanges, snapshot_changes
from infra_scale.core.documents.snapshot import read_snapshot, write_snapshot
from infra_scale.core.reporting.findings_text import finding_text
from infra_scale.core.schema import catalogue
from infra_scale.core.syntax import limits
from infra_scale.core.syntax.scalars import DecimalText, Value
from infra_scale.errors import InfraScaleError
from infra_scale.model.names import snapshot_path
from infra_scale.model.snapshot import ClusterSnapshot, Gap
from infra_scale.model.source import Source
from infra_scale.model.time import in_seconds
from infra_scale.ports.cluster import Answer, Cluster, Forbidden

RESOURCES = (
    "nodes",
    "pods",
    "resourcequotas",
    "limitranges",
    "deployments.apps",
    "statefulsets.apps",
    "replicasets.apps",
    "daemonsets.apps",
    "jobs.batch",
    "cronjobs.batch",
    "horizontalpodautoscalers.autoscaling",
    "poddisruptionbudgets.policy",
)
"""Required: without one of these, a snapshot would be wrong, because missing objects count as absent."""
EXTENSIONS = ("scaledobjects.keda.sh", "verticalpodautoscalers.autoscaling.k8s.io")
"""Optional: many clusters do not have them."""

_KINDS = ("ResourceQuota", "LimitRange", "HorizontalPodAutoscaler", "PodDisruptionBudget")
"""Kinds that saved objects should include; a warning reports missing ones, which may have been forgotten."""
_NEEDED = ("Node", "Pod")
"""Every cluster in use has some: a response without them is not valid."""
_GUIDE = "docs/how-to-snapshot.md has the role that allows it"


class Facts(NamedTuple):
    """The objects of a cluster."""

    found: Inventory
    gaps: tuple[Gap, ...] = ()
    """Resources that the API server did not show."""


class Captured(NamedTuple):
    """A snapshot, and its differences from the previous one."""

    snapshot: ClusterSnapshot
    text: str
    changes: SnapshotChanges
    before: ClusterSnapshot | None
    """None: there was none."""


def ask(cluster: Cluster, *, watch: Callable[[str, int, int], None]) -> Facts:
    """Read the API server; `watch` is called for each resource. Raises InfraScaleError."""
    answers = [_needed("version", cluster.version())]
    gaps: list[Gap] = []
    everything = (*RESOURCES, *EXTENSIONS)
    for number, resource in enumerate(everything):
        watch(resource, number, len(everything))
        answer = cluster.objects(resource)
        if resource in RESOURCES:
            answers.append(_needed(resource, answer))
        elif isinstance(answer, Forbidden):
            gaps.append(Gap(resource, "forbidden"))
        elif isinstance(answer, bytes):
            answers.append(answer)
    system = cluster.namespace("kube-system")
    if isinstance(system, bytes):
        answers.append(system)
    else:
        gaps.append(Gap("namespaces", "forbidden" if isinstance(system, Forbidden) else "no kube-system"))
    return Facts(_inventory(value for answer in answers for value in _values("kubectl", answer)), tuple(gaps))


def read_saved(names: Sequence[str], standard_input: Callable[[], bytes]) -> Facts:
    """Read saved output of `kubectl get -o json`; `-` is standard input. Raises InfraScaleError."""
    contents = ((name, standard_input() if name == "-" else files.read_bytes(Path(name))) for name in names)
    return Facts(_inventory(value for name, content in contents for value in _values(name, content)))


def missing_kinds(found: Inventory) -> tuple[str, ...]:
    """Kinds without saved objects: they count as absent."""
    return tuple(kind for kind in _KINDS if not found.of(kind))


def captured(facts: Facts, wanted: Selection, *, root: Path) -> Captured:
    """The snapshot, with the bounds of pools from the previous one in `root`. Raises InfraScaleError."""
    before = _before(root, wanted.cluster)
    wanted = wanted._replace(pools=before.pools if before else (), gaps=facts.gaps)
    try:
        snapshot = capture(facts.found, wanted)
    except ObjectError as error:
        raise _unusable(error) from error
    _refuse_empty(facts.found)
    text = write_snapshot(snapshot)
    _refuse_unreadable(text, snapshot)
    return Captured(snapshot, text, snapshot_changes(before, snapshot), before)


def write(done: Captured, *, root: Path, output: str | None) -> str:
    """Write the file, whole or not at all, and return its path. Raises InfraScaleError."""
    path = output or snapshot_path(done.snapshot.cluster)
    if output is None:
        _refuse_another(done)
        checkout.write_within(root, path, done.text.encode())
    else:
        files.write_output(Path(output), done.text.encode())
    return path


def _needed(resource: str, answer: Answer) -> bytes:
    if isinstance(answer, bytes):
        return answer
    if isinstance(answer, Forbidden):
        raise InfraScaleError(answer.reason, hint=f"nothing was written; {_GUIDE}")
    message = f"{resource}: the API server does not have them"
    raise InfraScaleError(message, hint="nothing was written; Kubernetes 1.23 and newer has all required resources")


def _values(name: str, content: bytes) -> Iterator[Value]:
    """The JSON values in a text, one after the other."""
    decoder = json.JSONDecoder(parse_float=DecimalText, parse_constant=_no_number)
    try:
        text = content.decode("utf-8-sig").rstrip()
        end = 0
        while end < len(text):
            value, end = decoder.raw_decode(text, _past_blanks(text, end))
            yield value
    except (ValueError, RecursionError) as error:
        where = f"line {error.lineno}: {error.msg}" if isinstance(error, json.JSONDecodeError) else str(error)
        message = f"{name} is not JSON: {where}"
        raise InfraScaleError(message, hint="save it with `kubectl get … --output json`") from error


def _past_blanks(text: str, start: int) -> int:
    while text[start].isspace():
        start += 1
    return start


def _no_number(text: str) -> Value:
    message = f"{text} is not a number"
    raise ValueError(message)


def _inventory(values: Iterable[Value]) -> Inventory:
    try:
        return inventory(values)
    except ObjectError as error:
        raise _unusable(error) from error


def _unusable(error: ObjectError) -> InfraScaleError:
    return InfraScaleError(str(error), hint="nothing was written; capture or save the objects again")


def _before(root: Path, cluster: str) -> ClusterSnapshot | None:
    path = snapshot_path(cluster)
    found = checkout.read_file(root, path, limit=limits.MAX_SNAPSHOT_BYTES + 1)
    if found is None:
        return None
    if not isinstance(found, Source):
        message = f"{path} is {found.what}"
        raise InfraScaleError(message, hint="replace it with a file, or remove it")
    snapshot, findings = read_snapshot(found, schema=files.schema_text(catalogue.SNAPSHOT))
    if snapshot is None:
        message = f"the previous snapshot cannot be read, and it may have bounds of pools:\n{finding_text(findings[0])}"
        raise InfraScaleError(message, hint="fix it, or delete it and write min and max of its pools again")
    return snapshot


def _refuse_another(done: Captured) -> None:
    """Refuse to replace a snapshot with that of another cluster or an older state: forecasts would use it."""
    before, now = done.before, done.snapshot
    if before is None:
        return
    path = snapshot_path(now.cluster)
    if before.cluster_uid and now.cluster_uid and before.cluster_uid != now.cluster_uid:
        message = f"this is not the cluster in {path}: its clusterUID differs"
        raise InfraScaleError(
            message, hint="nothing was written; check the context, or delete the file if the cluster was recreated"
        )
    if now.captured_at < before.captured_at:
        newer, older = in_seconds(before.captured_at), in_seconds(now.captured_at)
        message = f"this was captured at {older}, and {path} at {newer}, which is later"
        raise InfraScaleError(message, hint="nothing was written; to keep the older state, delete the file first")


def _refuse_empty(found: Inventory) -> None:
    """Refuse an empty response, as from a failed kubectl: it must not replace a snapshot."""
    missing = [kind for kind in _NEEDED if not found.of(kind)]
    if missing:
        message = f"the response has no {' and no '.join(missing)}: refusing to write an empty snapshot"
        raise InfraScaleError(message, hint="nothing was written; check whether `kubectl get` failed, and run it again")


def _refuse_unreadable(text: str, snapshot: ClusterSnapshot) -> None:
    """Read the text back before it is written: a snapshot that readers would refuse is not written."""
    content = text.encode()
    if len(content) > limits.MAX_SNAPSHOT_BYTES:
        message = f"the snapshot would have {len(content)} bytes; at most {limits.MAX_SNAPSHOT_BYTES} are read"
        raise InfraScaleError(message, hint="manage fewer namespaces of this cluster, or split it into two targets")
    path = snapshot_path(snapshot.cluster)
    source = Source(path, content, len(content))
    read, findings = read_snapshot(source, schema=files.schema_text(catalogue.SNAPSHOT))
    if read != snapshot:
        said = finding_text(findings[0]) if findings else "reading it back gives a different snapshot"
        message = f"a snapshot cannot represent an object of the cluster:\n{said}"
        raise InfraScaleError(message, hint="nothing was written; please report it")
