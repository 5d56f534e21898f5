"""What the product says of a scenario beside what its simulation does, and how often the two agree."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from infra_scale.core.documents.snapshot import write_snapshot
from infra_scale.model.verdict import status
from support.capture import captured_snapshot
from support.pure import compile_one
from support.scenarios import Scenario, scenario
from support.simulated.world import World
from support.snapshots import CAPTURED

RUNS = 16
"""Orders of events in which a plan is carried out."""


class Said(NamedTuple):
    """Of one workload."""

    status: str
    errors: tuple[str, ...]
    """The rules whose errors name it."""


class Compared(NamedTuple):
    """One workload of one scenario."""

    seed: int
    workload: str
    said: Said
    placed: int
    """In how many runs all of its pods had a place in the end."""
    runs: int
    accepts: bool
    """Whether new pods of it would be accepted: with OnDelete they come later."""

    @property
    def outcome(self) -> str:
        """How the two compare; runs may end early once they cannot change it."""
        is_always, is_yes = self.placed == self.runs, self.said.status in ("fits", "fits_after_scaleup")
        if is_yes and not is_always:
            return "false fits"
        is_no = self.said.status == "does_not_fit" or bool(self.said.errors)
        if is_no and is_always and self.accepts:
            return "false error"
        if self.said.status == "unknown":
            return "unknown"
        if self.said.status == "fits_depending_on_order" and is_always:
            return "cautious"
        return "agree"


def said_of(one: Scenario) -> dict[str, Said]:
    """What the product says, by the name of the workload."""
    snapshot = captured_snapshot(one.things)
    compilation = compile_one(
        one.request,
        clusters={"prod-eu-1/snapshot.yaml": write_snapshot(snapshot)},
        as_of=CAPTURED,
        prod="clusters: [{name: prod-eu-1}]\n",
    )
    assert compilation.outlooks
    judged = compilation.outlooks.by_cluster["prod-eu-1"].workloads
    errors: dict[str, list[str]] = {}
    for finding in compilation.findings:
        if finding.severity == "error":
            errors.setdefault(finding.workload.name if finding.workload else "", []).append(finding.rule)
    assert "" not in errors, compilation.findings
    return {ref.name: Said(status(of.requested), tuple(errors.get(ref.name, ()))) for ref, of in judged.items()}


def compared(seed: int, runs: int = RUNS) -> Iterator[Compared]:
    """The workloads that the plan of a scenario changes."""
    one = scenario(seed)
    said = said_of(one)
    placed = dict.fromkeys(said, 0)
    accepts = dict.fromkeys(said, True)
    made = 0
    while made < runs and any(placed[name] == made for name in said):
        world = World(one.things, seed * 1000 + made)
        world.run(one.changes)
        made += 1
        for name in said:
            placed[name] += world.is_done(name)
            accepts[name] = world.accepts(name)
    for name, of in said.items():
        yield Compared(seed, name, of, placed[name], made, accepts[name])


OUTCOMES = ("agree", "cautious", "unknown", "false fits", "false error")


def table(found: Iterable[Compared]) -> str:
    """How often which outcome was found."""
    counts = Counter(one.outcome for one in found)
    total = sum(counts.values())
    rows = [f"{name:<12} {counts[name]:>6} {100 * counts[name] / total:>6.1f} %" for name in OUTCOMES]
    return "\n".join([*rows, f"{'workloads':<12} {total:>6}"])
