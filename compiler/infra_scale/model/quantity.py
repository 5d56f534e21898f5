"""CPU, memory and replica quantities: parse, exact arithmetic, canonical text.

The language is that of Kubernetes (apimachinery, pkg/api/resource/quantity.go and suffix.go), with its leniency towards
numbers without digits left out and with bounds on everything that a hostile text could make grow.
"""

import re
from functools import total_ordering
from typing import Literal

Format = Literal["binary", "decimal", "exponent"]
Fault = Literal["grammar", "suffix", "bounds"]

NANO = 10**9
_MAXIMUM = (2**63 - 1) * NANO
_LONGEST = 64
_EXPONENT_DIGITS = 3

_QUANTITY = re.compile(r"([+-]?)([0-9]*)(?:(\.)([0-9]*))?(.*)", re.ASCII | re.DOTALL)
_EXPONENT = re.compile(r"[eE]([+-]?[0-9]+)", re.ASCII)

_BINARY = {suffix: 1024**power for power, suffix in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), start=1)}
_DECIMAL = {suffix: 1000**power for power, suffix in enumerate(("n", "u", "m", "", "k", "M", "G", "T", "P", "E"))}
"""In nano-units: "" is 10^9 of them."""
_MEANT = re.compile(r"([kmgtp])(i?)b?", re.IGNORECASE)


class InvalidQuantity(ValueError):
    """A text that is no quantity."""

    def __init__(self, code: Fault, reason: str, *, suggestion: str | None = None) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        """What is wrong with it, to stand behind the text."""
        self.suggestion = suggestion
        """A quantity that may have been meant."""


