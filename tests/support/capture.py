"""Objects to a snapshot, as the tests of capture need it."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime

from infra_scale.core.capture.objects import inventory
from infra_scale.core.capture.snapshot import Selection, capture
from infra_scale.core.documents.snapshot import read_snapshot, write_snapshot
from infra_scale.core.schema.catalogue import SNAPSHOT
from infra_scale.model.snapshot import ClusterSnapshot, LiveWorkload, NodePool
from support.kube_objects import Object
from support.pure import source
from support.repository import CHECKOUT

_SCHEMA = (CHECKOUT / "schemas" / SNAPSHOT).read_text(encoding="utf-8")


def captured(
    objects: Iterable[Object], *, pools: tuple[NodePool, ...] = (), namespaces: tuple[str, ...] = ("shop",)
) -> ClusterSnapshot:
    """The snapshot of a cluster that has these objects; whoever reads its file finds the same."""
    snapshot = captured_snapshot(json.loads(json.dumps(list(objects))), pools=pools, namespaces=namespaces)
    assert read_again(snapshot) == snapshot
    return snapshot


def captured_snapshot(
    objects: Iterable[Object], *, pools: tuple[NodePool, ...] = (), namespaces: tuple[str, ...] = ("shop",)
) -> ClusterSnapshot:
    """The snapshot alone."""
    return capture(inventory(objects), Selection("prod-eu-1", namespaces, datetime(2026, 1, 1, tzinfo=UTC), pools))


def captured_workload(*objects: Object) -> LiveWorkload:
    """The only workload of the namespace shop."""
    (live,) = captured(objects).workloads
    return live


def read_again(snapshot: ClusterSnapshot) -> ClusterSnapshot:
    """What its file says: the schema accepts it."""
    text = write_snapshot(snapshot)
    read, findings = read_snapshot(source(text, "ops/clusters/prod-eu-1/snapshot.yaml"), schema=_SCHEMA)
    assert findings == ()
    assert read
    return read
