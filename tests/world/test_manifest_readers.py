"""What we read of a manifest is what the real kustomize builds of it, or the file is said not to be read."""

import subprocess
from pathlib import Path

import pytest

from infra_scale.core.syntax.stream import read_stream
from support.amounts import HANGS
from support.kustomize import KUBECTL
from support.pure import source

_HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME}\n"

_READ = {
    "merge": "data: {<<: {a: 1, b: 2}, b: 3}\n",
    "merge-before": "data: {b: 3, <<: {a: 1, b: 2}}\n",
    "merge-list": "data: {<<: [{a: 1, b: 1}, {a: 2, c: 2}], d: 3}\n",
    "merge-empty": "data: {<<: [], a: 1}\n",
    "merge-shallow": "data: {<<: {m: {a: 1}}, m: {b: 2}}\n",
    "merge-alias": "x: &x {a: 1, k: 1}\nz: &z {a: 2, y: 2}\ndata: {<<: [*x, *z], y: 3}\n",
    "merge-of-merged": "x: &x {a: 1, b: 5}\nz: &z {<<: *x, b: 2}\ndata: {<<: *z, c: 1}\n",
    "merge-list-of-merged": "x: &x {a: 1, c: 2}\nz: &z {<<: *x, b: 3}\ndata: {<<: [{c: 4}, *z]}\n",
    "merge-below": "x: &x {a: {b: 1}}\ndata: {<<: {m: {<<: *x, q: 1}}, c: 1}\n",
    "merge-block": "data:\n  <<:\n    a: 1\n  b: 2\n",
    "merge-tag": "data: {!!merge <<: {a: 1}, b: 2}\n",
    "merge-null": "data: {<<: {a: 1, b: ~}, a: ~}\n",
    "anchor-again": "x: &x {a: 1}\nz: *x\nw: &x {a: 2}\ndata: {<<: *x, b: *x}\n",
    "anchor-inside": "x: &x {a: &x 1, b: *x}\ndata: {c: *x}\n",
    "whole-numbers": "data: {a: 0x1F, b: -010, c: +5, d: 0b101, e: 0o17, f: 1_0, g: 08}\n",
    "odd-numbers": "data: {a: 0_8, b: 00, c: 0b2, d: 018, e: 1__0, f: -0x1F, g: +010}\n",
    "numbers": "data: {a: 1e3, b: 1.5, c: .5, d: 1., e: 1_0.5, g: 0.10, h: -1.5e-3, i: +1.5, j: 12e03}\n",
    "nulls": "data: {b: ~, c: null, d: NULL, f: nULL, g: 'null'}\n",
    "words": "data: {a: true, b: True, d: tRUE, e: yes, f: on, g: y, h: 1:30}\n",
    "tags": "data: {a: !!str 010, b: !!int '010', c: !local 12, d: !!binary aGVsbG8=, e: ! 12, f: !!set {a: b}}\n",
    "folded": "data: {a: \"b\n\tc\", d: 'e\n\n  f'}\n",
    "windows": "data:\r\n  a: b\r\n  c: |\r\n    d\r\n",
    "next-line": "data: {a: b\x85c}\n",
}
_LISTS = {
    "one": "kind: List\nitems: [{apiVersion: v1, kind: ConfigMap, metadata: {name: i}}]\n",
    "any": "kind: AnyList\nitems: [{apiVersion: v1, kind: ConfigMap, metadata: {name: j}}]\n",
}
_REFUSED = {
    "merge of a number": "data: {<<: 3}\n",
    "merge of nothing": "data: {<<: }\n",
    "merge of lists": "data: {<<: [[{a: 1}]]}\n",
    "merge of an alias to a list": "x: &x [{a: 1}]\ndata: {<<: *x}\n",
    "two merges": "data: {<<: {a: 1}, <<: {b: 1}}\n",
    "duplicate key": "data: {a: 1, a: 2}\n",
    "duplicate key of the object": "kind: ConfigMap\n",
    "unknown alias": "data: *x\n",
    "key that is a list": "data: {? [a] : b}\n",
    "key that is a mapping": "data: {? {a: 1} : b}\n",
    "tab": "data:\n\ta: b\n",
    "control character": "data: {a: \x7f}\n",
    "escaped surrogates": 'data: {a: "\\ud83d\\ude00"}\n',
    "text after a separator": "--- {a: b}\n",
    "base64": "data: {a: !!binary '*'}\n",
}


def _built(folder: Path, files: dict[str, bytes]) -> subprocess.CompletedProcess[bytes]:
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (folder / "kustomization.yaml").write_text(f"resources: [{', '.join(files)}]\n", encoding="utf-8")
    return subprocess.run([KUBECTL, "kustomize", folder], capture_output=True, check=False, timeout=HANGS)


def _plain(value: object) -> object:
    """With one form for a number that has several."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


def test_what_is_read_is_what_kustomize_builds(tmp_path: Path) -> None:
    files = {f"{name}.yaml": f"{_HEAD.replace('NAME', name)}{rest}".encode() for name, rest in _READ.items()}
    files["bom.yaml"] = _HEAD.replace("NAME", "bom").encode("utf-8-sig")
    files["utf-16.yaml"] = _HEAD.replace("NAME", "utf-16").encode("utf-16")

    done = _built(tmp_path / "read", files)

    assert done.returncode == 0, done.stderr
    built = {one["metadata"]["name"]: one for one in read_stream(source(done.stdout)).documents}  # type: ignore[index]
    for name, content in files.items():
        (ours,), fault = read_stream(source(content))
        assert fault is None
        assert _plain(ours) == _plain(built[name.removesuffix(".yaml")])


def test_lists_are_what_kustomize_takes_for_lists(tmp_path: Path) -> None:
    done = _built(
        tmp_path / "lists", {f"{name}.yaml": f"apiVersion: v1\n{text}".encode() for name, text in _LISTS.items()}
    )

    built = [one["metadata"]["name"] for one in read_stream(source(done.stdout)).documents]  # type: ignore[index]
    assert built == ["i", "j"]


@pytest.mark.parametrize("name", _REFUSED)
def test_what_kustomize_refuses_is_not_read(tmp_path: Path, name: str) -> None:
    content = f"{_HEAD.replace('NAME', 'web')}{_REFUSED[name]}".encode()

    assert read_stream(source(content)).fault is not None
    assert _built(tmp_path / "refused", {"web.yaml": content}).returncode != 0
