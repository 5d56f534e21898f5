"""Some requests, worked on together in one process: what becomes of each, compared with what lies in its place."""

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from infra_scale.adapters.gradual import Aside, Shelf
from infra_scale.core.compiling.environment import Environment
from infra_scale.core.compiling.request import CompiledRequest, compile_request, lost_scalers
from infra_scale.core.compiling.world import Shown, World, shown
from infra_scale.core.documents.header import is_generated
from infra_scale.core.documents.planned_scalers import PlannedScaler
from infra_scale.core.documents.source import Reading, read_source
from infra_scale.core.generated.namespaces import components
from infra_scale.core.generated.tree import newer, plan_path
from infra_scale.core.syntax import limits
from infra_scale.model.filechange import Change, FileChange
from infra_scale.model.finding import Finding
from infra_scale.model.names import PLANS, RENDERED
from infra_scale.model.source import Found, Source
from infra_scale.usecases.gradual import memory as remembered
from infra_scale.usecases.gradual.job import Wants
from infra_scale.usecases.gradual.memory import Memories, Memory, digest, together
from infra_scale.usecases.gradual.trees import Lying, Tree
from infra_scale.usecases.outcome import MOST_IN_WORDS, PlanState, plan_state


class Asked(NamedTuple):
    """A request file, for whoever has to read it."""

    mark: bytes
    """What stands for its bytes."""
    source: Callable[[], Source]
    known: Reading | None = None
    """As it was read already."""

    def reading(self, schema: str) -> Reading:
        """What it is. Raises InfraScaleError."""
        return self.known or read_source(self.source(), schema=schema)


def asked(tree: Tree, path: str) -> Asked:
    """A request file that was there when its name was read. Raises InfraScaleError."""
    mark, source = tree.asked(path)
    return Asked(digest(mark), source)


class Write(NamedTuple):
    """A file that has to change, and where its new content was put aside."""

    change: Change
    aside: Aside | None


class Made(NamedTuple):
    """What became of one request, as far as the run needs it later."""

    path: str
    is_asked: bool
    is_refused: bool
    counts: Mapping[str, int]
    """How many findings there are of each severity, see `counted`."""
    findings: tuple[Finding, ...]
    """In order; only those of requests that are refused or change something, where nobody wants everything."""
    elsewhere: frozenset[Finding]
    """Findings about other files, which others may have found too."""
    namespaces: frozenset[str]
    claims: tuple[int, ...]
    lost: tuple[PlannedScaler, ...] = ()
    folder: str | None = None
    state: PlanState | None = None
    """None where there is no plan, or nobody asked for it."""
    files: tuple[str, ...] = ()
    writes: tuple[Write, ...] = ()
    details: tuple[FileChange, ...] = ()
    foreign: tuple[Found, ...] = ()
    """What lies in the place of `files` and is not ours."""
    too_new: Finding | None = None
    components: tuple[tuple[str, str], ...] = ()
    """See CompiledRequest."""
    is_shown: bool = False
    """Whether `findings` and `counts` are what the world shows, too."""
    of_clusters: tuple[Finding, ...] = ()
    """Findings about the files of clusters, where these were read."""


Packed = bytes | tuple[Made, ...]
"""What was made in a batch; of many batches only what is looked at is unpacked."""


class Done(NamedTuple):
    """What a batch comes to."""

    made: Packed
    """See `unpacked`."""
    memories: bytes
    """What the next run may go by."""
    is_news: bool
    """Whether it has not gone by it already."""


