"""What has to be true of every reader, whatever it is given; each check says whether the input was accepted."""

import zlib
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from fuzz import inputs, repositories
from infra_scale.core.documents.nightly import read_nightly
from infra_scale.core.documents.plan import read_plan
from infra_scale.core.documents.planned_scalers import planned_scalers
from infra_scale.core.documents.prices import read_prices
from infra_scale.core.documents.request import read_request
from infra_scale.core.documents.snapshot import read_snapshot
from infra_scale.core.documents.source import read_document
from infra_scale.core.documents.target import read_targets
from infra_scale.core.evaluation.cel.rule import CompiledOwn, compile_own, fires
from infra_scale.core.manifests.lookups import Lookup
from infra_scale.core.manifests.workloads import Manifests, read_manifests
from infra_scale.core.reading.flags import Flags, read_flags
from infra_scale.core.schema.catalogue import NIGHTLY, PLAN, PRICES, REQUEST, SNAPSHOT, TARGET
from infra_scale.core.schema.violations import violations
from infra_scale.core.syntax.document import Document
from infra_scale.core.syntax.stream import read_stream
from infra_scale.model.finding import Finding
from infra_scale.model.policy import OwnRule
from infra_scale.model.quantity import Quantity, QuantityError
from infra_scale.model.source import Source
from infra_scale.model.target import Target
from infra_scale.model.workload import WorkloadRef
from support.repository import CHECKOUT


@lru_cache
def schema(name: str) -> str:
    """The text of a schema."""
    return (CHECKOUT / "schemas" / name).read_text(encoding="utf-8")


def _is_sampled(content: bytes, one_in: int) -> bool:
    return zlib.crc32(content) % one_in == 0


def _same_again(content: bytes, answer: object, again: Callable[[], object]) -> None:
    if _is_sampled(content, 8):
        assert repr(answer) == repr(again()), "another answer at the second time"


def _inside(findings: Iterable[Finding], path: str, content: bytes) -> None:
    """Each finding about a file has a place in it."""
    lines: list[str] | None = None
    for finding in findings:
        if finding.path != path:
            continue
        assert finding.message, finding
        if finding.position is None:
            continue
        if lines is None:
            lines = list(inputs.lines_of(content.decode("utf-8", "replace").removeprefix("\ufeff")))
        line, column, length, excerpt = finding.position
        assert 1 <= line <= len(lines), finding
        assert 1 <= column <= len(excerpt) + 1, finding
        assert length >= 1, finding
        if excerpt and "\ufffd" not in excerpt and b"\0" not in content:
            assert excerpt == lines[line - 1], finding


def _located(findings: Sequence[Finding], path: str) -> None:
    assert all(finding.position is not None for finding in findings if finding.path == path), findings


def _accepted(document: Document | None, name: str) -> None:
    """What is read without a finding is what the schema accepts, by jsonschema and not only by our quick acceptor."""
    assert document is not None
    assert violations(document, schema(name)) == ()


def _source(path: str, content: bytes) -> Source:
    return Source(path, content, len(content))


def request(content: bytes) -> bool:
    """Bytes to a request, or to findings with their places."""
    source = _source("requests/web.yaml", content)
    reading = read_request(source, schema=schema(REQUEST))
    _inside(reading.findings, source.path, content)
    _located(reading.findings, source.path)
    _same_again(content, reading.findings, lambda: read_request(source, schema=schema(REQUEST)).findings)
    if reading.findings:
        return False
    _accepted(reading.document, REQUEST)
    assert reading.request is not None
    return True


def target(content: bytes) -> bool:
    """Bytes to a target."""
    source = _source("ops/targets/prod.yaml", content)
    targets, findings = read_targets([source], schema=schema(TARGET))
    _inside(findings, source.path, content)
    _located(findings, source.path)
    _same_again(content, findings, lambda: read_targets([source], schema=schema(TARGET))[1])
    assert bool(targets.by_name) != bool(findings)
    if findings:
        return False
    _accepted(targets.documents["prod"], TARGET)
    return True


def snapshot(content: bytes) -> bool:
    """Bytes to a snapshot."""
    source = _source("ops/clusters/a/snapshot.yaml", content)
    snapshot, findings = read_snapshot(source, schema=schema(SNAPSHOT))
    return _of_cluster(source, snapshot, findings, SNAPSHOT)


def prices(content: bytes) -> bool:
    """Bytes to a price sheet."""
    source = _source("ops/clusters/a/prices.yaml", content)
    sheet, findings = read_prices(source, schema=schema(PRICES))
    return _of_cluster(source, sheet, findings, PRICES)


