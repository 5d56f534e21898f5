"""What the API server makes of a new pod: defaults, LimitRanges, validation and ResourceQuotas.

Sources: pkg/apis/core/v1/defaults.go, pkg/apis/core/validation, plugin/pkg/admission/limitranger/admission.go,
pkg/quota/v1/evaluator/core/pods.go, apiserver admission/plugin/resourcequota/controller.go.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from support.simulated.pods import Container, Object, Size, Template, amounts

_COMPUTE = ("cpu", "memory")


class RefusedError(Exception):
    """The API server does not accept a pod, because of a resource."""


class OverQuotaError(RefusedError):
    """A quota has no room for it now."""


class Admitted(NamedTuple):
    """A pod as it is stored."""

    containers: tuple[Container, ...]
    size: Size
    """For the scheduler."""
    charge: Size
    """For quotas."""


def admitted(template: Template, ranges: Iterable[Object], quotas: Iterable[Object], used: Size) -> Admitted:
    """What becomes of a new pod; `used`: what quotas count of all others. Raises RefusedError."""
    containers = [_self_defaulted(one) for one in template.containers]
    items = [_item(one) for limit_range in ranges for one in limit_range["spec"]["limits"]]
    for item in items:
        if item["type"] == "Container":
            containers = [
                Container(one.name, {**item["defaultRequest"], **one.requests}, {**item["default"], **one.limits})
                for one in containers
            ]
    _validate(template, containers)
    for item in items:
        _check_range(item, containers)
    requests, limits = _totals(template, containers)
    charge = {"pods": 1, **requests, **{f"requests.{name}": one for name, one in requests.items()}}
    charge |= {f"limits.{name}": one for name, one in limits.items()}
    for quota in quotas:
        _check_quota(quota, template, containers, charge, used)
    return Admitted(tuple(containers), requests, charge)


def is_valid(template: Template) -> bool:
    """Whether the API server accepts a workload with such a template."""
    try:
        _validate(template, [_self_defaulted(one) for one in template.containers])
    except RefusedError:
        return False
    return True


def _self_defaulted(one: Container) -> Container:
    return one._replace(requests={**one.limits, **one.requests})


def _item(written: Object) -> Object:
    """An item of a LimitRange with the API's own defaults (SetDefaults_LimitRangeItem)."""
    item = {"type": written["type"]}
    for key in ("default", "defaultRequest", "min", "max"):
        item[key] = amounts(written.get(key))
    item["ratio"] = {name: float(one) for name, one in written.get("maxLimitRequestRatio", {}).items()}
    if item["type"] == "Container":
        item["default"] = {**item["max"], **item["default"]}
        item["defaultRequest"] = {**item["min"], **item["default"], **item["defaultRequest"]}
    return item


def _validate(template: Template, containers: list[Container]) -> None:
    for one in containers:
        for name, bound in one.limits.items():
            if one.requests.get(name, 0) > bound:
                raise RefusedError(name)
            if name in (template.limits or {}) and bound > (template.limits or {})[name]:
                raise RefusedError(name)
    for name, bound in (template.requests or {}).items():
        if sum(one.requests.get(name, 0) for one in containers) > bound:
            raise RefusedError(name)


def _check_range(item: Object, containers: list[Container]) -> None:
    subjects = containers
    if item["type"] == "Pod":
        subjects = [Container("", _sum(containers, "requests"), _sum(containers, "limits"))]
    for one in subjects:
        for name in _out_of_range(item, one):
            raise RefusedError(name)


def _out_of_range(item: Object, one: Container) -> Iterator[str]:
    for name, bound in item["min"].items():
        if name not in one.requests or one.requests[name] < bound or one.limits.get(name, bound) < bound:
            yield name
    for name, bound in item["max"].items():
        if name not in one.limits or one.limits[name] > bound or one.requests.get(name, 0) > bound:
            yield name
    for name, bound in item["ratio"].items():
        request, limit = one.requests.get(name, 0), one.limits.get(name, 0)
        if not request or not limit or limit / request > bound:
            yield name


def _sum(containers: list[Container], kind: str) -> Size:
    """What all containers say together; a limit only where each has one."""
    parts: list[Size] = [getattr(one, kind) for one in containers]
    names = {name for part in parts for name in part}
    if kind == "limits":
        names = {name for name in names if all(name in part for part in parts)}
    return {name: sum(part.get(name, 0) for part in parts) for name in names}


def _totals(template: Template, containers: list[Container]) -> tuple[Size, Size]:
    def total(kind: str) -> Size:
        names = {name for one in containers for name in getattr(one, kind)}
        return {name: sum(getattr(one, kind).get(name, 0) for one in containers) for name in names}

    requests, limits = total("requests"), total("limits")
    if template.limits:
        requests = {**{name: one for name, one in template.limits.items() if name not in requests}, **requests}
    return {**requests, **(template.requests or {})}, {**limits, **(template.limits or {})}


def _check_quota(quota: Object, template: Template, containers: list[Container], charge: Size, used: Size) -> None:
    hard = {key: amounts({key.rpartition(".")[2]: text}) for key, text in quota["spec"]["hard"].items()}
    for key, bound in hard.items():
        kind, _, name = key.rpartition(".")
        kind = kind or "requests"
        is_pod_level = template.requests is not None or template.limits is not None
        if name in _COMPUTE and not is_pod_level and any(name not in getattr(one, kind) for one in containers):
            raise RefusedError(name)
        more = charge.get(key, 0)
        if more and used.get(key, 0) + more > bound[name]:
            raise OverQuotaError(key)
