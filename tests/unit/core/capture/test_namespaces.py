"""Quotas and limit ranges are captured as the API enforces them."""

from infra_scale.model.pod import Requirement
from infra_scale.model.snapshot import Limit, NamespaceState
from support.capacity import amounts
from support.capture import captured
from support.kube_objects import plain


def test_a_quota_is_what_its_controller_enforces() -> None:
    spec = {"hard": {"pods": "10"}, "scopes": ["NotTerminating"]}
    status = {"hard": {"pods": "8"}, "used": {"pods": "3"}}

    (quota,) = captured([plain("v1", "ResourceQuota", "compute", spec, status=status)]).namespaces[0].quotas

    assert (quota.hard, quota.used) == (amounts(pods="8"), amounts(pods="3"))
    assert quota.scopes == (Requirement("NotTerminating", "Exists"),)


def test_before_its_controller_has_looked_a_quota_is_what_it_says() -> None:
    expression = {"scopeName": "PriorityClass", "operator": "In", "values": ["high", "asap"]}
    spec = {"hard": {"requests.cpu": "1500m"}, "scopeSelector": {"matchExpressions": [expression]}}

    (quota,) = captured([plain("v1", "ResourceQuota", "compute", spec)]).namespaces[0].quotas

    assert (quota.hard, quota.used) == (amounts(**{"requests.cpu": "1500m"}), ())
    assert quota.scopes == (Requirement("PriorityClass", "In", ("asap", "high")),)


def test_a_limit_range_is_captured_but_for_what_is_about_images() -> None:
    limits = [
        {"type": "openshift.io/Image", "max": {"storage": "1Gi"}},
        {"type": "Pod", "max": {"cpu": "4"}},
        {"type": "Container", "default": {"cpu": "500m"}, "maxLimitRequestRatio": {"cpu": "2"}},
    ]

    (found,) = captured([plain("v1", "LimitRange", "defaults", {"limits": limits})]).namespaces[0].limit_ranges

    assert found.limits == (
        Limit("Container", default=amounts(cpu="500m"), ratio=amounts(cpu="2")),
        Limit("Pod", maximum=amounts(cpu="4")),
    )


def test_a_namespace_of_which_nothing_is_found_is_listed_as_looked_at() -> None:
    assert captured([], namespaces=("b", "a", "a")).namespaces == (NamespaceState("a"), NamespaceState("b"))
