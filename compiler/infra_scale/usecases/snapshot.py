"""Capture what a cluster holds: ask it, or read what somebody has saved of it; keep what a snapshot may say."""

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
"""Without one of these, a snapshot would be wrong: what it does not show would count as not there."""
EXTENSIONS = ("scaledobjects.keda.sh", "verticalpodautoscalers.autoscaling.k8s.io")
"""Many clusters do not have them."""

_KINDS = ("ResourceQuota", "LimitRange", "HorizontalPodAutoscaler", "PodDisruptionBudget")
"""What saved answers should hold some of, lest it was forgotten."""
_NEEDED = ("Node", "Pod")
"""Every cluster that anything runs in has some: what has none of them is no answer."""
_GUIDE = "docs/how-to-snapshot.md has the role that allows it"


class Facts(NamedTuple):
    """What is known of a cluster."""

    found: Inventory
    gaps: tuple[Gap, ...] = ()
    """What it would not show."""


class Captured(NamedTuple):
    """A snapshot, and how it differs from the one before."""

    snapshot: ClusterSnapshot
    text: str
    changes: SnapshotChanges
    before: ClusterSnapshot | None
    """None: there was none."""


def ask(cluster: Cluster, *, watch: Callable[[str, int, int], None]) -> Facts:
    """What the API server says; `watch` hears of each resource. Raises InfraScaleError."""
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
    """What saved answers of `kubectl get -o json` say; `-` is standard input. Raises InfraScaleError."""
    contents = ((name, standard_input() if name == "-" else files.read_bytes(Path(name))) for name in names)
    return Facts(_inventory(value for name, content in contents for value in _values(name, content)))


def missing_kinds(found: Inventory) -> tuple[str, ...]:
    """Kinds of which saved answers hold nothing: they count as not there."""
    return tuple(kind for kind in _KINDS if not found.of(kind))


def captured(facts: Facts, wanted: Selection, *, root: Path) -> Captured:
    """The snapshot, with the bounds of pools that the one before it in `root` has. Raises InfraScaleError."""
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
    raise InfraScaleError(message, hint="nothing was written; Kubernetes 1.23 and newer has all that is asked for")


def _values(name: str, content: bytes) -> Iterator[Value]:
    """The JSON values in a text, one behind the other."""
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
    message = f"{text} is no number"
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
        raise InfraScaleError(message, hint="put a file in its place, or nothing")
    snapshot, findings = read_snapshot(found, schema=files.schema_text(catalogue.SNAPSHOT))
    if snapshot is None:
        message = f"the snapshot before cannot be read, and it may hold bounds of pools:\n{finding_text(findings[0])}"
        raise InfraScaleError(message, hint="correct it, or delete it and write min and max of its pools again")
    return snapshot


def _refuse_another(done: Captured) -> None:
    """Neither another cluster nor an older state replaces a snapshot without a word: plans would follow it."""
    before, now = done.before, done.snapshot
    if before is None:
        return
    path = snapshot_path(now.cluster)
    if before.cluster_uid and now.cluster_uid and before.cluster_uid != now.cluster_uid:
        message = f"this is another cluster than the one in {path}: its clusterUID is not the same"
        raise InfraScaleError(
            message, hint="nothing was written; see to the context, or delete the file if it was set up anew"
        )
    if now.captured_at < before.captured_at:
        newer, older = in_seconds(before.captured_at), in_seconds(now.captured_at)
        message = f"this was captured at {older}, and {path} at {newer}, which is later"
        raise InfraScaleError(message, hint="nothing was written; delete the file if the older state is meant")


def _refuse_empty(found: Inventory) -> None:
    """A kubectl that has failed answers with nothing: that must not empty a snapshot."""
    missing = [kind for kind in _NEEDED if not found.of(kind)]
    if missing:
        message = f"what was answered holds no {' and no '.join(missing)}: no cluster is like that"
        raise InfraScaleError(message, hint="nothing was written; see whether `kubectl get` has failed, and ask again")


def _refuse_unreadable(text: str, snapshot: ClusterSnapshot) -> None:
    """What was written is read back as everybody will: what they would refuse is not written at all."""
    content = text.encode()
    if len(content) > limits.MAX_SNAPSHOT_BYTES:
        message = f"the snapshot would have {len(content)} bytes; at most {limits.MAX_SNAPSHOT_BYTES} are read"
        raise InfraScaleError(message, hint="manage fewer namespaces of this cluster, or split it into two targets")
    path = snapshot_path(snapshot.cluster)
    source = Source(path, content, len(content))
    read, findings = read_snapshot(source, schema=files.schema_text(catalogue.SNAPSHOT))
    if read != snapshot:
        said = finding_text(findings[0]) if findings else "it reads back as another one"
        message = f"the cluster holds something that a snapshot cannot say:\n{said}"
        raise InfraScaleError(message, hint="nothing was written; please report it")
