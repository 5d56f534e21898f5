"""Every file format: what a writer writes, its reader reads back as the same value."""

from hypothesis import assume, given
from hypothesis import strategies as st

from infra_scale.core.documents.nightly import read_nightly, write_nightly
from infra_scale.core.documents.plan import read_plan, write_plan
from infra_scale.core.documents.prices import read_prices, write_prices
from infra_scale.core.documents.request import read_request, write_request
from infra_scale.core.documents.snapshot import read_snapshot, write_snapshot
from infra_scale.core.documents.target import read_targets, write_target
from infra_scale.core.planning.actions import request_of
from infra_scale.core.planning.plan import plan_request
from infra_scale.core.schema.catalogue import NIGHTLY, PLAN
from infra_scale.model.manifest import NO_BASES
from infra_scale.model.nightly import Task
from infra_scale.model.plan import ScalePlan
from infra_scale.model.prices import PriceSheet
from infra_scale.model.request import ScaleRequest
from infra_scale.model.snapshot import ClusterSnapshot
from infra_scale.model.target import Target
from infra_scale.model.workload import Cluster
from support.formats import nightlies, price_sheets, requests, targets
from support.plan_values import plans
from support.pure import SCHEMAS, source
from support.repository import CHECKOUT
from support.snapshot_values import snapshots

_PLAN = (CHECKOUT / "schemas" / PLAN).read_text(encoding="utf-8")
_NIGHTLY = (CHECKOUT / "schemas" / NIGHTLY).read_text(encoding="utf-8")


@given(requests())
def test_a_written_request_is_read_as_the_same_request(request: ScaleRequest) -> None:
    reading = read_request(source(write_request(request), request.path), schema=SCHEMAS.request)

    assert reading.findings == ()
    assert reading.request == request


@given(targets())
def test_a_written_target_is_read_as_the_same_target(target: Target) -> None:
    found = source(write_target(target), "ops/targets/prod.yaml")

    read, findings = read_targets([found], schema=SCHEMAS.target)

    assert findings == ()
    assert read.by_name == {"prod": target}


@given(price_sheets())
def test_a_written_price_sheet_is_read_as_the_same_price_sheet(sheet: PriceSheet) -> None:
    assert read_prices(source(write_prices(sheet)), schema=SCHEMAS.prices) == (sheet, ())


@given(nightlies())
def test_written_tasks_are_read_as_the_same_tasks(tasks: tuple[Task, ...]) -> None:
    assert read_nightly(source(write_nightly(tasks)), schema=_NIGHTLY) == (tasks, ())


@given(snapshots())
def test_a_written_snapshot_is_read_as_the_same_snapshot(snapshot: ClusterSnapshot) -> None:
    assert read_snapshot(source(write_snapshot(snapshot)), schema=SCHEMAS.snapshot) == (snapshot, ())


@given(plans())
def test_a_written_plan_is_read_as_the_same_plan(drawn: tuple[ScalePlan, tuple[Cluster, ...]]) -> None:
    plan, clusters = drawn

    assert read_plan(source(write_plan(plan)), schema=_PLAN, clusters=clusters) == plan


@given(requests(), st.sampled_from([(), (Cluster("eu", "eu", 1), Cluster("us", "us", 0))]))
def test_the_request_of_a_plan_has_the_same_actions(request: ScaleRequest, clusters: tuple[Cluster, ...]) -> None:
    assume(len({workload.ref for workload in request.workloads}) == len(request.workloads))
    target = Target(request.target, clusters)
    plan = plan_request(request, target, (), NO_BASES)

    assert plan_request(request_of(plan), target, (), NO_BASES).actions == plan.actions
