"""Some requests, compiled together in one process, and compared with the generated files that exist."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from infra_scale.adapters import cache
from infra_scale.adapters.writing import Spool
from infra_scale.core.compiling.compiled import Beside, CompiledRequest
from infra_scale.core.compiling.environment import Environment
from infra_scale.core.compiling.request import compile_request, orphaned_scalers
from infra_scale.core.compiling.world import Shown, World, shown
from infra_scale.core.documents.header import is_generated
from infra_scale.core.documents.request import Reading, read_request
from infra_scale.core.generated.namespaces import components
from infra_scale.core.generated.tree import contents, newer, plan_path
from infra_scale.core.syntax import limits
from infra_scale.errors import InfraScaleError
from infra_scale.model.filechange import ChangedPath, FileChange
from infra_scale.model.finding import Finding
from infra_scale.model.manifest import NO_FAULTS
from infra_scale.model.names import PLANS
from infra_scale.model.source import Found, Source
from infra_scale.model.state import RepositoryState
from infra_scale.usecases.outcome import MOST_IN_WORDS, PlanState, plan_state
from infra_scale.usecases.streaming import memory as remembered
from infra_scale.usecases.streaming.compared import Compared, Packed, Write, counted, ordered, packed
from infra_scale.usecases.streaming.job import Generated, Job, Look
from infra_scale.usecases.streaming.memory import Memories, Memory, together


class RequestFile(NamedTuple):
    """A request file, read when it is needed."""

    blob: bytes
    """Identifies its bytes."""
    source: Callable[[], Source]
    known: Reading | None = None
    """The file, if it was already read."""

    def reading(self, schema: str) -> Reading:
        """The file, parsed. Raises InfraScaleError."""
        return self.known or read_request(self.source(), schema=schema)


def request_file(state: RepositoryState, generated: Generated, path: str) -> RequestFile:
    """Read a request file by its name from an earlier listing. Raises InfraScaleError."""
    source: list[Source] = []

    def read() -> Source:
        if not source:
            source.append(_existing(state.content(path, limit=limits.MAX_BYTES), path))
        return source[0]

    return RequestFile(generated.blob(path, lambda: read().content) if generated.cache else b"", read)


def _existing(found: Found | None, path: str) -> Source:
    if not isinstance(found, Source):
        message = f"{path} changed during the run"
        raise InfraScaleError(message, hint="run the command again")
    return found


class Nearby:
    """The generated files of one request, each read once."""

    def __init__(self, generated: Generated) -> None:
        self._generated = generated
        self._looks: dict[str, Look] = {}

    def look(self, path: str) -> Look:
        """See Generated."""
        if path not in self._looks:
            self._looks[path] = self._generated.look(path)
        return self._looks[path]

    def blob(self, path: str) -> bytes:
        """See Generated."""
        return self._generated.blob(path, lambda: self.look(path).before or b"")

    def contents(self) -> dict[str, bytes]:
        """The contents of all files that were read."""
        return contents(look.found for look in self._looks.values() if look.found)


class Done(NamedTuple):
    """A batch that was compiled."""

    compared: Packed
    """See `unpacked`."""
    memories: bytes
    """The cache for the next run."""
    is_news: bool
    """Whether it differs from the cache of this run."""


class Work(NamedTuple):
    """The inputs that all processes of a run share."""

    job: Job
    environment: Environment
    sources: Sequence[Source]
    """All request files, without content."""
    read: Mapping[str, RequestFile]
    """The files that were already read."""
    size: int
    """The number of requests in a batch."""
    spools: tuple[Spool, ...]
    """One per process: batch number N uses that of N modulo their number."""
    packs: bool = False
    """Whether batches are compressed: if they go through a pipe, or are too many."""
    memories: Memories | None = None
    """The results of earlier runs; None if they are not used."""
    world: Callable[[], World] | None = None
    """Reads the world when it is first needed; None: no finding of the world is computed."""

    def spool_of(self, batch: int) -> Spool | None:
        """Temporary storage for new contents of the batch; None if nothing is written."""
        return self.spools[batch % len(self.spools)] if self.spools else None

    def do(self, batch: int) -> Done:
        """Compile a batch. Raises InfraScaleError."""
        some = self.sources[batch * self.size : (batch + 1) * self.size]
        compared, memories, is_news, changed = list[Compared](), dict[str, Memory](), False, 0
        for source in some:
            in_words = changed < MOST_IN_WORDS or self.job.wants.unchanged_plans
            one, memory, is_new = self._compared(source, self.spool_of(batch), in_words=in_words)
            changed += bool(one.writes)
            compared.append(one)
            is_news |= is_new
            if memory:
                memories[source.path] = memory
        kept: Packed = packed(compared) if self.packs else tuple(compared)
        return Done(kept, remembered.packed(memories) if self.memories else b"", is_news)

    def reading(self, path: str) -> Reading:
        """A request file, parsed. Raises InfraScaleError."""
        return self._file(path).reading(self.environment.schemas.request)

    def _file(self, path: str) -> RequestFile:
        return self.read.get(path) or request_file(self.job.state, self.job.generated, path)

    def _compared(self, source: Source, spool: Spool | None, *, in_words: bool) -> tuple[Compared, Memory | None, bool]:
        """A request, its cache entry, and whether the entry is new."""
        nearby = Nearby(self.job.generated)
        if self.memories is None:
            return self._compiled(self.reading(source.path), nearby, spool, in_words=in_words)[0], None, False
        file = self._file(source.path)
        key, memory = self.memories.key(file.blob), self.memories.of(source.path)
        known = self._remembered(source.path, memory, nearby) if memory and memory.key == key else None
        if known:
            return known, memory, False
        reading = file.reading(self.environment.schemas.request)
        one, whole = self._compiled(reading, nearby, spool, in_words=in_words)
        is_settled = one.state and (not one.writes or (self.job.wants.writes and self.job.generated.is_written))
        if not is_settled or whole.is_refused or one.elsewhere or one.beside.foreign or one.beside.too_new:
            return one, None, False
        files = whole.files.items()
        blobs = (cache.digest(content) if one.writes else nearby.blob(path) for path, content in files)
        found = remembered.memory_of(whole, counted(whole.findings), key, reading.target or "", together(blobs))
        return one, found, found != memory

    def _remembered(self, path: str, memory: Memory, nearby: Nearby) -> Compared | None:
        """The cached result, if it is sufficient and the generated files are the same."""
        is_selected = self.environment.scope.has_request(path, memory.target)
        request = CompiledRequest(
            path,
            is_selected,
            frozenset(),
            folder=memory.folder,
            namespaces=frozenset(memory.namespaces),
            claims=memory.claims,
            parts=dict(memory.parts),
        )
        if not is_selected:
            return Compared(request._replace(components=tuple(components(memory.files))), dict(memory.counts))
        if self.job.wants.shows_unchanged or together(map(nearby.blob, memory.files)) != memory.blobs:
            return None
        request = request._replace(files=dict.fromkeys(memory.files, b""))
        return Compared(request, dict(memory.counts), state=PlanState("unchanged", memory.folder))

    def _compiled(
        self, reading: Reading, nearby: Nearby, spool: Spool | None, *, in_words: bool
    ) -> tuple[Compared, CompiledRequest]:
        wants = self.job.wants
        whole = compile_request(reading, self.environment)
        one = self._slim(whole)
        if whole.plan:
            one = self._beside(one, (reading, whole), nearby, spool)
        view = self.view(reading, whole) if self._is_shown(one) else None
        if view:
            own = _about(whole.path, view.findings)
            elsewhere = view.findings.difference(own)
            one = one._replace(counts=counted(own), findings=own, elsewhere=elsewhere, is_shown=True)
        if whole.plan and wants.plans:
            one = one._replace(forecast=view and view.forecast)
        elif whole.plan and (one.writes or wants.unchanged_plans):
            changes = [write.change for write in one.writes if write.change.path.startswith(f"{PLANS}/")]
            state = plan_state(whole.plan, changes, view and view.forecast, in_words=in_words)
            one = one._replace(state=state)
        return one, whole

    def _is_shown(self, one: Compared) -> bool:
        world = self.job.wants.world
        return one.request.is_selected and (world == "all" or (world == "changed" and bool(one.writes)))

    def view(self, reading: Reading, one: CompiledRequest) -> Shown:
        """A compiled request with the findings of the world."""
        return shown(one, reading, self.world()) if self.world else Shown(one.findings)

    def _slim(self, whole: CompiledRequest) -> Compared:
        """The parts of a compiled request that the run needs later."""
        wants, own = self.job.wants, _about(whole.path, whole.findings)
        is_listed = whole.is_selected and (whole.is_refused or wants.unchanged_findings or wants.plans)
        errors = frozenset(one for one in whole.findings if one.severity == "error")
        kept = whole._replace(findings=errors, builds=NO_FAULTS)
        if not wants.plans:
            kept = kept._replace(plan=None, files=dict.fromkeys(whole.files, b""))
        return Compared(kept, counted(own), own if is_listed else (), whole.findings.difference(own))

    def _beside(
        self, one: Compared, source: tuple[Reading, CompiledRequest], nearby: Nearby, spool: Spool | None
    ) -> Compared:
        reading, whole = source
        foreign: list[Found] = []
        writes: list[Write] = []
        details: list[FileChange] = []
        wants, generated = self.job.wants, self.job.generated
        for path, content in whole.files.items():
            found, before = nearby.look(path)
            if before == content:
                continue
            if found is not None and not (isinstance(found, Source) and is_generated(path, found.content)):
                foreign.append(found)
            change = FileChange(path, before, content)
            aside = spool.put(content) if spool and not generated.is_in_step(path, content) else None
            writes.append(Write(ChangedPath(path, change.verb, whole.path), aside))
            if wants.details:
                details.append(change)
        folder = whole.folder or ""
        orphaned = (
            tuple(orphaned_scalers(reading.request, nearby.look(plan_path(folder)).before)) if reading.request else ()
        )
        one = one._replace(state=PlanState("unchanged", folder), beside=Beside(orphaned=orphaned))
        if not writes and not wants.shows_unchanged:
            return one
        too_new = next(iter(newer(nearby.contents()).values()), None)
        return one._replace(
            findings=_about(whole.path, whole.findings),
            writes=tuple(writes),
            details=tuple(details),
            beside=Beside(tuple(foreign), too_new, orphaned),
        )


def _about(path: str, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return ordered(finding for finding in findings if finding.path == path)
