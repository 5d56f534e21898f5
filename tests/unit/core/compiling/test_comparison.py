"""What plans ask for, from compilations and from committed files, and what two sides differ in."""

from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from infra_scale.core.comparing.desired import DesiredState, wanted
from infra_scale.core.compiling.comparison import compare
from infra_scale.core.compiling.compilation import Compilation
from infra_scale.core.compiling.context import Context, Facts
from infra_scale.core.documents.plan import read_plan, write_plan
from infra_scale.core.proposing.comment import Report, comment
from infra_scale.core.proposing.plans import comparison, target_plans
from infra_scale.core.proposing.pull_request import BODY_BYTES, Contents, body
from infra_scale.core.reporting.changes_markdown import changes_sections
from infra_scale.core.reporting.forecast_words import plan_words, verdict_words
from infra_scale.core.reporting.review import Links
from infra_scale.core.schema.catalogue import PLAN, PRICES, SNAPSHOT
from infra_scale.model.comparison import NOTHING_CHANGES, Comparison, Setting
from infra_scale.model.cost import Monthly
from infra_scale.model.forecast import NO_PLAN_FORECAST, Expected, WorkloadForecast
from infra_scale.model.quantity import Quantity
from infra_scale.model.scope import Scope
from infra_scale.model.source import Found
from infra_scale.model.verdict import Scenario, Status, Unknown
from infra_scale.model.workload import WorkloadRef
from support import shop
from support.clusters import compile_in
from support.pure import SCHEMAS, TODAY, compile, source
from support.repository import CHECKOUT
from support.snapshots import app, live, snapshot

_SCHEMAS = SCHEMAS._replace(
    snapshot=(CHECKOUT / "schemas" / SNAPSHOT).read_text(encoding="utf-8"),
    prices=(CHECKOUT / "schemas" / PRICES).read_text(encoding="utf-8"),
)
_PLAN = (CHECKOUT / "schemas" / PLAN).read_text(encoding="utf-8")
_PROD = "clusters: [{name: eu-1, context: admin@eu-1}, {name: eu-2}]\n"


def _shop(request: str, *, generated: Iterable[tuple[str, bytes]] = ()) -> Compilation:
    """The shop's clusters, and one request."""
    clusters = [
        source(text, f"ops/clusters/{name}/{file}.yaml")
        for name in ("eu-1", "eu-2")
        for file, text in (("snapshot", shop.snapshot(name)), ("prices", shop.prices(name)))
    ]
    context = Context(_SCHEMAS, targets=(source(_PROD, "ops/targets/prod.yaml"),))
    held = [source(content, path) for path, content in generated]
    facts = Facts(TODAY, tuple(clusters), _SCHEMAS, datetime.fromisoformat(shop.AS_OF))
    return compile([source(request, "requests/shop/checkout.yaml")], context, facts, generated=held)


def _samples() -> Compilation:
    def found(folder: str) -> tuple[Found, ...]:
        files = sorted((CHECKOUT / folder).rglob("*.yaml"))
        return tuple(source(file.read_bytes(), file.relative_to(CHECKOUT).as_posix()) for file in files)

    context = Context(
        _SCHEMAS,
        targets=found("ops/targets"),
        manifests=found("examples/apps"),
    )
    facts = Facts(TODAY, found("ops/clusters"), _SCHEMAS, datetime(2026, 1, 1, 12, tzinfo=UTC))
    return compile(found("requests"), context, facts)


def _told(one: DesiredState) -> tuple[object, ...]:
    """Everything that both ways know, with amounts as they are shown."""
    estimate, forecast = one.estimate, one.forecast
    after = None if estimate is None else estimate.after
    amount = tuple(round(part, 2) for part in after) if isinstance(after, Monthly) else after and "unknown"
    sheet = estimate and not isinstance(after, Unknown) and (estimate.sheet, estimate.effective_from, estimate.currency)
    statuses = forecast and tuple((one.scenario, one.replicas, one.status) for one in forecast.expected)
    return one.place, one.target, one.request, dict(one.settings), dict(one.triggers), amount, sheet, statuses


