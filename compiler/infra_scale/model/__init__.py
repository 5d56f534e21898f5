"""The nouns: immutable values that are right once they exist. Standard library only.

Nothing here reads, decides or prints. Values are NamedTuples, tagged where a union has them: importing `dataclasses`
and building two dozen of them costs more than the interpreter's own start.
"""
