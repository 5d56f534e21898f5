"""Compile the work tree a few requests at a time, in several processes where that pays, and hold none of the rest."""

from collections.abc import Callable, Iterable, Sequence, Set
from functools import cache
from itertools import chain
from typing import NamedTuple

from infra_scale.adapters import workers
from infra_scale.adapters.gradual import Shelf
from infra_scale.core.compiling.context import Context, Facts
from infra_scale.core.compiling.environment import read_environment
from infra_scale.core.compiling.fold import collisions, departures, join
from infra_scale.core.compiling.request import compile_request
from infra_scale.core.compiling.world import World, read_world
from infra_scale.core.documents.planned_scalers import PlannedScaler
from infra_scale.core.documents.source import Reading
from infra_scale.core.evaluation.summary import FindingCounts
from infra_scale.core.generated.tree import contents, newer
from infra_scale.core.generated.unexpected import foreign, in_the_way, is_prunable, unexpected_findings
from infra_scale.core.reading.files import request_files
from infra_scale.core.rules.orphaned_autoscalers import concerned
from infra_scale.model.filechange import Change, FileChange
from infra_scale.model.finding import Finding
from infra_scale.model.request import ScaleRequest
from infra_scale.model.source import Found, Source
from infra_scale.usecases.gradual.batch import Asked, Done, Work, asked, ordered, unpacked
from infra_scale.usecases.gradual.gathering import Batches, Changes, Findings, Stand, Sum, total
from infra_scale.usecases.gradual.hidden import refuse_unseen_changes, refuse_unseen_deletions
from infra_scale.usecases.gradual.job import NOTHING_WRITTEN, Interrupted, Job
from infra_scale.usecases.gradual.memory import Memories, around_of, recall, remember
from infra_scale.usecases.gradual.settled import FEW, Edits, Settled, write
from infra_scale.usecases.outcome import Outcome, count_rendered, orphan_states

_BATCH = 100
"""Requests that are worked on together: so many fit into little memory, and a batch takes longer than to hand it on."""
_MANY = 2000
"""What is made of fewer requests than this may be held as it is."""


def compile_gradually(
    found: Sequence[Found], context: Context, job: Job, facts: Callable[[], Facts] | None = None
) -> Outcome:
    """Compile what lies below requests/, of which only the names are needed; `facts` are read where they are shown.

    Raises FilesError and GitError.
    """
    sources, misnamed = request_files(found)
    read: dict[str, Asked] = {}

    def all_requests() -> Sequence[ScaleRequest]:
        for source in sources:
            one = read.get(source.path) or asked(job.tree, source.path)
            read[source.path] = one._replace(known=one.reading(context.schemas.request))
        return [one.known.request for one in read.values() if one.known and one.known.request]

    @cache
    def world() -> World:
        return read_world(facts() if facts else Facts(None), environment, all_requests)

    environment = read_environment(context)
    if job.wants.world == "all":
        world()  # before there are several processes
    jobs = _processes(job, len(sources))
    is_shared = jobs > 1 and job.wants.writes
    shelves = tuple(Shelf(job.tree.root, is_shared=is_shared) for _ in range(jobs))
    memories = _memories(job, context)
    packs = jobs > 1 or len(sources) > _MANY
    work = Work(job.tree, environment, sources, read, job.wants, _BATCH, shelves, packs, memories, world)
    try:
        others = frozenset(finding.path for finding in misnamed)
        misnamed = tuple(finding for finding in misnamed if environment.scope.has_path(finding.path))
        return _Run(work, job, jobs, misnamed, others).outcome()
    finally:
        for shelf in shelves:
            shelf.close()


def _memories(job: Job, context: Context) -> Memories | None:
    """What earlier runs have found."""
    if not job.uses_cache:
        return None
    return recall(str(job.tree.root), job.tree.memory, around_of(context))


def _processes(job: Job, requests: int) -> int:
    if job.jobs is not None:
        return min(job.jobs, max(1, requests))
    return workers.processors() if requests >= FEW else 1


