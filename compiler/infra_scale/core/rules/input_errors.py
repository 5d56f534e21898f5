"""What is checked before any rule can be: the form of a file, of what stands in it, and of flags.

The checks stand where they are made; here they are explained, under the ids that findings carry.
"""

from infra_scale.core.ruling.catalogue import Entry
from infra_scale.core.ruling.catalogue import error_entry as _error

_YAML = "YAML 1.2.2; what YAML 1.1 reads otherwise is refused, because kubectl and Helm read 1.1"
_SCHEMA = "JSON Schema draft 2020-12, and the schemas that `infra-scale schema` prints"
_QUANTITY = "Kubernetes, apimachinery/pkg/api/resource/quantity.go"
_DESIGN = "infra.scale, the layout of a repository"
_ORIGINAL = "the original infra.scale, command line"


INPUT_ERRORS: tuple[Entry, ...] = (
    _error(
        "FIL-001",
        "A symbolic link, a submodule or a device where a request or target belongs.",
        "What it stands for may lie outside the repository, and git's index and the work tree would disagree about it.",
        "commit the file itself in its place",
        _DESIGN,
    ),
    _error(
        "FIL-002",
        "A path that cannot be the id of a request, or the name of a target.",
        "The id becomes a path, a branch and a part of commands: each segment is [a-z0-9][a-z0-9._-]*.",
        "rename the file as the finding shows",
        _DESIGN,
    ),
    _error(
        "FIL-003",
        "Two files with one id, .yaml and .yml.",
        "Both would compile to one plan.",
        "keep one of them",
        _DESIGN,
    ),
    _error(
        "FIL-004",
        "More findings in one file than are listed, or than were looked for.",
        "More than 50 bury the first ones.",
        "mend those that are shown, and run it again",
        _DESIGN,
    ),
    _error(
        "YML-001",
        "A file of more than 256 KiB.",
        "Everybody's time and memory is bounded before anything is parsed.",
        "split it into several requests",
        "infra.scale, the bounds on hostile input",
    ),
    _error(
        "YML-002",
        "A file that is not UTF-8 text, or a Git LFS pointer.",
        "Every tool has to read the same characters.",
        "save it as UTF-8; take it out of Git LFS",
        _YAML,
    ),
    _error(
        "YML-003",
        "An invisible, bidirectional or control character, or a no-break space where YAML wants a plain one.",
        "It can make a reviewer read another text than the parser.",
        "delete it, or replace it with a plain space",
        "CVE-2021-42574, Trojan Source",
    ),
    _error(
        "YML-004",
        "A text that is not YAML, or not YAML to all readers: tabs between words, `?` inside of brackets.",
        "No value can be read from it, or readers disagree on it.",
        "correct the place that the caret shows",
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
        "Aliases can grow without bound, tags can make objects, and both hide what is asked for from a reviewer.",
        "write the value out",
        _YAML,
    ),
    _error(
        "YML-008",
        "An empty file, or a key that is not text.",
        "There is nothing to read, or nothing that JSON could say.",
        "write the file, or delete it",
        _YAML,
    ),
    _error(
        "YML-009",
        "More than 20 levels of nesting.",
        "A request needs 5.",
        "flatten it",
        "infra.scale, the bounds on hostile input",
    ),
    _error(
        "YML-010",
        "A value that readers of YAML 1.1 and of 1.2 take for different things: on, 010, 1:30, 2026-01-01.",
        "The plan would depend on who reads it.",
        "quote it, or write it plainly",
        _YAML,
    ),
    _error("SCH-001", "A key that is missing.", "Nothing can be planned without it.", "add it", _SCHEMA),
    _error(
        "SCH-002",
        "A key that does not exist.",
        "A misspelt key that is passed over asks for nothing, and nobody notices.",
        "take the name that the finding suggests",
        _SCHEMA,
    ),
    _error("SCH-003", "A value of the wrong type.", "Text, number or list: readers differ.", "write it so", _SCHEMA),
    _error("SCH-004", "A value that is none of the choices.", "It names nothing.", "take one of the choices", _SCHEMA),
    _error(
        "SCH-005",
        "A name that Kubernetes would refuse.",
        "Names are RFC 1123 labels or subdomains.",
        "use lower-case letters, digits and '-'",
        "Kubernetes docs, Object Names and IDs",
    ),
    _error("SCH-006", "A number outside its bounds.", "Kubernetes would refuse it.", "write one within", _SCHEMA),
    _error(
        "SCH-007", "A text or list that is too short or too long.", "It would be empty, or unreadable.", "", _SCHEMA
    ),
    _error(
        "SCH-008",
        "A workload that asks for nothing, or two keys that exclude each other.",
        "An empty plan says that something was done.",
        "add one of the keys, or keep one of the two",
        _SCHEMA,
    ),
    _error("SCH-009", "Any other fault of form.", "The schema does not allow it.", "see the schema", _SCHEMA),
    _error(
        "SCH-010",
        "A manifest, Helm values, a plan or a target in the place of a request, or a request among the targets.",
        "A request says what should change; manifests stay where they are.",
        "run the command that the finding shows, or move the file",
        _DESIGN,
    ),
    _error(
        "QTY-001",
        "A text that is no quantity, or a negative one.",
        "Kubernetes would refuse it, or read a typo such as `m` as 0.",
        "write for example 500m, 1, 512Mi or 2Gi",
        _QUANTITY,
    ),
    _error(
        "QTY-002",
        "A quantity with an unknown suffix, such as K, gb or MB.",
        "Kubernetes knows k, M, G, … and Ki, Mi, Gi, …",
        "take the suffix that the finding suggests",
        _QUANTITY,
    ),
    _error(
        "QTY-003",
        "cpu that is finer than 1m.",
        "Everything that uses it rounds it up to the next thousandth of a core.",
        "write a multiple of 1m",
        "Kubernetes docs, Resource Management: CPU resource units",
    ),
    _error(
        "QTY-004",
        "memory that is not a whole number of bytes, such as 400m.",
        "400m is 0.4 bytes; almost always 400M or 400Mi was meant.",
        "write a whole number of bytes, such as 512Mi",
        "kubernetes/pkg/api/pod/warnings.go",
    ),
    _error("FLG-001", "A flag that is not written as it must be.", "It cannot be read.", "see --help", _ORIGINAL),
    _error(
        "FLG-002",
        "--req or --lim for a name that no --workload has, or that several have.",
        "It is not clear whose resources they are.",
        "name a workload that is given once",
        _ORIGINAL,
    ),
    _error("FLG-003", "A workload or value that is given twice.", "One would be lost.", "give it once", _ORIGINAL),
    _error("FLG-004", "--hpa without a workload that it could scale.", "It would be lost.", "add replicas", _ORIGINAL),
    _error(
        "FLG-005",
        "An invisible or control character in a flag.",
        "It can hide what the command says.",
        "leave it out",
        "CVE-2021-42574, Trojan Source",
    ),
)
