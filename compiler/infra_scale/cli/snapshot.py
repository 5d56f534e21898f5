"""infra-scale snapshot."""

import argparse
import os
import re
from collections.abc import Sequence
from datetime import datetime

from infra_scale.adapters import clock
from infra_scale.adapters.environment import environment
from infra_scale.cli import exit_codes, options, terminal, wiring
from infra_scale.core.capture.snapshot import Selection
from infra_scale.core.comparing.snapshots import CountChange
from infra_scale.core.syntax.printable import printable
from infra_scale.core.syntax.similar import did_you_mean
from infra_scale.errors import UsageError
from infra_scale.model.names import is_context, is_label
from infra_scale.model.time import read_time
from infra_scale.usecases import snapshot
from infra_scale.usecases.management import Management, management

_DESCRIPTION = """\
Capture the state of a cluster, through kubectl or from saved output. It only
reads, and keeps no secrets, pod or host names, images or environment."""

_EXAMPLES = (
    ("infra-scale snapshot prod-eu-1", "capture it into its file below ops/clusters/"),
    ("infra-scale snapshot prod-eu-1 --output -", "show what would be written"),
    (
        "infra-scale snapshot prod-eu-1 --context admin@eu-1 --kubeconfig ~/.kube/eu",
        "if the kubectl context has another name",
    ),
    (
        "kubectl get nodes,pods,quota,limits,deploy,sts,rs,ds,job,cj,hpa,pdb -Ao json "
        "| infra-scale snapshot prod-eu-1 --from -",
        "without a cluster: from saved output",
    ),
)
_CODES = (
    ("0", "written"),
    ("1", "the cluster could not be captured; nothing is written"),
    ("2", "wrong usage"),
)

_SECONDS = 60.0
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


def run(arguments: Sequence[str]) -> int:
    """Run the command. Returns the exit code; raises InfraScaleError."""
    given = parser().parse_args(arguments)
    _refuse(given)
    root = options.root_folder(given.root)
    known = management(root, given.cluster)
    namespaces = tuple(sorted({*known.namespaces, *given.namespace}))
    _remark(given.cluster, known, namespaces)
    facts = _facts(given, known)
    now = _moment(given.captured_at) or clock.now(environment().source_date_epoch).replace(microsecond=0)
    done = snapshot.captured(facts, Selection(given.cluster, namespaces, now), root=root)
    for gap in facts.gaps:
        terminal.err(f"unknown: {gap.resource} ({gap.reason}); the snapshot lists it under `unknown`")
    if given.output == "-":
        terminal.out(done.text.rstrip("\n"))
        return exit_codes.DONE
    path = snapshot.write(done, root=root, output=given.output)
    terminal.out(terminal.fitted(f"{'updated' if done.before else 'created'}   {path}: {_summary(done)}"))
    return exit_codes.DONE


def parser() -> options.CommandParser:
    """The command's options."""
    command = options.parser("snapshot", description=_DESCRIPTION, examples=_EXAMPLES, codes=_CODES)
    cluster = command.add_argument_group("what is captured")
    cluster.add_argument("cluster", metavar="CLUSTER", help="name of the cluster in targets")
    cluster.add_argument(
        "--namespace",
        metavar="NS",
        action="append",
        default=[],
        help="additional namespace, besides those in requests and targets; repeatable",
    )
    _add_sources(command)
    written = command.add_argument_group("what is written")
    written.add_argument("--output", metavar="FILE", help="write to this file; - is standard output")
    options.add_root(written)
    return command


