"""Human-readable amounts by resource name: bytes with units, counts as plain numbers."""

from infra_scale.model.quantity import NANO, Quantity

_BYTES = frozenset({"memory", "mem", "storage", "ephemeral-storage"})
_HUGE_PAGES = "hugepages-"
_OF_STORAGE_CLASS = ".storageclass.storage.k8s.io/requests.storage"
_KIBI = 1024
_SUFFIXES = ("", "Ki", "Mi", "Gi", "Ti", "Pi")
_ENOUGH = 1000
"""Rounded amounts keep at least this many units, so that two amounts stay distinguishable."""


def is_bytes(resource: str) -> bool:
    """Whether a resource of a pod, a claim or a quota (`requests.memory`, `limits.hugepages-2Mi`) counts bytes."""
    if "/" in resource:  # an extended resource may be called memory and count something else
        return resource.endswith(_OF_STORAGE_CLASS)
    last = resource.rpartition(".")[2]
    return last in _BYTES or last.startswith(_HUGE_PAGES)


def in_units(resource: str, amount: Quantity) -> Quantity:
    """The same amount; whole kibibytes get a binary suffix: 42949672960 bytes are 40Gi."""
    if amount.format != "binary" and is_bytes(resource) and amount.nano and amount.nano % (_KIBI * NANO) == 0:
        binary = Quantity(amount.nano, "binary")
        return binary if len(str(binary)) < len(str(amount)) else amount
    return amount


def amount_text(resource: str, amount: Quantity) -> str:
    """For people: 40Gi, 1500m, 8. Bytes that no suffix expresses exactly are rounded: ~1119.4Mi."""
    if amount.format == "exponent":
        amount = Quantity(amount.nano, "decimal")
    if is_bytes(resource):
        text = str(in_units(resource, amount))
        return _rounded(amount) if text.isdecimal() and len(text) > len(str(_KIBI)) else text
    return str(amount.units()) if amount.is_integral else str(amount)


def _rounded(amount: Quantity) -> str:
    value, power = amount.nano / NANO, 0
    while value >= _ENOUGH * _KIBI and power < len(_SUFFIXES) - 1:
        value, power = value / _KIBI, power + 1
    return f"~{value:.1f}{_SUFFIXES[power]}" if power else str(amount)
