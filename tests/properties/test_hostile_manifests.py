"""Whatever stands in kustomizations and manifests, a request ends in a plan or in findings: never in an exception."""

import json

from hypothesis import given
from hypothesis import strategies as st

from infra_scale.core.compiling.context import Context
from support.amounts import examples
from support.pure import SCHEMAS, compile, source

_KEYS = st.sampled_from(
    [
        "resources",
        "components",
        "patches",
        "replicas",
        "name",
        "count",
        "target",
        "patch",
        "path",
        "kind",
        "op",
        "value",
        "spec",
        "metadata",
        "template",
        "containers",
        "namePrefix",
        "nameSuffix",
        "namespace",
        "patchesStrategicMerge",
        "patchesJson6902",
        "labelSelector",
        "scaleTargetRef",
        "items",
    ]
)
_TEXTS = st.sampled_from(
    [
        "web",
        "web.yaml",
        "../base",
        "p.json",
        "../../ops/rendered/infra-scale/a/shop",
        "../../ops/rendered/infra-scale",
        "a: [",
        "Deployment",
        "(w.*|api)",
        '[{"op": "add", "path": "/spec/replicas", "value": 3}]',
        "kind: Deployment\nmetadata: {name: web}\nspec: {replicas: 2}\n",
    ]
)
_LEAVES = st.none() | st.booleans() | st.integers(-3, 9) | _TEXTS | st.text(max_size=5)
_VALUES = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=5), max_leaves=25
)
_KUSTOMIZATIONS = st.dictionaries(_KEYS, _VALUES, max_size=8)
_REQUEST = """\
target: prod
namespace: shop
workloads:
  - {kind: Deployment, name: web, replicas: 2, requests: {cpu: 1}}
  - {kind: CronJob, name: web, suspend: true}
"""


@given(_KUSTOMIZATIONS, _KUSTOMIZATIONS, _VALUES)
@examples(500)
def test_arbitrary_kustomizations_end_in_a_plan_or_findings(over: object, base: object, other: object) -> None:
    files = {"over/kustomization.yaml": over, "base/kustomization.yaml": base, "base/web.yaml": other, "p.json": other}
    target = source("clusters: [{name: a}]\nmanifests: [apps]\n", "ops/targets/prod.yaml")
    manifests = tuple(source(json.dumps(content), f"apps/{path}") for path, content in files.items())

    compilation = compile([source(_REQUEST)], Context(SCHEMAS, targets=(target,), manifests=manifests))

    assert bool(compilation.plans) == compilation.is_valid