class Work(NamedTuple):
    """What every process of a run has in common."""

    tree: Tree
    environment: Environment
    sources: Sequence[Source]
    """All of them, without content."""
    read: Mapping[str, Asked]
    """Those that were read already."""
    wants: Wants
    size: int
    """How many requests are worked on together."""
    shelves: tuple[Shelf, ...]
    """One a process: batch number N uses that of N modulo their number."""
    packs: bool = False
    """Whether what was made is packed: where it goes through a pipe, or is too much to be held as it is."""
    memories: Memories | None = None
    """What earlier runs have found; None: nobody is to ask."""
    world: Callable[[], World] | None = None
    """Read when it is needed first; None: nothing of the world is shown."""

    def shelf_of(self, batch: int) -> Shelf:
        """Where the batch puts aside what is to be written."""
        return self.shelves[batch % len(self.shelves)]

    def do(self, batch: int) -> "Done":
        """Work on the batch. Raises FilesError."""
        some = self.sources[batch * self.size : (batch + 1) * self.size]
        made, memories, is_news, changed = list[Made](), dict[str, Memory](), False, 0
        for source in some:
            in_words = changed < MOST_IN_WORDS or self.wants.everything
            one, memory, is_new = self._made(source, self.shelf_of(batch), in_words=in_words)
            changed += bool(one.writes)
            made.append(one)
            is_news |= is_new
            if memory:
                memories[source.path] = memory
        kept: Packed = packed(made) if self.packs else tuple(made)
        return Done(kept, remembered.packed(memories) if self.memories else b"", is_news)

    def reading(self, source: Source) -> Reading:
        """A request file, read. Raises FilesError."""
        return self._asked(source).reading(self.environment.schemas.request)

    def _asked(self, source: Source) -> Asked:
        return self.read.get(source.path) or asked(self.tree, source.path)

    def _made(self, source: Source, shelf: Shelf, *, in_words: bool) -> tuple[Made, Memory | None, bool]:
        """What became of a request, what is to be remembered of it, and whether that is new."""
        lying = Lying(self.tree)
        if self.memories is None:
            return self._found(self.reading(source), lying, shelf, in_words=in_words)[0], None, False
        one = self._asked(source)
        key, memory = self.memories.key(one.mark), self.memories.of(source.path)
        made = self._remembered(source.path, memory, lying) if memory and memory.key == key else None
        if made:
            return made, memory, False
        reading = one.reading(self.environment.schemas.request)
        made, files, counts = self._found(reading, lying, shelf, in_words=in_words)
        is_settled = made.state and (not made.writes or (self.wants.writes and self.tree.is_written))
        if not is_settled or "error" in counts or made.elsewhere or made.foreign or made.too_new:
            return made, None, False
        marks = (digest(content) if made.writes else lying.mark(path) for path, content in files.items())
        found = _memory(made._replace(counts=counts), key, reading, tuple(files), together(marks))
        return made, found, found != memory

    def _remembered(self, path: str, memory: Memory, lying: Lying) -> Made | None:
        """What was found before, where that is enough, and the files that belong to it are as they were."""
        is_asked = self.environment.scope.has_request(path, memory.target)
        made = Made(
            path=path,
            is_asked=is_asked,
            is_refused=False,
            counts=dict(memory.counts),
            findings=(),
            elsewhere=frozenset(),
            namespaces=frozenset(memory.namespaces),
            claims=memory.claims,
            folder=memory.folder,
        )
        if not is_asked:
            return made._replace(components=tuple(components(memory.files)))
        if self.wants.everything or together(map(lying.mark, memory.files)) != memory.marks:
            return None
        return made._replace(files=memory.files, state=PlanState("unchanged", memory.folder))

    def _found(
        self, reading: Reading, lying: Lying, shelf: Shelf, *, in_words: bool
    ) -> tuple[Made, Mapping[str, bytes], Mapping[str, int]]:
        """What became of a request, its files, and how many pure findings there are."""
        one = compile_request(reading, self.environment)
        made = self._told(one)
        counts = made.counts
        if one.plan:
            made = self._compared(made, one, lying, shelf)
        view = self.view(reading, one) if self._is_shown(made) else None
        if view:
            made = self._with_view(made, view)
        if one.plan and (made.writes or self.wants.everything):
            changes = [write.change for write in made.writes if write.change.path.startswith(f"{PLANS}/")]
            made = made._replace(state=plan_state(one.plan, changes, view and view.forecast, in_words=in_words))
        return made, one.files, counts

    def _is_shown(self, made: Made) -> bool:
        wanted = self.wants.world == "all" or (self.wants.world == "changed" and (made.is_refused or bool(made.writes)))
        return made.is_asked and wanted and self.world is not None

    def view(self, reading: Reading, one: CompiledRequest) -> Shown:
        """What is shown of a request that was compiled, the world included."""
        return shown(one, reading, self.world()) if self.world else Shown(one.findings)

    def _with_view(self, made: Made, view: Shown) -> Made:
        own = frozenset(finding for finding in view.findings if finding.path == made.path)
        return made._replace(
            counts=counted(own),
            findings=ordered(own),
            elsewhere=view.findings - own,
            is_shown=True,
            of_clusters=self.world().findings if self.world else (),
        )

    def _told(self, one: CompiledRequest) -> Made:
        own = frozenset(finding for finding in one.findings if finding.path == one.path)
        is_told = one.is_asked and (one.is_refused or self.wants.everything)
        return Made(
            one.path,
            one.is_asked,
            one.is_refused,
            counted(own),
            ordered(own) if is_told else (),
            one.findings - own,
            one.namespaces,
            one.claims,
            folder=one.folder,
            components=one.components,
        )

    def _compared(self, made: Made, one: CompiledRequest, lying: Lying, shelf: Shelf) -> Made:
        foreign: list[Found] = []
        writes: list[Write] = []
        details: list[FileChange] = []
        for path, content in one.files.items():
            found, before = lying.look(path)
            if before == content:
                continue
            if found is not None and not (isinstance(found, Source) and is_generated(path, found.content)):
                foreign.append(found)
            change = FileChange(path, before, content)
            aside = shelf.put(content) if self.wants.writes and not self.tree.has(path, content) else None
            writes.append(Write(Change(path, change.verb, one.path), aside))
            if self.wants.details:
                details.append(change)
        made = made._replace(files=tuple(one.files), state=PlanState("unchanged", one.folder or ""))
        if one.plan:
            made = made._replace(lost=tuple(lost_scalers(one.plan, lying.look(plan_path(one.plan.folder)).before)))
        if not writes and not self.wants.everything:
            return made
        return made._replace(
            findings=ordered(one.findings - made.elsewhere),
            writes=tuple(writes),
            details=tuple(details),
            foreign=tuple(foreign),
            too_new=next(iter(newer(lying.contents()).values()), None),
        )


