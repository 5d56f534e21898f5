"""Time of the capacity check: 5,000 pods on 1,000 nodes, in several shapes.

    PYTHONPATH=compiler:tests python benchmarks/packing.py

Prints for each shape the median of five runs of `capacity_of`, and how many pods found a place. It is the time of the
processor: nothing here waits, and what else runs on the machine does not count.
"""

from collections.abc import Callable
from statistics import median
from time import process_time

from infra_scale.core.capacity.demand import Demand
from infra_scale.core.capacity.scenarios import Capacity, capacity_of
from infra_scale.model.pod import Scheduling, Spread
from infra_scale.model.snapshot import ClusterSnapshot
from infra_scale.model.verdict import DoesNotFit, Fits, FitsAfterScaleup
from support.capacity import cluster, demand, node, pod, pool

_RUNS = 5
_NODES = 1_000
_PODS = 5_000


def _cluster(*, used: int = 0, grows: bool = False) -> ClusterSnapshot:
    """Nodes of 3920m and 12Gi, of which `used` percent are taken, more or less."""
    nodes = (
        node(
            f"n{index}",
            "3920m",
            "12Gi",
            used=(f"{39 * used + index % 7 * 10}m", f"{120 * used + index % 5}Mi", index % 30),
        )
        for index in range(_NODES)
    )
    return cluster(*nodes, pools=(pool(_NODES, 2 * _NODES, "3920m", "12Gi"),) if grows else ())


def _alike(workloads: int, scheduling: Scheduling | None = None) -> list[Demand]:
    each = _PODS // workloads
    return [demand(0, each, name=f"w{index}", new=pod("500m", "1Gi", scheduling)) for index in range(workloads)]


def _mixed(workloads: int) -> list[Demand]:
    each = _PODS // workloads
    sizes = [(f"{100 + index * 37 % 900}m", f"{256 + index * 53 % 2000}Mi") for index in range(workloads)]
    return [demand(0, each, name=f"w{index}", new=pod(*size)) for index, size in enumerate(sizes)]


_HOSTS = Scheduling(spread=(Spread("kubernetes.io/hostname", 1),))

SHAPES: dict[str, Callable[[], tuple[ClusterSnapshot, list[Demand]]]] = {
    "one workload of 5,000": lambda: (_cluster(), _alike(1)),
    "50 workloads of 100, alike": lambda: (_cluster(), _alike(50)),
    "500 workloads of 10, all of another size": lambda: (_cluster(), _mixed(500)),
    "5,000 workloads of 1, all of another size": lambda: (_cluster(), _mixed(5_000)),
    "500 workloads, half-full cluster that has to grow": lambda: (_cluster(used=55, grows=True), _mixed(500)),
    "500 workloads that do not fit": lambda: (_cluster(used=70), _mixed(500)),
    "50 workloads spread over hosts": lambda: (_cluster(), _alike(50, _HOSTS)),
}


def _placed(capacity: Capacity) -> int:
    total = 0
    for workload in capacity.workloads:
        match workload.requested:
            case Fits(_):
                total += workload.scenarios["requested"].added
            case FitsAfterScaleup(_, wanted, _):
                total += wanted
            case DoesNotFit() as verdict:
                total += verdict.placed
            case _:
                pass
    return total


def main() -> None:
    """Run every shape and print a line for each."""
    for name, make in SHAPES.items():
        snapshot, demands = make()
        times = []
        for _ in range(_RUNS):
            start = process_time()
            capacity = capacity_of(snapshot, demands)
            times.append(process_time() - start)
        print(f"{median(times):7.3f} s  {_placed(capacity):5} of {_PODS} pods placed, {name}")


if __name__ == "__main__":
    main()