@total_ordering
class Quantity:
    """An exact number of cores, bytes or pods, in steps of 10^-9, that remembers how it was written.

    Equality and order look at the number alone: 1Gi is 1024Mi.
    """

    __slots__ = ("_format", "_nano")

    def __init__(self, nano: int, format: Format) -> None:
        self._nano = nano
        self._format: Format = format

    @classmethod
    def parse(cls, text: str) -> "Quantity":
        """Read a quantity; what is finer than 10^-9 is rounded away from zero. Raises InvalidQuantity."""
        if len(text) > _LONGEST:
            raise InvalidQuantity("bounds", f"has {len(text)} characters, more than {_LONGEST}")
        match = _QUANTITY.fullmatch(text)
        if match is None or not (match[2] or match[4]):
            raise _without_number(text)
        sign, whole, _, fraction, suffix = match.groups()
        digits = int(whole + (fraction or ""))
        unit, format = _unit(suffix, text)
        if format == "exponent":
            power = 9 + int(suffix[1:]) - len(fraction or "")
            nano = _scaled(digits, power)
        else:
            nano = -(-digits * unit // 10 ** len(fraction or ""))
        return cls(_bounded(nano, format) * (-1 if sign == "-" else 1), _kept_format(nano, format))

    @property
    def nano(self) -> int:
        """The value in steps of 10^-9."""
        return self._nano

    @property
    def format(self) -> Format:
        """How it was written: with a binary suffix, a decimal suffix or none, or an exponent."""
        return self._format

    @property
    def is_negative(self) -> bool:
        """Whether it is below zero."""
        return self._nano < 0

    @property
    def is_integral(self) -> bool:
        """Whether it is a whole number, as bytes must be."""
        return self._nano % NANO == 0

    @property
    def is_multiple_of_milli(self) -> bool:
        """Whether it is a multiple of 1m, as CPU must be."""
        return self._nano % 1_000_000 == 0

    def milli(self) -> int:
        """Thousandths, rounded up: what the scheduler and the HPA count CPU in."""
        return -(-self._nano // 1_000_000)

    def units(self) -> int:
        """Whole units, rounded up: what the scheduler counts memory in (bytes)."""
        return -(-self._nano // NANO)

    def __add__(self, other: "Quantity") -> "Quantity":
        """The sum; the left operand's format wins, zero takes the other's."""
        return Quantity(self._nano + other._nano, self._format if self._nano else other._format)

    def __sub__(self, other: "Quantity") -> "Quantity":
        """The difference, in the left operand's format; zero takes the other's."""
        return Quantity(self._nano - other._nano, self._format if self._nano else other._format)

    def __mul__(self, count: int) -> "Quantity":
        """As much for each of `count` pods."""
        return Quantity(self._nano * count, self._format)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Quantity):
            return NotImplemented
        return self._nano == other._nano

    def __lt__(self, other: "Quantity") -> bool:
        return self._nano < other._nano

    def __hash__(self) -> int:
        return hash(self._nano)

    def __repr__(self) -> str:
        return f"Quantity.parse({str(self)!r})"

    def __str__(self) -> str:
        """The canonical text: no fraction, the largest suffix that loses nothing."""
        sign, nano = ("-" if self._nano < 0 else ""), abs(self._nano)
        if self._format == "binary" and nano >= 1024 * NANO and nano % NANO == 0:
            return sign + _with_binary_suffix(nano // NANO)
        return sign + _with_decimal_suffix(nano, exponent=self._format == "exponent")


def _unit(suffix: str, text: str) -> tuple[int, Format]:
    """Nano-units of one `suffix`, and the format; the suffix table goes before the exponent, so 1E is 10^18."""
    if suffix in _DECIMAL:
        return _DECIMAL[suffix], "decimal"
    if suffix in _BINARY:
        return _BINARY[suffix] * NANO, "binary"
    exponent = _EXPONENT.fullmatch(suffix)
    if exponent is None:
        raise _invalid_suffix(suffix, text)
    if len(exponent[1].lstrip("+-")) > _EXPONENT_DIGITS:
        raise InvalidQuantity("bounds", f"has an exponent of more than {_EXPONENT_DIGITS} digits")
    return NANO, "exponent"


def _scaled(digits: int, power: int) -> int:
    factor: int = 10 ** abs(power)
    return digits * factor if power >= 0 else -(-digits // factor)


def _bounded(nano: int, format: Format) -> int:
    if nano <= _MAXIMUM:
        return nano
    if format == "binary":  # Kubernetes caps these and no others
        return _MAXIMUM
    raise InvalidQuantity("bounds", "is more than 2^63-1")


def _kept_format(nano: int, format: Format) -> Format:
    return "decimal" if format == "binary" and 0 < nano < NANO else format


def _without_number(text: str) -> InvalidQuantity:
    if not text.strip():
        return InvalidQuantity("grammar", "is empty")
    if text != text.strip():
        return InvalidQuantity("grammar", "has blanks around it", suggestion=text.strip())
    return InvalidQuantity("grammar", "does not begin with a number")


def _invalid_suffix(suffix: str, text: str) -> InvalidQuantity:
    number = text[: len(text) - len(suffix)]
    if suffix.startswith(",") and suffix[1:].isdecimal():
        return InvalidQuantity("grammar", "has a comma in its number", suggestion=f"{number}.{suffix[1:]}")
    meant = _MEANT.fullmatch(suffix.strip())
    if meant is None:
        return InvalidQuantity("grammar", "is not a Kubernetes quantity")
    letter = meant[1].upper()
    right = f"{letter}i" if meant[2] or letter != "K" else "k"
    return InvalidQuantity("suffix", f"has the unknown suffix {suffix.strip()!r}", suggestion=f"{number}{right}")


def _with_binary_suffix(value: int) -> str:
    power = 0
    while value and value % 1024 == 0 and power < len(_BINARY):
        value //= 1024
        power += 1
    return f"{value}{('', *_BINARY)[power]}"


def _with_decimal_suffix(nano: int, *, exponent: bool) -> str:
    if nano == 0:
        return "0"
    power = 0
    while nano % 1000 == 0 and (exponent or power < len(_DECIMAL) - 1):
        nano //= 1000
        power += 1
    if not exponent:
        return f"{nano}{tuple(_DECIMAL)[power]}"
    return f"{nano}e{3 * power - 9}" if power != 3 else str(nano)
