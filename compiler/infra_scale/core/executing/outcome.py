"""The result of a run: its state from those of its clusters, its exit code, and the lines that other programs read."""

from collections.abc import Iterable

from infra_scale.model.run import ClusterState, Run, RunState, RunStep

DONE, FAILED, IN_BETWEEN, LATER = 0, 1, 3, 4
"""Exit codes: done; not done, the cluster as before; in between, a person is needed; not yet."""

_WORDS: dict[RunState, str] = {
    "succeeded": "succeeded",
    "already_applied": "succeeded",
    "awaiting_sync": "waiting",
}


def run_state(clusters: Iterable[ClusterState]) -> RunState:
    """The state of a run whose clusters have ended in these states."""
    states = set(clusters)
    if "needs_attention" in states or (
        states & {"succeeded"} and states & {"rolled_back", "stopped", "refused", "unreachable"}
    ):
        return "needs_attention"
    if "stopped" in states:
        return "stopped"
    if "rolled_back" in states:
        return "rolled_back"
    if states & {"refused", "unreachable", "not_started"}:
        return "refused"
    if "awaiting_sync" in states:
        return "awaiting_sync"
    return "succeeded" if "succeeded" in states else "already_applied"


def exit_code(state: RunState, *, wrote: bool, is_later: bool = False) -> int:
    """The exit code of a run; `wrote`: whether a cluster differs from before; `is_later`: whether waiting helps."""
    if state in ("succeeded", "already_applied"):
        return DONE
    if state == "needs_attention" or (state == "stopped" and wrote):
        return IN_BETWEEN
    return LATER if is_later or state == "awaiting_sync" else FAILED


def contract_lines(run: Run, *, record: str, outputs: str, code: int) -> tuple[str, ...]:
    """The lines on standard output; the last is one word."""
    word = "waiting" if code == LATER else _WORDS.get(run.state, "failed")
    return (f"run_id={run.id}", f"run_record={record}", f"state={run.state}", f"outputs_uri={outputs}", word)


def step_state(steps: Iterable[RunStep]) -> ClusterState:
    """The state of a cluster whose steps were all carried out."""
    states = {step.state for step in steps}
    return "already_applied" if states <= {"already_applied", "skipped"} else "succeeded"


def rolled_back_state(steps: Iterable[RunStep]) -> ClusterState:
    """The state of a cluster after its rollback."""
    left = {"undo_failed", "undoing", "failed"}
    return "needs_attention" if any(step.state in left for step in steps) else "rolled_back"
