"""Whatever stands in a request file, the answer is a plan or findings: never an exception."""

import json
from typing import Any

import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from support.amounts import examples
from support.pure import compile_one

_WORDS = st.sampled_from(
    [
        "target",
        "namespace",
        "workloads",
        "kind",
        "name",
        "replicas",
        "requests",
        "limits",
        "cpu",
        "mem",
        "memory",
        "hpa",
        "min",
        "max",
        "targetCPU",
        "autoscaling",
        "owner",
        "reason",
        "container",
        "apiVersion",
    ]
)
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(
        ["prod", "Deployment", "DaemonSet", "web", "500m", "1Gi", "1e999", "9" * 5000, "-1", "hpa", "none", "on"]
    )
)
_TREES: st.SearchStrategy[Any] = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(_WORDS | st.text(), inner, max_size=6),
    max_leaves=30,
)
_QUANTITY = st.sampled_from(["1", "500m", "1Gi", "0.5", "1e3", "12E", "1.7Gi", "-1", "m", ""]) | st.text(max_size=6)
_RESOURCES = st.dictionaries(st.sampled_from(["cpu", "mem", "memory"]), _QUANTITY | _SCALARS, max_size=3)
_WORKLOADS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["Deployment", "StatefulSet", "ReplicaSet", "DaemonSet", "Job"]),
        "name": st.sampled_from(["web", "api", "a.b", "-", "web\n"]),
    },
    optional={
        "replicas": st.integers(-1, 30) | _SCALARS,
        "container": _SCALARS,
        "requests": _RESOURCES,
        "limits": _RESOURCES,
        "hpa": st.dictionaries(st.sampled_from(["min", "max", "targetCPU"]), st.integers(0, 20) | _SCALARS),
    },
)
_NEARLY_REQUESTS = st.fixed_dictionaries(
    {"target": st.just("prod"), "workloads": st.lists(_WORKLOADS, max_size=4)},
    optional={
        "namespace": st.sampled_from(["default", "assistant", "A"]),
        "autoscaling": st.sampled_from(["hpa", "none", "vpa"]),
        "owner": _SCALARS,
        "reason": st.text(),
    },
)


def _ends_in_a_plan_or_findings(content: bytes) -> None:
    compilation = compile_one(content)

    refused = [finding for finding in compilation.findings if finding.severity == "error"]
    assert bool(compilation.plans) != bool(refused)
    assert all(finding.position is not None for finding in compilation.findings)
    assert len(compilation.files) == 2 * len(compilation.plans)


@given(st.integers(40, 300), st.sampled_from(["six", "[]", "{}", "null", "1.5"]))
@examples(20)
def test_any_number_of_faults_ends_in_findings(count: int, value: str) -> None:
    workloads = "".join(f"  - {{kind: Deployment, name: w{number}, replicas: {value}}}\n" for number in range(count))
    _ends_in_a_plan_or_findings(f"target: prod\nworkloads:\n{workloads}".encode())


@example(50, "six")
@given(st.integers(1, 110), st.sampled_from(["six", "[]", "{}", "null", "1.5"]))
@examples(30)
def test_any_number_of_misspelt_keys_before_a_fault_ends_in_findings(count: int, value: str) -> None:
    workloads = "".join(f"  - {{kind: Deployment, name: w{number}, replcas: 1}}\n" for number in range(count))
    last = f"  - {{kind: Deployment, name: last, replicas: {value}, hpa: {{}}}}\n"
    _ends_in_a_plan_or_findings(f"target: prod\nworkloads:\n{workloads}{last}".encode())


@given(st.binary(max_size=400))
@examples(300)
def test_arbitrary_bytes_end_in_a_plan_or_findings(content: bytes) -> None:
    _ends_in_a_plan_or_findings(content)


@given(st.text(alphabet=st.sampled_from("ab:- \n\t{}[],'\"&*!|>%@`#?<=~.0123456789\\"), max_size=200))
@examples(500)
def test_arbitrary_yaml_punctuation_ends_in_a_plan_or_findings(text: str) -> None:
    _ends_in_a_plan_or_findings(text.encode())


@given(_TREES)
@examples(300)
def test_arbitrary_yaml_structures_end_in_a_plan_or_findings(tree: object) -> None:
    _ends_in_a_plan_or_findings(yaml.safe_dump(tree, allow_unicode=True).encode("utf-8", "surrogatepass"))


@given(_NEARLY_REQUESTS)
@examples(500)
def test_requests_with_arbitrary_values_end_in_a_plan_or_findings(tree: object) -> None:
    _ends_in_a_plan_or_findings(json.dumps(tree).encode())


@given(_NEARLY_REQUESTS)
@examples(200)
def test_a_plan_that_is_read_back_says_what_was_asked(tree: dict[str, Any]) -> None:
    compilation = compile_one(json.dumps(tree).encode())

    for plan in compilation.plans:
        content = compilation.files["ops/plans/infra-scale/prod/web/plan.yaml"]
        read = yaml.safe_load(content)
        assert read["metadata"]["target"] == tree["target"]
        assert len(read["actions"]) == len(plan.actions)
        scaled = [action["to"] for action in read["actions"] if action["action"] == "scale_workload"]
        assert scaled == [
            int(workload["replicas"]) for workload in tree["workloads"] if workload.get("replicas") is not None
        ]
