"""Findings as SARIF 2.1.0, for code scanning and for editors that read it."""

import string
from collections.abc import Iterable, Sequence

from infra_scale.core.reporting.findings_json import Json
from infra_scale.core.reporting.findings_text import advice_of
from infra_scale.core.reporting.fingerprints import fingerprints
from infra_scale.core.ruling.catalogue import Entry
from infra_scale.core.syntax.printable import printable
from infra_scale.model.finding import Finding
from infra_scale.model.position import Position

FINGERPRINT = "infraScale/v1"
"""Not primaryLocationLineHash: GitHub's upload action computes that itself, and warns about other values."""

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT = "%SRCROOT%"
_IN_A_PATH = frozenset(f"{string.ascii_letters}{string.digits}-._~/")
"""Characters allowed unescaped in the path of a URI (RFC 3986, unreserved); a colon could end a scheme."""
_PROBLEMS = {"error": "error", "warning": "warning", "note": "recommendation", "off": "recommendation"}


def sarif(findings: Sequence[Finding], catalogue: Iterable[Entry], *, version: str) -> dict[str, Json]:
    """One log with one run, and the catalogue entries of the rules that fired."""
    known = {entry.id: entry for entry in catalogue}
    fired = sorted({finding.rule for finding in findings})
    results = [
        _result(finding, fired.index(finding.rule), fingerprint)
        for finding, fingerprint in zip(findings, fingerprints(findings), strict=True)
    ]
    driver: dict[str, Json] = {
        "name": "infra-scale",
        "semanticVersion": version,
        "rules": [_rule(name, known.get(name)) for name in fired],
    }
    run: dict[str, Json] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "results": [*results],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(name: str, entry: Entry | None) -> dict[str, Json]:
    if entry is None:
        return {
            "id": name,
            **_described("A custom rule of the target's policy.", "The reason is in the target file.", ""),
        }
    severity = "note" if entry.severity == "off" else entry.severity
    return {
        "id": name,
        **_described(entry.trigger, entry.why, entry.fix),
        "defaultConfiguration": {"level": severity, "enabled": entry.severity != "off"},
        "properties": {"problem.severity": _PROBLEMS[entry.severity], "source": entry.source},
    }


def _described(trigger: str, why: str, fix: str) -> dict[str, Json]:
    advice = f"\nFix: {fix}." if fix else ""
    return {
        "shortDescription": {"text": trigger},
        "fullDescription": {"text": f"{trigger} {why}"},
        "help": {"text": f"{why}{advice}"},
    }


def _result(finding: Finding, rule: int, fingerprint: str) -> dict[str, Json]:
    advice = advice_of(finding)
    message = f"{finding.message}\n{advice}" if advice else finding.message
    location: dict[str, Json] = {"physicalLocation": _place(finding)}
    if finding.workload:
        location["logicalLocations"] = [
            {"fullyQualifiedName": f"{finding.workload.namespace}/{finding.workload}", "kind": "resource"}
        ]
    result: dict[str, Json] = {
        "ruleId": finding.rule,
        "ruleIndex": rule,
        "level": finding.severity,
        "message": {"text": "\n".join(map(printable, message.split("\n")))},
        "locations": [location],
        "partialFingerprints": {FINGERPRINT: fingerprint},
    }
    if finding.waiver:
        result["suppressions"] = [{"kind": "inSource", "justification": printable(finding.waiver.reason)}]
    return result


def _place(finding: Finding) -> dict[str, Json]:
    # No urllib in the core: the import contracts forbid network modules.
    octets = finding.path.encode("utf-8", "surrogateescape")
    uri = "".join(chr(octet) if chr(octet) in _IN_A_PATH else f"%{octet:02X}" for octet in octets)
    return {"artifactLocation": {"uri": uri, "uriBaseId": _ROOT}, "region": _region(finding.position)}


def _region(position: Position | None) -> dict[str, Json]:
    if position is None:  # about the whole file; GitHub shows no result without a line
        return {"startLine": 1}
    return {
        "startLine": position.line,
        "startColumn": position.column,
        "endColumn": position.column + position.length,
        "snippet": {"text": printable(position.excerpt)},
    }
