"""What is checked around workloads: targets, policies, requests against each other, manifests, plans, waivers.

The checks stand where they are made; here they are explained, under the ids that findings carry.
"""

from infra_scale.core.ruling.catalogue import Entry
from infra_scale.core.ruling.catalogue import error_entry as _error

_DESIGN = "infra.scale, the layout of a repository"
_POLICY = "infra.scale, the policy of a target"

ENVIRONMENT_RULES: tuple[Entry, ...] = (
    _error(
        "TGT-001",
        "A target without a file in ops/targets/, where that folder has some.",
        "A misspelt target would be a new environment that no cluster stands behind.",
        "take the name that the finding suggests, or add the file",
        _DESIGN,
    ),
    _error(
        "TGT-004",
        "A request whose workloads times clusters are more than 2,500.",
        "Nobody can review a plan of that size.",
        "split the request, or name the `cluster` of workloads",
        _DESIGN,
    ),
    _error(
        "TGT-003",
        "A workload for a cluster that its target does not have.",
        "It would be scaled nowhere.",
        "take a cluster of the target, or leave `cluster` out to mean all of them",
        _DESIGN,
    ),
    _error(
        "TGT-002",
        "A target that names a cluster twice.",
        "Its workloads would be scaled twice.",
        "delete one of the two",
        _DESIGN,
    ),
    _error(
        "TGT-005",
        "A cluster that two targets name, without `shared: true` at it in both.",
        "A request could change to the target with the more lenient policy, and reach the same cluster.",
        "write `shared: true` at the cluster in both targets, or name it in one target only",
        _POLICY,
    ),
    _error(
        "GIT-001",
        "Two requests for one workload of one cluster.",
        "Whichever is applied last would win.",
        "merge the two requests",
        "infra.scale, one workload is scaled by one request",
    ),
    _error(
        "GIT-002",
        "Two workloads of one namespace whose autoscalers of a kind would have one name.",
        "The second would overwrite the first.",
        "scale one of them without it, or rename one",
        "Kubernetes docs, Object Names and IDs: unique in a namespace for each kind",
    ),
    Entry(
        "MAN-001",
        "warning",
        "A file below the `manifests` of a target that could not be read.",
        "What it declares is not known: container names and replicas are not checked against it.",
        "name folders with plain Kubernetes YAML; templates cannot be read",
        _DESIGN,
    ),
    Entry(
        "MAN-002",
        "note",
        "A kustomization below the `manifests` of a target that cannot be followed offline, or that may change more.",
        "Charts, generators, remote resources and patches of containers or replicas: what they make is not in a file.",
        "nothing; a request can name the container that a manifest does not tell",
        _DESIGN,
    ),
    _error(
        "MAN-004",
        "A folder of `manifests` of a target in which nothing lies.",
        "A misspelt folder would turn every check against the manifests off, and nobody would notice.",
        "name a folder from the top of the repository in which manifests are",
        _DESIGN,
    ),
    Entry(
        "CLU-001",
        "warning",
        "A YAML file below ops/clusters/ that is neither snapshot.yaml nor prices.yaml of a cluster.",
        "Nobody reads it: a slip of the pen would turn the checks of capacity or cost off, and nobody would notice.",
        "name it as the finding says",
        _DESIGN,
    ),
    _error(
        "CLU-002",
        "A price sheet that names another cluster than its folder.",
        "Costs would be told by the prices of another cluster.",
        "write the cluster's name into it, or move the file",
        _DESIGN,
    ),
    _error(
        "PLN-001",
        "A committed plan in a newer format than this infra-scale writes.",
        "An older compiler would take away what it does not know.",
        "upgrade infra-scale",
        "infra.scale, the plan format",
    ),
    _error(
        "PLN-002",
        "Anything below ops/plans/infra-scale/ or ops/rendered/infra-scale/ that no compile of the repository writes "
        "there: a file, link, hidden file, submodule, whatever its content says of itself. Files that Git ignores and "
        "does not track do not count. `compile` alone, `validate` and `publish` show a warning and go on.",
        "Argo CD and Flux apply these files, and no approved plan contains them.",
        "move it one level up (ops/plans/ and ops/rendered/ are yours), or let `infra-scale compile --prune` delete it",
        _DESIGN,
    ),
    _error(
        "PLN-003",
        "A plan or rendered manifest that is missing, stale or orphaned, in annotations of `compile --check`; with "
        "`--base`, also one that the change touches and that cannot be checked, because its request is refused.",
        "What is approved would not be what is asked for.",
        "run `infra-scale compile` and commit the result",
        _DESIGN,
    ),
    _error(
        "PLN-004",
        "Something that infra-scale did not generate exactly where a plan or a rendered manifest belongs.",
        "It would have to be overwritten.",
        "move it elsewhere, or let `infra-scale compile --prune` replace it",
        _DESIGN,
    ),
    Entry(
        "PLN-005",
        "warning",
        "A rendered Component that goes with its last request, while an overlay or an Application may name it.",
        "What names a Component that is not there cannot be built any more. Only the run that deletes it can say so.",
        "",
        "kustomize: unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory",
    ),
    _error(
        "POL-001",
        "A policy that names a rule which does not exist.",
        "A misspelt id would set nothing, and nobody would notice.",
        "take the id that the finding suggests",
        _POLICY,
    ),
    _error(
        "POL-002",
        "A policy that turns an error down.",
        "What such a rule reports is refused by Kubernetes, or makes the plan wrong.",
        "delete the line",
        _POLICY,
    ),
    _error(
        "POL-003",
        "A threshold that a rule does not have, or `onUnknown` for a rule that needs neither a snapshot nor prices.",
        "It would be passed over in silence.",
        "take one that `infra-scale explain` shows",
        _POLICY,
    ),
    _error("POL-004", "An own rule whose id is taken.", "Findings could not be told apart.", "take another", _POLICY),
    _error(
        "POL-005",
        "An own rule whose expression cannot be read.",
        "It could never fire.",
        "correct the expression",
        "the Common Expression Language, cel.dev",
    ),
    _error(
        "POL-006",
        "A target with own rules where the library for CEL is not installed.",
        "A rule that is not checked must not look like one that passed.",
        "install it again with its extra `policy`, from where it came; the hook and CI have installations of their own",
        _POLICY,
    ),
    Entry(
        "OWN-007",
        "warning",
        "An autoscaler that the committed plan applies, and that no request asks for any more, without `handover`.",
        "It lives on in the cluster until something deletes it, and then the count that it set last hangs in the air. "
        "Only the run that changes the plan can know of it.",
        "hand it over: the plan then has the steps",
        "infra.scale, what a hand-over is, in docs/how-to-handover.md",
    ),
    Entry(
        "WVR-001",
        "warning",
        "A waiver (`allow`) whose last day has passed.",
        "An exception that nobody looks at again becomes the rule. It stands until then, also in the plan.",
        "meet the rule and delete the waiver, or have it prolonged; a policy can make this an error",
        _POLICY,
    ),
    Entry(
        "WVR-002",
        "warning",
        "A waiver of a rule that does not fire.",
        "It would hide the finding when it does fire one day.",
        "delete the waiver",
        _POLICY,
    ),
    _error(
        "WVR-003",
        "A waiver of a rule that does not exist, that is an error, or that the target lets nobody waive.",
        "What is refused by Kubernetes cannot be allowed by a word, and a target's policy is above a request.",
        "meet the rule",
        _POLICY,
    ),
    _error(
        "WVR-004",
        "A workload that allows a rule twice.",
        "It would not be clear which reason and which day count.",
        "keep one of the two",
        _POLICY,
    ),
    _error(
        "NGT-001",
        "Two nightly tasks of one name.",
        "A report could not tell them apart.",
        "give each task a name of its own",
        "infra.scale, ops/nightly.yaml",
    ),
)
