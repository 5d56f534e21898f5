"""A manifest in the place of a request: one finding, with the command that makes a request of it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from infra_scale.core.reading.json_values import Json, as_map
from infra_scale.core.reading.kubernetes_objects import (
    HpaBounds,
    Part,
    Ref,
    flattened,
    is_foreign,
    parts,
    target_of,
    title,
)
from infra_scale.core.syntax.places import places_of
from infra_scale.core.syntax.stream import Fault, read_stream
from infra_scale.core.syntax.text import decode, shortened
from infra_scale.model.finding import Finding
from infra_scale.model.names import SUFFIXES, TARGETS, is_label, request_id
from infra_scale.model.source import Source
from infra_scale.model.tagged import tagged
from infra_scale.model.workload import SCALABLE

ANY_TARGET = "prod"
"""Used as the target if no other is known."""
_MOST_KINDS = 4
_MOST_WORKLOADS = 20
"""A command about more of them would be too long to read, and to work out."""
_OURS = {"Target": f"it belongs to {TARGETS}/", "Nightly": "it belongs to ops/nightly.yaml"}


def pasted_finding(source: Source) -> Finding | None:
    """The finding for a file that holds something else than a request; None for a request with mistakes in it."""
    text, _ = decode(source)
    if text is None:
        return None
    written = [as_map(document) for document in read_stream(source).documents if document not in (None, "")]
    if not written or not all(map(is_foreign, written)):
        return None
    objects = [*flattened(written)]
    kind = _kind_of(text)
    return Finding(
        "SCH-010",
        "error",
        f"{_named([title(one) or 'object' for one in objects] or ['List'])}, not a ScaleRequest",
        source.path,
        help=_help(objects, source.path),
        position=places_of(text).position(kind, on_key=False),
    )


@tagged
class Conversion(NamedTuple):
    """The requests for the workloads of pasted manifests."""

    commands: tuple[str, ...]
    """`infra-scale new NAME …`, one for each request."""
    remaining: str
    """Settings that the requests lack; empty if there are none."""


def converted(source: Source, path: str) -> Conversion | Fault | None:
    """The requests for manifests, named after `path`; None if they have no workload that can be scaled."""
    stream = read_stream(source)
    if stream.fault:
        return stream.fault
    written = [as_map(document) for document in stream.documents if document not in (None, "")]
    workloads = _workloads([*flattened(one for one in written if is_foreign(one))], path)
    commands = tuple(_commands(workloads, path, ANY_TARGET))
    return Conversion(commands, _added(workloads)) if commands else None


def with_target(finding: Finding, targets: Sequence[str]) -> Finding:
    """The finding with a target that exists, where any is known."""
    if not targets or ANY_TARGET in targets:
        return finding
    return finding._replace(help=finding.help.replace(f"--target={ANY_TARGET} ", f"--target={targets[0]} "))


def _kind_of(text: str) -> tuple[str, ...]:
    return ("kind",) if "kind" in text else ()


def _named(titles: Sequence[str]) -> str:
    kinds = [*dict.fromkeys(titles)]
    if len(titles) == 1:
        article = "an" if kinds[0][0] in "AEIOU" else "a"
        return f"this is {article} {shortened(kinds[0])}"
    if len(kinds) == 1:
        return f"these are {len(titles)} objects of the kind {shortened(kinds[0])}"
    listed = ", ".join(shortened(kind) for kind in kinds[:_MOST_KINDS])
    more = f" and {len(kinds) - _MOST_KINDS} more" if len(kinds) > _MOST_KINDS else ""
    return f"these are {len(titles)} Kubernetes objects ({listed}{more})"


def _help(objects: Sequence[Json], path: str) -> str:
    for one in objects:
        if (kind := title(one)) in _OURS:
            return _OURS[kind]
    workloads = _workloads(objects, path)
    target = next((name for one in objects if is_label(name := target_of(one))), ANY_TARGET)
    if len(workloads) > _MOST_WORKLOADS:
        return f"move it to where its manifests are, or split it: {len(workloads)} workloads are too many for a command"
    commands = [*_commands(workloads, path, target)]
    added = _added(workloads)
    if not commands:
        rest = f"; it may have {added}" if added else ""
        return f"move it to where its manifests are; `infra-scale new` begins a request{rest}"
    rest = f"; then {added}" if added else ""
    return f"make a request of it, which replaces this file: `{' && '.join(commands)}`{rest}"


def _workloads(objects: Sequence[Json], path: str) -> list[Part]:
    default = (request_id(path) or path).rpartition("/")[2]
    return [_with_replicas(one) for one in _merged(part for one in objects for part in parts(one, default))]


def _added(workloads: Iterable[Part]) -> str:
    return ", and ".join(dict.fromkeys(more for part in workloads for more in part.more))


def _merged(found: Iterable[Part]) -> list[Part]:
    """One for each workload, with what several objects say of it."""
    merged: dict[Ref, Part] = {}
    for part in found:
        known = merged.get(part.ref, Part(part.ref))
        merged[part.ref] = Part(
            part.ref,
            known.replicas if part.replicas is None else part.replicas,
            part.requests or known.requests,
            part.limits or known.limits,
            part.hpa or known.hpa,
            (*known.more, *part.more),
        )
    return [*merged.values()]


class _Request(NamedTuple):
    """Workloads that one command can be about."""

    namespace: str
    hpa: HpaBounds | None
    workloads: list[Part]


def _requests(workloads: Iterable[Part]) -> Iterator[_Request]:
    """`--namespace` and `--hpa` hold for a whole command, and `--req` names a workload by its name alone."""
    made: list[_Request] = []
    for part in workloads:
        if part.replicas is None and not part.requests and not part.limits:
            continue
        hpa = part.hpa if part.replicas else None
        for request in made:
            names = [one.ref.name for one in request.workloads]
            if (request.namespace, request.hpa) == (part.ref.namespace, hpa) and part.ref.name not in names:
                request.workloads.append(part)
                break
        else:
            made.append(_Request(part.ref.namespace, hpa, [part]))
    return iter(made)


def _with_replicas(part: Part) -> Part:
    """A workload with the replicas that the command has to name: of an HPA, the fewest; else Kubernetes' default."""
    if part.replicas is not None or part.ref.kind not in SCALABLE:
        return part
    if part.hpa:
        more = (*part.more, f"delete `replicas: {part.hpa.minimum}` from the request to keep as many as run")
        return part._replace(replicas=part.hpa.minimum, more=more)
    return part if part.requests or part.limits or part.more else part._replace(replicas=1)


