"""Identifiers of findings, by which a forge recognizes a finding of an earlier run."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence

from infra_scale.model.finding import Finding


def fingerprints(findings: Sequence[Finding]) -> Iterator[str]:
    """An identifier of a finding that does not depend on lines, values or other findings."""
    seen: Counter[str] = Counter()
    for finding in findings:
        keys = [part for part in finding.route or () if isinstance(part, str)]
        identity = "\0".join([finding.rule, finding.path, str(finding.workload or ""), *keys])
        digest = hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        seen[digest] += 1
        yield f"{digest}:{seen[digest]}"
