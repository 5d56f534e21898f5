"""The driver of a compile: batches of requests, in several processes if that is faster, folded into one result."""

from collections.abc import Collection, Iterable, Iterator, Sequence, Set
from contextlib import contextmanager
from functools import cache
from itertools import chain
from typing import NamedTuple

from infra_scale.adapters import workers
from infra_scale.adapters.writing import Spool
from infra_scale.core.compiling.compilation import Compilation
from infra_scale.core.compiling.compiled import CompiledRequest, Folded
from infra_scale.core.compiling.context import Context, Facts
from infra_scale.core.compiling.environment import read_environment
from infra_scale.core.compiling.fold import Requests
from infra_scale.core.compiling.request import compile_request
from infra_scale.core.compiling.world import World, read_world
from infra_scale.core.documents.request import Reading
from infra_scale.core.evaluation.summary import FindingCounts, listed
from infra_scale.core.generated.unexpected import is_prunable, unexpected_findings
from infra_scale.core.reading.files import request_files
from infra_scale.model.filechange import ChangedPath, FileChange
from infra_scale.model.finding import Finding, has_error
from infra_scale.model.source import Found
from infra_scale.model.state import Rest
from infra_scale.usecases.outcome import Outcome, count_rendered, orphan_states
from infra_scale.usecases.streaming.batch import Done, RequestFile, Work, request_file
from infra_scale.usecases.streaming.compared import Compared, ordered, unpacked
from infra_scale.usecases.streaming.gathering import Batches, Changes, Findings, Sums, Tally, total
from infra_scale.usecases.streaming.job import NOTHING_WRITTEN, Interrupted, Job
from infra_scale.usecases.streaming.memory import Memories, environment_of, recall, remember
from infra_scale.usecases.streaming.writing import FEW, Edits, changes_besides, obstacles, write

_BATCH = 100
"""Requests in a batch: they need little memory, and compiling them takes longer than sending them to a process."""
_MANY = 2000
"""With more requests than this, batches are compressed."""


def compile_requests(found: Sequence[Found], context: Context, job: Job) -> Outcome:
    """Compile the requests among `found`, and write the changes if the job requires it.

    Only the names in `found` are used. Raises InfraScaleError.
    """
    with _running(found, context, job) as run:
        return run.outcome()


def compile_plans(found: Sequence[Found], context: Context, job: Job) -> Compilation:
    """Compile the requests among `found`, and keep their plans; nothing is written. Raises InfraScaleError."""
    with _running(found, context, job) as run:
        return run.compilation()


@contextmanager
def _running(found: Sequence[Found], context: Context, job: Job) -> "Iterator[_Run]":
    sources, misnamed = request_files(found)
    read: dict[str, RequestFile] = {}

    def all_readings() -> Sequence[Reading]:
        for source in sources:
            file = read.get(source.path) or request_file(job.state, job.generated, source.path)
            read[source.path] = file._replace(known=file.reading(context.schemas.request))
        return [file.known for file in read.values() if file.known]

    @cache
    def world() -> World:
        return read_world(job.facts() if job.facts else Facts(None), environment, all_readings)

    environment = read_environment(context)
    if job.known and environment.manifests:
        job.known.keep(environment.manifests.read.kept())
    if job.wants.world == "all":
        world()  # before processes are forked
    jobs = _processes(job, len(sources))
    is_shared = jobs > 1 and job.wants.writes
    spools = tuple(Spool(job.root, is_shared=is_shared) for _ in range(jobs)) if job.wants.writes else ()
    memories = _memories(job, context)
    packs = jobs > 1 or (len(sources) > _MANY and not job.wants.plans)
    work = Work(job, environment, sources, read, _BATCH, spools, packs, memories, world)
    try:
        yield _Run(work, jobs, Requests(environment, misnamed, prunes=job.wants.prunes))
    finally:
        for spool in spools:
            spool.close()


def _memories(job: Job, context: Context) -> Memories | None:
    """The results of earlier runs."""
    if not (job.uses_cache and job.generated.cache):
        return None
    return recall(str(job.root), job.generated.cache, environment_of(context))


