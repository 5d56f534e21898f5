"""Small kustomizations whose build is known: each stands for a rule that readers of YAML get wrong."""

from types import MappingProxyType
from typing import NamedTuple

from support.builds import Texts

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  template:
    spec:
      containers: [{name: a, image: a}, {name: b, image: b}]
"""
HPA = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 1
  maxReplicas: 5
  metrics:
  - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}
  - {type: Resource, resource: {name: memory, target: {type: Utilization, averageUtilization: 50}}}
"""
_COMPONENT = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"


class Case(NamedTuple):
    """A folder `app` to build, and files beside it."""

    kustomization: str
    more: Texts = MappingProxyType({})

    @property
    def files(self) -> dict[str, str]:
        """All its files."""
        return {"app/web.yaml": WEB, "app/kustomization.yaml": self.kustomization, **self.more}


def patching(patch: str, target: str = "", *, head: str = "resources: [web.yaml]") -> str:
    """A kustomization with one patch in it."""
    block = "\n".join(f"    {line}" for line in patch.splitlines())
    return f"{head}\npatches:\n- patch: |\n{block}\n" + (f"  target: {target}\n" if target else "")


def of_containers(items: str, *, metadata: str = "{name: web}") -> str:
    """A merge patch of the containers of the Deployment."""
    return (
        f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {metadata}\n"
        f"spec: {{template: {{spec: {{containers: {items}}}}}}}"
    )


def of_replicas(count: str, *, metadata: str = "{name: web}") -> str:
    """A merge patch of the replicas of the Deployment."""
    return f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {metadata}\nspec: {{replicas: {count}}}"


def _base(kustomization: str, file: str = WEB, *, folder: str = "base") -> dict[str, str]:
    return {f"{folder}/kustomization.yaml": kustomization, f"{folder}/web.yaml": file}


_IN_ONE = WEB.replace("{name: web}", "{name: web, namespace: one}")
_IN_DEFAULT = "{kind: Deployment, name: web, namespace: default}"
_PREFIXED = {
    **_base("resources: [web.yaml]\nnamePrefix: a-\n", folder="inner"),
    "base/kustomization.yaml": "resources: [../inner]\nnamePrefix: b-\n",
}
_ROLLOUT = WEB.replace("apps/v1", "argoproj.io/v1alpha1").replace("kind: Deployment", "kind: Rollout")
_SCALED = """\
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: web}
spec: {scaleTargetRef: {name: web}}
"""
_BUDGETS = """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: labels}
spec: {selector: {matchLabels: {app: web}}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: expressions}
spec: {selector: {matchExpressions: [{key: app, operator: Exists}]}}
"""
_TWINS = {"twin/kustomization.yaml": "resources: [web.yaml]\nnamePrefix: p-\n", "twin/web.yaml": WEB}
_TWIN_HEAD = "resources: [../twin, web.yaml]"

