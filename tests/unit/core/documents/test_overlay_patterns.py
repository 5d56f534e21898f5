"""Patterns of overlays in a target file that match no folder."""

import pytest

from infra_scale.core.compiling.compilation import Compilation
from infra_scale.core.compiling.context import Context
from infra_scale.model.source import SUBMODULE, Found, NotAFile
from support.pure import SCHEMAS, compile, source

_FILES = ("app/base/kustomization.yaml", "app/web/overlays/prod-eu-1/kustomization.yaml", "other/x/kustomization.yaml")
_REQUEST = "target: prod\nnamespace: shop\nworkloads: [{kind: Deployment, name: web, replicas: 4}]\n"


def _compiled(*patterns: str, more: tuple[Found, ...] = ()) -> Compilation:
    listed = "".join(f"      - {pattern}\n" for pattern in patterns)
    target = f"clusters:\n  - name: c1\n    overlays:\n{listed}manifests: [app]\n"
    manifests = (*(source("namespace: shop\n", path) for path in _FILES), *more)
    context = Context(SCHEMAS, (source(target, "ops/targets/prod.yaml"),), manifests=manifests)
    return compile([source(_REQUEST)], context)


@pytest.mark.parametrize(
    ("pattern", "suggestion"),
    [
        ("app/web/overlays/prod-eu1", "`app/web/overlays/prod-eu-1`"),
        ("app/*/overlays/prod-eu1", "`app/*/overlays/prod-eu-1`"),
        ("app/*/overlay/prod-*", "`app/*/overlays/prod-*`"),
        ("app/bse", "`app/base`"),
    ],
)
def test_a_pattern_without_a_folder_is_an_error_with_the_nearest_match_at_its_line(
    pattern: str, suggestion: str
) -> None:
    found = _compiled("app/base", pattern)
    (finding,) = [one for one in found.findings if one.rule == "MAN-014"]
    assert (finding.severity, finding.path) == ("error", "ops/targets/prod.yaml")
    assert finding.position is not None
    assert finding.position.line == 5
    assert suggestion in finding.help
    assert found.plans == ()


@pytest.mark.parametrize("pattern", ["somewhere/else", "other/x"])
def test_a_pattern_outside_of_the_manifests_matches_nothing(pattern: str) -> None:
    assert [one.severity for one in _compiled(pattern).findings if one.rule == "MAN-014"] == ["error"]


@pytest.mark.parametrize("pattern", ["app/base", "app/*/overlays/*", "app", "app/web/overlays", "app/vendor/prod"])
def test_a_pattern_that_matches_or_may_match_is_no_finding(pattern: str) -> None:
    submodule = NotAFile("app/vendor", SUBMODULE)
    assert [one for one in _compiled(pattern, more=(submodule,)).findings if one.rule == "MAN-014"] == []