def _processes(job: Job, requests: int) -> int:
    if job.wants.plans:  # sending them to another process takes longer than compiling them
        return 1
    if job.jobs is not None:
        return min(job.jobs, max(1, requests))
    return workers.processors() if requests >= FEW else 1


class _Run(NamedTuple):
    """One run, from the first batch to the last write."""

    work: Work
    jobs: int
    requests: Requests

    def compilation(self) -> Compilation:
        """Compile, and keep all plans."""
        gathered = self._gathered()
        batches, folded = gathered.batches, gathered.folded
        found = {*folded.findings, *folded.orphaned, *unexpected_findings(folded.unexpected, "warning")}
        found |= gathered.elsewhere | {*self._of_clusters(gathered)}
        findings, counted = self._findings(gathered, found)
        refused = chain.from_iterable(one.request.findings for one in batches.all() if one.request.is_selected)
        errors = {*refused, *(finding for finding in folded.findings if finding.severity == "error")}
        kept = [*batches.kept()]
        files = {path: content for one in kept for path, content in one.request.files.items()}
        outlooks = self.work.world().outlooks if self.work.world and self.work.job.facts else None
        return Compilation(
            requests=self.requests.selected,
            plans=tuple(one.request.plan for one in kept if one.request.plan),
            findings=tuple(findings),
            errors=tuple(listed(ordered(errors))),
            files={**files, **folded.files},
            obsolete=folded.obsolete,
            totals=counted,
            outlooks=outlooks,
            environment=self.work.environment,
            forecasts={one.path: one.forecast for one in batches.all() if one.forecast},
        )

    def outcome(self) -> Outcome:
        """Compile, compare and write."""
        job, wants = self.work.job, self.work.job.wants
        try:
            gathered = self._gathered()
            folded, found = gathered.folded, gathered.folded.findings | gathered.elsewhere
            is_valid = not gathered.sums.is_refused and not has_error(found)
            found |= {*folded.orphaned, *self._of_clusters(gathered)}
            if wants.judges_world:
                is_valid = "error" not in gathered.sums.counts and not has_error(found)
            unexpected, pruned = self._unexpected(gathered, is_done=is_valid or job.keep_going)
            found |= {*unexpected_findings(unexpected, "error" if wants.judges else "warning")}
            findings, counted = self._findings(gathered, found)
        except KeyboardInterrupt as error:
            raise Interrupted(NOTHING_WRITTEN) from error
        if not (is_valid or job.keep_going):
            return Outcome(self.requests.selected, is_valid, compared=False, totals=counted, findings=findings)
        edits = Edits(changes_besides(folded), folded.rest.unfinished, pruned)
        write(job, gathered.batches, edits, changed=gathered.tally.changed, jobs=self.jobs)
        return self._reported(gathered, edits.besides)._replace(
            is_valid=is_valid,
            totals=counted,
            findings=findings,
            unexpected=len(unexpected) if wants.judges else 0,
            unverified=folded.unverified,
            pruned=pruned,
            is_repeatable=not (folded.unexpected or folded.rest.unfinished),
        )

    def _gathered(self) -> "_Gathered":
        """Compile all batches, and fold them."""
        done, tally, sums = list[Done](), self._tally(), Sums()
        batches = range(-(-len(self.work.sources) // self.work.size))
        paths = (source.path for source in self.work.sources)
        for batch in workers.spread(self.work.do, batches, self.jobs):
            for unpickled, path in zip(unpacked(batch.compared), paths, strict=False):
                # A process returns a copy of the path, which would be kept in memory.
                one = unpickled._replace(request=unpickled.request._replace(path=path))
                self.requests.add(one.request, one.beside)
                tally.add(one)
                sums.add(one)
            done.append(batch)
            self.work.job.show("compiling", self.requests.added, len(self.work.sources))
        self._remember(done)
        compiled = Batches(tuple(batch.compared for batch in done), self.work.spools)
        folded = self.requests.finish(_Remaining(self.work, compiled))
        compiled = compiled._replace(out=folded.out)
        if folded.out:
            tally = self._tally()
            for one in compiled.kept():
                tally.add(one)
        in_scope = self.work.environment.scope.has_path
        elsewhere = frozenset(finding for finding in sums.elsewhere if in_scope(finding.path))
        return _Gathered(compiled, folded, tally, elsewhere, sums)

    def _tally(self) -> Tally:
        return Tally(unchanged=self.work.job.wants.unchanged_plans)

    def _remember(self, done: Sequence[Done]) -> None:
        memories, job = self.work.memories, self.work.job
        if memories and any(batch.is_news for batch in done):
            remember(str(job.root), job.generated.cache, memories.environment, [batch.memories for batch in done])

    def _unexpected(self, gathered: "_Gathered", *, is_done: bool) -> tuple[tuple[Found, ...], tuple[str, ...]]:
        """The files to report as unexpected, and those to delete instead."""
        folded, wants = gathered.folded, self.work.job.wants
        unfinished = () if wants.writes else folded.rest.unfinished
        is_any = folded.unexpected or unfinished
        counted = self.work.job.generated.counted(folded.unexpected, unfinished) if is_any else ()
        if not (wants.prunes and is_done):
            return counted, ()
        pruned = {item.path for item in counted if is_prunable(item)}
        pruned |= obstacles(gathered.batches, folded, (*folded.rest.found, *gathered.sums.foreign))
        return tuple(item for item in counted if item.path not in pruned), tuple(sorted(pruned))

    def _findings(self, gathered: "_Gathered", found: Set[Finding]) -> tuple[Findings, FindingCounts]:
        """All findings and their number; requests in conflict are compiled again to show all of theirs."""
        colliding = gathered.folded.colliding
        again = (one for one in gathered.batches.all() if one.path in colliding) if colliding else ()
        others = ordered(chain(found, *map(self._found_again, again)))
        return Findings(gathered.batches, others, colliding), total(gathered.sums.counts, found)

    def _found_again(self, one: Compared) -> frozenset[Finding]:
        reading = self.work.reading(one.path)
        whole = compile_request(reading, self.work.environment)
        return self.work.view(reading, whole).findings if one.is_shown else whole.findings

    def _of_clusters(self, gathered: "_Gathered") -> tuple[Finding, ...]:
        """The findings about the files of clusters, if these were read."""
        wanted = self.work.job.wants.world
        is_read = wanted == "all" or (wanted == "changed" and gathered.sums.is_shown)
        return self.work.world().findings if self.work.world and is_read else ()

    def _reported(self, gathered: "_Gathered", rest: tuple[FileChange, ...]) -> Outcome:
        batches, tally, wants = gathered.batches, gathered.tally, self.work.job.wants
        others = tuple(ChangedPath(change.path, change.verb) for change in rest)
        for change in others:
            count_rendered(tally.rendered, change)
        plans = [*tally.plans, *orphan_states(others)]
        details = chain(rest, *(one.details for one in batches.kept())) if wants.details else ()
        kept = gathered.folded.files.keys() - {change.path for change in rest}
        return Outcome(
            self.requests.selected,
            is_valid=True,
            compared=True,
            totals=FindingCounts(0, 0, 0, exact=True),
            plans=tuple(sorted(plans, key=lambda state: state.folder)),
            unchanged=tally.unchanged,
            changes=Changes(batches, others),
            changed=tally.changed + len(others),
            rendered=tuple(sorted(tally.rendered.values())),
            rendered_unchanged=tally.rendered_unchanged + len(kept),
            details=tuple(sorted(details, key=lambda change: change.path)),
        )


class _Gathered(NamedTuple):
    """All requests of a run, compiled and folded."""

    batches: Batches
    folded: Folded
    tally: Tally
    elsewhere: frozenset[Finding]
    """Findings of requests about other files in scope."""
    sums: Sums


class _Remaining(NamedTuple):
    """See core/compiling/fold.py."""

    work: Work
    batches: Batches

    def compiled(self) -> Iterable[CompiledRequest]:
        """All requests again."""
        return (one.request for one in self.batches.all())

    def reading(self, path: str) -> Reading:
        """One of the request files."""
        return self.work.reading(path)

    def rest(self, wanted: Collection[int], passed_over: Collection[int]) -> Rest:
        """The other generated files."""
        return self.work.job.generated.rest(wanted, passed_over)
