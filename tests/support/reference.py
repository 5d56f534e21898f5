"""The reference pages of docs/, as the schemas and the commands' parsers have it."""

import argparse
import json
import re
import textwrap
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any, NamedTuple

from infra_scale.cli import exit_codes
from infra_scale.cli.help_text import section_lines
from infra_scale.cli.main import COMMANDS
from infra_scale.cli.options import CommandParser
from support.repository import CHECKOUT

Node = dict[str, Any]


class Page(NamedTuple):
    """A page about one kind of file."""

    title: str
    schema: str
    sample: str
    """A file of this repository that is such a file."""


SCHEMA_PAGES = {
    "reference-request.md": Page("Request", "scale-request", "requests/assistant/web.yaml"),
    "reference-target.md": Page("Target", "target", "ops/targets/prod.yaml"),
    "reference-plan.md": Page("Plan", "scale-plan", "ops/plans/infra-scale/prod/assistant/web/plan.yaml"),
    "reference-snapshot.md": Page("Snapshot of a cluster", "cluster-snapshot", ""),
    "reference-prices.md": Page("Price sheet", "price-sheet", "ops/clusters/prod-eu-1/prices.yaml"),
    "reference-nightly.md": Page("Nightly tasks", "nightly", "ops/nightly.yaml"),
}

_TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "object": "mapping",
    "array": "list",
    "null": "nothing",
    "boolean": "`true` or `false`",
}
_LARGEST = 2147483647
"""What fits Kubernetes' own fields: no bound that a reader has to know."""


def schema_page(page: Page) -> str:
    """All keys of a file, section by section, in the order of its schema."""
    schema: Node = json.loads((CHECKOUT / f"schemas/{page.schema}.schema.json").read_text(encoding="utf-8"))
    parts = [
        f"# {page.title}\n\n{_safe(schema['description'])}\n",
        f"<!-- Generated from schemas/{page.schema}.schema.json by `make golden`. -->\n",
        f"`infra-scale schema {page.schema}` prints the JSON Schema that this is made from.\n",
    ]
    if page.sample:
        text = (CHECKOUT / page.sample).read_text(encoding="utf-8")
        parts.append(f"For example, `{page.sample}`:\n\n```yaml\n{text}```\n")
    return "\n".join([*parts, *_Keys(schema).sections()])


class _Keys:
    """The sections of one schema: each mapping is told once, however many keys hold it."""

    def __init__(self, schema: Node) -> None:
        self._schema = schema
        self._told: set[str] = set()

    def sections(self) -> Iterator[str]:
        """The section of the whole file, and of every mapping in it."""
        yield from self._section("Keys", self._schema, "")

    def _section(self, title: str, node: Node, route: str) -> Iterator[str]:
        if title in self._told:
            return
        self._told.add(title)
        below: list[tuple[str, Node, str]] = []
        rows = ["| key | what it takes | meaning |\n|---|---|---|\n"]
        for key, given in node["properties"].items():
            place = f"{route}.{key}" if route else key
            rows.append(self._row(key, given, key in node.get("required", ()), place, below))
        shared = self._schema.get("$defs", {}).get(title)
        about = _safe(_sentence((node if shared is None else shared).get("description", ""))) if route else ""
        yield f"## {title}\n\n" + (f"{about}\n\n" if about else "") + "".join(rows)
        for name, inner, place in below:
            yield from self._section(name, inner, place)

    def _row(self, key: str, given: Node, required: bool, place: str, below: list[tuple[str, Node, str]]) -> str:
        node = self._resolved(given)
        takes = self._takes(given, place, below)
        if required:
            takes = f"{takes}; **required**"
        elif "default" in node:
            takes = f"{takes}; default {_code(node['default'])}"
        meaning = _safe(_sentence(node["description"]))
        samples = [value for value in node["examples"] if not isinstance(value, (dict, list))]
        if samples and "enum" not in node and "const" not in node:
            meaning = f"{meaning} For example {', '.join(map(_code, samples))}."
        return f"| `{key}` | {takes} | {meaning} |\n"

    def _takes(self, given: Node, place: str, below: list[tuple[str, Node, str]]) -> str:
        """What a value may be, as words; mappings are noted in `below`, to have a section of their own."""
        node = self._resolved(given)
        name = given.get("$ref", "").removeprefix("#/$defs/")
        if "properties" in node:
            title = name or f"`{place}`"
            below.append((title, node, place))
            return f"[mapping](#{_anchor(title)})"
        if "oneOf" in node:
            return " or ".join(self._takes(choice, place, below) for choice in node["oneOf"])
        if node.get("type") == "array":
            return f"list: {self._takes(node['items'], f'{place}[]', below)}"
        if isinstance(values := node.get("additionalProperties"), dict):
            return f"mapping: each value {self._takes(values, f'{place}.*', below)}"
        said = self._schema.get("$defs", {}).get(name, {}).get("description", "")
        return _scalar(node, _safe(said[:1].lower() + said[1:]).rstrip(".") if name else "")

    def _resolved(self, node: Node) -> Node:
        name = node.get("$ref", "").removeprefix("#/$defs/")
        return {**self._resolved(self._schema["$defs"][name]), **node} if name else node


