"""infra-scale new."""

import argparse
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from infra_scale.adapters import checkout, clock, files
from infra_scale.adapters.environment import environment
from infra_scale.cli import ask, exit_codes, options, terminal
from infra_scale.core.reporting.findings_text import flag_details, flag_line
from infra_scale.core.syntax.printable import printable
from infra_scale.errors import UsageError
from infra_scale.model.request import ScaleRequest
from infra_scale.model.source import Source
from infra_scale.model.time import in_milliseconds
from infra_scale.model.workload import BATCH, KINDS
from infra_scale.usecases import new

_DESCRIPTION = """\
Write a request file from flags or prompts, and print its path.
`infra-scale compile` writes its plan."""

_EXAMPLES = (
    ("infra-scale new", "prompt for all values (on a terminal)"),
    (
        "infra-scale new assistant/web --target=prod --namespace=assistant "
        "--workload=Deployment:web:6 --req=web:cpu=500m,mem=1Gi --hpa=min:4,max:12,cpu:65",
        "no prompts",
    ),
    ("infra-scale new assistant/web --from deployment.yaml", "take the current values of a manifest"),
    ("infra-scale new assistant/web --force --workload=Deployment:web:8", "replace an existing request"),
)
_CODES = (("0", "written"), ("1", "the request would be invalid; nothing is written"), ("2", "wrong usage"))

_ASKED = tuple(kind for kind in KINDS if kind not in BATCH)
"""Jobs need more settings than the flags of the original CLI have."""


def run(arguments: Sequence[str]) -> int:
    """Run the command. Returns the exit code; raises InfraScaleError."""
    given = parser().parse_args(arguments)
    root = options.folder_to_begin_in()
    if given.source is not None:
        return _write([*_converted(given, root)], root)
    if given.name is None or not given.workload:
        if not ask.can_ask():
            message = "NAME and at least one --workload are required"
            raise UsageError(message, hint="for example: infra-scale new assistant/web --workload=Deployment:web:6")
        _complete(given, root)
    return _write([given], root)


def _write(wanted: Sequence[argparse.Namespace], root: Path) -> int:
    """Write all requests, or none if one is invalid."""
    created_at = in_milliseconds(clock.now(environment().source_date_epoch))
    requests: dict[str, ScaleRequest] = {}
    for given in wanted:
        planned = new.check_flags(options.flags(given), root=root, created_at=created_at)
        if planned.request is None:
            for finding in planned.findings:
                terminal.err("\n".join([flag_line(finding), *flag_details(finding, width=terminal.width_aside())]))
            return exit_codes.FAILED
        requests[new.request_path(given.name)] = planned.request
    new.create_requests(requests, root=root, overwrite=wanted[0].force)
    for path in requests:
        terminal.out(path)
    terminal.err("next: infra-scale compile")
    return exit_codes.DONE


def _converted(given: argparse.Namespace, root: Path) -> Iterator[argparse.Namespace]:
    """The flags for the workloads in a file of manifests. Raises UsageError and FilesError."""
    from infra_scale.core.reading.pasted import ANY_TARGET, Conversion, converted  # noqa: PLC0415 (only for --from)

    beside = [name for name in ("workload", "req", "lim", "hpa") if getattr(given, name)]
    if beside or given.name is None:
        message = f"--from cannot be combined with --{beside[0]}" if beside else "--from needs the NAME of the request"
        raise UsageError(message, hint="for example: infra-scale new shop/web --from deployment.yaml")
    content = terminal.read_bytes() if given.source == "-" else files.read_bytes(Path(given.source))
    name = "standard input" if given.source == "-" else given.source
    found = converted(Source(name, content, len(content)), new.request_path(given.name))
    if found is None:
        message = f"{name} has no workload that a request can scale"
        raise UsageError(message, hint="expected a Deployment, StatefulSet or HorizontalPodAutoscaler, for example")
    if not isinstance(found, Conversion):
        message = f"{name}:{found.position.line}:{found.position.column}: {found.what}"
        raise UsageError(message, hint="fix the file, or name another one")
    known = checkout.known_targets(root)
    default = ANY_TARGET if not known or ANY_TARGET in known else known[0]
    for command in found.commands:
        one = parser().parse_args(shlex.split(command)[2:])
        one.target, one.force = given.target or default, given.force
        one.namespace = given.namespace or one.namespace
        one.owner, one.reason, one.ticket = given.owner, given.reason, given.ticket
        yield one
    if found.remaining:
        terminal.err(f"not in the request yet: {printable(found.remaining)}")


