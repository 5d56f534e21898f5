"""A change, checked by the policies of its base commit; findings about other files are notes."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from infra_scale.adapters import checkout, commits, files, git
from infra_scale.adapters.states.commit import files_at
from infra_scale.core.comparing.deciding_files import Decision, decisions
from infra_scale.core.compiling.context import Base
from infra_scale.core.compiling.touched import Touch, touch_of
from infra_scale.core.documents.header import origin
from infra_scale.core.documents.request import read_request
from infra_scale.core.documents.target import Targets, read_targets
from infra_scale.core.evaluation.summary import counts_of
from infra_scale.core.generated.unexpected import RULE as UNEXPECTED
from infra_scale.core.schema import catalogue
from infra_scale.core.syntax import limits
from infra_scale.model.filechange import ChangedPath
from infra_scale.model.finding import Finding
from infra_scale.model.names import CLUSTERS, GENERATED, PLANS, RENDERED, REQUESTS, TARGETS, target_name
from infra_scale.model.position import Position
from infra_scale.model.scope import Scope
from infra_scale.model.source import Source
from infra_scale.usecases.compile import How, compile_work_tree
from infra_scale.usecases.outcome import Outcome, PlanState, RenderedState, count_rendered

if TYPE_CHECKING:
    from datetime import datetime

_MOST = 20
"""At most this many findings about untouched files are listed; the rest is counted."""


class Against(NamedTuple):
    """The base of a change, and the differences from it."""

    commit: str
    """Its SHA: its policies decide."""
    fork: str
    """The merge base: the base may have newer commits."""
    changed: dict[str, str]
    """Paths relative to the top of the work tree, with their status: A, M, D or T."""
    prefix: str
    """The path of the root in the work tree."""
    base: Base


def against(root: Path, commit: str) -> Against:
    """The changes of the work tree since its merge base with `commit`. Raises GitError."""
    head = git.commit_of(root, "HEAD")
    fork = (git.merge_base(root, commit, head) if head else None) or commit
    changed, prefix = git.changed_since(root, fork), commits.prefix(root)
    below = frozenset(path.removeprefix(prefix) for path in changed if path.startswith(prefix))
    return Against(commit, fork, changed, prefix, Base(files_at(root, commit, TARGETS, limit=limits.MAX_BYTES), below))


def check(root: Path, change: Against, *, now: "datetime", how: How) -> Outcome:
    """Compile the work tree without writing, and check what the change touches.

    Raises FilesError, GitError and UsageError.
    """
    how = how._replace(keep_going=True, uses_cache=False, by_clock=True, base=change.base)
    outcome = compile_work_tree(root, scope=Scope(), now=now, how=how)
    return _Narrowed(root, change, outcome).outcome()


def decided(root: Path, change: Against) -> tuple[Decision, ...]:
    """The changed files that decide how the change is checked. Raises FilesError and GitError."""
    is_base = change.fork == change.commit
    found = change.base.targets if is_base else files_at(root, change.fork, TARGETS, limit=limits.MAX_BYTES)
    before, _ = read_targets(found, schema=files.schema_text(catalogue.TARGET))
    return decisions(change.changed, change.prefix, before, _targets_here(root))


def _targets_here(root: Path) -> Targets:
    found = checkout.read_tree(root, TARGETS, limit=limits.MAX_BYTES) or ()
    return read_targets(found, schema=files.schema_text(catalogue.TARGET))[0]


class _Narrowed:
    """The parts of an outcome that a change touches."""

    def __init__(self, root: Path, change: Against, outcome: Outcome) -> None:
        self._root, self._whole, self._change = root, outcome, change
        self._before, _ = read_targets(change.base.targets, schema=files.schema_text(catalogue.TARGET))
        self._targets = _targets_here(root)
        self._touch: Touch = touch_of(change.base, self._before, self._targets)
        states = (state for state in outcome.plans if state.request)
        self._aims: dict[str, str | None] = {state.request: _target(state) for state in states if state.request}
        self._planned = frozenset(self._aims)
        self._used = {self._aim(path) for path in change.base.changed if path.startswith(f"{REQUESTS}/")}
        self._clusters = _clusters(self._used, self._before, self._targets)
        # The list of a namespace changes if Components are added or removed, not if they are edited.
        come_and_go = (path for path, how in change.changed.items() if how in ("A", "D"))
        self._listed = [path.removeprefix(change.prefix) for path in come_and_go]
        self._places = _clusters(self._touch.edited, self._before, self._targets)

    def outcome(self) -> Outcome:
        """The outcome for what the change touches, and notes about the rest."""
        whole = self._whole
        all_of = list(whole.changes)
        mine = [change for change in all_of if change.request and self._request(change.request)]
        owned, new = {change.path for change in mine}, {change.path for change in mine if change.verb == "created"}
        changes = [change for change in all_of if change.path in owned or self._unowned(change, new)]
        folders = {change.path.rpartition("/")[0] for change in changes}
        kept: list[Finding] = []
        beside: list[Finding] = []
        for finding in whole.findings:
            (kept if self._finding(finding, new) else beside).append(finding)
        if not any(finding.severity == "error" and finding.path.startswith(_SOURCES) for finding in kept):
            kept += [_unverified(path) for path in sorted(self._unverified())]
        plans: list[PlanState] = []
        for plan in whole.plans:
            if plan.state == "unchanged" or plan.folder in folders:
                plans.append(plan)
            else:
                beside.append(_stale(plan))
        rendered: dict[str, RenderedState] = {}
        for change in changes:
            count_rendered(rendered, change)
        errors = [finding.rule for finding in kept if finding.severity == "error"]
        unexpected = errors.count(UNEXPECTED)
        return whole._replace(
            is_valid=len(errors) == unexpected,
            unexpected=unexpected,
            totals=counts_of(kept),
            findings=tuple(kept),
            plans=tuple(plans),
            changes=tuple(changes),
            changed=len(changes),
            rendered=tuple(sorted(rendered.values())),
            beside=tuple(_mentioned([finding for finding in beside if finding.severity == "error"])),
            seen=None,
        )

    def _unverified(self) -> set[str]:
        """Generated files that the change adds, edits or removes, and that have no compiled request to compare with."""
        found = {path for path in self._whole.unverified if path in self._touch.changed}
        removed = {path.removeprefix(self._change.prefix) for path, how in self._change.changed.items() if how == "D"}
        for folder in {path.rpartition("/")[0] for path in removed if path.startswith(_INSIDE)}:
            held = files_at(self._root, self._change.fork, folder, limit=limits.MAX_GENERATED_BYTES)
            sources = (item for item in held if isinstance(item, Source) and item.path in removed)
            found |= {item.path for item in sources if self._is_refused(origin(item.path, item.content))}
        return found

    def _is_refused(self, request: str | None) -> bool:
        """Whether the request of a missing plan exists."""
        if request is None or request in self._planned:
            return False
        return checkout.read_file(self._root, request, limit=limits.MAX_BYTES) is not None

    def _request(self, path: str) -> bool:
        return self._touch.request(path, self._aim(path))

    def _aim(self, path: str) -> str | None:
        """The target of a request; None if it cannot be read."""
        if path not in self._aims:
            item = checkout.read_file(self._root, path, limit=limits.MAX_BYTES)
            schema = files.schema_text(catalogue.REQUEST)
            self._aims[path] = read_request(item, schema=schema).target if isinstance(item, Source) else None
        return self._aims[path]

    def _unowned(self, change: ChangedPath, new: Iterable[str]) -> bool:
        """Whether a shared file is out of date because of the change."""
        path, touch = change.path, self._touch
        if touch.is_whole or path in touch.changed:
            return True
        if change.request:
            return False
        if path.startswith(f"{PLANS}/"):
            target, _, id = path.removeprefix(f"{PLANS}/").rpartition("/")[0].partition("/")
            return target in touch.edited or any(f"{REQUESTS}/{id}{suffix}" in touch.changed for suffix in _SUFFIXES)
        folder = "/".join(path.split("/")[:_NAMESPACE_PARTS])
        cluster = folder.split("/")[-2]
        if cluster in self._places or any(one.startswith(f"{folder}/") for one in (*self._listed, *new)):
            return True
        item = checkout.read_file(self._root, path, limit=limits.MAX_GENERATED_BYTES)
        return isinstance(item, Source) and origin(path, item.content) in touch.changed

    def _finding(self, finding: Finding, new: set[str]) -> bool:
        """Whether the change touches the subject of a finding."""
        path, touch = finding.path, self._touch
        if touch.is_whole or path in touch.changed:
            return True
        if path.startswith(f"{REQUESTS}/"):
            return self._request(path)
        if path.startswith(f"{TARGETS}/"):
            name = target_name(path)
            is_named = name in self._used or name in touch.edited or name in touch.moved
            return is_named or bool(self._places & _clusters([name], self._targets))
        if path.startswith(f"{CLUSTERS}/"):
            return path.split("/")[2] in self._clusters
        if path.startswith(GENERATED):
            return self._unowned(ChangedPath(path, "updated"), new)
        return True


_INSIDE = tuple(f"{folder}/" for folder in GENERATED)
_SOURCES = (f"{REQUESTS}/", f"{TARGETS}/")
_SUFFIXES = (".yaml", ".yml")
_NAMESPACE_PARTS = RENDERED.count("/") + 3


def _target(state: PlanState) -> str:
    return state.folder.removeprefix(f"{PLANS}/").partition("/")[0]


def _clusters(names: Iterable[str | None], *sides: Targets) -> set[str]:
    """The clusters of the targets with these names, on either side."""
    found = (side.by_name[name] for name in names if name for side in sides if name in side.by_name)
    return {cluster.name for target in found for cluster in target.clusters}


def _stale(plan: PlanState) -> Finding:
    words = {"created": "missing", "updated": "stale", "deleted": "orphaned"}
    message = f"the plan {plan.name} is {words.get(plan.state, plan.state)}"
    return Finding("PLN-003", "error", message, plan.request or plan.path)


def _unverified(path: str) -> Finding:
    message = "this generated file was changed and cannot be checked: its request or target is invalid"
    help = "revert the change of this file, or fix the invalid requests and targets and run `infra-scale compile`"
    return Finding("PLN-003", "error", message, path, help=help, position=Position(1, 1, 1, ""))


def _mentioned(found: list[Finding]) -> Iterable[Finding]:
    """Notes about errors that the change did not cause."""
    for finding in found[:_MOST]:
        yield finding._replace(severity="note", message=f"{finding.message} ({_BESIDE})")
    if len(found) > _MOST:
        message = f"{len(found) - _MOST} more findings about files that this change does not touch"
        yield Finding("PLN-003", "note", message, found[_MOST].path)


_BESIDE = "this change does not touch it"
