"""What newcomers write by mistake is met with one finding each: at its place, with the fix."""

import pytest

from infra_scale.core.reading.files import target_files
from infra_scale.model.finding import Finding
from support.pure import compile_one, source

_TOP = "target: prod\nnamespace: shop\nworkloads:\n"
_WEB = f"{_TOP}  - kind: Deployment\n    name: web\n"


def _found(text: str) -> list[Finding]:
    """The errors, and what is said of amounts that are too small or too large."""
    found = compile_one(text).findings
    return [one for one in found if one.severity == "error" or one.rule in ("QTY-005", "QTY-006")]


def _one(text: str) -> Finding:
    (found,) = _found(text)
    return found


def _pointed_at(found: Finding) -> str:
    """The characters above the caret."""
    assert found.position
    start = found.position.column - 1
    return found.position.excerpt[start : start + found.position.length]


_ABSOLUTE = "the absolute number of pods, not a"


@pytest.mark.parametrize(
    ("line", "value", "help"),
    [
        ("replicas: +2", "+2", f"replicas is {_ABSOLUTE} change: write for example 6, not +2"),
        ('replicas: "+2"', '"+2"', f"replicas is {_ABSOLUTE} change: write for example 6, not +2"),
        ("replicas: -1", "-1", f"replicas is {_ABSOLUTE} change: write for example 6, not -1"),
        ("replicas: +50%", "+50%", f"replicas is {_ABSOLUTE} change: write for example 6, not +50%"),
        ("replicas: 70%", "70%", f"replicas is {_ABSOLUTE} percentage: write for example 6, not 70%"),
        ("replicas: x2", "x2", f"replicas is {_ABSOLUTE} factor: write for example 6, not x2"),
        ("replicas: 2x", "2x", f"replicas is {_ABSOLUTE} factor: write for example 6, not 2x"),
        ("parallelism: +2", "+2", f"parallelism is {_ABSOLUTE} change: write for example 4, not +2"),
        ("hpa: {min: +2, max: 4}", "+2", f"min is {_ABSOLUTE} change: write for example 4, not +2"),
        ("hpa: {max: -4}", "-4", f"max is {_ABSOLUTE} change: write for example 12, not -4"),
        ("keda: {max: +4, triggers: [{type: cron, metadata: {}}]}", "+4", "not a change"),
        ("hpa: {max: 4, targetCPU: 70%}", "70%", "write 70"),
        ("hpa: {max: 4, targetCPU: '70 %'}", "'70 %'", "write 70"),
        ("hpa: {max: 4, targetMemory: 70%}", "70%", "write 70"),
        ("hpa: {max: 4, targetCPU: +70}", "+70", "write 70"),
        ("hpa: {max: 4, targetCPU: 0.7}", "0.7", "targetCPU is a percentage: write 70"),
        ("hpa: {max: 4, targetCPU: -70}", "-70", "targetCPU is a percentage: write for example 70"),
        ("replicas: 3.0", "3.0", "write 3"),
        ("replicas: 3 pods", "3 pods", "write 3"),
        ("replicas: 1,000", "1,000", "write 1000"),
        ("replicas: 1_000", "1_000", 'write 1000, or "1_000" in quotes if it is text'),
        ("replicas: 2-4", "2-4", "the bounds of an autoscaler are hpa.min and hpa.max"),
        ("replicas: {min: 2, max: 4}", "{min: 2, max: 4}", "the bounds of an autoscaler belong to `hpa`"),
        ('replicas: "3"', '"3"', "write it without quotes: 3"),
        ("replicas: ${REPLICAS}", "${REPLICAS}", "requests are not templates"),
        ("hpa: true", "true", "write for example `hpa: {min: 4, max: 12, targetCPU: 65}`"),
        ("requests: {cpu: +500m}", "+500m", "write for example 500m, not +500m"),
        ("requests: {cpu: +1}", "+1", "write for example 1, not +1"),
        ('requests: {mem: "+1Gi"}', '"+1Gi"', "write for example 1Gi, not +1Gi"),
        ("limits: {mem: -1Gi}", "-1Gi", "not a change: write 0 or more"),
        ("vpa: {min: {cpu: +1}}", "+1", "write for example 1, not +1"),
        ("requests: {mem: 256}", "256", "a number without a suffix is bytes; write 256Mi"),
        ("requests: {mem: 2}", "2", "a number without a suffix is bytes; write 2Gi or 2Mi"),
        ("limits: {memory: 0.5}", "0.5", "a number without a suffix is bytes; write 0.5Gi or 0.5Mi"),
        ("requests: {cpu: 500}", "500", "write for example 500m, which is half a core"),
        ("requests: {cpu: 2 cores}", "2 cores", "write 2: cpu is counted in cores"),
        ("requests: {cpu: 50%}", "50%", "write an amount such as 500m"),
        ("requests: {cpu: \u2018500m\u2019}", "\u2018500m\u2019", "write 500m without these quotes"),
        ("requests: {cpu: 1, ephemeral-storage: 10}", "ephemeral-storage", "a request only sets cpu and mem"),
        ("requests: {cpu: 1, nvidia.com/gpu: 1}", "nvidia.com/gpu", "a request only sets cpu and mem"),
        ("hpa: {maxReplicas: 4}", "maxReplicas", "did you mean `max`?"),
        ("keda: {maxReplicaCount: 4, triggers: [{type: cron, metadata: {}}]}", "maxReplicaCount", "`max`?"),
        ("hpa: {max:4}", "max:4", "write `max: 4`: a space after the colon"),
        ("hpa: {max: 4, cpu: 70}", "cpu", "did you mean `targetCPU`?"),
        ("replicas: 3\n    maxReplicas: 5", "maxReplicas", "write `hpa: {max: 5}`"),
        ("replicas: 3\n    minReplicaCount: 2", "minReplicaCount", "write `keda: {min: 2}`"),
        ("replicas: 3\n    targetCPUUtilizationPercentage: 70", "targetCPU", "write `hpa: {targetCPU: 70}`"),
        ("replicas: 3\n    metrics: []", "metrics", "write `hpa: {targetCPU: 65}`"),
        ("hpa: {max: 4, scaleTargetRef: {}}", "scaleTargetRef", "select the object"),
        ("instances: 4", "instances", "did you mean `replicas`?"),
        ("resources: {requests: {cpu: 1}}", "resources", "without `resources` around it"),
    ],
)
def test_a_value_that_is_not_what_its_key_takes_gets_the_value_to_write(line: str, value: str, help: str) -> None:
    found = _one(f"{_WEB}    {line}\n".replace("Deployment", "Job" if "parallelism" in line else "Deployment"))

    assert value in _pointed_at(found)
    assert help in found.help