def parser() -> options.CommandParser:
    """The command's options."""
    command = options.parser("new", description=_DESCRIPTION, examples=_EXAMPLES, codes=_CODES)
    file = command.add_argument_group("what is written")
    file.add_argument("name", nargs="?", metavar="NAME", help="id or path of the request: assistant/web")
    file.add_argument("--force", action="store_true", help="replace a request that exists")
    file.add_argument(
        "--from",
        dest="source",
        metavar="FILE",
        help="take the workloads of a Kubernetes manifest (Deployment, HPA, ...); - reads standard input",
    )
    options.add_flags(command)
    why = command.add_argument_group("owner and reason")
    why.add_argument("--owner", metavar="TEXT", help="the responsible team")
    why.add_argument("--reason", metavar="TEXT", help="why the capacity is needed")
    why.add_argument("--ticket", metavar="TEXT", help="link to the discussion")
    return command


def _complete(given: argparse.Namespace, root: Path) -> None:
    """Prompt for values that the flags do not set."""
    known = checkout.known_targets(root)
    if given.target is None:
        default = known[0] if len(known) == 1 else "prod"
        given.target = ask.ask(
            "target", default=default, choices=known, fault=lambda text: _fault(root, "target", text)
        )
    if given.namespace is None:
        given.namespace = ask.ask("namespace", default="default", fault=lambda text: _fault(root, "namespace", text))
    if not given.workload:
        _ask_workloads(given, root)
        for name in ("owner", "reason", "ticket"):
            setattr(given, name, getattr(given, name) or ask.ask(f"{name} (optional)"))
    if given.name is None:
        first = given.workload[0].partition(":")[2].partition(":")[0]
        default = f"{given.namespace}/{first}" if first else ""
        given.name = ask.ask("name of the request", default=default, fault=_name_fault)


def _ask_workloads(given: argparse.Namespace, root: Path) -> None:
    more = True
    while more:
        kind = ask.ask(
            "kind", default=_ASKED[0], choices=_ASKED, fault=lambda text: _fault(root, "workload", f"{text}:x")
        )
        name = ask.ask("name", fault=lambda text: _fault(root, "workload", f"Deployment:{text}:1"))
        replicas = _optional("replicas", root, "workload", "Deployment:x:{}") if kind != "DaemonSet" else ""
        given.workload.append(":".join(part for part in (kind, name, replicas) if part))
        for flag, what in (("req", "requests"), ("lim", "limits")):
            if answer := _optional(f"{what}, as cpu=500m,mem=1Gi", root, flag, "x:{}"):
                getattr(given, flag).append(f"{name}:{answer}")
        more = ask.agree("another workload?")
    if not given.hpa and any(workload.count(":") > 1 for workload in given.workload):
        answer = _optional("HPA, as min:4,max:12,cpu:65", root, "hpa", "{}")
        given.hpa += [answer] if answer else []


def _optional(what: str, root: Path, flag: str, form: str) -> str:
    """An optional answer, valid as a flag of this form."""
    return ask.ask(
        f"{what} (empty: unchanged)", fault=lambda text: _fault(root, flag, form.format(text)) if text else None
    )


def _fault(root: Path, flag: str, value: str) -> str | None:
    """The error in the value of one flag, by the rules of request files; the rest of the request is a placeholder."""
    companion = "--req=x:mem=1Mi" if flag == "workload" else "--workload=Deployment:x:1"
    command = [companion, f"--{flag}={value}"]
    findings = new.check_flags(options.flags(parser().parse_args(command)), root=root).findings
    of_flag = (f for f in findings if f.severity == "error" and f.position and f.position.excerpt == command[-1])
    first = next(of_flag, None)
    return f"{first.message} ({first.help})" if first else None


def _name_fault(text: str) -> str | None:
    try:
        new.request_path(text)
    except UsageError as error:
        return f"{error.message}: {error.hint}"
    return None
