"""The requests of a run, collected batch by batch, and listed again without keeping all in memory."""

import heapq
from collections.abc import Iterable, Iterator, Mapping, Set
from itertools import chain
from typing import NamedTuple

from infra_scale.adapters.writing import Spool
from infra_scale.core.evaluation.summary import FindingCounts, listed
from infra_scale.core.syntax import limits
from infra_scale.model.filechange import ChangedPath
from infra_scale.model.finding import Finding
from infra_scale.model.names import RENDERED
from infra_scale.model.source import Found
from infra_scale.usecases.outcome import PlanState, RenderedState, count_rendered
from infra_scale.usecases.streaming.compared import Compared, Packed, Write, counted, unpacked


class Batches(NamedTuple):
    """All requests, and those that are omitted because of others or of the generated tree."""

    packed: tuple[Packed, ...]
    spools: tuple[Spool, ...] = ()
    """The new contents from the processes of the run; see Work."""
    out: Set[str] = frozenset()

    def all(self) -> Iterator[Compared]:
        """All requests, in the order of their paths."""
        return chain.from_iterable(map(unpacked, self.packed))

    def kept(self) -> Iterator[Compared]:
        """The requests with a plan that are not omitted."""
        return (one for one in self.all() if one.state and one.path not in self.out)

    def writes(self, batch: int) -> Iterator[Write]:
        """The files to write of one batch."""
        kept = (one for one in unpacked(self.packed[batch]) if one.path not in self.out)
        return chain.from_iterable(one.writes for one in kept)

    def contents(self, batch: int) -> Iterator[tuple[str, bytes]]:
        """The paths and the new contents of the files to write of one batch."""
        for write in self.writes(batch):
            if write.aside:
                yield write.change.path, self.spools[batch % len(self.spools)].take(write.aside)


class Sums:
    """Facts about all requests together, besides those for the fold."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        """The number of findings about selected requests for each severity."""
        self.is_refused = self.is_shown = False
        self.elsewhere: set[Finding] = set()
        self.foreign: list[Found] = []

    def add(self, one: Compared) -> None:
        """Add a request."""
        self.foreign += one.beside.foreign
        if one.request.is_selected:
            self.elsewhere |= one.elsewhere
            self.is_refused |= one.request.is_refused
            self.is_shown |= one.is_shown
            for key, number in one.counts.items():
                self.counts[key] = self.counts.get(key, 0) + number


class Tally:
    """Counts for the report."""

    def __init__(self, *, unchanged: bool) -> None:
        """`unchanged`: unchanged plans are listed as well."""
        self._lists_unchanged = unchanged
        self.plans: list[PlanState] = []
        self.rendered: dict[str, RenderedState] = {}
        self.changed = self.unchanged = self.rendered_unchanged = 0

    def add(self, one: Compared) -> None:
        """Add a plan."""
        if one.state is None:
            return
        self.changed += len(one.writes)
        self.rendered_unchanged += _unchanged_manifests(one)
        self.unchanged += one.state.state == "unchanged"
        if self._lists_unchanged or one.state.state != "unchanged":
            self.plans.append(one.state)
        for write in one.writes:
            count_rendered(self.rendered, write.change)


def _unchanged_manifests(one: Compared) -> int:
    changed = sum(write.change.path.startswith(f"{RENDERED}/") for write in one.writes)
    return sum(path.startswith(f"{RENDERED}/") for path in one.request.files) - changed


class Findings:
    """All findings of a run, listed from the batches."""

    def __init__(self, batches: Batches, others: tuple[Finding, ...], besides: Set[str]) -> None:
        """`others` belong to no single request, or to one of `besides`; in order."""
        self._batches, self.others, self._besides = batches, others, besides

    def __iter__(self) -> Iterator[Finding]:
        """The findings in their total order; at most 50 for one file, and one that counts the rest."""
        found = chain.from_iterable(one.findings for one in self._batches.all() if one.path not in self._besides)
        return listed(heapq.merge(found, self.others, key=lambda finding: finding.order))


class Changes:
    """All changes of a run, listed from the batches."""

    def __init__(self, batches: Batches, others: tuple[ChangedPath, ...]) -> None:
        """`others` belong to no single request."""
        self._batches, self._others = batches, others

    def __iter__(self) -> Iterator[ChangedPath]:
        """The changes of requests, in the order of their paths, then the others."""
        yield from (write.change for one in self._batches.kept() for write in one.writes)
        yield from self._others


def total(counts: Mapping[str, int], besides: Iterable[Finding]) -> FindingCounts:
    """The number of findings for each severity, including those already counted."""
    numbers = dict(counts)
    for key, number in counted(besides).items():
        numbers[key] = numbers.get(key, 0) + number
    of = numbers.get
    return FindingCounts(of("error", 0), of("warning", 0), of("note", 0), exact=limits.STOPPED not in numbers)
