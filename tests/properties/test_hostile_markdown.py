"""Whatever stands in a request, its pull request keeps its shape: judged by a Markdown parser that we did not write."""

import json
from datetime import UTC, datetime
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from infra_scale.core.comparing.collisions import Collision, Scaled
from infra_scale.core.compiling.compilation import Compilation
from infra_scale.core.compiling.context import Context
from infra_scale.core.proposing import pull_request
from infra_scale.core.proposing.comment import Report, comment, mentions, with_collisions
from infra_scale.core.reporting.changes_markdown import changes_sections
from infra_scale.core.reporting.findings_github import workflow_commands
from infra_scale.core.reporting.findings_text import finding_text
from infra_scale.core.reporting.review import Links, Origin
from infra_scale.core.reporting.summary import summary
from infra_scale.model.comparison import (
    NOTHING_CHANGES,
    ClusterPicture,
    Comparison,
    Level,
    Moved,
    PriceChange,
    Requests,
    Setting,
    Sheet,
    WorkloadChange,
)
from infra_scale.model.cost import Estimate, Monthly
from infra_scale.model.finding import Finding
from infra_scale.model.forecast import Expected, WorkloadForecast
from infra_scale.model.quantity import NANO, Quantity
from infra_scale.model.workload import WorkloadRef
from support.amounts import examples
from support.pure import SCHEMAS, compile, compile_one, source

_HOSTILE = st.text(alphabet=st.sampled_from("`|@#<>!-[](){}*_~\\\n\t\r &;:/.=+\"'xüé\u00a0"), min_size=1, max_size=60)
_KNOWN = (
    "@org/team",
    "Fixes #1",
    "<!-- infra-scale:begin -->",
    "<!-- infra-scale:end -->",
    "<!-- infra-scale:collisions -->#1",
    "<!-- infra-scale:collisions end -->",
    "- [x] done",
    "| a | b |",
    "</details>",
    "![](https://x.example/a.png)",
    "``` \n```",
    "https://x.example",
    "\\`@org",
)
_TEXTS = st.one_of(_HOSTILE, st.sampled_from(_KNOWN), st.tuples(_HOSTILE, st.sampled_from(_KNOWN)).map("".join))
_LINKS = Links("https://github.example/o/r", "https://rules.example")
_SHA = "0" * 40
_REF = WorkloadRef("Deployment", "assistant", "web")
_FITS = WorkloadForecast(_REF, (Expected("requested", 1, "fits", "Deployment/web → fits"),))
_COLLISION = Collision(Scaled("prod", WorkloadRef("Deployment", "assistant", "web")), 7)
_EMPTY = "<!-- infra-scale:collisions -->\n<!-- infra-scale:collisions end -->"
_FULL = """\
<!-- infra-scale:collisions -->
## Also in Other Pull Requests

- `Deployment/web` in `assistant` for `prod`: #7 scales it too
<!-- infra-scale:collisions end -->"""


def _body(text: str) -> str | None:
    request = f"target: prod\nowner: {json.dumps(text)}\nreason: {json.dumps(text)}\nticket: {json.dumps(text)}\n"
    compiled = compile_one(f"{request}workloads: [{{kind: Deployment, name: web, replicas: 12}}]\n")
    if not compiled.plans:
        return None
    contents = pull_request.Contents(
        "prod",
        compiled.plans,
        ["ops/plans/infra-scale/prod/gone/plan.yaml"],
        "0" * 64,
        compiled.findings,
        NOTHING_CHANGES,
        {"requests/web.yaml": Origin(text, _SHA)},
        _LINKS,
    )
    return pull_request.body(contents)


def _waived(text: str) -> Compilation | None:
    allow = f"[{{rule: REP-001, reason: {json.dumps(text)}, until: '2026-12-31'}}]"
    workload = f"{{kind: Deployment, name: web, replicas: 12, allow: {allow}}}"
    compiled = compile_one(f"target: prod\nworkloads: [{workload}]\n")
    return compiled if compiled.plans else None


