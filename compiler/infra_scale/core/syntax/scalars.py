"""Values of plain scalars: the core schema of YAML 1.2, and forms that YAML versions read differently."""

import re

from infra_scale.core.syntax import limits

Value = None | bool | int | float | str | list["Value"] | dict[str, "Value"]
"""Possible values; a float is always a `DecimalText`."""


class DecimalText(float):
    """A number with a fraction, an exponent or a plus sign, and the text that was written: quantities need it."""

    __slots__ = ("text",)

    text: str

    def __new__(cls, text: str) -> "DecimalText":
        """Read `text` as a decimal number."""
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __repr__(self) -> str:
        return self.text


SPECIAL = re.compile(
    r"""
    (?P<null>     ~ | null | Null | NULL | (?![\s\S]) )
  | (?P<true>     true | True | TRUE )
  | (?P<false>    false | False | FALSE )
  | (?P<integer>  [-+]? (?: 0 | [1-9][0-9]* ) )
  | (?P<decimal>  [-+]? (?: (?: 0 | [1-9][0-9]* ) (?: \.[0-9]* )? | \.[0-9]+ ) (?: [eE][-+]?[0-9]+ )? )
  | (?P<word>     [yY] | [nN] | yes | Yes | YES | no | No | NO | on | On | ON | off | Off | OFF )
  | (?P<octal>    [-+]? 0 o? [0-9_]+ )
  | (?P<base>     [-+]? 0 [xXbB] [0-9a-fA-F_]+ )
  | (?P<sixty>    [-+]? [0-9][0-9_]* (?: : [0-5]?[0-9] )+ (?: \.[0-9_]* )? )
  | (?P<date>     [0-9]{4}-[0-9]{2}-[0-9]{2}
                | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2} (?: [Tt] | [ \t]+ ) [0-9]{1,2}:[0-9]{2}:[0-9]{2} (?: \.[0-9]* )?
                  (?: [ \t]* (?: Z | [-+][0-9]{1,2} (?: :[0-9]{2} )? ) )? )
  | (?P<odd>      [-+]? (?: [0-9][0-9_]* (?: \.[0-9_]* )? | \.[0-9][0-9_]* ) (?: [eE][-+]?[0-9]+ )?
                | [-+]? \. (?: inf | Inf | INF ) | \. (?: nan | NaN | NAN ) )
  | (?P<sign>     = | << )
    """,
    re.VERBOSE | re.ASCII,
)
"""Forms that some YAML version does not read as text."""

_CONSTANTS: dict[str, Value] = {"null": None, "true": True, "false": False}
AMBIGUOUS = {
    "word": "YAML 1.1 reads it as true or false, YAML 1.2 as text",
    "octal": "YAML 1.1 reads a leading 0 as octal, YAML 1.2 as decimal",
    "base": "readers differ on hexadecimal and binary numbers",
    "sixty": "YAML 1.1 reads it as a number to base 60, YAML 1.2 as text",
    "date": "YAML 1.1 reads it as a date, YAML 1.2 as text",
    "sign": "it is special in YAML 1.1, and text in YAML 1.2",
    "odd": "YAML versions read this number differently",
}
"""Why a form is refused."""


def plain_value(text: str, form: str) -> Value:
    """The value of a plain scalar that matches `SPECIAL` with a group that is not ambiguous.

    `+2` keeps its sign: for a whole number, it could be a relative change.
    """
    if form in _CONSTANTS:
        return _CONSTANTS[form]
    if form == "integer" and len(text) <= limits.MAX_INTEGER_DIGITS and text[0] != "+":
        return int(text)
    return DecimalText(text)


def clear_form(text: str, form: str) -> str:
    """How to write an ambiguous scalar so that all readers agree."""
    if form == "word":
        return f'write "{text}" in quotes, or true or false'
    if form in ("date", "sign"):
        return f'write "{text}" in quotes'
    decimal = text.lstrip("+0_") or "0"
    if form == "octal" and decimal.isdigit():
        return f'write {decimal}, or "{text}" in quotes if it is text'
    if form == "odd" and (plain := text.replace("_", "")).isdecimal():
        return f'write {plain}, or "{text}" in quotes if it is text'
    return "write a plain decimal number, or quote it if it is text"