class _Run(NamedTuple):
    """One run, from the first batch to the last write."""

    work: Work
    job: Job
    jobs: int
    misnamed: tuple[Finding, ...]
    others: frozenset[str]
    """What else below requests/ is meant to be a request."""

    def outcome(self) -> Outcome:
        """Do it all."""
        try:
            all_of, batches, stand = self._all_batches()
            colliding, departing = self._collisions(all_of), self._departures(all_of.lost)
            refused = {one.path for one in departing if one.severity == "error"}
            left_out = {finding.path for finding in colliding} | refused | all_of.too_new.keys()
            batches = batches._replace(out=frozenset(left_out))
            settled = self._settled(all_of, self._beside(batches, stand if not left_out else None))
            departing |= self._departures(settled.joined.scalers)
            said = self._said(all_of, settled, (colliding, departing))
            is_valid = not all_of.is_refused and all(finding.severity != "error" for finding in said)
            said |= all_of.of_clusters | ({*self._world().findings} if self.work.wants.world == "all" else set())
            if self.work.wants.judges_world:
                is_valid = not all_of.fails and all(finding.severity != "error" for finding in said)
            unexpected, pruned = self._unexpected(all_of, settled, is_done=is_valid or self.job.keep_going)
            judges = self.work.wants.judges
            said.update(unexpected_findings(unexpected, "error" if judges else "warning"))
            findings, counted = self._findings(all_of, settled, said, colliding)
        except KeyboardInterrupt as error:
            raise Interrupted(NOTHING_WRITTEN) from error
        if not (is_valid or self.job.keep_going):
            return Outcome(self._requests(all_of), is_valid, compared=False, totals=counted, findings=findings)
        changed = settled.changes()
        refuse_unseen_deletions(self.work.tree, changed)
        if self.work.wants.writes and (changed or settled.stand.changed or settled.rest.unfinished or pruned):
            others = tuple(Change(change.path, change.verb) for change in changed)
            others += tuple(Change(path, "deleted") for path in pruned)
            refuse_unseen_changes(self.work.tree, Changes(settled.batches, others))
            write(self.work, self.job, settled, Edits(changed, pruned), jobs=self.jobs)
        return self._told(settled, changed)._replace(
            requests=self._requests(all_of),
            is_valid=is_valid,
            totals=counted,
            findings=findings,
            unexpected=len(unexpected) if judges else 0,
            unverified=settled.joined.unverified,
            pruned=pruned,
            is_repeatable=not (settled.joined.unexpected or settled.rest.unfinished),
        )

    def _unexpected(self, all_of: Sum, settled: Settled, *, is_done: bool) -> tuple[tuple[Found, ...], tuple[str, ...]]:
        """What is reported as unexpected, and what is deleted instead where the run does what it was asked to."""
        doubtful, unfinished = settled.joined.unexpected, settled.rest.unfinished
        looked_at = () if self.work.wants.writes else unfinished
        counted = self.work.tree.counted(doubtful, looked_at) if doubtful or looked_at else ()
        if not (self.work.wants.prunes and is_done):
            return counted, ()
        pruned = {item.path for item in counted if is_prunable(item)}
        pruned |= settled.obstacles((*settled.rest.found, *all_of.foreign))
        return tuple(item for item in counted if item.path not in pruned), tuple(sorted(pruned))

    def _requests(self, all_of: Sum) -> int:
        return all_of.asked + len({finding.path for finding in self.misnamed})

    def _all_batches(self) -> tuple[Sum, Batches, Stand]:
        all_of, done, stand = Sum(), list[Done](), self._stand()
        batches = range(-(-len(self.work.sources) // self.work.size))
        paths = (source.path for source in self.work.sources)
        for batch in workers.spread(self.work.do, batches, self.jobs):
            for made, path in zip(unpacked(batch.made), paths, strict=False):
                one = made._replace(path=path)  # what comes from a process brings a second text, which would be kept
                all_of.add(one)
                stand.add(one)
            done.append(batch)
            self.job.show("compiling", all_of.asked + len(all_of.unasked), len(self.work.sources))
        memories = self.work.memories
        if memories and any(batch.is_news for batch in done):
            remember(
                str(self.work.tree.root),
                self.work.tree.memory,
                memories.environment,
                [batch.memories for batch in done],
            )
        return all_of, Batches(tuple(batch.made for batch in done)), stand

    def _collisions(self, all_of: Sum) -> tuple[Finding, ...]:
        """Only requests that may be in a conflict are read a second time."""
        doubtful = all_of.suspicion.paths
        sources = (source for source in self.work.sources if source.path in doubtful)
        readings = {source.path: self.work.reading(source) for source in sources} if doubtful else {}
        return tuple(collisions(readings, self.work.environment.targets))

    def _departures(self, scalers: Sequence[PlannedScaler]) -> set[Finding]:
        """Only where an autoscaler may be lost, all requests are read for what they say of it."""
        readings: dict[str, Reading] = {}
        for source in self.work.sources if scalers else ():
            reading = self.work.reading(source)
            if reading.request and concerned(reading.request, scalers):
                readings[source.path] = reading
        return departures(scalers, readings, self.work.environment) if scalers else set()

    def _settled(self, all_of: Sum, found: Settled) -> Settled:
        """What stands, and what lies beside it; what is in the way of a request, or too new for us, leaves it out."""
        batches = found.batches
        too_new = {**newer(contents(found.rest.found)), **all_of.too_new}
        if too_new.keys() - batches.out:
            batches = batches._replace(out=batches.out | too_new.keys())
            found = self._beside(batches)
        lying = (*found.rest.found, *found.rest.beside, *all_of.foreign)
        taken: dict[str, Finding] = {}
        if any(foreign(lying)) and not self.work.wants.prunes:
            taken = in_the_way(lying, {made.path: made.files for made in batches.standing()})
        if taken:
            batches = batches._replace(out=batches.out | taken.keys())
            found = self._beside(batches)
        scope = self.work.environment.scope
        of_others = {path for path in too_new if scope.shard and not scope.shard.has(path)}
        faults = (*(too_new[path] for path in too_new.keys() - of_others), *taken.values())
        unplanned = self.others | all_of.unplanned | batches.out | too_new.keys()
        joined = join(
            found.stand.standing(unplanned),
            found.rest.found,
            self.work.environment,
            lying=() if self.work.wants.prunes else lying,
            faults={finding.path for finding in faults},
        )
        return found._replace(joined=joined, faults=faults)

    def _stand(self) -> Stand:
        return Stand(in_parts=self.work.environment.scope.shard is not None, everything=self.work.wants.everything)

    def _beside(self, batches: Batches, stand: Stand | None = None) -> Settled:
        if stand is None:  # others than were thought are out
            stand = self._stand()
            for made in batches.made():
                stand.add(made, is_out=made.path in batches.out)
        return Settled(batches, stand, self.work.tree.rest(stand.wanted, stand.passed_over))

    def _said(
        self, all_of: Sum, settled: Settled, besides: tuple[Iterable[Finding], Iterable[Finding]]
    ) -> set[Finding]:
        """What was found beside the requests' own findings.

        `besides` are the findings about requests that want the same, and about autoscalers that nobody wants.
        """
        colliding, departing = besides
        environment = self.work.environment
        said = {f for f in colliding if f.path not in all_of.unasked and environment.scope.has_path(f.path)}
        said |= {finding for finding in all_of.elsewhere if environment.scope.has_path(finding.path)}
        said |= {f for f in departing if environment.scope.shard or f.path not in all_of.unasked}
        said.update(self.misnamed, environment.findings, settled.faults, settled.joined.findings)
        return said

    def _findings(
        self, all_of: Sum, settled: Settled, said: Set[Finding], colliding: Iterable[Finding]
    ) -> tuple[Findings, FindingCounts]:
        retold = {finding.path for finding in colliding} - all_of.unasked
        doubtful = settled.batches.made() if retold else ()
        again = {made.path: made.is_shown for made in doubtful if made.path in retold}
        sources = (source for source in self.work.sources if source.path in again)
        found = [self._retold(source, is_shown=again[source.path]) for source in sources]
        others = ordered(chain(said, *found))
        return Findings(settled.batches, others, retold), total(all_of.counts, said)

    def _retold(self, source: Source, *, is_shown: bool) -> frozenset[Finding]:
        reading = self.work.reading(source)
        one = compile_request(reading, self.work.environment)
        return self.work.view(reading, one).findings if is_shown else one.findings

    def _world(self) -> World:
        if self.work.world is None:
            raise RuntimeError
        return self.work.world()

    def _told(self, settled: Settled, rest: tuple[FileChange, ...]) -> Outcome:
        batches, wants = settled.batches, self.work.wants
        others = tuple(Change(change.path, change.verb) for change in rest)
        for change in others:
            count_rendered(settled.stand.rendered, change)
        plans = [*settled.stand.plans, *orphan_states(others)]
        details = chain(rest, *(made.details for made in batches.standing())) if wants.details else ()
        kept = settled.joined.files.keys() - {change.path for change in rest}
        return Outcome(
            0,
            is_valid=True,
            compared=True,
            totals=FindingCounts(0, 0, 0, exact=True),
            plans=tuple(sorted(plans, key=lambda state: state.folder)),
            unchanged=settled.stand.unchanged,
            changes=Changes(batches, others),
            changed=settled.stand.changed + len(others),
            rendered=tuple(sorted(settled.stand.rendered.values())),
            rendered_unchanged=settled.stand.rendered_unchanged + len(kept),
            details=tuple(sorted(details, key=lambda change: change.path)),
        )