def _commands(workloads: Iterable[Part], path: str, target: str) -> Iterator[str]:
    identity = request_id(path) or path
    taken = {identity}
    for number, request in enumerate(_requests(workloads)):
        name = path if path.endswith(SUFFIXES[1]) else identity
        if number:
            base = f"{identity}-{request.workloads[0].ref.name}"
            names = (base, *(f"{base}-{more}" for more in range(2, len(taken) + 2)))
            name = next(one for one in names if one not in taken)
        taken.add(name)
        begin = f"infra-scale new {name}" if number else f"infra-scale new {name} --force"
        yield " ".join([begin, f"--target={target}", *_flags(request)])


def _flags(request: _Request) -> Iterator[str]:
    yield f"--namespace={request.namespace or 'default'}"
    for ref, replicas, requests, limits, *_ in request.workloads:
        count = "" if replicas is None else f":{replicas}"
        yield f"--workload={ref.kind}:{ref.name}{count}"
        for flag, amounts in (("req", requests), ("lim", limits)):
            if amounts:
                yield f"--{flag}={ref.name}:{','.join(f'{name}={amount}' for name, amount in amounts)}"
    if request.hpa:
        cpu = "" if request.hpa.cpu is None else f",cpu:{request.hpa.cpu}"
        yield f"--hpa=min:{request.hpa.minimum},max:{request.hpa.maximum}{cpu}"