def _add_sources(to: options.CommandParser) -> None:
    """The source options."""
    asked = to.add_argument_group("through kubectl")
    asked.add_argument(
        "--context", metavar="C", help="kubectl context (default: the target's, else the cluster's name)"
    )
    asked.add_argument("--kubeconfig", metavar="FILE", help="kubectl's configuration (default: kubectl's default)")
    asked.add_argument(
        "--timeout", metavar="S", type=float, default=_SECONDS, help="time limit of each call in seconds (default: 60)"
    )
    read = to.add_argument_group("from saved output")
    read.add_argument(
        "--from",
        dest="saved",
        metavar="FILE",
        nargs="+",
        default=[],
        help="read saved `kubectl get -o json` output instead of the cluster; - is standard input",
    )
    read.add_argument("--captured-at", metavar="TIME", help="when it was saved, for example 2026-01-31T03:00:00Z")


def _refuse(given: argparse.Namespace) -> None:
    """Raise UsageError for invalid values and combinations."""
    faults = {
        f"CLUSTER must be a valid cluster name, got {given.cluster!r}": not is_label(given.cluster),
        f"--context must be a valid context name, got {given.context!r}": given.context is not None
        and not is_context(given.context),
        "--timeout must be more than 0 and at most 3600 seconds": not 0 < given.timeout <= 3600,  # noqa: PLR2004
        "--captured-at must be a time in UTC, for example 2026-01-31T03:00:00Z": bool(given.captured_at)
        and _moment(given.captured_at) is None,
        "--from cannot be combined with --context or --kubeconfig": bool(given.saved)
        and bool(given.context or given.kubeconfig),
        "--from needs --captured-at, the time when the files were saved": not given.captured_at
        and any(name != "-" for name in given.saved),
        **{f"--namespace must be a valid namespace name, got {name!r}": not is_label(name) for name in given.namespace},
    }
    for message, is_so in faults.items():
        if is_so:
            raise UsageError(message, hint="`infra-scale snapshot --help` has examples")


def _moment(text: str | None) -> datetime | None:
    return read_time(text) if text and _MOMENT.fullmatch(text) else None


def _remark(cluster: str, known: Management, namespaces: Sequence[str]) -> None:
    if cluster not in known.clusters and known.clusters:
        advice = did_you_mean(cluster, known.clusters, f"known clusters: {', '.join(known.clusters)}")
        terminal.err(f"note: no target names the cluster {cluster}; {advice}")
    if not namespaces:
        terminal.err(
            "note: no request is for this cluster, so no namespace is captured; add namespaces with --namespace"
        )


def _facts(given: argparse.Namespace, known: Management) -> snapshot.Facts:
    if given.saved:
        facts = snapshot.read_saved(given.saved, terminal.read_bytes)
        missing = snapshot.missing_kinds(facts.found)
        if missing:
            terminal.err(f"note: the saved output has no objects of these kinds: {', '.join(missing)}")
        return facts
    # pathlib raises if the user does not exist; kubectl reports a missing file.
    kubeconfig = os.path.expanduser(given.kubeconfig) if given.kubeconfig else None  # noqa: PTH111
    with terminal.progress("reading") as watch:
        cluster = wiring.cluster(_context(given, known), kubeconfig=kubeconfig, seconds=given.timeout)
        return snapshot.ask(cluster, watch=watch)


def _context(given: argparse.Namespace, known: Management) -> str:
    if given.context:
        return str(given.context)
    if len(known.contexts) > 1:
        message = f"targets have several contexts for the cluster {given.cluster}: {', '.join(known.contexts)}"
        raise UsageError(message, hint="select one with --context")
    return known.contexts[0] if known.contexts else str(given.cluster)


def _summary(done: snapshot.Captured) -> str:
    changes = done.changes
    parts = (_counted("node", changes.nodes), _counted("namespace", changes.namespaces))
    return ", ".join((*parts, _counted("workload", changes.workloads)))


def _counted(noun: str, change: CountChange) -> str:
    verbs = {"added": change.added, "removed": change.removed, "changed": change.changed}
    said = ", ".join(f"{count} {verb}" for verb, count in verbs.items() if count)
    plural = "" if change.total == 1 else "s"
    return printable(f"{change.total} {noun}{plural} ({said or 'unchanged'})")
