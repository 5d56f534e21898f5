"""Rules that a platform team wrote in CEL, the language of Kubernetes' own validation rules, over a compiled plan.

The variables are the keys at the top of plan.yaml, and `plan` for the whole of it.
Mappings are maps and lists are lists; a whole number is an int, a fraction a double, and all else what it looks like
in the file: "500m" is a string, null is null.
A key at the top that a plan leaves out is empty. Further down a missing key is a fault: ask `has(a.to) && a.to > 50`.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from cel_expr_python import cel

from infra_scale.core.evaluation.cel.steps import NO_TEXT, Shape, UnfitError, shape, steps
from infra_scale.core.evaluation.cel.tree import Call, Expression, Literal, Name, read_tree, walk
from infra_scale.core.syntax.similar import did_you_mean
from infra_scale.model.policy import OwnRule
from infra_scale.model.tagged import tagged

MAX_CHARACTERS = 2000
"""Of an expression; the library itself stops at 32 levels of nesting, and at the 10 000th turn of all loops."""

MAX_STEPS = 10_000_000
"""Counted before anything is evaluated; measured, the worst take 60 ns each (half a second in all) and 20 bytes."""

VARIABLES: Mapping[str, str | list[object] | dict[str, object]] = {
    "apiVersion": "",
    "kind": "",
    "metadata": {},
    "context": {},
    "assumptions": {},
    "actions": [{}],
    "rollbackHints": [""],
    "preparations": [""],
    "risks": [""],
    "notes": [""],
    "consequences": [""],
    "findings": [{}],
    "ownership": [{}],
    "handover": [{}],
    "capacity": {},
    "cost": {},
    "plan": {},
}
"""What an expression can name, and an example of its type: a string, a map from string, or a list of one of them."""

_ERROR = re.compile(r"^(?:[A-Z_]+: )?ERROR: <input>:(\d+):(\d+): (.*)$", re.MULTILINE)
_UNDECLARED = re.compile(r"undeclared reference to '(\w+)[^']*'")
_NOT_FOR_PEOPLE = re.compile(r"^[A-Z_]+: | \[[A-Z_]+\]$| \(in container ''\)| expecting \{.*$")
_HINTS = {
    "recursion": "it is nested more than 32 levels deep",
    "Iteration budget": "its loops turn 10000 times or more over this plan",
    "Key not found": "{}; ask for it with has(…) first",
}
"""A term in the library's messages, and its replacement."""


@tagged
class OwnFault(NamedTuple):
    """Why a rule could not be read, or gave no answer for a plan."""

    reason: str
    line: int | None = None
    """In the expression, from 1; None for an error without a position."""
    column: int | None = None
    """In characters, from 1."""


@tagged
class CompiledOwn(NamedTuple):
    """A rule that can be asked about plans."""

    rule: OwnRule
    program: cel.Expression
    tree: Expression


def compile_own(rule: OwnRule) -> CompiledOwn | OwnFault:
    """Check and compile a rule: syntax, names, known types, and bounded work."""
    if len(rule.when) > MAX_CHARACTERS:
        return OwnFault(f"it has {len(rule.when)} characters, and {MAX_CHARACTERS} are allowed")
    if NO_TEXT.search(rule.when):
        return OwnFault("it holds a NUL or half of a character")
    try:
        program = _environment().compile(rule.when)
        tree = read_tree(program.serialize())
    except RuntimeError as error:
        return _located(str(error))
    except ValueError as error:
        return OwnFault(f"it needs something of CEL that plans have no use for: {error}")
    given = program.return_type().name()
    if given not in ("BOOL", "DYN"):
        return OwnFault(f"it gives {_kind(given)}, and a rule is true or false")
    return next(_bad_patterns(tree), None) or _too_much(tree, _smallest()) or CompiledOwn(rule, program, tree)


def fires(compiled: CompiledOwn, plan: Mapping[str, object]) -> bool | OwnFault:
    """Whether the rule's expression is true of a plan, which is the mapping that plan.yaml holds.

    A fault where the expression fails, gives neither true nor false, or could take more than MAX_STEPS steps.
    """
    given = {name: _of(plan, name) for name in names(compiled)}
    try:
        too_much = _too_much(compiled.tree, {name: shape(value) for name, value in given.items()})
        if too_much:
            return too_much
        answer = compiled.program.eval(data=given)
    except UnfitError as error:
        return OwnFault(str(error))
    except RuntimeError as error:
        return OwnFault(_worded(str(error)))
    kind = answer.type().name()
    if kind == "ERROR":
        return OwnFault(_worded(str(answer.value())))
    return answer.value() is True if kind == "BOOL" else OwnFault(f"it gave {_kind(kind)}, and a rule is true or false")


def names(compiled: CompiledOwn) -> set[str]:
    """The keys at the top of a plan that a rule reads."""
    return {node.name for node in walk(compiled.tree) if isinstance(node, Name)} & VARIABLES.keys()


def _of(plan: Mapping[str, object], name: str) -> object:
    if name == "plan":
        return dict(plan)
    return plan[name] if name in plan else type(VARIABLES[name])()


@lru_cache(maxsize=1)
def _environment() -> cel.Env:
    string = cel.Type.STRING
    mapping = cel.Type.Map(string, cel.Type.DYN)

    def kind(example: object) -> cel.Type:
        match example:
            case [element]:
                return cel.Type.List(kind(element))
            case str():
                return string
            case _:
                return mapping

    return cel.NewEnv(variables={name: kind(example) for name, example in VARIABLES.items()})


def _smallest() -> Mapping[str, Shape]:
    """Minimal plans, for checks without a real one."""
    return {name: shape(type(example)()) for name, example in VARIABLES.items()}


def _too_much(tree: Expression, shapes: Mapping[str, Shape]) -> OwnFault | None:
    try:
        wanted = steps(tree, shapes)
    except UnfitError as error:
        return OwnFault(str(error))
    if wanted <= MAX_STEPS:
        return None
    return OwnFault(f"it could take {wanted:.1e} steps, and {MAX_STEPS:.1e} are allowed: loop over less")


def _bad_patterns(tree: Expression) -> Iterator[OwnFault]:
    """The patterns that the library's engine refuses, which it would otherwise say when a plan first gets there."""
    for node in walk(tree):
        match node:
            case Call("matches", (*_, Literal(str(pattern)))):
                probe = cel.NewEnv(variables={"p": cel.Type.STRING}).compile('"".matches(p)')
                answer = probe.eval(data={"p": pattern})
                if answer.type().name() == "ERROR":
                    yield OwnFault(_worded(str(answer.value())))
            case _:
                pass


def _located(text: str) -> OwnFault:
    """The library's error for an expression; the leftmost of several, because others follow from it."""
    errors = sorted((int(line), int(column), words) for line, column, words in _ERROR.findall(text))
    if not errors:
        return OwnFault(_worded(text))
    line, column, first = errors[0]
    reason = _worded(first)
    if unknown := _UNDECLARED.match(reason):
        advice = did_you_mean(unknown[1], list(VARIABLES), "")
        reason += f"; {advice}" if advice else ""
    return OwnFault(reason, line, column)


def _worded(text: str) -> str:
    """The first line of the library's message, without internal details."""
    plain = _NOT_FOR_PEOPLE.sub("", text.splitlines()[0])
    plain = _NOT_FOR_PEOPLE.sub("", plain).replace("'<EOF>'", "the end").replace("<EOF>", "the end")
    return next((hint.format(plain) for word, hint in _HINTS.items() if word in text), plain)


def _kind(name: str) -> str:
    return f"{'an' if name == 'INT' else 'a'} {name.partition('<')[0].lower()}"
