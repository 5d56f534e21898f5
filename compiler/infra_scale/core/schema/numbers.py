"""Advice for a value that is not a plain whole number: a change, a factor, a percentage, a fraction, a range."""

import re
from collections.abc import Mapping
from typing import Any

from infra_scale.core.syntax.text import shortened

_CHANGE = r"[+-]\s*[0-9].*"
_FACTOR = r"[x×*]\s*[0-9].*|[0-9.]+\s*[x×]"
_PERCENT = r"([0-9]+)(?:\.0*)?\s*(?:%|percent|pct)"
_PART = r"0?\.[0-9]+"
_WHOLE = r"([0-9]+)\.0*"
_GROUPED = r"[0-9]{1,3}(?:[,_' .][0-9]{3})+"
_COUNTED = r"([0-9]+)\s*(?:pods?|replicas?|nodes?|%)"
_RANGE = r"[0-9]+\s*(?:-|\u2013|\.\.+|to)\s*[0-9]+"
_TEMPLATE = r".*(?:\{\{|\$\{|\$\(|<%).*"
_HUNDRED = 100


def whole_number_help(key: str, found: object, schema: Mapping[str, Any]) -> str:
    """Advice for `found`, if `key` takes a whole number; empty if none is needed."""
    text = found if isinstance(found, str) else repr(found)
    text = text.strip()
    if re.fullmatch(_TEMPLATE, text, re.DOTALL):
        return "write the number itself: requests are not templates"
    about = str(schema.get("description", ""))
    if about.startswith("Percent"):
        return _percent_help(key, text)
    if "pods" not in about:
        unsigned = text.removeprefix("+")
        return f"write {shortened(unsigned)}" if unsigned != text and unsigned.isdecimal() else _digits_help(text)
    for pattern, what in ((_CHANGE, "a change"), (_FACTOR, "a factor"), (_PERCENT, "a percentage")):
        if re.fullmatch(pattern, text):
            absolute = f"{key} is the absolute number of pods, not {what}"
            return f"{absolute}: write for example {_example(schema)}, not {shortened(text)}"
    if re.fullmatch(_RANGE, text) and key in ("replicas", "parallelism"):
        return "write one number; the bounds of an autoscaler are hpa.min and hpa.max"
    return _digits_help(text)


def _example(schema: Mapping[str, Any]) -> object:
    return next(iter(schema.get("examples", ())), 5)


def _percent_help(key: str, text: str) -> str:
    plain = text.lstrip("+")
    if percent := re.fullmatch(_PERCENT, plain):
        return f"write {shortened(percent[1])}"
    if re.fullmatch(_PART, plain):
        percentage = round(float(plain) * _HUNDRED)
        return f"{key} is a percentage: write {percentage}" if percentage else f"{key} is a percentage"
    if plain != text and plain.isdecimal():
        return f"write {shortened(plain)}"
    return f"{key} is a percentage: write for example 70" if text.startswith("-") else _digits_help(text)


def _digits_help(text: str) -> str:
    """Advice for a text with a number and something else."""
    if text.isascii() and text.isdecimal():
        return f"write it without quotes: {shortened(text)}"
    if match := re.fullmatch(_WHOLE, text) or re.fullmatch(_COUNTED, text):
        return f"write {shortened(match[1])}"
    if re.fullmatch(_GROUPED, text):
        return f"write {shortened(re.sub('[^0-9]', '', text))}"
    return ""
