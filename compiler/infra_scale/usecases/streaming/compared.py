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
    """A file that has to change, and where its new content was put aside."""

    change: ChangedPath
    aside: Aside | None


class Compared(NamedTuple):
    """A compiled request, compared with the generated files that exist."""

    request: CompiledRequest
    """Without plan and contents of files, unless they are wanted; of its findings, only errors."""
    counts: Mapping[str, int]
    """How many findings about the request file there are of each severity, see `counted`."""
    findings: tuple[Finding, ...] = ()
    """Those about the request file that are listed, in order."""
    elsewhere: frozenset[Finding] = frozenset()
    """Findings about other files, which other requests may have, too."""
    forecast: PlanForecast | None = None
    """Where plans are kept."""
    is_shown: bool = False
    """Whether findings of the world are among the findings."""
    state: PlanState | None = None
    """None where there is no plan, or it is out of scope."""
    writes: tuple[Write, ...] = ()
    details: tuple[FileChange, ...] = ()
    beside: Beside = NOTHING_BESIDE

    @property
    def path(self) -> str:
        """The path of the request."""
        return self.request.path


Packed = bytes | tuple[Compared, ...]
"""The requests of a batch; of many batches, they are compressed."""


def counted(findings: Iterable[Finding]) -> dict[str, int]:
    """How many there are of each severity; one that stands for more than were read has its own name."""
    counts: dict[str, int] = {}
    for finding in findings:
        key = finding.rule if finding.rule == limits.STOPPED else finding.severity
        counts[key] = counts.get(key, 0) + 1
    return counts


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """In their total order."""
    return tuple(sorted(findings, key=lambda finding: finding.order))


def packed(compared: list[Compared]) -> bytes:
    """Compressed: they have much in common, this is a tenth of their size."""
    import pickle  # noqa: PLC0415 (slow to import, and of few requests nothing is packed)

    return zlib.compress(pickle.dumps(compared, protocol=pickle.HIGHEST_PROTOCOL), 1)


def unpacked(batch: Packed) -> Iterator[Compared]:
    """The opposite of `packed`."""
    if isinstance(batch, tuple):
        yield from batch
    else:
        import pickle  # noqa: PLC0415 (as above)

        yield from pickle.loads(zlib.decompress(batch))  # noqa: S301 (this run has packed it)
