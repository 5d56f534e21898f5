"""ResourceQuotas and LimitRanges to admission limits of a namespace."""

from collections.abc import Iterable, Iterator, Mapping
from typing import get_args

from infra_scale.core.capture.amounts import read_amounts
from infra_scale.core.capture.objects import Inventory, Thing, read
from infra_scale.core.capture.selectors import read_requirement
from infra_scale.core.reading.values import mapping, sequence, text
from infra_scale.core.syntax.scalars import Value
from infra_scale.model.pod import Requirement
from infra_scale.model.snapshot import Limit, LimitRange, LimitType, NamespaceState, Quota

_TYPES: tuple[LimitType, ...] = get_args(LimitType)


def namespace_states(found: Inventory, names: Iterable[str]) -> tuple[NamespaceState, ...]:
    """The state of each namespace, sorted; one without objects has no limits. Raises ObjectError."""
    return tuple(
        NamespaceState(
            name,
            tuple(read(one, _read_quota) for one in found.within("ResourceQuota", name)),
            tuple(read(one, _read_limit_range) for one in found.within("LimitRange", name)),
        )
        for name in sorted(set(names))
    )


def _read_quota(thing: Thing) -> Quota:
    """The enforced quota is in the status; before the controller's first sync, use the spec."""
    hard = thing.status.get("hard") or thing.spec.get("hard")
    scopes = (Requirement(text(name), "Exists") for name in sequence(thing.spec.get("scopes")))
    selected = map(_read_scope, sequence(mapping(thing.spec.get("scopeSelector")).get("matchExpressions")))
    return Quota(
        thing.name,
        read_amounts(hard),
        read_amounts(thing.status.get("used")),
        tuple(sorted({*scopes, *selected}, key=lambda one: (one.operator != "Exists", one))),
    )


def _read_scope(value: Value) -> Requirement:
    written = mapping(value)
    return read_requirement({**written, "key": written.get("scopeName")})


def _read_limit_range(thing: Thing) -> LimitRange:
    limits = _read_limits(map(mapping, sequence(thing.spec.get("limits"))))
    return LimitRange(thing.name, tuple(sorted(limits, key=lambda limit: limit.type)))


def _read_limits(several: Iterable[Mapping[str, Value]]) -> Iterator[Limit]:
    for written in several:
        known = next((one for one in _TYPES if one == written.get("type")), None)
        # Other types limit images, for example.
        if known is not None:
            yield Limit(
                known,
                minimum=read_amounts(written.get("min")),
                maximum=read_amounts(written.get("max")),
                default=read_amounts(written.get("default")),
                default_request=read_amounts(written.get("defaultRequest")),
                ratio=read_amounts(written.get("maxLimitRequestRatio")),
            )
