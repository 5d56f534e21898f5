"""Write a fleet of applications with overlays, and measure compiles of it: `fleet.py FOLDER N`.

430 applications are 4,732 files with 1,290 kustomizations. The rows that it prints belong in README.md.
FOLDER must not exist.
"""

import re
import resource
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

_ENVIRONMENTS = ("prod", "staging")
_NAMESPACES = 20
_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, labels: {{app: {name}}}}}
spec:
  replicas: 3
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec:
      containers:
        - name: {name}
          image: example/{name}:1
          ports: [{{containerPort: 8080, name: http}}]
          env:
            - {{name: A, value: "1"}}
            - {{name: B, valueFrom: {{fieldRef: {{fieldPath: metadata.name}}}}}}
          readinessProbe: {{httpGet: {{path: /ready, port: http}}, periodSeconds: 5}}
          resources: {{requests: {{cpu: 100m, memory: 64Mi}}, limits: {{memory: 128Mi}}}}
"""
_SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {{selector: {{app: {name}}}}}\n"
_ACCOUNT = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: {name}}}\n"
_CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata:\n" + "".join(
    f"  key{number}: value {number}\n" for number in range(20)
)
_BASE = "resources: [deployment.yaml, service.yaml, account.yaml, config.yaml]\n"
_OVERLAY = "namespace: {namespace}\nresources: [../../base, pdb.yaml]\npatches: [{{path: patch.yaml}}]\n"
_BUDGET = """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{name: {name}}}
spec: {{minAvailable: 1, selector: {{matchLabels: {{app: {name}}}}}}}
"""
_PATCH = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec: {{template: {{spec: {{containers: [{{name: {name}, image: "example/{name}:2"}}]}}}}}}
"""
_REQUEST = "target: prod\nnamespace: prod-0\nworkloads: [{kind: Deployment, name: app0, replicas: 5}]\n"


def files(applications: int) -> Iterator[tuple[str, str]]:
    """The paths and texts of the fleet."""
    yield "ops/targets/prod.yaml", "clusters: [{name: c1}]\nmanifests: [apps]\n"
    yield "requests/app0.yaml", _REQUEST
    for number in range(applications):
        name = f"app{number}"
        base = {"deployment": _DEPLOYMENT, "service": _SERVICE, "account": _ACCOUNT, "config": _CONFIG}
        for file, text in base.items():
            yield f"apps/{name}/base/{file}.yaml", text.format(name=name)
        yield f"apps/{name}/base/kustomization.yaml", _BASE
        for environment in _ENVIRONMENTS:
            overlay = f"apps/{name}/overlays/{environment}"
            namespace = f"{environment}-{number % _NAMESPACES}"
            yield f"{overlay}/kustomization.yaml", _OVERLAY.format(namespace=namespace)
            yield f"{overlay}/pdb.yaml", _BUDGET.format(name=name)
            yield f"{overlay}/patch.yaml", _PATCH.format(name=name)


def _request(number: int) -> str:
    return _REQUEST.replace("app0", f"app{number}").replace("prod-0", f"prod-{number % _NAMESPACES}")


def _join_all(folder: Path, applications: int) -> None:
    """A request for each application, which its overlay joins."""
    for number in range(applications):
        (folder / f"requests/app{number}.yaml").write_text(_request(number), encoding="utf-8")
        component = f"../../../../ops/rendered/infra-scale/c1/prod-{number % _NAMESPACES}/deployment-app{number}"
        with (folder / f"apps/app{number}/overlays/prod/kustomization.yaml").open("a", encoding="utf-8") as file:
            file.write(f"components: [{component}]\n")


def _edit(folder: Path) -> None:
    file = folder / "requests/app0.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(r"replicas: (\d+)", lambda old: f"replicas: {int(old[1]) % 90 + 1}", text), encoding="utf-8")


def _forget(folder: Path) -> None:
    _edit(folder)
    shutil.rmtree(folder / ".artifacts", ignore_errors=True)


def _start_over(folder: Path) -> None:
    _forget(folder)
    for generated in ("ops/plans", "ops/rendered"):
        shutil.rmtree(folder / generated, ignore_errors=True)


def _edit_manifest(folder: Path) -> None:
    _edit(folder)
    with (folder / "apps/app0/base/config.yaml").open("a", encoding="utf-8") as file:
        file.write("# edited\n")


def _measured(folder: Path, prepare: Callable[[Path], None], *arguments: str, rounds: int = 9) -> str:
    """The median processor time in milliseconds, with minimum and maximum."""
    program, times = Path(sys.executable).parent / "infra-scale", []
    for _ in range(rounds):
        prepare(folder)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([program, *arguments], cwd=folder, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime))
    return f"{statistics.median(times):,.0f} ({min(times):,.0f} to {max(times):,.0f})"


def main() -> None:
    """Write the fleet, measure, and print the rows."""
    folder, applications = Path(sys.argv[1]), int(sys.argv[2])
    for path, text in files(applications):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    print("| one request, cold |", _measured(folder, _forget, "compile"), "|")
    print("| the same with `--no-cache` |", _measured(folder, _edit, "compile", "--no-cache"), "|")
    for _ in range(2):  # the first run of a clone caches nothing of manifests
        _measured(folder, _edit, "compile", rounds=1)
    print("| one request edited |", _measured(folder, _edit, "compile"), "|")
    print("| one request and one manifest edited |", _measured(folder, _edit_manifest, "compile"), "|")
    print("| `validate` of the edited request |", _measured(folder, _edit, "validate", "requests/app0.yaml"), "|")
    _join_all(folder, applications)
    several = _measured(folder, _start_over, "compile", "--jobs", "1", rounds=3)
    print(f"| {applications} requests that overlays join, cold, one process |", several, "|")


if __name__ == "__main__":
    main()
