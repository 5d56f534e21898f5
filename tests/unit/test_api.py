"""The public Python interface."""

from datetime import date

import pytest

from infra_scale import api
from support.repository import REQUEST, Repository


def test_a_request_is_loaded_compiled_and_rendered(repository: Repository) -> None:
    repository.write("requests/team/web.yaml", REQUEST.replace("6", "11"))

    loaded = api.load_request("requests/team/web.yaml", root=repository.root)
    compiled = api.compile_request(loaded, target=api.Target("prod", (api.Cluster("eu", "admin@eu", 0),)))

    assert loaded.request is not None
    assert loaded.request.id == "team/web"
    assert compiled.plan is not None
    assert [finding.rule for finding in compiled.findings] == ["REP-001"]
    assert compiled.findings[0].position is not None
    assert compiled.findings[0].position[:2] == (6, 15)
    text = api.render_plan(compiled.plan)
    assert "kubeContext: admin@eu" in text
    assert "createdAt" not in text
    assert api.render_summary(compiled.plan).splitlines()[1] == "# Infra Scale Plan (prod)"


def test_a_waiver_that_has_ended_allows_nothing_and_changes_no_byte_of_the_plan() -> None:
    allow = "    allow: [{rule: REP-001, reason: Load test, until: '2026-12-31'}]\n"
    loaded = api.parse_request(REQUEST.replace("6", "12") + allow)

    last, next_day = (api.compile_request(loaded, today=day) for day in (date(2026, 12, 31), date(2027, 1, 1)))

    assert [finding.severity for finding in (*last.findings, *next_day.findings)] == ["note", "warning", "warning"]
    assert last.plan == next_day.plan
    assert last.plan


def test_it_gives_the_bytes_that_the_command_gives(repository: Repository) -> None:
    repository.write("requests/web.yaml")
    repository.run("compile")

    compiled = api.compile_request(api.load_request("requests/web.yaml", root=repository.root))

    assert compiled.plan is not None
    plan = api.render_plan(compiled.plan)
    assert plan == repository.read("ops/plans/infra-scale/prod/web/plan.yaml")
    assert api.render_summary(compiled.plan) == repository.read("ops/plans/infra-scale/prod/web/SUMMARY.md")


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ("target: [", "YML-004"),
        ("target: prod", "SCH-001"),
        (REQUEST.replace("Deployment", "DaemonSet"), "KIND-001"),
        ("\udc80", "YML-002"),
    ],
)
def test_what_is_wrong_comes_back_as_findings(content: str, rule: str) -> None:
    compiled = api.compile_request(api.parse_request(content))

    assert compiled.plan is None
    assert rule in [finding.rule for finding in compiled.findings]


def test_a_path_that_is_no_request_id_is_a_finding() -> None:
    loaded = api.parse_request(REQUEST, path="requests/Web.yaml")

    assert loaded.request is None
    assert [finding.rule for finding in loaded.findings] == ["FIL-002"]


def test_a_missing_file_is_one_exception_with_a_hint(repository: Repository) -> None:
    with pytest.raises(api.InfraScaleError, match=r"cannot read web\.yaml"):
        api.load_request("requests/web.yaml", root=repository.root)
