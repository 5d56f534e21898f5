"""CPU, memory and replica quantities: parse, exact arithmetic, canonical text.

The syntax is that of Kubernetes (apimachinery, pkg/api/resource/quantity.go and suffix.go), except that digits are
required, and with limits on the size of numbers.
"""

import re
from functools import lru_cache
from typing import Literal, NamedTuple, NoReturn

Format = Literal["binary", "decimal", "exponent"]
Fault = Literal["grammar", "suffix", "bounds"]

NANO = 10**9
_MILLI = 10**6
_MAXIMUM = (2**63 - 1) * NANO
_LONGEST = 64
_EXPONENT_DIGITS = 3
_DIGITS_IN_A_GROUP = 3

_TOO_LONG = f"is longer than {_LONGEST} characters"
_TOO_LARGE = "is more than 2^63-1"
_EXPONENT_TOO_LONG = f"has an exponent of more than {_EXPONENT_DIGITS} digits"

_PARTS = re.compile(r"([+-]?)([0-9]*)\.?([0-9]*)(.*)", re.DOTALL)
# Patterns of the rare cases stay text: each compilation at import costs about 0.1 ms, on every start.
_EXPONENT = r"[eE]([+-]?[0-9]+)"
_MEANT = r"([+-]?[0-9]*(?:\.[0-9]*|,[0-9]+)?)\s*([A-Za-z]{0,3}|[eE][+-]?[0-9]+)"

_BINARY = {suffix: 1024**power for power, suffix in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), start=1)}
_DECIMAL = {suffix: 1000**power for power, suffix in enumerate(("n", "u", "m", "", "k", "M", "G", "T", "P", "E"))}
"""In nano-units: "" is 10^9 of them."""


class QuantityError(ValueError):
    """A text that is no quantity."""

    def __init__(self, code: Fault, reason: str, *, suggestion: str | None = None) -> None:
        super().__init__(reason)
        self.code: Fault = code
        self.reason = reason
        """The error, to follow the text."""
        self.suggestion = suggestion
        """A suggested quantity."""