def test_a_committed_plan_asks_for_what_the_compiled_one_does() -> None:
    compilation = _samples()

    for plan in compilation.plans:
        clusters = compilation.targets[plan.metadata.target].clusters
        read = read_plan(source(write_plan(plan)), schema=_PLAN, clusters=clusters)
        assert read
        assert list(map(_told, wanted(read))) == list(map(_told, wanted(plan)))


def _proposed(before: str, after: str) -> Comparison:
    """What a pull request tells that replaces the plans of one request by those of another."""
    held = _shop(before).files
    compilation = _shop(after, generated=held.items())
    proposed = target_plans(compilation, held, compilation.targets.values())
    return comparison(proposed.values(), compilation, schema=_PLAN)


_MORE = shop.CHECKOUT_REQUEST.replace("replicas: 3", "replicas: 5").replace("cpu: 500m", "cpu: 900m")


def test_a_pull_request_compares_with_the_plans_that_it_replaces() -> None:
    found = _proposed(shop.CHECKOUT_REQUEST, _MORE)

    (first, second) = found.changes
    assert (first.cluster, second.cluster) == ("eu-1", "eu-2")
    assert [(one.object, one.name, one.before, one.after) for one in first.settings] == [
        ("Deployment/checkout", "replicas", "3", "5"),
        ("Deployment/checkout", "cpu request of app", "500m", "900m"),
        ("HorizontalPodAutoscaler/checkout", "CPU trigger of app", "385m", "693m"),
    ]
    said = "".join(changes_sections(found))
    assert "| quota `shop/compute`, `requests.cpu` | 19 % | 63 % | 8 cores |" in said
    assert "After includes all known plans for the cluster." in said


def test_a_pull_request_that_nothing_was_before_compares_with_what_runs() -> None:
    compilation = _shop(shop.CHECKOUT_REQUEST)
    proposed = target_plans(compilation, {}, compilation.targets.values())

    found = comparison(proposed.values(), compilation, schema=_PLAN)

    said = "".join(changes_sections(found))
    assert "| `shop` | `Deployment/checkout in eu-1, eu-2` | replicas | `2` now | `3` |" in said
    assert "now: the value in the snapshot; no plan had it." in said
    assert "| `Deployment/checkout in eu-1` | $32.85 now | $49.28 | +$16.42 |" in said


def test_a_committed_plan_that_somebody_has_edited_speaks_to_nobody() -> None:
    plan = "ops/plans/infra-scale/prod/shop/checkout/plan.yaml"
    hostile = {
        "currency: USD": 'currency: "@team"',
        'effectiveFrom: "2025-07-01"': 'effectiveFrom: "@team"',
        "source: our contract": 'source: "`@team`"',
        "container: app": 'container: "app | @team"',
        "does not fit": "@team",
    }
    held = {path: content.decode() for path, content in _shop(shop.CHECKOUT_REQUEST).files.items()}
    for old, new in hostile.items():
        held[plan] = held[plan].replace(old, new)
    compilation = _shop(_MORE)
    proposed = target_plans(
        compilation, {path: text.encode() for path, text in held.items()}, compilation.targets.values()
    )

    said = "".join(changes_sections(comparison(proposed.values(), compilation, schema=_PLAN)))

    assert "request of `app \\| @team`" in said
    for line in said.splitlines():
        assert "@team" not in "".join(line.replace("``", "`").split("`")[::2]), line


def test_bodies_and_comments_stay_within_their_limits_however_much_changes() -> None:
    workloads = "".join(
        f"  - {{kind: Deployment, name: {'w' * 50}{number}, replicas: {number + 1}, requests: {{cpu: 1, mem: 1Gi}}}}\n"
        for number in range(400)
    )
    before = _shop(f"target: prod\nnamespace: shop\nworkloads:\n{workloads}")
    compilation = _shop(f"target: prod\nnamespace: shop\nworkloads:\n{workloads.replace('cpu: 1', 'cpu: 2')}")
    proposed = target_plans(compilation, before.files, compilation.targets.values())
    found = comparison(proposed.values(), compilation, schema=_PLAN)

    told = body(Contents("prod", compilation.plans, [], "0" * 64, compilation.findings, found))
    said = comment(
        Report("plans change", "", found, "", compilation.findings, "0" * 64, compilation.plans), (), Links()
    )

    assert len(found.changes) == 800
    assert len(told.encode()) <= BODY_BYTES
    assert len(said) <= 65_536
    assert "… and " in told
    assert "more settings; every plan has them all" in said


