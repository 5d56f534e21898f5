"""The regular expressions of JSON Schemas, as Python reads them."""


def python_pattern(pattern: str) -> str:
    """A pattern of ECMA 262: there `$` is the end, while Python's also matches before a last newline."""
    return f"{pattern[:-1]}\\Z" if pattern.endswith("$") else pattern
