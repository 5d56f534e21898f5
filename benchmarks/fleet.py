"""Write a fleet of applications with overlays, and one request: `fleet.py FOLDER N`.

430 applications are 4,732 files with 1,290 kustomizations. Measure `infra-scale compile` in a copy that is a Git
repository.
"""

import sys
from collections.abc import Iterator
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


def main() -> None:
    """Write them below a folder."""
    folder, applications = Path(sys.argv[1]), int(sys.argv[2])
    for path, text in files(applications):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
