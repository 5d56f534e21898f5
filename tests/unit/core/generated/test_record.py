"""The record of a plan from flags passes only as it was generated."""

from collections.abc import Callable

import pytest

from infra_scale.core.documents.plan import write_plan
from infra_scale.core.documents.request import request_of
from infra_scale.core.generated.record import read_record, records
from infra_scale.core.planning.plan import plan_request
from infra_scale.core.reading.flags import Flags, read_flags
from infra_scale.core.reporting.summary import summary
from infra_scale.model.finding import Finding
from infra_scale.model.target import Target
from infra_scale.model.workload import Cluster, WorkloadRef

PATH = "ops/plans/infra-scale/prod/plan.yaml"
SUMMARY = "ops/plans/infra-scale/prod/SUMMARY.md"

_WEB = ("Deployment:web:15", "StatefulSet:db:3")
_FLAGS = {
    "everything": Flags("prod", "shop", "hpa", _WEB, ("web:cpu=500m,mem=1Gi",), ("web:cpu=1",), ("min:4,max:12",)),
    "one": Flags(
        "prod", "default", "none", ("DaemonSet:agent",), ("agent:cpu=1.5",), (), (), "team-a", "Launch", "OPS-1"
    ),
    "job": Flags("prod", "default", "hpa", ("CronJob:nightly",), ("nightly:mem=0.5Gi",), (), ()),
}


def _record(flags: Flags, context: str | None) -> dict[str, bytes]:
    request, _ = request_of(read_flags(flags)[0], faulty=())
    assert request is not None
    target = Target("prod", (Cluster(context, context, 0),) if context else ())
    routes = {workload.route: None for workload in request.workloads}
    ref = WorkloadRef("Deployment", "shop", "web")
    found = [
        Finding("REP-001", "warning", "High replica count", "x", workload=ref),
        Finding("OWN-900", "note", "@team", "x"),
    ]
    plan = plan_request(request, target, found, routes)
    return {PATH: write_plan(plan).encode(), SUMMARY: summary(plan).encode()}


@pytest.fixture(params=["minikube", None])
def record(request: pytest.FixtureRequest) -> dict[str, bytes]:
    """A plan from flags, with its summary."""
    return _record(_FLAGS["everything"], request.param)


@pytest.mark.parametrize("flags", _FLAGS.values(), ids=_FLAGS)
@pytest.mark.parametrize("context", ["minikube", None])
def test_what_was_generated_is_a_record(flags: Flags, context: str | None) -> None:
    assert list(records(_record(flags, context))) == [PATH, SUMMARY]


def test_it_may_come_from_another_version(record: dict[str, bytes]) -> None:
    record[PATH] = record[PATH].replace(b"generator: infra-scale/2", b"generator: infra-scale/0")

    assert list(records(record)) == [PATH, SUMMARY]


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: text.replace(b"to: 15", b"to: 150"),
        lambda text: text.replace(b"to: 15", b"to: true"),
        lambda text: text.replace(b"to: 15", b"to: [15]"),
        lambda text: text.replace(b"max: 12", b"max: 120"),
        lambda text: text.replace(b"cpu: 500m", b"cpu: 600m"),
        lambda text: text.replace(b"name: db", b"name: DB;rm"),
        lambda text: text.replace(b"scale statefulset/db", b"delete statefulset/db"),
        lambda text: text.replace(b"High replica count", b"Low replica count", 1),
        lambda text: text.replace(b"  target: prod\n", b"  target: prod\n  request: requests/web.yaml\n"),
        lambda text: text.replace(b"  target: prod\n", b"  target: staging\n"),
        lambda text: text.replace(b"kind: ScalePlan", b"kind: Component"),
        lambda text: text + b"resources: [x.yaml]\n",
        lambda text: text + b"---\nkind: Deployment\n",
        lambda text: text.replace(b"actions:\n", b"actions: [7]\nother:\n"),
        lambda text: text.replace(b"metadata:\n", b"metadata: []\nother:\n"),
        lambda _: b"",
    ],
)
def test_a_record_that_was_edited_is_none(record: dict[str, bytes], edit: Callable[[bytes], bytes]) -> None:
    edited = {**record, PATH: edit(record[PATH])}

    assert edited[PATH] != record[PATH]
    assert list(records(edited)) == []


def test_both_files_are_needed(record: dict[str, bytes]) -> None:
    assert list(records({PATH: record[PATH]})) == []
    assert list(records({SUMMARY: record[SUMMARY]})) == []
    assert list(records({**record, SUMMARY: record[SUMMARY] + b"\n"})) == []


def test_it_belongs_in_the_folder_of_its_target(record: dict[str, bytes]) -> None:
    moved = {path.replace("/prod/", "/staging/"): content for path, content in record.items()}
    deeper = {path.replace("/prod/", "/prod/prod/"): content for path, content in record.items()}

    assert list(records({**moved, **deeper})) == []
    assert read_record(next(iter(moved)), record[PATH]) is None
