"""The bounds on hostile input, checked before anything grows with it."""

MAX_BYTES = 256 * 1024
"""Size of a file that people write."""

MAX_MANIFEST_BYTES = 1024 * 1024
"""Size of a manifest that is read for what it says of workloads."""

MAX_GENERATED_BYTES = 8 * 1024 * 1024
"""Size of a file that we generate: the plan of 500 workloads has less than 1 MiB."""

MAX_DEPTH = 20
"""Nesting of mappings and lists; a request needs 5."""

MAX_INTEGER_DIGITS = 20
"""A longer integer is kept as text with a float beside it: Python refuses to convert huge ones."""

MAX_VIOLATIONS = 100
"""Violations of a schema that are worked out; a file with as many is not read any further."""

MAX_FINDINGS_PER_FILE = 50
"""More would bury the first ones."""

STOPPED = "FIL-004"
"""The rule of the finding that stands for those that are not listed, or that nobody has looked for."""

MAX_MANIFEST_DEPTH = 100
"""Nesting in a manifest, aliases followed; the schema of a large CustomResourceDefinition has about 45 levels."""

MAX_MANIFEST_VALUES = 1_000_000
"""Values in a manifest, aliases followed and merge keys merged; 1 MiB without any has at most half as many."""

MAX_MANIFEST_DOCUMENTS = 10_000
"""Documents in a manifest."""

MAX_SNAPSHOT_BYTES = 5 * 1024 * 1024
"""Of a snapshot; 100 nodes and 200 workloads are about 130 KB."""
