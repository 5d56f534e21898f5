"""Whether requests and limits of a Job can change depends on its cluster and on whether it is suspended."""

import json

import pytest

from infra_scale.model.finding import Finding
from support.pure import compile_one
from support.snapshots import live, snapshot

_TARGET = "clusters: [{name: prod-eu-1}]"
_SUSPENDED = "kind: Job\nmetadata: {name: web}\nspec: {suspend: true, template: {spec: {containers: [{name: app}]}}}\n"


def _found(
    workload: str, *, version: str | None = None, suspended: bool | None = None, base: str = ""
) -> list[Finding]:
    """What KIND-006 finds of Job/web, in a cluster that is known if `suspended` is given."""
    request = f"target: prod\nnamespace: shop\nworkloads: [{{kind: Job, name: web, container: app, {workload}}}]\n"
    clusters = {}
    if suspended is not None:
        seen = json.loads(snapshot(live(kind="Job", suspended=suspended)))
        seen["metadata"] |= {"kubernetesVersion": version} if version else {}
        clusters["prod-eu-1/snapshot.yaml"] = json.dumps(seen)
    target = f"{_TARGET}\nmanifests: [apps]" if base else _TARGET
    compiled = compile_one(request, prod=target, clusters=clusters, manifest=base)
    return [one for one in compiled.findings if one.rule == "KIND-006"]


@pytest.mark.parametrize("version", ["v1.36.0", "v1.36.2-eks-1", "v1.40.1+k3s1", "v2.0.0"])
def test_a_suspended_job_takes_other_requests_since_1_36(version: str) -> None:
    assert _found("suspend: true, requests: {cpu: 1}", version=version, suspended=True) == []


@pytest.mark.parametrize(
    ("version", "suspended", "reason"),
    [
        ("v1.36.2", False, "cannot change while it is not suspended or has active pods"),
        ("v1.35.9", True, "cannot change while it exists"),
        ("v1.9.0", True, "cannot change while it exists"),
        (None, False, "cannot change while it exists"),
    ],
)
def test_any_other_job_does_not(version: str | None, reason: str, *, suspended: bool) -> None:
    (found,) = _found("limits: {cpu: 1}", version=version, suspended=suspended)

    assert (found.severity, found.message) == ("error", f"the limits of Job/web {reason}")


def test_a_request_that_suspends_it_first_changes_nothing_about_that() -> None:
    (found,) = _found("suspend: true, requests: {cpu: 1}", version="v1.36.2", suspended=False)

    assert found.severity == "error"
    assert found.help.startswith("suspend the Job first")


@pytest.mark.parametrize(
    ("workload", "version", "suspended", "base"),
    [
        ("suspend: true, requests: {cpu: 1}", None, True, ""),
        ("suspend: false, requests: {cpu: 1}", None, None, ""),
        ("requests: {cpu: 1}", None, None, _SUSPENDED),
    ],
    ids=["version unknown", "cluster unknown", "cluster unknown, suspended in its manifest"],
)
def test_what_is_unknown_is_no_error(workload: str, version: str | None, *, suspended: bool | None, base: str) -> None:
    (found,) = _found(workload, version=version, suspended=suspended, base=base)

    assert found.severity == "warning"
    assert "can change only if the cluster has Kubernetes 1.36 or later" in found.message


def test_without_a_word_about_suspension_a_job_in_an_unknown_cluster_is_taken_to_run() -> None:
    assert [one.severity for one in _found("requests: {cpu: 1}")] == ["error"]
