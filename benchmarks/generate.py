"""Write a repository of N requests, always with the same content: `generate.py FOLDER N`."""

import random
import sys
from collections.abc import Iterator
from pathlib import Path

_TEAMS = ("assistant", "payments", "search", "shop", "reports", "platform", "identity", "media", "ledger", "mobile")
_APPS = ("web", "api", "worker", "cache", "indexer", "gateway", "consumer", "scheduler", "frontend", "backend")
_REASONS = (
    "Launch of the assistant",
    "Month-end closing needs one more shard",
    'Campaign "winter" starts on 2 December: three times the traffic',
    "End of the quarter; see the forecast of the capacity review",
    "The agent was OOM-killed on nodes with many pods",
)
_KINDS = ("Deployment",) * 7 + ("StatefulSet",) * 2 + ("DaemonSet",)
_CPU = ("100m", "250m", "500m", "750m", "1", "2")
_MEMORY = ("128Mi", "256Mi", "512Mi", "1Gi", "2Gi", "4Gi")
_TARGETS = {"prod": ("prod-eu-1",), "staging": ("staging-eu-1",), "ci": ("ci-1",)}
_IN_A_FOLDER = 100


def repository(folder: Path, requests: int) -> None:
    """Targets and `requests` requests below `folder`, one file at a time: a large one takes no memory."""
    for name, clusters in _TARGETS.items():
        listed = "".join(f"  - name: {cluster}\n" for cluster in clusters)
        _write(folder / "ops/targets" / f"{name}.yaml", f"clusters:\n{listed}")
    for number in range(requests):
        _write(folder / path_of(number), text_of(number))


def path_of(number: int) -> str:
    """Path of the request with this number."""
    team = _TEAMS[number // _IN_A_FOLDER % len(_TEAMS)]
    return f"requests/{team}-{number // _IN_A_FOLDER:04d}/{_APPS[number % len(_APPS)]}-{number:06d}.yaml"


def text_of(number: int) -> str:
    """Content of the request with this number."""
    dice = random.Random(number)  # noqa: S311 (must be reproducible)
    team = _TEAMS[number // _IN_A_FOLDER % len(_TEAMS)]
    lines = [
        "# yaml-language-server: $schema=../../schemas/scale-request.schema.json",
        "apiVersion: infra.scale/v1",  # ours need neither; kubeconform reads nothing without them
        "kind: ScaleRequest",
        f"target: {dice.choice(tuple(_TARGETS))}",
        f"namespace: {team}",
        f"owner: team-{team}",
    ]
    if dice.random() < 2 / 3:
        reason = dice.choice(_REASONS)
        lines.append(f"reason: '{reason}'" if ": " in reason else f"reason: {reason}")
    if dice.random() < 1 / 2:
        lines.append(f"ticket: OPS-{dice.randrange(1, 9999)}")
    lines.append("workloads:")
    for index in range(dice.choice((1, 1, 1, 2, 3))):
        lines += _workload(dice, f"{dice.choice(_APPS)}-{number}-{index}")
    return "\n".join(lines) + "\n"


def _workload(dice: random.Random, name: str) -> Iterator[str]:
    kind = dice.choice(_KINDS)
    yield f"  - kind: {kind}"
    yield f"    name: {name}"
    if kind != "DaemonSet":
        yield f"    replicas: {dice.randrange(1, 16)}"
    cpu, memory = dice.randrange(len(_CPU) - 1), dice.randrange(len(_MEMORY) - 1)
    yield from _resources("requests", _CPU[cpu], _MEMORY[memory])
    if dice.random() < 3 / 4:
        yield from _resources("limits", _CPU[cpu + 1], _MEMORY[memory + 1])
    if kind == "Deployment" and dice.random() < 1 / 2:
        yield "    hpa:"
        yield f"      min: {dice.randrange(1, 5)}"
        yield f"      max: {dice.randrange(5, 21)}"
        yield f"      targetCPU: {dice.randrange(50, 91)}"


def _resources(name: str, cpu: str, memory: str) -> Iterator[str]:
    yield f"    {name}:"
    yield f'      cpu: "{cpu}"' if cpu.isdigit() else f"      cpu: {cpu}"
    yield f"      mem: {memory}"


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    repository(Path(sys.argv[1]), int(sys.argv[2]))
