"""Results as JSON for scripts. The keys are a contract: add keys, but do not rename them."""

from infra_scale.model.finding import Finding

Json = None | int | str | list["Json"] | dict[str, "Json"]

VERSION = 1


def finding_json(finding: Finding) -> dict[str, Json]:
    """One finding; `workload` only if it is about one, `waived` only if its workload waives it, `line` and
    `column` (from 1) only if known.
    """
    found: dict[str, Json] = {
        "rule": finding.rule,
        "severity": finding.severity,
        "message": finding.message,
        "path": finding.path,
    }
    if finding.position:
        found |= {"line": finding.position.line, "column": finding.position.column}
    if finding.help:
        found["help"] = finding.help
    if finding.workload:
        found["workload"] = dict(finding.workload._asdict())
    if finding.waiver:
        found["waived"] = {"reason": finding.waiver.reason, "until": finding.waiver.until.isoformat()}
    return found
