"""One compiled request, compared with the generated files that exist, and batches of them."""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from infra_scale.adapters.writing import Aside
from infra_scale.core.compiling.compiled import NOTHING_BESIDE, Beside, CompiledRequest
from infra_scale.core.syntax import limits
from infra_scale.model.filechange import ChangedPath, FileChange
from infra_scale.model.finding import Finding
from infra_scale.model.forecast import PlanForecast
from infra_scale.usecases.outcome import PlanState


class Write(NamedTuple):
    """A file that has to change, and the location of its new content."""

    change: ChangedPath
    aside: Aside | None


class Compared(NamedTuple):
    """A compiled request, compared with the generated files that exist."""

    request: CompiledRequest
    """Without plan and file contents, unless they are requested; only errors of its findings."""
    counts: Mapping[str, int]
    """The number of findings about the request file for each severity, see `counted`."""
    findings: tuple[Finding, ...] = ()
    """The listed findings about the request file, in order."""
    elsewhere: frozenset[Finding] = frozenset()
    """Findings about other files, which other requests may have as well."""
    forecast: PlanForecast | None = None
    """Its plan, if plans are kept."""
    is_shown: bool = False
    """Whether findings of the world are among the findings."""
    state: PlanState | None = None
    """None without a plan, or if it is out of scope."""
    writes: tuple[Write, ...] = ()
    details: tuple[FileChange, ...] = ()
    beside: Beside = NOTHING_BESIDE

    @property
    def path(self) -> str:
        """The path of the request."""
        return self.request.path


Packed = bytes | tuple[Compared, ...]
"""The requests of a batch; compressed if there are many batches."""


def counted(findings: Iterable[Finding]) -> dict[str, int]:
    """The number of findings for each severity; one that represents unread findings is counted separately."""
    counts: dict[str, int] = {}
    for finding in findings:
        key = finding.rule if finding.rule == limits.STOPPED else finding.severity
        counts[key] = counts.get(key, 0) + 1
    return counts


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings in their total order."""
    return tuple(sorted(findings, key=lambda finding: finding.order))


def packed(compared: list[Compared]) -> bytes:
    """The requests, compressed: they are similar, so this is a tenth of their size."""
    import pickle  # noqa: PLC0415 (slow to import, and of few requests nothing is packed)

    return zlib.compress(pickle.dumps(compared, protocol=pickle.HIGHEST_PROTOCOL), 1)


def unpacked(batch: Packed) -> Iterator[Compared]:
    """The opposite of `packed`."""
    if isinstance(batch, tuple):
        yield from batch
    else:
        import pickle  # noqa: PLC0415 (as above)

        yield from pickle.loads(zlib.decompress(batch))  # noqa: S301 (this run has packed it)