def test_where_nothing_changes_there_is_no_section() -> None:
    assert changes_sections(NOTHING_CHANGES) == ()


def _forecast(name: str, *expected: tuple[Scenario, Status]) -> WorkloadForecast:
    ref = WorkloadRef("Deployment", "shop", name)
    told = (Expected(scenario, 1, status, f"{ref} → {status}: because") for scenario, status in expected)
    return WorkloadForecast(ref, tuple(told))


_FITS = _forecast("web", ("requested", "fits"))
_GROWS = _forecast("web", ("requested", "fits"), ("hpaMax", "fits_after_scaleup"))
_STOPS = _forecast("api", ("requested", "fits_after_scaleup"), ("hpaMax", "does_not_fit"), ("surge", "does_not_fit"))
_SCALES = _forecast("web", ("requested", "fits_after_scaleup"), ("hpaMax", "does_not_fit"), ("surge", "does_not_fit"))
_NONE = _forecast("db", ("requested", "unknown"))


@pytest.mark.parametrize(
    ("placed", "words"),
    [
        ([("eu-1", _FITS)], "fits"),
        ([("eu-1", _GROWS)], "fits, after scale-up at HPA max"),
        ([("eu-1", _FITS), ("eu-2", _GROWS)], "fits, after scale-up at HPA max in eu-2"),
        ([("eu-1", _SCALES)], "fits after scale-up, but does not fit at HPA max and during rollout"),
        (
            [("eu-1", _FITS), ("eu-1", _STOPS)],
            "fits after scale-up for Deployment/api, but does not fit at HPA max and during rollout for Deployment/api",
        ),
        ([("eu-1", _NONE)], "unknown: because"),
        ([("eu-1", _FITS), ("eu-1", _NONE)], "fits; unknown for Deployment/db"),
    ],
)
def test_verdicts_take_half_a_line(placed: list[tuple[str | None, WorkloadForecast]], words: str) -> None:
    assert verdict_words(placed) == words


def test_a_plan_is_summed_up_on_one_line() -> None:
    (forecast,) = _shop(shop.CHECKOUT_REQUEST).forecasts.values()

    assert plan_words(forecast) == "cost +$32.85/month without CronJob/report in eu-1 and eu-2; fits"
    assert plan_words(forecast._replace(cost=None)) == "fits"
    assert plan_words(NO_PLAN_FORECAST) == ""


def test_a_plan_that_leaves_a_quota_more_than_full_says_so() -> None:
    (forecast,) = _shop(shop.CHECKOUT_REQUEST).forecasts.values()
    (first, second) = forecast.capacity
    over = tuple(gauge._replace(limit=Quantity.parse("1")) for gauge in first.gauges)

    assert plan_words(forecast._replace(cost=None, capacity=(first._replace(gauges=over), second))) == (
        "fits; over quota shop/compute"
    )


@pytest.mark.parametrize("name", ["app", "mesh", "migrate"])
def test_what_a_container_or_sidecar_requests_now_is_what_it_changes_from(name: str) -> None:
    sidecar = {**app("mesh", cpu="100m"), "restartPolicy": "Always"}
    seen = snapshot(live(initContainers=[app("migrate"), sidecar]))
    before, after = (
        compile_in(asked, eu_1=seen) for asked in ("replicas: 2", f"container: {name}, requests: {{cpu: 1}}")
    )

    found = [setting for change in compare(before, after, Scope()).changes for setting in change.settings]

    now = {"app": "500m", "mesh": "100m"}.get(name)
    resized = Setting("Deployment/web", f"cpu request of {name}", now, "1", is_live=now is not None)
    assert [setting for setting in found if setting.name.startswith("cpu")] == [resized]