CASES: dict[str, Case] = {
    "limits of the second container": Case(patching(of_containers("[{name: b, resources: {limits: {cpu: 1}}}]"))),
    "a new container": Case(patching(of_containers("[{name: c, image: c}]"))),
    "an item that replaces": Case(patching(of_containers("[{name: a, $patch: replace, image: x}]"))),
    "an item that deletes": Case(patching(of_containers("[{name: a, $patch: delete}]"))),
    "null in what is new": Case(patching(of_containers("[{name: a, resources: {requests: null}}]"))),
    "containers of a Rollout": Case(
        patching(
            of_containers("[{name: b}]").replace("apps/v1", "argoproj.io/v1alpha1").replace("Deployment", "Rollout")
        ),
        {"app/web.yaml": _ROLLOUT},
    ),
    "metrics of an HPA": Case(
        patching(
            "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\n"
            "spec: {metrics: [{type: Resource}]}",
            head="resources: [web.yaml, hpa.yaml]",
        ),
        {"app/hpa.yaml": HPA},
    ),
    "the id of the file": Case(
        patching(of_replicas("5"), head="resources: [../base]"), _base("resources: [web.yaml]\nnamespace: one\n")
    ),
    "a namespace in the file alone": Case(
        patching(of_replicas("5"), head="resources: [../base]"), _base("resources: [web.yaml]\n", _IN_ONE)
    ),
    "the namespace of the overlay": Case(
        patching(of_replicas("5", metadata="{name: web, namespace: two}"), head="resources: [../base]\nnamespace: two"),
        _base("resources: [web.yaml]\n"),
    ),
    "a target in namespace default": Case(patching(of_replicas("5"), _IN_DEFAULT)),
    "a target of a part of the name": Case(patching(of_replicas("5"), "{name: we}")),
    "a target with anchors": Case(patching(of_replicas("5"), "{name: ^web$}")),
    "a target by a name in between": Case(
        patching(of_replicas("5"), "{name: a-web}", head="resources: [../base]\nnamePrefix: c-"), _PREFIXED
    ),
    "a merge by a name in between": Case(
        patching(of_replicas("5", metadata="{name: a-web}"), head="resources: [../base]\nnamePrefix: c-"), _PREFIXED
    ),
    "a merge into one of two": Case(patching(of_replicas("5"), head=_TWIN_HEAD), _TWINS),
    "a count of two": Case(f"{_TWIN_HEAD}\nreplicas: [{{name: web, count: 8}}]\n", _TWINS),
    "a Component that renames": Case(
        "resources: [web.yaml]\ncomponents: [../comp]\n",
        {
            "comp/kustomization.yaml": f"{_COMPONENT}namePrefix: c-\nresources: [x.yaml]\n",
            "comp/x.yaml": WEB.replace("{name: web}", "{name: x}"),
        },
    ),
    "a count above a Component": Case(
        "resources: [web.yaml]\ncomponents: [../comp]\nreplicas: [{name: web, count: 4}]\n",
        {"comp/kustomization.yaml": f"{_COMPONENT}replicas: [{{name: web, count: 6}}]\n"},
    ),
    "a patch of what a Component deletes": Case(
        patching(
            "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\nspec: {minReplicas: 2}",
            head="resources: [web.yaml, hpa.yaml]\ncomponents: [../comp]",
        ),
        {
            "app/hpa.yaml": HPA,
            "comp/kustomization.yaml": patching(
                "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\n$patch: delete",
                head=_COMPONENT.rstrip(),
            ),
        },
    ),
    "an HPA beside one in the namespace of the overlay": Case(
        "resources: [web.yaml, hpa.yaml]\ncomponents: [../comp]\nnamespace: prod\n",
        {
            "app/hpa.yaml": HPA,
            "comp/kustomization.yaml": f"{_COMPONENT}resources: [hpa.yaml]\n",
            "comp/hpa.yaml": HPA.replace("{name: web}", "{name: web, namespace: prod}", 1),
        },
    ),
    "an HPA of another kind": Case(
        "resources: [web.yaml, hpa.yaml]\nnamePrefix: p-\n",
        {"app/hpa.yaml": HPA.replace("kind: Deployment", "kind: StatefulSet")},
    ),
    "references that do not follow": Case(
        "resources: [web.yaml, scaled.yaml, hpa.yaml]\nnamePrefix: p-\n",
        {"app/scaled.yaml": _SCALED, "app/web.yaml": _ROLLOUT, "app/hpa.yaml": HPA.replace("Deployment", "Rollout")},
    ),
    "a text in place of the containers that may name others": Case(
        patching("- {op: add, path: /spec/template/spec/containers, value: text}", "{kind: Deployment}")
    ),
    "a replace of what is absent": Case(
        patching("- {op: replace, path: /spec/paused, value: true}", "{kind: Deployment}")
    ),
    "a remove of what is absent": Case(patching("- {op: remove, path: /spec/paused}", "{kind: Deployment}")),
    "a patch that begins with a bracket": Case(
        patching("[{op: add, path: /spec/paused, value: true}]", "{kind: Deployment}")
    ),
    "a late patch": Case(
        "resources: [web.yaml]\nnamespace: shop\nnamePrefix: p-\npatchesJson6902:\n"
        "- target: {version: v1, group: apps, kind: Deployment, name: p-web, namespace: shop}\n"
        '  patch: \'[{"op": "replace", "path": "/spec/replicas", "value": 7}]\'\n'
    ),
    "labels of selectors": Case(
        "resources: [web.yaml, budgets.yaml]\nlabels: [{pairs: {team: a}, includeSelectors: true}]\n",
        {"app/budgets.yaml": _BUDGETS},
    ),
}
"""By what each has. kubectl builds or refuses each exactly as ours does."""
REMOTE = Case(
    patching(
        of_replicas("5", metadata="{name: other}"), head="resources: [web.yaml, 'https://example.invalid/r?ref=v1']"
    )
)
KEYLESS = Case(patching(of_containers("[{image: x}]")))
