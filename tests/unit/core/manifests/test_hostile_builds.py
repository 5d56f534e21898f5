"""Kustomizations that are meant to take for ever, or to end in a traceback."""

import json
import time

import pytest

from infra_scale.core.manifests.build import Build
from infra_scale.core.manifests.outcome import Refused
from support.build_cases import WEB
from support.builds import build

_LIMIT = 5.0
"""Seconds of the processor."""


def _patched(patch: str) -> str:
    entry = {"target": {"kind": "Deployment"}, "patch": patch}
    return json.dumps({"resources": ["web.yaml"], "patches": [entry]})


def _copies() -> str:
    operations = [{"op": "copy", "from": "/spec", "path": f"/spec/c{index}"} for index in range(60)]
    return _patched(json.dumps(operations))


def _replaced(path: str) -> str:
    source = {"kind": "Deployment", "fieldPath": path}
    entry = {"source": source, "targets": [{"select": {"kind": "Deployment"}, "fieldPaths": ["spec.replicas"]}]}
    return json.dumps({"resources": ["web.yaml"], "replacements": [entry]})


@pytest.mark.parametrize(
    "kustomization",
    [
        _copies(),
        _patched(f"{'[' * 100_000}{']' * 100_000}"),
        _patched(f'[{{"op": "remove", "path": "/spec/template/spec/containers/{"9" * 5000}"}}]'),
        _replaced("[" * 200_000),
        _replaced(f"spec.template.spec.containers.{'9' * 5000}"),
        json.dumps({"resources": ["web.yaml"], "patches": [{"patch": "{}", "target": {"name": "(" * 5000}}]}),
        json.dumps({"resources": ["web.yaml"], "images": [{"name": "((((((((a*)*)*)*)*)*)*)*b", "newTag": "1"}]}),
        "resources: [web.yaml]\npatches: [[]]\n",
        "- a\n",
    ],
)
def test_a_hostile_kustomization_ends_soon_in_an_answer(kustomization: str) -> None:
    started = time.process_time()
    found = build({"app/kustomization.yaml": kustomization, "app/web.yaml": WEB})
    assert isinstance(found, (Build, Refused))
    assert time.process_time() - started < _LIMIT
