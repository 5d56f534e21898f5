"""What the requests of a run come to, taken in batch by batch, and told again without ever holding all of it."""

import heapq
from collections.abc import Iterable, Iterator, Mapping, Set
from itertools import chain
from typing import NamedTuple

from infra_scale.core.compiling.fold import Standing
from infra_scale.core.documents.planned_scalers import PlannedScaler
from infra_scale.core.evaluation.summary import FindingCounts, listed
from infra_scale.core.generated.namespaces import components
from infra_scale.core.planning.conflicts import Suspicion
from infra_scale.core.syntax import limits
from infra_scale.model.filechange import Change
from infra_scale.model.finding import Finding
from infra_scale.model.source import Found
from infra_scale.usecases.gradual.batch import Made, Packed, Write, counted, rendered_files, unpacked
from infra_scale.usecases.outcome import PlanState, RenderedState, count_rendered


class Batches(NamedTuple):
    """All that was made, and which requests others or the tree itself keep from being planned."""

    packed: tuple[Packed, ...]
    out: Set[str] = frozenset()

    def made(self) -> Iterator[Made]:
        """All of them, in the order of their paths."""
        return chain.from_iterable(map(unpacked, self.packed))

    def standing(self) -> Iterator[Made]:
        """Those whose files are to stand."""
        return (made for made in self.made() if made.state and made.path not in self.out)

    def writes(self, batch: int) -> Iterator[Write]:
        """What one batch has to write."""
        standing = (made for made in unpacked(self.packed[batch]) if made.path not in self.out)
        return chain.from_iterable(made.writes for made in standing)


class Sum:
    """What has to be known of all requests at once."""

    def __init__(self) -> None:
        self.asked = 0
        self.is_refused = False
        self.unasked: set[str] = set()
        self.unplanned: set[str] = set()
        self.suspicion = Suspicion()
        self.counts: dict[str, int] = {}
        self.elsewhere: set[Finding] = set()
        self.of_clusters: set[Finding] = set()
        self.fails = False
        self.foreign: list[Found] = []
        self.too_new: dict[str, Finding] = {}
        self.lost: list[PlannedScaler] = []

    def add(self, made: Made) -> None:
        """Take in one more."""
        self.suspicion.add(made.path, made.claims)
        if made.folder is None:
            self.unplanned.add(made.path)
        if made.is_asked:
            self.asked += 1
            self.is_refused |= made.is_refused
            self.elsewhere |= made.elsewhere
            self.of_clusters.update(made.of_clusters)
            self.fails |= "error" in made.counts
            for key, number in made.counts.items():
                self.counts[key] = self.counts.get(key, 0) + number
        else:
            self.unasked.add(made.path)
        self.foreign += made.foreign
        self.lost += made.lost
        if made.too_new:
            self.too_new[made.path] = made.too_new


class Stand:
    """What the files of those requests that stand come to."""

    def __init__(self, *, in_parts: bool, everything: bool) -> None:
        """`everything`: also plans that are in step are to be told of one by one."""
        self._in_parts, self._everything = in_parts, everything
        self.plans: list[PlanState] = []
        self.rendered: dict[str, RenderedState] = {}
        self.wanted: set[int] = set()
        self.changed = self.unchanged = self.rendered_unchanged = 0
        self._named: set[str] = set()
        self._planned: set[str] = set()
        self._components: set[tuple[str, str]] = set()
        self.passed_over: set[int] = set()
        self._folders: set[str] = set()

    def add(self, made: Made, *, is_out: bool = False) -> None:
        """Take in one more; of one that is out, others have to keep clear all the same."""
        self._named |= made.namespaces
        if made.state and not is_out:
            self._add(made, made.state)
        elif self._in_parts and made.folder and not made.is_asked and not is_out:
            self._pass_over(made)

    def _add(self, made: Made, state: PlanState) -> None:
        self.wanted.update(map(hash, made.files))
        if self._in_parts:
            self._folders.update(path.rpartition("/")[0] for path in made.files)
        self._planned |= made.namespaces
        self._components.update(components(made.files))
        self.changed += len(made.writes)
        self.rendered_unchanged += rendered_files(made)
        self.unchanged += state.state == "unchanged"
        if self._everything or state.state != "unchanged":
            self.plans.append(state)
        for write in made.writes:
            count_rendered(self.rendered, write.change)

    def _pass_over(self, made: Made) -> None:
        """Another part of the run looks after its files."""
        self._components.update(made.components)
        folders = [f"{folder}/{name}" for folder, name in made.components]
        self.passed_over.update(map(hash, (made.folder, *folders)))

    def standing(self, unplanned: Set[str]) -> Standing:
        """What the join has to know."""
        return Standing(unplanned, self._components, self._named, self._planned, self._owns)

    def _owns(self, path: str) -> bool:
        return path.rpartition("/")[0] in self._folders


class Findings:
    """All findings of a run, told from what was packed."""

    def __init__(self, batches: Batches, others: tuple[Finding, ...], retold: Set[str]) -> None:
        """`others` belong to no single request, or to one of `retold`; in order."""
        self._batches, self.others, self._retold = batches, others, retold

    def __iter__(self) -> Iterator[Finding]:
        """In their total order; of one file at most 50, and one that counts the rest."""
        made = (made for made in self._batches.made() if made.path not in self._retold)
        found = chain.from_iterable(one.findings for one in made)
        return listed(heapq.merge(found, self.others, key=lambda finding: finding.order))


class Changes:
    """All changes of a run, told from what was packed."""

    def __init__(self, batches: Batches, others: tuple[Change, ...]) -> None:
        """`others` belong to no single request."""
        self._batches, self._others = batches, others

    def __iter__(self) -> Iterator[Change]:
        """Those of requests, in the order of their paths, and then the others."""
        yield from (write.change for made in self._batches.standing() for write in made.writes)
        yield from self._others


def total(counts: Mapping[str, int], besides: Iterable[Finding]) -> FindingCounts:
    """How many findings there are of each severity, where some were counted already."""
    numbers = dict(counts)
    for key, number in counted(besides).items():
        numbers[key] = numbers.get(key, 0) + number
    of = numbers.get
    return FindingCounts(of("error", 0), of("warning", 0), of("note", 0), exact=limits.STOPPED not in numbers)