@pytest.mark.parametrize(
    ("text", "key", "help"),
    [
        (f"{_TOP}  -kind: Deployment\n", "-kind", "write `- kind:`"),
        (f"{_TOP}  kind: Deployment\n  name: web\n", "kind: Deployment", "begin each item with `- `"),
        (f"{_WEB}    replicas: 2\n".replace("workloads", "workload"), "workload", "did you mean `workloads`?"),
        (f"{_WEB}    replicas: 2\n".replace("target", "environment"), "environment", "did you mean `target`?"),
        (f"{_WEB}    replicas: 2\n".replace("name:", "Name:"), "Name", "did you mean `name`?"),
        (
            f"{_TOP}  - kind: Job\n  - name: web\n  - replicas: 2\n",
            "name: web",
            "write `name:` and the keys after it below `kind:`",
        ),
        (f"{_TOP}  - kind: Job\n    metadata: {{name: web}}\n    suspend: true\n", "metadata", "write `name` here"),
        (f"{_WEB}    spec: {{replicas: 2}}\n", "spec", "write `replicas` here"),
        (f"owner: @shop\n{_WEB}    replicas: 2\n", "@", "put the value in quotes"),
        (f"autoscaling: false\n{_WEB}    replicas: 2\n", "false", "did you mean `none`?"),
        (f"{_WEB}    requests:\n      - cpu: 500m\n", "cpu: 500m", "write `key: value` lines without `- `"),
    ],
)
def test_a_key_that_is_not_ours_is_named_once(text: str, key: str, help: str) -> None:
    found = _one(text)

    assert key in _pointed_at(found)
    assert help in found.help


def test_a_key_that_stands_for_one_that_is_missing_hides_no_other_fault() -> None:
    found = _found(f"{_WEB}    hpa: {{maxReplicas: 4, min: +2}}\n    requests: {{mem: 1GB}}\n")

    assert [one.rule for one in found] == ["SCH-002", "SCH-003", "QTY-002"]


