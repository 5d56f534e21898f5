"""Immutable domain values, valid by construction. Standard library only.

No I/O and no domain decisions here. Values are NamedTuples, tagged where a union has them: importing `dataclasses`
and building two dozen of them costs more than the interpreter's own start.
"""
