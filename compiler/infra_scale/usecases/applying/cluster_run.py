"""Carry out the steps of a run on one cluster, and undo them if one fails.

Each step: record what will be written, check that the lock is held, compare and set, read back, record, wait until
healthy. Whatever happens between two of these, the same command goes on from the record.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from infra_scale.core.executing.fields import value_at
from infra_scale.core.executing.health import floor
from infra_scale.core.executing.outcome import rolled_back_state, step_state
from infra_scale.core.executing.owners import writer_of
from infra_scale.core.executing.requests import request
from infra_scale.core.executing.writes import Object, at_container, is_done, is_ours, is_untouched, noun, read_back
from infra_scale.model.action import AUTOSCALER_KINDS
from infra_scale.model.run import WROTE, ClusterState, RunCluster, RunStep, StepState
from infra_scale.model.step import ObjectRef
from infra_scale.usecases.applying.lock import Lock
from infra_scale.usecases.applying.session import Session
from infra_scale.usecases.applying.watching import Watcher

_ATTEMPTS = 3
_PAUSE = 1.0
"""Seconds between two attempts of a write, times the number of attempts so far."""
_BACKWARDS: tuple[StepState, ...] = ("failed", "undoing", "undone", "undo_failed")
"""States of a step that only a rollback has."""
_FINAL: tuple[StepState, ...] = ("healthy", "already_applied", "skipped")


class ClusterRun:
    """The steps of one plan on one cluster."""

    def __init__(self, session: Session, lock: Lock, part: RunCluster, *, record: Callable[[RunCluster], None]) -> None:
        """`record` writes the journal; it is called before each write, and after it."""
        self._session, self._lock, self._record = session, lock, record
        self._watcher = Watcher(session, lock)
        self.part = part
        self.reason = ""

    @property
    def is_rolling_back(self) -> bool:
        """Whether an earlier run was interrupted in its rollback: it is finished, never turned forward."""
        return any(step.state in _BACKWARDS for step in self.part.steps)

    def forward(self, floors: Mapping[ObjectRef, int]) -> bool:
        """Carry out the steps that are left; whether all are healthy. Raises StoppedError."""
        for number, step in enumerate(self.part.steps, start=1):
            if step.state not in _FINAL and not self._carried_out(number, step, floors.get(step.ref, 0)):
                return False
        for number, step in self._baked():
            if failure := self._watcher.bake(number, step, least=floors.get(step.ref, 0)):
                return self._failed(number, failure)
        self._set_state(step_state(self.part.steps))
        return True

    def backward(self) -> None:
        """Undo what was written, autoscalers first; what another writer has changed is left. Raises StoppedError."""
        self._session.tell(0, "rollback_started", {"reason": self.reason})
        numbered = [*enumerate(self.part.steps, start=1)][::-1]
        numbered.sort(key=lambda pair: pair[1].ref.kind not in AUTOSCALER_KINDS.values())
        for number, step in numbered:
            if step.state in WROTE or step.state == "writing":
                self._undo(number, step)
        self._set_state(rolled_back_state(self.part.steps))

    def leave(self) -> None:
        """Undo nothing: a person decides."""
        self._set_state("needs_attention")

    def _baked(self) -> list[tuple[int, RunStep]]:
        """The last step of each object that was written to."""
        written = {
            step.ref: (number, step) for number, step in enumerate(self.part.steps, 1) if step.state == "healthy"
        }
        return [pair for ref, pair in written.items() if pair[1].after is not None]

    def _carried_out(self, number: int, step: RunStep, least: int) -> bool:
        if step.state != "written":
            step = self._written(number, step)
            if step.state in _FINAL:
                return True
            if step.state != "written":
                return self._failed(number, step.message)
        if failure := self._watcher.failure(number, step, least=least):
            return self._failed(number, failure)
        self._save(number, step._replace(state="healthy"))
        self._session.tell(number, "health_passed", {})
        return True

    def _written(self, number: int, step: RunStep) -> RunStep:
        """Compare and set; the step with its new state."""
        item = self._read(step)
        was_begun = step.state == "writing"
        if is_done(step, item):  # the write of an interrupted run, or of another one
            if not was_begun:
                return self._save(number, step._replace(state="already_applied"))
            self._session.tell(number, "step_recovered", {})
            return self._save(number, read_back(step, item)._replace(state="written"), at=step.at)
        if not is_untouched(step, item):
            return self._save(number, self._changed(step, item))
        step = self._save(number, step._replace(state="writing", message=""))
        self._session.tell(number, "step_intent", {"path": step.path, "before": step.before, "after": step.after})
        done = self._attempted(step)
        self._save(number, done, at=step.at)
        if done.state == "written":
            self._session.tell(number, "step_written", {})
        return done

    def _attempted(self, step: RunStep) -> RunStep:
        """Send the write until it holds, three times at most; what holds is read back, whatever the answer was."""
        words = ""
        for attempt in range(_ATTEMPTS):
            self._lock.fence()
            item = self._read(step)
            if is_done(step, item):
                return read_back(step, item)._replace(state="written")
            if not is_untouched(step, item):
                return self._changed(step, item)
            if words:
                self._session.clock.sleep(_PAUSE * attempt)
            placed = at_container(step, item) if item else step
            live = value_at(item, placed.path) if placed.path else placed.before
            words = self._session.cluster.send(request(placed._replace(before=live), item))
        item = self._read(step)
        if is_done(step, item):
            return read_back(step, item)._replace(state="written")
        return step._replace(state="failed", message=words)

    def _changed(self, step: RunStep, item: Object | None) -> RunStep:
        return step._replace(state="changed_by_other", message=_found(step, item))

    def _undo(self, number: int, step: RunStep) -> None:
        """Write the value from before, unless another writer has changed it since."""
        item = self._read(step)
        if not is_ours(step, item):
            if is_untouched(step, item):
                self._save(number, step._replace(state="undone"))
                return
            message = f"{_found(step, item)}, which is not what this run wrote; left unchanged"
            self._save(number, step._replace(state="undo_failed", message=message))
            return
        step = self._save(number, step._replace(state="undoing"))
        back = self._attempted(step.inverse)
        if back.state == "written":
            # Times of the API have whole seconds: pods of the failed step are not those of its undo.
            since = self._session.clock.now() + timedelta(seconds=1)
            failure = self._watcher.failure(number, back._replace(at=since), least=0)
            state: StepState = "undo_failed" if failure else "undone"
            self._save(number, step._replace(state=state, message=failure or step.message))
            self._session.tell(number, "step_undone", {"failure": failure})
        else:
            self._save(number, step._replace(state="undo_failed", message=back.message))

    def _failed(self, number: int, reason: str) -> bool:
        """Record that a step failed; its value may be in the cluster."""
        step = self.part.steps[number - 1]
        self.reason = reason
        if step.state != "changed_by_other":
            self._save(number, step._replace(state="failed", message=reason))
        self._session.tell(number, "step_failed", {"reason": reason})
        return False

    def _read(self, step: RunStep) -> Object | None:
        return self._session.patiently(lambda: self._session.cluster.read((step.ref,))).get(step.ref)

    def _save(self, number: int, step: RunStep, *, at: datetime | None = None) -> RunStep:
        """Record a step; pods that are younger than `at` (now) are those of its write."""
        step = step._replace(at=at or self._session.clock.now())
        steps = (*self.part.steps[: number - 1], step, *self.part.steps[number:])
        self.part = self.part._replace(steps=steps)
        self._record(self.part)
        return step

    def _set_state(self, state: ClusterState) -> None:
        self.part = self.part._replace(state=state)


def floors_of(objects: Mapping[ObjectRef, Object]) -> dict[ObjectRef, int]:
    """The pods of each workload that have to stay available."""
    return {ref: floor(item) for ref, item in objects.items() if ref.kind not in AUTOSCALER_KINDS.values()}


def _found(step: RunStep, item: Object | None) -> str:
    """What another writer left in place of the expected value."""
    if item is None:
        return f"{noun(step)} does not exist"
    if not step.path:
        return f"{noun(step)} exists with another specification"
    writer = writer_of(item, step.path)
    by = f" (set by {writer})" if writer else ""
    field = step.path.rpartition("/")[2]
    value = value_at(item, step.path)
    shown = (
        f"{field} of {noun(step)} is {value}" if isinstance(value, (int, str)) else f"{field} of {noun(step)} differs"
    )
    return f"{shown}{by}"
