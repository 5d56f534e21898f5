"""Changes of the files that control how a change is checked, shown and applied."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple, get_args

from infra_scale.core.documents.target import Targets
from infra_scale.model.cost import Budget, Threshold
from infra_scale.model.names import CLUSTERS, TARGETS, target_name
from infra_scale.model.policy import Policy, Setting
from infra_scale.model.target import Target

Kind = Literal[
    "target",
    "code owners",
    "workflow",
    "GitHub configuration",
    "Git attributes",
    "pre-commit configuration",
    "schema",
    "prices",
    "snapshot",
    "cluster file",
    "manifest",
]
How = Literal["changed", "removed", "added"]
_HOW: dict[str, How] = {"A": "added", "D": "removed"}
_ORDER: tuple[How, ...] = ("changed", "removed", "added")


class Edit(NamedTuple):
    """A setting before and after."""

    name: str
    before: str
    """Empty if it is new."""
    after: str
    """Empty if it is removed."""


class Decision(NamedTuple):
    """A controlling file, and its change."""

    kind: Kind
    path: str
    """Relative to the top of the work tree."""
    how: How
    edits: tuple[Edit, ...] = ()
    """The changed settings of a target."""


def decisions(changed: Mapping[str, str], prefix: str, before: Targets, after: Targets) -> tuple[Decision, ...]:
    """The controlling files that a change adds, edits or removes, existing ones first.

    `changed` are paths relative to the top of the work tree with their status; the root is at `prefix`.
    """
    targets = (*before.by_name.values(), *after.by_name.values())
    found = [
        Decision(kind, path, _HOW.get(how, "changed"), _edits(path.removeprefix(prefix), kind, before, after))
        for path, how in changed.items()
        if (kind := _kind(path, prefix, targets))
    ]
    return tuple(sorted(found, key=lambda one: (KINDS.index(one.kind), _ORDER.index(one.how), one.path)))


KINDS: tuple[Kind, ...] = get_args(Kind)
"""The kinds, in the order of their importance."""


def _kind(path: str, prefix: str, targets: Sequence[Target]) -> Kind | None:
    name = path.rpartition("/")[2]
    if name == "CODEOWNERS" and path in ("CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS"):
        return "code owners"
    if path.startswith(".github/"):
        return "workflow" if path.startswith(".github/workflows/") else "GitHub configuration"
    if name == ".gitattributes":
        return "Git attributes"
    if path == ".pre-commit-config.yaml":
        return "pre-commit configuration"
    return _below_root(path.removeprefix(prefix), targets) if path.startswith(prefix) else None


def _below_root(path: str, targets: Sequence[Target]) -> Kind | None:
    if path.startswith(f"{TARGETS}/"):
        return "target"
    if path.startswith(f"{CLUSTERS}/"):
        files: dict[str, Kind] = {"prices.yaml": "prices", "snapshot.yaml": "snapshot"}
        return files.get(path.rpartition("/")[2], "cluster file")
    if path.startswith("schemas/"):
        return "schema"
    return "manifest" if any(target.has_manifest(path) for target in targets) else None


def _edits(path: str, kind: Kind, before: Targets, after: Targets) -> tuple[Edit, ...]:
    if kind != "target":
        return ()
    name = target_name(path)
    if name in before.invalid | after.invalid:
        return (Edit("file", _validity(name, before), _validity(name, after)),)
    sides = [dict(_settings(side.by_name[name])) if name in side.by_name else {} for side in (before, after)]
    keys = dict.fromkeys((*sides[0], *sides[1]))
    edits = (Edit(key, sides[0].get(key, ""), sides[1].get(key, "")) for key in keys)
    return tuple(edit for edit in edits if edit.before != edit.after)


def _validity(name: str, side: Targets) -> str:
    return "not valid" if name in side.invalid else "valid" if name in side.by_name else ""


def _settings(target: Target) -> Iterator[tuple[str, str]]:
    """The settings of a target that affect plans or checks, as text by name; unset ones are omitted."""
    yield from _policy(target.policy)
    if target.budget:
        yield "budget", _budget(target.budget)
    yield "maxAge", f"{target.max_age}h"
    if target.prices:
        yield "prices", target.prices
    for cluster in target.clusters:
        context = f", context {cluster.context}" if cluster.context != cluster.name else ""
        yield f"cluster {cluster.name}", f"wave {cluster.wave}{context}{', shared' if cluster.shared else ''}"
    if target.manifests:
        yield "manifests", ", ".join(target.manifests)


def _policy(policy: Policy) -> Iterator[tuple[str, str]]:
    for rule in sorted(policy.settings):
        yield rule, _setting(policy.settings[rule])
    for rule in sorted(policy.unwaivable):
        yield f"unwaivable {rule}", "yes"
    for own in policy.own:
        yield f"custom rule {own.id}", f"{own.severity}: {own.when}"


def _setting(setting: Setting) -> str:
    parts: list[str] = [setting.severity or "default severity"]
    parts += [f"{name} {bound}" for name, bound in sorted(setting.thresholds.items())]
    parts += [f"onUnknown {setting.on_unknown}"] if setting.on_unknown else []
    return ", ".join(parts)


def _budget(budget: Budget) -> str:
    bounds = (("increase", budget.increase), ("decrease", budget.decrease))
    return ", ".join(f"{name} {_threshold(bound)}" for name, bound in bounds if _threshold(bound)) or "none"


def _threshold(bound: Threshold) -> str:
    amount = [] if bound.amount is None else [str(bound.amount)]
    percent = [] if bound.percent is None else [f"{bound.percent}%"]
    return " or ".join([*amount, *percent])