def _scalar(node: Node, said: str) -> str:
    if "const" in node:
        return _code(node["const"])
    if "enum" in node:
        return ", ".join(_code(value) for value in node["enum"] if value is not False)
    if "anyOf" in node:
        return " or ".join(_scalar(choice, "") for choice in node["anyOf"] if "required" not in choice)
    if said:
        return said
    kinds = node.get("type", "object")
    words = " or ".join(_TYPES[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds))
    return words + _bounds(node)


def _bounds(node: Node) -> str:
    low, high = node.get("minimum"), node.get("maximum", _LARGEST)
    if low is None:
        return f", at most {node['maxLength']} characters" if "maxLength" in node else ""
    return f", {low} or more" if high == _LARGEST else f", {low} to {high}"


def _sentence(text: str) -> str:
    """A description with its full stop: messages use some of them as a part of a sentence."""
    return text if not text or text.endswith(".") else f"{text}."


def _safe(text: str) -> str:
    return text.replace("<", "&lt;").replace("|", "\\|")


def _code(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return f"`{text}`".replace("|", "\\|")


def _anchor(title: str) -> str:
    return re.sub(r"[^\w\s-]", "", title.lower()).replace(" ", "-")


def commands_page() -> str:
    """Every command with its options and examples."""
    parts = [_COMMANDS_HEAD, *(_command(name, import_module(module).parser()) for name, module in COMMANDS.items())]
    return "\n".join([*parts, _codes()])


_COMMANDS_HEAD = """\
# Commands

Every command with its options, as `infra-scale COMMAND --help` has them.

<!-- Generated from the commands' parsers by `make golden`. -->
"""


def _command(name: str, made: CommandParser) -> str:
    groups = [(group.title, group._group_actions) for group in made._action_groups]  # noqa: SLF001 (argparse has no public list)
    parts = [
        f"## infra-scale {name}\n\n{_safe(made.description or '')}\n",
        *(
            f"| {title} | |\n|---|---|\n{''.join(_option(one) for one in actions if one.help is not argparse.SUPPRESS)}"
            for title, actions in groups
            if actions and title != "general"
        ),
    ]
    for title, rows in made.sections.items():
        lines = textwrap.dedent("\n".join(section_lines(rows, width=_WIDTH)))
        parts.append(f"{title.capitalize()}:\n\n```text\n{lines}\n```\n")
    return "\n".join(parts)


_WIDTH = 100


def _option(action: argparse.Action) -> str:
    if action.help == argparse.SUPPRESS:
        return ""
    names: Sequence[str] = action.option_strings
    choices = ",".join(map(str, action.choices)) if action.choices else ""
    value = str(action.metavar or (f"{{{choices}}}" if choices else action.dest.upper()))
    takes = action.nargs != 0
    said = [f"{name} {value}" if takes else name for name in names] or [value]
    return f"| {', '.join(map(_code, said))} | {_safe(_sentence(action.help or ''))} |\n"


def _codes() -> str:
    source = (CHECKOUT / "compiler/infra_scale/cli/exit_codes.py").read_text(encoding="utf-8")
    told = dict(re.findall(r'^([A-Z]+) = \d+\n"""(.*)"""$', source, re.MULTILINE))
    rows = "".join(f"| {getattr(exit_codes, name)} | {_safe(sense)} |\n" for name, sense in told.items())
    return f"## Exit codes\n\n| code | what it means |\n|---|---|\n{rows}"
