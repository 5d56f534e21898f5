"""Workflows of GitHub Actions, read for when they start and what they run of infra-scale."""

import pytest

from infra_scale.core.setup.workflow import Workflow, read_workflow, starts_for
from infra_scale.model.source import Source


def _read(text: str, *, action: str | None = None) -> Workflow | None:
    content = text.encode()
    return read_workflow(Source(".github/workflows/a.yml", content, len(content)), action=action)


def _jobs(text: str, *, action: str | None = None) -> list[tuple[str, set[str], bool]]:
    workflow = _read(f"on: pull_request\njobs:\n  a: {text}\n", action=action)
    assert workflow
    return [(job.name, set(job.commands), job.may_be_skipped) for job in workflow.jobs]


@pytest.mark.parametrize(
    ("job", "found"),
    [
        ("{name: Check, steps: [{run: infra-scale compile --check}]}", [("Check", {"compile"}, False)]),
        ("{if: x, steps: [{run: infra-scale validate}]}", [("a", {"validate"}, True)]),
        ("{steps: [{run: '\"$T/bin/infra-scale\" comment'}]}", [("a", {"comment"}, False)]),
        ("{steps: [{uses: acme/infra.scale@1, with: {command: check}}]}", [("a", {"check"}, False)]),
        ("{steps: [{uses: acme/infra.scale@1}]}", [("a", {"the infra-scale action"}, False)]),
        ("{steps: [{uses: acme/other@1, with: {command: check}}]}", [("a", set(), False)]),
        (
            "{name: S, uses: acme/infra.scale/.github/workflows/approval.yml@1}",
            [("S / Plans are up to date", {"comment"}, True), ("S / Propose plans", {"publish"}, True)],
        ),
        (
            "{uses: acme/infra.scale/.github/workflows/matrix.yml@1}",
            [("a / Part ${{ matrix.part }}", {"compile"}, False)],
        ),
        ("no mapping", [("a", set(), False)]),
    ],
)
def test_a_job_has_the_name_of_its_check_and_what_it_runs(job: str, found: list[tuple[str, set[str], bool]]) -> None:
    assert _jobs(job) == found


def test_the_action_is_known_under_another_name_where_the_hook_tells_it() -> None:
    step = "{steps: [{uses: acme/scale@1, with: {command: comment}}]}"

    assert _jobs(step) == [("a", set(), False)]
    assert _jobs(step, action="acme/scale") == [("a", {"comment"}, False)]


@pytest.mark.parametrize("text", ["", "- a\n", "a: [", "on: push\n", "\0"])
def test_what_is_no_workflow_is_none(text: str) -> None:
    assert _read(text) is None


@pytest.mark.parametrize(
    ("written", "events"),
    [
        ("push", {"push"}),
        ("[push, pull_request]", {"push", "pull_request"}),
        ("{push: {}, schedule: []}", {"push", "schedule"}),
    ],
)
def test_events_are_read_in_each_of_their_forms(written: str, events: set[str]) -> None:
    workflow = _read(f"on: {written}\njobs: {{}}\n")

    assert workflow
    assert workflow.events.keys() == events


def test_a_rule_names_one_job_of_a_matrix() -> None:
    workflow = _read("on: pull_request\njobs: {a: {uses: o/infra-scale/.github/workflows/matrix.yml@1}}\n")
    assert workflow
    (job,) = workflow.checks

    assert job.is_called("a / Part 3")
    assert not job.is_called("a / Part ")
    assert not job.is_called("b / Part 3")


@pytest.mark.parametrize(
    ("filters", "path", "starts"),
    [
        ({}, "a", True),
        ({"paths": ["requests/**"]}, "requests/a/b.yaml", True),
        ({"paths": ["requests/*"]}, "requests/a/b.yaml", False),
        ({"paths": ["**.yaml"]}, "a/b.yaml", True),
        ({"paths": ["**/b.yaml"]}, "b.yaml", True),
        ({"paths": ["ops/**", "!ops/plans/**"]}, "ops/plans/a", False),
        ({"paths": ["ops/**", "!ops/plans/**", "ops/plans/a"]}, "ops/plans/a", True),
        ({"paths-ignore": ["docs/**"]}, "ops/a", True),
        ({"paths-ignore": ["ops/**"]}, "ops/a", False),
        ({"paths": ["a?.yaml"]}, ".yaml", True),
        ({"paths": ["[ab].yaml"]}, "b.yaml", True),
        ({"paths": ["[b-a]*"]}, "b", False),
        ({"paths": ["+"]}, "b", False),
    ],
)
def test_filters_of_paths_are_read_as_github_reads_them(filters: dict[str, object], path: str, *, starts: bool) -> None:
    assert starts_for(filters, path) is starts
