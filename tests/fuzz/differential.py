"""What we accept, held against other readers: PyYAML's own scanner, ruamel.yaml, and kustomize."""

import re
import subprocess
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError as RuamelError

from fuzz.inputs import either, mutations, words
from infra_scale.core.syntax.scalars import DecimalText
from infra_scale.core.syntax.stream import read_stream
from infra_scale.core.syntax.yaml import parse
from infra_scale.model.source import Source
from support.amounts import HANGS
from support.kustomize import KUBECTL

_SMALL = (
    b"target: prod\nworkloads:\n  - kind: Deployment\n    name: web\n    replicas: 6\n",
    b"a: b\nc: {d: [e, 'f', \"g\"], h: 1}\n",
    b'a: |\n  b\n  c\nd: >-\n  e\n\n  f\ng: "h\n  i"\n',
    b"- 1\n- 0.5\n- [a, b]\n- {c: d}\n- null\n- true\n",
    b"? a\n: b\n'c d': e # f\n\"g\\n\": h\n",
)
requests = mutations(_SMALL, words("yaml"))
"""Small documents: the other readers are slow."""


def other_readers(content: bytes) -> bool:
    """What we accept, PyYAML's own scanner and ruamel.yaml read as the same value."""
    document, findings = parse(Source("requests/web.yaml", content, len(content)))
    if document is None or findings:
        return False
    text = content.decode("utf-8")
    assert _is_same(document.value, yaml.load(text, Loader=yaml.SafeLoader)), "PyYAML"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            other = YAML(typ="safe", pure=True).load(text)
        except RuamelError as error:
            message = f"ruamel.yaml: {error}"
            raise AssertionError(message) from error
    assert _is_same(document.value, other), "ruamel.yaml"
    return True


def _is_same(ours: Any, theirs: Any) -> bool:  # noqa: ANN401 (values of YAML)
    if isinstance(ours, dict):
        return isinstance(theirs, dict) and [*ours] == [*theirs] and all(map(_is_same, ours.values(), theirs.values()))
    if isinstance(ours, list):
        return isinstance(theirs, list) and len(ours) == len(theirs) and all(map(_is_same, ours, theirs))
    if isinstance(ours, DecimalText):  # a number to YAML 1.2, and to YAML 1.1 sometimes its text: see syntax/yaml.py
        return theirs == ours.text or (not isinstance(theirs, bool | str) and float(theirs) == float(ours))
    return type(ours) is type(theirs) and ours == theirs


_DATA = (
    b"data: {a: b, c: '1', d: [e, {f: g}]}\n",
    b"x: &x {a: 1, b: 2}\nz: &z {<<: *x, b: 3}\ndata: {<<: [*z, {c: 4}], d: *x}\n",
    b'data:\n  a: |\n    b\n    c\n  d: >-\n    e\n    f\n  g: "h\n    i"\n',
    b"data: {a: 010, b: 0x1F, c: 1_000, d: ~, e: yes, f: 1e3, g: !!str 1, h: 2001-01-01}\n",
    b"items: &i [{a: b}]\ndata: {c: *i, <<: {d: e}, <f: g}\n",
)
fragments = either(mutations(_DATA, words("yaml")), mutations(_DATA, words("merge")))
"""What comes after the head of a ConfigMap."""

_HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: n%d}\n"


def kustomize(contents: Sequence[bytes]) -> int:
    """What we read of a manifest is what kustomize builds of it, where it builds it."""
    read = {number: value for number, content in enumerate(contents) if (value := _read(_HEAD % number, content))}
    _compare(contents, read)
    return len(read)


def _read(head: str, content: bytes) -> dict[str, Any] | None:
    whole = head.encode() + content
    documents, fault = read_stream(Source("n.yaml", whole, len(whole)))
    if fault or len(documents) != 1 or not isinstance(documents[0], dict):
        return None
    is_ours = documents[0].get("kind") == "ConfigMap" and documents[0].get("apiVersion") == "v1"
    return documents[0] if is_ours and documents[0]["metadata"] == {"name": head.split("name: ")[1][:-2]} else None


def _compare(contents: Sequence[bytes], read: dict[int, dict[str, Any]]) -> None:
    """Together, and in halves where kustomize refuses the whole: what it refuses by itself does nobody harm."""
    built = _build({number: (_HEAD % number).encode() + contents[number] for number in read})
    if built is not None:
        for number, ours in read.items():
            assert _plain(ours) == _plain(built.get(f"n{number}")), f"kustomize builds {built.get(f'n{number}')}"
    elif len(read) > 1:
        numbers = [*read]
        for half in (numbers[::2], numbers[1::2]):
            _compare(contents, {number: read[number] for number in half})


def _build(files: dict[int, bytes]) -> dict[str, dict[str, Any]] | None:
    with tempfile.TemporaryDirectory() as folder:
        for number, content in files.items():
            (Path(folder) / f"n{number}.yaml").write_bytes(content)
        listed = ", ".join(f"n{number}.yaml" for number in files)
        (Path(folder) / "kustomization.yaml").write_text(f"resources: [{listed}]\n", encoding="utf-8")
        done = subprocess.run([KUBECTL, "kustomize", folder], capture_output=True, check=False, timeout=HANGS)
    if done.returncode:
        return None
    documents, fault = read_stream(Source("built.yaml", done.stdout, len(done.stdout)))
    assert fault is None, fault
    return {one["metadata"]["name"]: one for one in documents if isinstance(one, dict)}


def _plain(value: object) -> object:
    """Without what differs only in how it is written: numbers, null and empty text, white space, days."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    text = " ".join(str(value or "").split())  # go-yaml writes a folded text with other line ends than it has read
    if _DAY.match(text):
        return "a day"
    try:
        return float(text)
    except ValueError:
        return text


_DAY = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?![0-9])")