@pytest.mark.parametrize(
    ("text", "place", "message", "help"),
    [
        (f"{_TOP}  -kind: Deployment\n    name: web\n", (4, 3), "`-kind` has no space after its dash", "`- kind:`"),
        (f"{_TOP}-kind: Deployment\n name: web\n", (4, 1), "`-kind` has no space after its dash", "`- kind:`"),
        (f"{_WEB}    replicas: 2\n  -kind: Job\n", (7, 3), "`-kind` has no space after its dash", "`- kind:`"),
        (f"{_TOP}  \u2013 kind: Deployment\n    name: web\n", (4, 3), "does not begin an item", "write `- `"),
        (f"{_WEB}    hpa: {{min: 2, max: 4\n    replicas: 2\n", (6, 10), "`{` is never closed", "`}`"),
        (f"{_WEB}    hpa: {{min: 2, max: 4\n", (6, 10), "`{` is never closed", "`}`"),
        (f"{_WEB}    requests: {{cpu: 1\n    limits: {{cpu: 2}}\n", (6, 15), "`{` is never closed", "`}`"),
        ("target: prod\nworkloads: [\n", (2, 12), "`[` is never closed", "`]`"),
        (f"{_WEB}    hpa: {{min: 2, max: 4]\n", (6, 25), "`]` cannot close the `{` of line 6, column 10", "`}`"),
        (f"{_WEB}    hpa: {{min: 2, max: 4}}}}\n", (6, 26), "`}` closes no bracket", "delete it"),
        (f'target: "prod\n{_WEB[13:]}', (1, 9), 'this quote (") is not closed', 'write " at the end'),
        (f"{_TOP}  - kind: Deployment\n    name: 'web\n    replicas: 2\n", (5, 11), "this quote (')", "write '"),
        (f'target: "prod\nnamespace: "shop"\n{_TOP[29:]}', (1, 9), 'this quote (")', 'write "'),
        (f"{_WEB}    replicas:2\n", (6, 13), "`replicas:` has no space after its colon", "`replicas: 2`"),
        ("target:prod\nworkloads: []\n", (1, 7), "`target:` has no space after its colon", "`target: prod`"),
        (f"{_WEB}    replicas = 2\n", (6, 13), "`replicas` is followed by no colon", "`replicas: 2`"),
        (f"{_WEB}    replicas 2\n", (6, 13), "a key without its colon", "`replicas: 2`"),
        (f"{_WEB}   replicas: 2\n", (6, 4), "indented by 3, where the lines around it ask for 4", "column 5"),
        (f"{_WEB}     replicas: 2\n", (6, 6), "indented by 5, where the lines around it ask for 4", "column 5"),
        ("target: prod\n namespace: shop\n", (2, 2), "indented by 1, where the lines around it ask for 0", "column 1"),
        (f"{_WEB}\treplicas: 2\n", (6, 1), "a tab where YAML requires spaces", "indent with spaces"),
        (f"```yaml\n{_WEB}    replicas: 2\n```\n", (1, 1), "a Markdown code fence", "delete the lines"),
        (f"{_WEB}{{{{ if .Values.big }}}}\n    replicas: 2\n", (6, 1), "a template", "requests are not templates"),
        (f"{_WEB}    replicas: {{{{ .Values.n }}}}\n", (6, 16), "a template (`{{`)", "requests are not templates"),
        ("target:\xa0prod\nworkloads: []\n", (1, 8), "no-break space (U+00A0)", "normal space"),
        ("target:\xa0prod\n", (1, 8), "no-break space (U+00A0)", "normal space"),
        (f"{_TOP}\xa0\xa0- kind: Deployment\n    name: web\n", (4, 1), "no-break space (U+00A0)", "replace it"),
        (f"{_TOP}  - kind: Deployment\n \xa0  name: web\n", (5, 2), "no-break space (U+00A0)", "replace it"),
        (f"{_WEB}    replicas:\xa02\n", (6, 14), "no-break space (U+00A0)", "replace it"),
        (f"{_WEB}    replicas: 2\xa0\n", (6, 16), "no-break space (U+00A0)", "replace it"),
        (f"{_WEB}    replicas:\u20032\n", (6, 14), "em space (U+2003)", "replace it"),
        ("target:\u3000prod\nworkloads: []\n", (1, 8), "ideographic space (U+3000)", "replace it"),
    ],
)
def test_what_yaml_stumbles_over_is_shown_where_it_was_written(
    text: str, place: tuple[int, int], message: str, help: str
) -> None:
    found = _one(text)

    assert found.position
    assert (found.position.line, found.position.column) == place
    assert message in found.message
    assert help in found.help


@pytest.mark.parametrize(
    "line",
    ['reason: "Lancement\xa0: deux\xa0fois"', "reason: Lancement\xa0du\xa0site", "# Attention\xa0: deux fois"],
)
def test_an_odd_space_in_a_sentence_is_welcome(line: str) -> None:
    assert _found(f"{line}\n{_WEB}    replicas: 2\n") == []


def test_a_request_among_the_targets_is_one_finding() -> None:
    text = f"{_WEB}    replicas: 2\n"

    found = [one for one in compile_one(text, prod="{}\n", web=text).findings if one.severity == "error"]

    assert [(one.rule, one.path) for one in found] == [("SCH-010", "ops/targets/web.yaml")]
    assert "move it to requests/" in found[0].help


def test_a_target_with_another_suffix_is_told_its_name() -> None:
    (found,) = target_files([source("{}\n", "ops/targets/Prod.yml")])[1]

    assert "rename it to ops/targets/prod.yaml" in found.help