def _shape(text: str) -> list[tuple[str, str, str]]:
    """Every token of a text, with what it says unless that is code."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tokens = [child for token in parser.parse(text) for child in (token, *(token.children or ()))]
    return [
        (token.type, token.tag, "" if token.type in ("code_inline", "inline") else token.content) for token in tokens
    ]


@given(_TEXTS)
@examples(300)
def test_texts_of_a_request_stay_code_in_the_body(text: str) -> None:
    body = _body(text)
    assume(body is not None and text.strip())
    harmless = _body("x")
    assert body is not None
    assert harmless is not None

    assert _shape(body) == _shape(harmless)
    assert pull_request.digest_of(body) == "0" * 64
    assert pull_request.with_foreign_parts(f"{body}ours\n", body, reset_ticks=False) == f"{body}ours\n"
    assert pull_request.is_same(body, body)
    assert not pull_request.is_same(body, harmless) or text.split() == ["x"]


@given(_TEXTS)
@examples(300)
def test_the_reason_of_a_waiver_stays_code_wherever_it_is_told(text: str) -> None:
    compiled, harmless = _waived(text), _waived("x")
    assume(compiled is not None)
    assert compiled is not None
    assert harmless is not None

    def told(one: Compilation) -> list[str]:
        contents = pull_request.Contents("prod", one.plans, [], "0" * 64, one.findings)
        report = Report("plans change", "", NOTHING_CHANGES, "", one.findings, "0" * 64)
        return [pull_request.body(contents), comment(report, (), _LINKS), summary(one.plans[0])]

    assert [_shape(said) for said in told(compiled)] == [_shape(said) for said in told(harmless)]
    (finding,) = compiled.findings
    (command,) = workflow_commands([finding])
    assert "\n" not in command
    assert len(finding_text(finding).splitlines()) == len(finding_text(harmless.findings[0]).splitlines())


@given(_TEXTS)
@examples(300)
def test_names_in_a_base_manifest_stay_out_of_a_plan_that_they_would_change(text: str) -> None:
    def told(name: str, path: str) -> list[tuple[str, str, str]]:
        objects: list[object] = [
            {"kind": "Deployment", "metadata": {"name": "web"}, "spec": {"replicas": 3, "template": _template(name)}},
            {"kind": "HorizontalPodAutoscaler", "metadata": {"name": name}, "spec": {"scaleTargetRef": _AIM}},
            {"kind": "PodDisruptionBudget", "metadata": {"name": name}, "spec": {"minAvailable": name, "selector": {}}},
        ]
        manifest = source("\n---\n".join(map(json.dumps, objects)), f"apps/{path}.yaml")
        target = source("manifests: [apps]\n", "ops/targets/prod.yaml")
        context = Context(SCHEMAS, targets=(target,), manifests=(manifest,))
        hpa = "hpa: {min: 3, max: 4}, handover: {from: replicas}"
        workload = f"{{kind: Deployment, name: web, requests: {{cpu: 1}}, {hpa}}}"
        compiled = compile([source(f"target: prod\nworkloads: [{workload}]\n")], context)
        return [token for plan in compiled.plans for token in _shape(summary(plan))]

    def outline(tokens: list[tuple[str, str, str]]) -> set[tuple[str, str]]:
        return {(kind, tag) for kind, tag, _ in tokens if kind != "text"}

    assert outline(told("app", "web")) != set()
    assert outline(told(text, "web")) <= outline(told("app", "web"))
    assert outline(told("app", text)) <= outline(told("app", "web"))


_APPS = {"apiVersion": "apps/v1", "kind": "Deployment"}


@given(_TEXTS)
@examples(100)
def test_names_in_a_kustomization_stay_out_of_it_too(text: str) -> None:
    """Of files, containers, prefixes and namespaces, in what is said of overlays and of what is not there."""
    assume("/" not in text)

    def told(name: str, path: str, component: str, *others: str) -> list[tuple[str, str, str]]:
        resized = {"template": {"spec": {"containers": [{"name": name, "resources": {"limits": {"cpu": "9"}}}]}}}
        patch = {**_APPS, "metadata": {"name": "web"}, "spec": resized}
        files: dict[str, object] = {
            "base/web": {**_APPS, "metadata": {"name": "web"}, "spec": {"replicas": 3}},
            "base/kustomization": {"resources": ["web.yaml"]},
            "placed/kustomization": {"resources": ["../base"], "namespace": name, "namePrefix": "x-"},
            "named/api": {**_APPS, "metadata": {"name": "api"}, "spec": {}},
            "named/kustomization": {"resources": ["api.yaml"], "namePrefix": name},
            f"{path}/kustomization": {
                "resources": ["../base"],
                "components": [f"../../ops/rendered/infra-scale/a/{component}"],
                "replicas": [{"name": "web", "count": 9}],
                "patches": [{"patch": json.dumps(patch)}],
            },
        }
        target = source("clusters: [{name: a}]\nmanifests: [apps]\n", "ops/targets/prod.yaml")
        manifests = tuple(source(json.dumps(content), f"apps/{at}.yaml") for at, content in files.items())
        context = Context(SCHEMAS, targets=(target,), manifests=manifests)
        web = "{kind: Deployment, name: web, requests: {cpu: 1}, hpa: {min: 3, max: 4}, handover: {from: replicas}}"
        listed = ", ".join([web, *(f"{{kind: Deployment, name: {other}, replicas: 2}}" for other in others)])
        compiled = compile([source(f"target: prod\nworkloads: [{listed}]\n")], context)
        return [token for plan in compiled.plans for token in _shape(summary(plan))]

    def outline(tokens: list[tuple[str, str, str]]) -> set[tuple[str, str]]:
        return {(kind, tag) for kind, tag, _ in tokens if kind != "text"}

    for told_of in (("default", "x-web", "ap"), ("default/deployment-web", "x-web", "api")):
        assert outline(told("app", "over", *told_of)) != set()
        assert outline(told(text, "over", *told_of)) <= outline(told("app", "over", *told_of))
        assert outline(told("app", text, *told_of)) <= outline(told("app", "over", *told_of))


def _template(name: str) -> dict[str, object]:
    return {
        "metadata": {"annotations": {"kubectl.kubernetes.io/default-container": name}},
        "spec": {"containers": [{"name": name}, {"name": "log", "resources": {"limits": {"cpu": "1"}}}]},
    }


_AIM = {"kind": "Deployment", "name": "web"}


@given(_TEXTS)
@examples(300)
def test_messages_and_paths_stay_code_in_a_comment(text: str) -> None:
    assume(text.strip())

    def said(message: str) -> str:
        found = Finding("SCH-003", "error", message, message)
        return comment(Report("plans change", "", NOTHING_CHANGES, "", (found,), "0" * 64), (), _LINKS)

    assert _shape(said(text)) == _shape(said("x"))
    assert with_collisions(said(text), 7, (_COLLISION,)) == said(text).replace(
        f"{_EMPTY}\n\nDigest", f"{_FULL}\n\nDigest"
    )
    assert list(mentions(with_collisions(said(text), 7, (_COLLISION,))).values()) == [7]


@given(_TEXTS)
@examples(300)
def test_names_and_sources_of_a_comparison_stay_code_wherever_it_is_told(text: str) -> None:
    assume(text.strip())

    def told(some: str) -> list[str]:
        monthly = Monthly(Fraction(1), Fraction(1), Fraction(2))
        cost = Estimate(_REF, monthly, monthly, Fraction(0), "USD", some, "2026-01-01", some, cluster=some)
        setting = Setting(f"Deployment/{some}", f"cpu request of {some}", some, some, is_live=True)
        change = WorkloadChange(
            presence="changed",
            target=some,
            cluster=some,
            namespace=some,
            workload=f"Deployment/{some}",
            request=some,
            request_before=some,
            settings=(setting,),
            cost=cost,
            is_cost_live=True,
            forecast_before=None,
            forecast=_FITS,
        )
        other = change._replace(target="other", cluster="eu-2")
        level = Level(f"{some}/{some}", some, *(Quantity(NANO, "decimal"),) * 3)
        picture = ClusterPicture(some, datetime(2026, 1, 1, tzinfo=UTC), "fits", "all fit", levels=(level,))
        sheets = (PriceChange(some, Sheet(some, "2025-01-01", "USD", some), None),)
        requests = Requests(1, 1, gone=(some,), moved=(Moved(some, some),))
        return list(changes_sections(Comparison((change, other), (picture,), requests, sheets)))

    assert list(map(_shape, told(text))) == list(map(_shape, told("x")))


def test_a_body_is_cut_between_two_plans_and_says_where_the_rest_is() -> None:
    (plan,) = compile_one("target: prod\nworkloads: [{kind: Deployment, name: web, replicas: 12}]\n").plans
    many = [plan._replace(metadata=plan.metadata._replace(request=f"r{number}")) for number in range(1000)]

    body = pull_request.body(pull_request.Contents("prod", many, [], "0" * 64))

    assert 50_000 < len(body.encode()) <= pull_request.BODY_BYTES
    assert body.count(pull_request.MARKS.end) == 1
    assert body.endswith("- [ ] Ensure rollback plan is clear\n")
    shown = body.count("# Infra Scale Plan (prod)")
    assert f"**{1000 - shown} more plans** are in the files of this pull request" in body
    assert body.count(summary(plan).split("\n", 1)[1]) == shown, "only whole summaries"
