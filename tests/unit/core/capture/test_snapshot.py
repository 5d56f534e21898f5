"""What changes little in a cluster changes little in its file: reviewers see what has happened."""

import difflib
import json
from datetime import UTC, datetime

from infra_scale.core.capture.objects import inventory
from infra_scale.core.capture.snapshot import Selection, capture
from infra_scale.core.documents.snapshot import write_snapshot
from support.kube_objects import Object
from support.sample_clusters import sample_objects


def _lines(objects: list[Object], moment: datetime = datetime(2026, 1, 1, 3, tzinfo=UTC)) -> list[str]:
    found = inventory(json.loads(json.dumps(objects)))
    return write_snapshot(capture(found, Selection("prod-eu-1", ("shop", "search"), moment))).splitlines()


def _changed(before: list[str], after: list[str]) -> list[str]:
    return [line for line in difflib.ndiff(before, after) if line[0] in "+-"]


def test_a_pod_that_has_moved_is_five_changed_lines() -> None:
    """Requests and number of pods of both nodes, and the placement of the workload."""
    objects = sample_objects("prod-eu-1")
    before = _lines(objects)
    nodes = [one["metadata"]["name"] for one in objects if one.get("kind") == "Node"]
    pods = [one for one in objects if one.get("kind") == "Pod"]
    pod = next(one for one in pods if one["metadata"]["ownerReferences"][0]["name"] == "checkout-1")
    there = pod["spec"]["nodeName"]
    pod["spec"]["nodeName"] = next(name for name in nodes if name.startswith("general") and name != there)

    changed = _changed(before, _lines(objects))

    assert len(changed) == 2 * 5
    assert {line.split()[1] for line in changed} == {"requested:", "pods:", "placement:"}


def test_a_night_without_change_is_one_changed_line() -> None:
    objects = sample_objects("prod-eu-1")

    changed = _changed(_lines(objects), _lines(objects, datetime(2026, 1, 2, 3, tzinfo=UTC)))

    assert changed == ['-   capturedAt: "2026-01-01T03:00:00Z"', '+   capturedAt: "2026-01-02T03:00:00Z"']
