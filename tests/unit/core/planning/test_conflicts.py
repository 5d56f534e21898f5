"""What a conflict of two requests, or of two entries of one, advises."""

from infra_scale.core.compiling.context import Context
from infra_scale.model.finding import Finding
from support.pure import SCHEMAS, compile, source


def _conflicts(*entries: str) -> list[Finding]:
    listed = ", ".join(f"{{kind: Deployment, name: web, {entry}}}" for entry in entries)
    compilation = compile([source(f"target: prod\nnamespace: shop\nworkloads: [{listed}]\n")], Context(SCHEMAS))
    return [finding for finding in compilation.findings if finding.rule == "GIT-001"]


def test_entries_of_several_containers_are_not_to_be_merged() -> None:
    found = _conflicts("container: web, requests: {cpu: 1}", "container: proxy, requests: {cpu: 50m}")

    assert found
    assert {finding.help for finding in found} == {
        "an entry sizes one container: keep one of them here, and size the other container in a later change"
    }


def test_entries_of_the_same_container_or_of_none_are_to_be_merged() -> None:
    for second in ("replicas: 3", "container: web, requests: {mem: 1Gi}"):
        (help,) = {finding.help for finding in _conflicts("container: web, requests: {cpu: 1}", second)}
        assert help == "scale a workload in one request, once: merge the two"


def test_a_third_entry_does_not_make_entries_of_several_containers_mergeable() -> None:
    for third in ("replicas: 3", "container: web, limits: {cpu: 2}"):
        entries = "container: web, requests: {cpu: 1}", "container: proxy, requests: {cpu: 50m}", third
        assert "merge the two" not in {finding.help for finding in _conflicts(*entries)}.pop()


def test_an_entry_without_a_container_is_merged_only_if_it_sizes_the_same_one() -> None:
    (help,) = {finding.help for finding in _conflicts("requests: {cpu: 1}", "container: proxy, requests: {cpu: 50m}")}
    assert help == (
        "an entry sizes one container: merge the two for the same container, else size one in a later change"
    )