def _of_cluster(source: Source, found: object, findings: tuple[Finding, ...], name: str) -> bool:
    _inside(findings, source.path, source.content)
    _located(findings, source.path)
    read = read_snapshot if name == SNAPSHOT else read_prices
    _same_again(source.content, (found, findings), lambda: read(source, schema=schema(name)))
    assert (found is None) == bool(findings)
    if found is None:
        return False
    _accepted(read_document(source, schema=schema(name))[0], name)
    return True


def nightly(content: bytes) -> bool:
    """Bytes to nightly tasks."""
    source = _source("ops/nightly.yaml", content)
    tasks, findings = read_nightly(source, schema=schema(NIGHTLY))
    _inside(findings, source.path, content)
    _located(findings, source.path)
    _same_again(content, findings, lambda: read_nightly(source, schema=schema(NIGHTLY))[1])
    assert not (tasks and findings)
    if findings:
        return False
    _accepted(read_document(source, schema=schema(NIGHTLY))[0], NIGHTLY)
    return True


def plan(content: bytes) -> bool:
    """Bytes to a committed plan."""
    path = "ops/plans/infra-scale/prod/web/plan.yaml"
    found = read_plan(_source(path, content), schema=schema(PLAN))
    _same_again(content, found, lambda: read_plan(_source(path, content), schema=schema(PLAN)))
    scalers = planned_scalers(_source(path, content), target="prod", request="requests/web.yaml")
    assert all(scaler.name and scaler.namespace for scaler in scalers)
    return found is not None


def manifest(content: bytes) -> bool:
    """Bytes to the documents of a manifest, or to one fault."""
    source = _source("apps/web.yaml", content)
    documents, fault = read_stream(source)
    if fault:
        assert documents == ()
        assert fault.help
        finding = Finding("MAN-001", "warning", fault.what, source.path, help=fault.help, position=fault.position)
        if content[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            _inside([finding], source.path, content)
    _same_again(content, (documents, fault), lambda: tuple(read_stream(source)))
    return fault is None


_TARGET = Target("prod", (), manifests=("apps",))


def _looked_up(manifests: Manifests) -> Lookup:
    return manifests.lookup(_TARGET, WorkloadRef("Deployment", "shop", "web"))


def _read_again(found: list[Source]) -> tuple[Lookup, tuple[Finding, ...]]:
    manifests, findings = read_manifests(found, [_TARGET])
    return _looked_up(manifests), findings


def kustomization(content: bytes) -> bool:
    """Several files in one input, parted by a line."""
    parts = content.split(repositories.PART)
    found = [_source(path, part) for path, part in zip(repositories.PATHS, parts, strict=False)]
    manifests, findings = read_manifests(found, [_TARGET])
    contents = {source.path: source.content for source in found}
    for finding in findings:
        if contents[finding.path][:2] not in (b"\xff\xfe", b"\xfe\xff"):
            _inside([finding], finding.path, contents[finding.path])
    looked_up = _looked_up(manifests)
    _same_again(content, (looked_up, findings), lambda: _read_again(found))
    return not any(finding.rule == "MAN-001" for finding in findings)


def own(content: bytes) -> bool:
    """A text to a rule in CEL, which is then asked about a plan."""
    text = content.decode("utf-8", "replace")
    compiled = compile_own(OwnRule("OWN-900", "warning", text, "message", "why", "fix"))
    if not isinstance(compiled, CompiledOwn):
        assert compiled.reason
        return False
    fires(compiled, repositories.PLAN)
    return True


def quantity(content: bytes) -> bool:
    """A text to a quantity, which is the same when its canonical text is read."""
    text = content.decode("utf-8", "replace")
    try:
        read = Quantity.parse(text)
    except QuantityError as error:
        if error.suggestion is not None:
            Quantity.parse(error.suggestion)
        return False
    again = Quantity.parse(str(read))
    assert again == read, text
    assert str(again) == str(read), text
    return True


def flags(content: bytes) -> bool:
    """Values of flags to the document of a request."""
    values = content.decode("utf-8", "replace").split("\n")
    workloads, requests, limits, hpa, rest = (tuple(values[start::5]) for start in range(5))
    named = Flags((*rest, "prod")[0], "shop", "hpa", workloads, requests, limits, hpa)
    document, findings = read_flags(named)
    _same_again(content, (document.value, findings), lambda: (read_flags(named)[0].value, read_flags(named)[1]))
    assert all(finding.position is not None for finding in findings)
    return not findings