class Quantity:
    """An exact number of cores, bytes or pods, in steps of 10^-9, that remembers how it was written.

    Equality and order look at the number alone: 1Gi is 1024Mi.
    """

    __slots__ = ("format", "nano")

    nano: int
    """The value in steps of 10^-9."""
    format: Format
    """How it was written: with a binary suffix, a decimal suffix or none, or an exponent."""

    def __init__(self, nano: int, form: Format) -> None:
        object.__setattr__(self, "nano", nano)
        object.__setattr__(self, "format", form)

    @staticmethod
    def parse(text: str) -> "Quantity":
        """Read a quantity; what is finer than 10^-9 is rounded away from zero. Raises QuantityError.

        Source: ParseQuantity in quantity.go. Stricter than that: digits are required, exponents have at most three,
        and decimal forms above 2^63-1 are refused where Kubernetes caps the binary ones only.
        """
        return _parsed(text)

    @property
    def is_negative(self) -> bool:
        """Whether it is below zero."""
        return self.nano < 0

    @property
    def is_integral(self) -> bool:
        """Whether it is a whole number, as bytes must be."""
        return self.nano % NANO == 0

    @property
    def is_multiple_of_milli(self) -> bool:
        """Whether it is a multiple of 1m, as CPU must be."""
        return self.nano % _MILLI == 0

    def milli(self) -> int:
        """Thousandths, rounded up: what the scheduler and the HPA count CPU in (MilliValue in quantity.go)."""
        return -(-self.nano // _MILLI)

    def units(self) -> int:
        """Whole units, rounded up: what the scheduler counts memory in, bytes (Value in quantity.go)."""
        return -(-self.nano // NANO)

    def __add__(self, other: "Quantity") -> "Quantity":
        """The sum; the left operand's format wins, zero takes the other's."""
        return Quantity(self.nano + other.nano, self.format if self.nano else other.format)

    def __sub__(self, other: "Quantity") -> "Quantity":
        """The difference, in the left operand's format; zero takes the other's."""
        return Quantity(self.nano - other.nano, self.format if self.nano else other.format)

    def __mul__(self, count: int) -> "Quantity":
        """As much for each of `count` pods."""
        return Quantity(self.nano * count, self.format)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Quantity):
            return NotImplemented
        return self.nano == other.nano

    def __lt__(self, other: "Quantity") -> bool:
        return self.nano < other.nano

    def __le__(self, other: "Quantity") -> bool:
        return self.nano <= other.nano

    def __gt__(self, other: "Quantity") -> bool:
        return self.nano > other.nano

    def __ge__(self, other: "Quantity") -> bool:
        return self.nano >= other.nano

    def __hash__(self) -> int:
        return hash(self.nano)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise _immutable(name)

    def __delattr__(self, name: str) -> NoReturn:
        raise _immutable(name)

    def __reduce__(self) -> "tuple[type[Quantity], tuple[int, Format]]":
        # The default would set the attributes of a copy, which __setattr__ refuses.
        return Quantity, (self.nano, self.format)

    def __repr__(self) -> str:
        return f"Quantity.parse({str(self)!r})"

    def __str__(self) -> str:
        """The canonical text: no fraction, the largest suffix that loses nothing (CanonicalizeBytes in quantity.go)."""
        return _canonical(self.nano, self.format)


@lru_cache(maxsize=1024)  # the quantities of a thousand requests are a few dozen
def _parsed(text: str) -> Quantity:
    if len(text) > _LONGEST:
        raise _beyond(_TOO_LONG)
    match = _PARTS.fullmatch(text)
    if match is None or not (match[2] or match[3]):
        raise _refusal(text)
    sign, whole, fraction, suffix = match.groups()
    form: Format
    if suffix in _BINARY:
        nano = _scaled(int(whole + fraction) * _BINARY[suffix], 9 - len(fraction))
        size, form = _capped(nano)
    elif suffix in _DECIMAL:
        size, form = _bounded(_scaled(int(whole + fraction) * _DECIMAL[suffix], -len(fraction))), "decimal"
    else:
        power = 9 + _exponent(suffix, text) - len(fraction)
        size, form = _bounded(_scaled(int(whole + fraction), power)), "exponent"
    return Quantity(-size if sign == "-" else size, form)


@lru_cache(maxsize=1024)
def _canonical(nano: int, form: Format) -> str:
    sign, size = ("-" if nano < 0 else ""), abs(nano)
    if form == "binary" and size >= 1024 * NANO and size % NANO == 0:
        return sign + _with_binary_suffix(size // NANO)
    return sign + _with_decimal_suffix(size, exponent=form == "exponent")


def _exponent(suffix: str, text: str) -> int:
    exponent = re.fullmatch(_EXPONENT, suffix)
    if exponent is None:
        raise _refusal(text)
    if len(exponent[1].lstrip("+-")) > _EXPONENT_DIGITS:
        raise _beyond(_EXPONENT_TOO_LONG)
    return int(exponent[1])


def _scaled(digits: int, power: int) -> int:
    factor: int = 10 ** abs(power)
    return digits * factor if power >= 0 else -(-digits // factor)


def _bounded(nano: int) -> int:
    if nano > _MAXIMUM:
        raise _beyond(_TOO_LARGE)
    return nano


def _capped(nano: int) -> tuple[int, Format]:
    """The size and format that Kubernetes gives to a number with a binary suffix."""
    return min(nano, _MAXIMUM), "decimal" if 0 < nano < NANO else "binary"


def _with_binary_suffix(value: int) -> str:
    power = 0
    while value % 1024 == 0 and power < len(_BINARY):
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
    exponent_of_ten = 3 * power - 9
    return f"{nano}e{exponent_of_ten}" if exponent_of_ten else str(nano)


def _immutable(name: str) -> AttributeError:
    return AttributeError(f"a Quantity is immutable: {name} cannot change")


def _beyond(reason: str) -> QuantityError:
    return QuantityError("bounds", reason)


def _refusal(text: str) -> QuantityError:
    code, reason = _fault(text)
    return QuantityError(code, reason, suggestion=_suggestion(text))


def _fault(text: str) -> tuple[Fault, str]:
    if not text.strip():
        return "grammar", "is empty"
    if text != text.strip():
        return "grammar", "has blanks around it"
    match = _PARTS.fullmatch(text)
    if match is None or not (match[2] or match[3]):
        return "grammar", "does not begin with a number"
    if match[4].startswith(","):
        return "grammar", "has a comma in its number"
    suffix = match[4].strip()
    if suffix.isalpha() and _meant_suffix(suffix):
        return "suffix", f"has the unknown suffix {suffix!r}"
    return "grammar", "is not a Kubernetes quantity"


def _suggestion(text: str) -> str | None:
    """The quantity that `text` most likely means; None if there is none, or if it could be off by 1000 (1,500)."""
    match = re.fullmatch(_MEANT, text.strip())
    suffix = _meant_suffix(match[2]) if match else None
    if match is None or suffix is None:
        return None
    whole, _, fraction = match[1].partition(",")
    if len(fraction) == _DIGITS_IN_A_GROUP and whole.lstrip("+-") not in ("", "0"):
        return None
    candidate = match[1].replace(",", ".") + suffix
    return candidate if candidate != text and _is_quantity(candidate) else None


def _meant_suffix(written: str) -> str | None:
    """The suffix for a spelling such as K, gb, MB or GiB; bytes are taken as binary, like memory."""
    if written in _DECIMAL or written in _BINARY or written[-1].isdigit():
        return written
    if written == "K":
        return "k"
    letter, rest = written[0].upper(), written[1:].lower()
    spelt = f"{letter}i"
    return spelt if spelt in _BINARY and rest in ("", "i", "b", "ib") and written != "e" else None


def _is_quantity(text: str) -> bool:
    try:
        Quantity.parse(text)
    except QuantityError:
        return False
    return True


class Resources(NamedTuple):
    """Requests or limits of one container; None: not set."""

    cpu: Quantity | None
    """Cores."""
    memory: Quantity | None
    """Bytes."""
    memory_key: str = "mem"
    """How the request spells it (`mem` or `memory`), so that a rule can point at it."""

    @property
    def canonical(self) -> "Resources":
        """The same, spelled as plans spell it."""
        return self._replace(memory_key="mem")
