"""The questions of `init`: hook or bot, and the workload of the first request, which has its current values."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from infra_scale.cli import ask, new, options, terminal
from infra_scale.core.documents.request import write_request
from infra_scale.core.reading.pasted import Conversion, converted
from infra_scale.core.setup.discovery import Discovered
from infra_scale.core.syntax.printable import printable
from infra_scale.core.syntax.text import shortened
from infra_scale.errors import UsageError
from infra_scale.model.names import REQUESTS, request_id
from infra_scale.model.source import Source
from infra_scale.usecases.new import check_flags

_SHOWN = 12


def asked_for_hook() -> bool:
    """Whether the hook commits plans with their requests; else the bot proposes them."""
    terminal.err("hook: plans are committed with their requests; bot: `publish` proposes them after the merge")
    return ask.ask("plans by", default="hook", choices=("hook", "bot"), fault=_hook_fault) == "hook"


def _hook_fault(text: str) -> str | None:
    return None if text in ("hook", "bot") else f"expected hook or bot, got {shortened(text)!r}"


def chosen(found: Sequence[Discovered], wanted: str | None, *, may_ask: bool) -> Discovered | None:
    """The named workload; without a name the answer on a terminal, else the first one. Raises UsageError."""
    by_name: dict[str, Discovered] = {}
    for one in found:
        by_name.setdefault(one.title, one)
        by_name.setdefault(f"{one.namespace}/{one.title}", one)
    if wanted is not None:
        if wanted in by_name:
            return by_name[wanted]
        message = f"--workload must be a workload in the manifests, got {shortened(wanted)!r}"
        known = ", ".join(one.title for one in found[:_SHOWN])
        raise UsageError(message, hint=f"found: {printable(known)}" if known else "no workload was found")
    if not may_ask:
        _report(found)
        return found[0] if found else None
    if not found:
        return None
    terminal.err("workloads in your manifests:")
    for one in found[:_SHOWN]:
        terminal.err(f"    {printable(one.title)} in {printable(one.namespace)} ({printable(one.root)})")
    answer = ask.ask(
        "workload of the first request",
        default=found[0].title,
        fault=lambda text: None if text in by_name else "expected one of these workloads, for example Deployment/web",
    )
    return by_name[answer]


def _report(found: Sequence[Discovered]) -> None:
    first, *others = found or (None,)
    if first and others:
        listed = ", ".join(f"{one.title} in {one.namespace}" for one in others[:_SHOWN])
        more = f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else ""
        terminal.err(
            f"first request: {printable(first.title)}; --workload selects another one: {printable(listed)}{more}"
        )


def request_of(one: Discovered, *, root: Path, target: str, created_at: str) -> Source | None:
    """The request with the current values of a workload; None if it cannot be expressed. Raises FilesError."""
    path = f"{REQUESTS}/{one.namespace}/{one.name}.yaml"
    found = converted(one.manifests, path) if request_id(path) else None
    if not isinstance(found, Conversion):
        return None
    given = new.parser().parse_args(shlex.split(found.commands[0])[2:])
    given.target, given.reason = target, "First request: the current values"
    planned = check_flags(options.flags(given), root=root, created_at=created_at)
    if planned.request is None:
        return None
    content = write_request(planned.request._replace(path=path)).encode()
    return Source(path, content, len(content))
