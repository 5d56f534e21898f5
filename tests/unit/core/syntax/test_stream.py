"""Reading manifests: bounded before anything is built, and as kustomize reads them."""

import sys

import pytest

from infra_scale.core.syntax import limits
from infra_scale.core.syntax.stream import Fault, Stream, read_stream
from support.pure import source


def _read(content: str | bytes) -> Stream:
    return read_stream(source(content, "apps/web.yaml"))


def _value(text: str) -> object:
    documents, fault = _read(text)
    assert fault is None
    (document,) = documents
    return document


def _fault(content: str | bytes) -> Fault:
    documents, fault = _read(content)
    assert documents == ()
    assert fault is not None
    assert fault.help
    return fault


_LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
)
_CHAIN = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 200))
_MANY_KEYS = ", ".join(f"k{n}: v" for n in range(2000))

_TOO_MUCH = {
    "brackets": ("[" * 100_000, "nested more than 100 levels deep"),
    "braces": ("{a: " * 50_000, "nested more than 100 levels deep"),
    "dashes": ("- " * 100_000, "nested more than 100 levels deep"),
    "indentation": ("".join(f"{' ' * n}a:\n" for n in range(800)), "nested more than 100 levels deep"),
    "aliases of aliases": (_LAUGHS, "aliases that expand to more than 1000000 values"),
    "a chain of aliases": (_CHAIN, "nested more than 100 levels deep"),
    "merge keys of a large mapping": (
        f"p: &p {{{_MANY_KEYS}}}\nq: [{', '.join(['{<<: *p}'] * 1000)}]\n",
        "aliases that expand to more than 1000000 values",
    ),
    "documents": ("---\n" * 20_000, "more than 10000 documents in one file"),
    "tag directives": ("%TAG !a! tag:b\n" * 60_000, "a directive (a line that begins with %)"),
    "keys that are not text": ("? " * 100_000, "a key that is not text"),
}


@pytest.mark.parametrize(("text", "what"), _TOO_MUCH.values(), ids=_TOO_MUCH.keys())
def test_what_would_grow_or_recurse_without_end_is_one_fault(text: str, what: str) -> None:
    assert _fault(text).what == what


def test_as_many_levels_as_are_allowed_are_read_also_near_the_end_of_the_stack() -> None:
    deepest = limits.MAX_MANIFEST_DEPTH

    assert _read("[" * deepest + "]" * deepest).fault is None
    assert _fault("[" * (deepest + 1) + "]" * (deepest + 1)).position[:2] == (1, deepest + 1)
    assert sys.getrecursionlimit() > 5 * deepest


def test_aliases_are_shared_and_not_copied() -> None:
    value = _value("a: &a {b: c}\nd: [*a, *a]\n")

    assert isinstance(value, dict)
    assert value["d"][0] is value["a"]


_CYCLES = ["&a [*a]", "&a {b: *a}", "&a {<<: *a}", "a: &a [b, {c: [*a]}]", "&a {? *a : b}"]


@pytest.mark.parametrize("text", _CYCLES)
def test_an_alias_inside_what_it_names_is_a_fault(text: str) -> None:
    assert "alias `*a` inside what it names" in _fault(text).what or "not text" in _fault(text).what


_FAULTS = {
    "a: [": ("not valid YAML", (1, 5)),
    "a: *b": ("alias `*b` without an anchor before it", (1, 4)),
    "a: &b c\n---\nd: *b\n": ("alias `*b` without an anchor before it", (3, 4)),
    "a: 1\nb: 2\na: 3\n": ("duplicate key `a`", (3, 1)),
    "a: {b: {c: 1, c: 1}}\n": ("duplicate key `c`", (1, 15)),
    "? [a]\n: b\n": ("a key that is not text", (1, 3)),
    "? {a: b}\n: b\n": ("a key that is not text", (1, 3)),
    "a: &b c\nd: {*b : e}\n": ("a key that is not text", (2, 5)),
    "a:\n\tb: c\n": ("not valid YAML: found character that cannot start any token", (2, 1)),
    "%YAML 1.1\n---\na: b\n": ("a directive", (1, 1)),
    "a: b\n...\nc: d\n": ("not valid YAML: did not find expected <document start>", (3, 1)),
    "a: b\r---\rc: d\r": ("a document that kustomize ignores", (2, 1)),
    "a: b\n--- {c: d}\n": ("text after `---`", (2, 5)),
    "a: {b: !!s, c: d}\n": ("tag `tag:yaml.org,2002:s`, which readers end", (1, 8)),
    "a: !!s'x y\n": ("tag `tag:yaml.org,2002:s'x`, which readers end", (1, 4)),
    "a: !!binary '*'\n": ("`!!binary` without base64 text", (1, 4)),
    "a: b\x7f\n": ("control character U+007F", (1, 5)),
    "a: \0\n": ("control character U+0000", (1, 4)),
    'a: "\\ud83d\\ude00"\n': ("not valid YAML: found invalid Unicode character escape code", (1, 7)),
    "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n": ("a Git LFS pointer", (1, 1)),
}


@pytest.mark.parametrize(("text", "what", "place"), [(text, *of) for text, of in _FAULTS.items()])
def test_a_fault_says_what_was_found_and_where(text: str, what: str, place: tuple[int, int]) -> None:
    fault = _fault(text)

    assert fault.what.startswith(what)
    assert fault.position[:2] == place


def test_invalid_utf_8_is_a_fault_at_its_byte() -> None:
    fault = _fault(b"a: b\nc: \xffd\n")

    assert fault.what == "byte 0xff, which is not UTF-8"
    assert fault.position == (2, 4, 1, "c: \ufffdd")


