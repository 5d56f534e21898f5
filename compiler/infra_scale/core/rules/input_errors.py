"""Explanations of syntax checks: files, their content, and flags.

The checks are implemented elsewhere; this module explains them by their finding ids.
"""

from infra_scale.core.ruling.catalogue import Entry
from infra_scale.core.ruling.catalogue import error_entry as _error

_YAML = "YAML 1.2.2; values that YAML 1.1 reads differently are refused, because kubectl and Helm read 1.1"
_SCHEMA = "JSON Schema draft 2020-12, and the schemas that `infra-scale schema` prints"
_QUANTITY = "Kubernetes, apimachinery/pkg/api/resource/quantity.go"
_DESIGN = "infra.scale, the layout of a repository"
_ORIGINAL = "the original infra.scale, command line"


INPUT_ERRORS: tuple[Entry, ...] = (
    _error(
        "FIL-001",
        "A symbolic link, a submodule or a device at the path of a request or target.",
        "Its target may be outside the repository, and git's index and the work tree would differ.",
        "replace it with the file itself",
        _DESIGN,
    ),
    _error(
        "FIL-002",
        "A path that cannot be the id of a request, or the name of a target.",
        "The id is used in paths, branches and commands: each segment is [a-z0-9][a-z0-9._-]*.",
        "rename the file as the finding shows",
        _DESIGN,
    ),
    _error(
        "FIL-003",
        "Two files with the same id, .yaml and .yml.",
        "Both would compile to one plan.",
        "keep one of them",
        _DESIGN,
    ),
    _error(
        "FIL-004",
        "More findings in one file than are listed or checked.",
        "More than 50 hide the first ones.",
        "fix the listed ones, and run it again",
        _DESIGN,
    ),
    _error(
        "YML-001",
        "A file of more than 256 KiB.",
        "Time and memory are limited before parsing.",
        "split it into several requests",
        "infra.scale, the limits for untrusted input",
    ),
    _error(
        "YML-002",
        "A file that is not UTF-8 text, or a Git LFS pointer.",
        "All tools must read the same characters.",
        "save it as UTF-8; remove it from Git LFS",
        _YAML,
    ),
    _error(
        "YML-003",
        "An invisible, bidirectional or control character, or a no-break space instead of a plain one.",
        "It can make a reviewer read a different text than the parser.",
        "delete it, or replace it with a plain space",
        "CVE-2021-42574, Trojan Source",
    ),
    _error(
        "YML-004",
        "A text that is not YAML, or that some readers refuse: tabs between words, `?` inside brackets.",
        "No value can be read from it, or readers disagree on it.",
        "fix the text at the caret",
        _YAML,
    ),
    _error(
        "YML-005",
        "A key that is written twice in one mapping.",
        "Some readers take the first, some the last.",
        "keep one of the two",
        _YAML,
    ),
    _error(
        "YML-006",
        "More than one document in a file.",
        "One request per file: a finding, a plan and a pull request name the file.",
        "split the file at `---`",
        _DESIGN,
    ),
    _error(
        "YML-007",
        "An anchor, an alias, a tag or a directive.",
        "Aliases can expand without limit, tags can create objects, and both hide values from the reviewer.",
        "write the value out",
        _YAML,
    ),
    _error(
        "YML-008",
        "An empty file, or a key that is not text.",
        "There is no content, or it has no JSON equivalent.",
        "write the file, or delete it",
        _YAML,
    ),
    _error(
        "YML-009",
        "More than 20 levels of nesting.",
        "A request needs 5.",
        "flatten it",
        "infra.scale, the limits for untrusted input",
    ),
    _error(
        "YML-010",
        "A value that YAML 1.1 and 1.2 read differently: on, 010, 1:30, 2026-01-01.",
        "The plan would depend on the parser.",
        "quote it, or write it unambiguously",
        _YAML,
    ),
    _error("SCH-001", "A key that is missing.", "Nothing can be planned without it.", "add it", _SCHEMA),
    _error(
        "SCH-002",
        "A key that does not exist.",
        "A misspelt key would be ignored silently.",
        "use the name that the finding suggests",
        _SCHEMA,
    ),
    _error(
        "SCH-003",
        "A value of the wrong type.",
        "Text, number or list: readers differ.",
        "write it with that type",
        _SCHEMA,
    ),
    _error(
        "SCH-004", "A value that is not among the choices.", "It has no meaning.", "use one of the choices", _SCHEMA
    ),
    _error(
        "SCH-005",
        "A name that Kubernetes would refuse.",
        "Names are RFC 1123 labels or subdomains.",
        "use lower-case letters, digits and '-'",
        "Kubernetes docs, Object Names and IDs",
    ),
    _error(
        "SCH-006", "A number out of range.", "Kubernetes would refuse it.", "use a number within the range", _SCHEMA
    ),
    _error(
        "SCH-007", "A text or list that is too short or too long.", "It would be empty, or unreadable.", "", _SCHEMA
    ),
    _error(
        "SCH-008",
        "A workload without any setting, or two mutually exclusive keys.",
        "An empty plan would look like a change.",
        "add one of the keys, or keep one of the two",
        _SCHEMA,
    ),
    _error("SCH-009", "Any other schema error.", "The schema does not allow it.", "see the schema", _SCHEMA),
    _error(
        "SCH-010",
        "A manifest, Helm values, a plan or a target instead of a request, or a request among the targets.",
        "A request lists changes only; keep manifests in their own folder.",
        "run the command that the finding shows, or move the file",
        _DESIGN,
    ),
    _error(
        "QTY-001",
        "A text that is not a quantity, or a negative one.",
        "Kubernetes would refuse it, or read a typo such as `m` as 0.",
        "write for example 500m, 1, 512Mi or 2Gi",
        _QUANTITY,
    ),
    _error(
        "QTY-002",
        "A quantity with an unknown suffix, such as K, gb or MB.",
        "Kubernetes knows k, M, G, … and Ki, Mi, Gi, …",
        "use the suffix that the finding suggests",
        _QUANTITY,
    ),
    _error(
        "QTY-003",
        "cpu that is finer than 1m.",
        "Kubernetes rounds it up to the next thousandth of a core.",
        "write a multiple of 1m",
        "Kubernetes docs, Resource Management: CPU resource units",
    ),
    _error(
        "QTY-004",
        "memory that is not a whole number of bytes, such as 400m.",
        "400m is 0.4 bytes; 400M or 400Mi is almost always intended.",
        "write a whole number of bytes, such as 512Mi",
        "kubernetes/pkg/api/pod/warnings.go",
    ),
    _error("FLG-001", "A flag with an invalid format.", "Its value cannot be parsed.", "see --help", _ORIGINAL),
    _error(
        "FLG-002",
        "--req or --lim for a name that no --workload has, or that several have.",
        "The workload is ambiguous.",
        "name a workload that is given once",
        _ORIGINAL,
    ),
    _error("FLG-003", "A workload or value that is given twice.", "One would be lost.", "give it once", _ORIGINAL),
    _error("FLG-004", "--hpa without a workload that it could scale.", "It would be lost.", "add replicas", _ORIGINAL),
    _error(
        "FLG-005",
        "An invisible or control character in a flag.",
        "It can hide parts of the command.",
        "remove it",
        "CVE-2021-42574, Trojan Source",
    ),
)