def _memory(made: Made, key: bytes, reading: Reading, files: tuple[str, ...], marks: bytes) -> Memory:
    return Memory(
        key,
        reading.target or "",
        tuple(made.counts.items()),
        tuple(sorted(made.namespaces)),
        made.claims,
        made.folder or "",
        files,
        marks,
    )


def counted(findings: Iterable[Finding]) -> dict[str, int]:
    """How many there are of each severity; what says that there are others has its own name."""
    counts: dict[str, int] = {}
    for finding in findings:
        key = finding.rule if finding.rule == limits.STOPPED else finding.severity
        counts[key] = counts.get(key, 0) + 1
    return counts


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """In their total order."""
    return tuple(sorted(findings, key=lambda finding: finding.order))


def packed(made: list[Made]) -> bytes:
    """Many of them say much the same: this is a tenth of their size."""
    import pickle  # noqa: PLC0415 (slow to import, and of few requests nothing is packed)

    return zlib.compress(pickle.dumps(made, protocol=pickle.HIGHEST_PROTOCOL), 1)


def unpacked(batch: Packed) -> Iterator[Made]:
    """What was packed."""
    if isinstance(batch, tuple):
        yield from batch
    else:
        import pickle  # noqa: PLC0415 (as above)

        yield from pickle.loads(zlib.decompress(batch))  # noqa: S301 (this run has packed it)


def rendered_files(made: Made) -> int:
    """How many rendered manifests there are of a request that are in step."""
    changed = sum(write.change.path.startswith(f"{RENDERED}/") for write in made.writes)
    return sum(path.startswith(f"{RENDERED}/") for path in made.files) - changed