def test_a_lone_surrogate_is_not_utf_8() -> None:
    assert "is not UTF-8" in _fault(b"a: \xed\xa0\x80\n").what


def test_half_a_character_of_utf_16_is_a_fault() -> None:
    assert _fault("a: b".encode("utf-16")[:-1]).what == "UTF-16 with half a character"


def test_a_file_of_which_only_the_beginning_was_kept_is_a_fault() -> None:
    fault = read_stream(source("a: b\n")._replace(size=2_000_000)).fault

    assert fault is not None
    assert fault.what == "it has 2000000 bytes, and at most 5 are read"


def test_a_template_is_recognized() -> None:
    assert "templates are not supported" in _fault("a: b\n{{- if x }}\n").help


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_encoding_that_kustomize_reads_is_read(encoding: str) -> None:
    assert _read("a: ä\r\nb: c\r\n".encode(encoding)).documents == ({"a": "ä", "b": "c"},)


_MERGES = {
    "{<<: {a: 1, b: 2}, b: 3}": {"a": "1", "b": "3"},
    "{b: 3, <<: {a: 1, b: 2}}": {"a": "1", "b": "3"},
    "{<<: [{a: 1, b: 1}, {a: 2, c: 2}], d: 3}": {"a": "1", "b": "1", "c": "2", "d": "3"},
    "{<<: [], a: 1}": {"a": "1"},
    "{<<: {m: {a: 1}}, m: {b: 2}}": {"m": {"b": "2"}},
    "{<<: {a: 1}, a: ~}": {"a": None},
    "{!!merge <<: {a: 1}, b: 2}": {"a": "1", "b": "2"},
}


@pytest.mark.parametrize(("text", "value"), _MERGES.items())
def test_merge_keys_are_read_as_kustomize_reads_them(text: str, value: object) -> None:
    assert _value(f"v: {text}") == {"v": value}


def test_a_merge_key_may_name_a_mapping_that_was_merged_itself() -> None:
    value = _value("p: &p {a: 1, b: 5}\nq: &q {<<: *p, b: 2}\nr: {<<: *q, c: 3}\n")

    assert isinstance(value, dict)
    assert value["r"] == {"a": "1", "b": "2", "c": "3"}
    assert value["p"] == {"a": "1", "b": "5"}


def test_an_alias_means_the_anchor_of_its_name_that_began_last() -> None:
    assert _value("a: &x 1\nb: *x\nc: &x {d: &x 2, e: *x}\nf: *x\n") == {
        "a": "1",
        "b": "1",
        "c": {"d": "2", "e": "2"},
        "f": "2",
    }


@pytest.mark.parametrize(
    "text",
    [
        "{<<: 3}",
        "{<<: }",
        "{<<: [[{a: 1}]]}",
        "{<<: [3]}",
        "{<<: {a: 1}, <<: {b: 2}}",
        "{<<: *list}",
        "{<<: {<<: {a: 1}, b: 2}}",
        "{<<: [{<<: {a: 1}}, {a: 3}]}",
        "{x: &x {<<: *map, b: 1}, <<: *x}",
        "{<<: [*merged, {a: 4}]}",
        "{! <<: {a: 1}}",
        "{!!str <<: {a: 1}}",
        "{'<<': {a: 1}}",
    ],
)
def test_a_merge_key_that_readers_read_differently_or_refuse_is_a_fault(text: str) -> None:
    fault = _fault(f"list: &list [{{a: 1}}]\nmap: &map {{a: 1}}\nmerged: &merged {{<<: *map}}\nv: {text}\n")

    assert "merge key" in fault.what
    assert fault.position.line == 4


_SCALARS = {
    "": None,
    "~": None,
    "null": None,
    "NULL": None,
    "nULL": "nULL",
    "'null'": "null",
    "''": "",
    "yes": "yes",
    "True": "true",
    "010": "8",
    "-010": "-8",
    "08": "8",
    "0o17": "15",
    "0x1F": "31",
    "0b101": "5",
    "0b2": "0b2",
    "1_000": "1000",
    "01000000000000000000000000000000": "1000000000000000000000000000000",
    "0xfffffffffffffffff": "0xfffffffffffffffff",
    "+5": "5",
    "00": "0",
    "1.50": "1.50",
    "+1.5": "1.5",
    "1_0.5": "10.5",
    "012.5": "12.5",
    "1:30": "1:30",
    "2001-01-01": "2001-01-01",
    ".inf": ".inf",
    "9" * 30: "9" * 30,
    "500m": "500m",
    "!!str 010": "010",
    "!!int '010'": "8",
    "!!null ''": None,
    "!!binary aGVsbG8=": "hello",
    "! 12": "12",
    "!local 12": "12",
    "!!python/object/apply:os.system x": "x",
}


@pytest.mark.parametrize(("text", "value"), _SCALARS.items())
def test_a_scalar_is_what_kustomize_takes_it_for(text: str, value: object) -> None:
    assert _value(f"v: {text}\n") == {"v": value}


def test_tags_of_collections_build_nothing_but_mappings_and_lists() -> None:
    assert _value("a: !!set {b, c}\nd: !!omap [e: f]\ng: !!python/object/new:os.system [h]\n") == {
        "a": {"b": None, "c": None},
        "d": [{"e": "f"}],
        "g": ["h"],
    }


def test_documents_are_told_apart_as_kustomize_does() -> None:
    assert _read("# one\na: 1\n--- # two\n---\t\nb: 2\n...\n---\nc: 3\n").documents == (
        {"a": "1"},
        None,
        {"b": "2"},
        {"c": "3"},
    )
    assert _read("").documents == ()
