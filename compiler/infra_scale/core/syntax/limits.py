"""Limits for untrusted input, checked before anything is built from it."""

MAX_BYTES = 256 * 1024
"""Size of a hand-written file."""

MAX_MANIFEST_BYTES = 1024 * 1024
"""Size of a manifest."""

MAX_GENERATED_BYTES = 8 * 1024 * 1024
"""Size of a generated file: the plan of 500 workloads has less than 1 MiB."""

MAX_DEPTH = 20
"""Nesting of mappings and lists; a request needs 5."""

MAX_INTEGER_DIGITS = 20
"""A longer integer is kept as text with a float: Python refuses to convert huge ones."""

MAX_VIOLATIONS = 100
"""Maximum number of schema violations; a file with as many is not checked any further."""

MAX_FINDINGS_PER_FILE = 50
"""More would bury the first ones."""

STOPPED = "FIL-004"
"""The rule of the finding for errors that are not listed or not checked."""

MAX_MANIFEST_DEPTH = 100
"""Nesting in a manifest, aliases followed; the schema of a large CustomResourceDefinition has about 45 levels."""

MAX_MANIFEST_VALUES = 1_000_000
"""Values in a manifest, aliases followed and merge keys merged; 1 MiB without any has at most half as many."""

MAX_MANIFEST_DOCUMENTS = 10_000
"""Documents in a manifest."""

MAX_SNAPSHOT_BYTES = 5 * 1024 * 1024
"""Of a snapshot; 100 nodes and 200 workloads are about 130 KB."""
