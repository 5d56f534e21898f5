"""Explanations of other checks: targets, policies, conflicts of requests, manifests, plans, waivers.

The checks are implemented elsewhere; this module explains them by their finding ids.
"""

from infra_scale.core.ruling.catalogue import Entry
from infra_scale.core.ruling.catalogue import error_entry as _error

_DESIGN = "infra.scale, the layout of a repository"
_POLICY = "infra.scale, the policy of a target"

ENVIRONMENT_RULES: tuple[Entry, ...] = (
    _error(
        "TGT-001",
        "A target without a file in ops/targets/, if that folder has any.",
        "A misspelt target would be a new environment without clusters.",
        "use the name that the finding suggests, or add the file",
        _DESIGN,
    ),
    _error(
        "HLM-009",
        "A `helm` entry with only one of `release` and `files`, or a `helm` list without `manifests`.",
        "A values file is for one release. Values in Git are read in the folders of `manifests`.",
        "name both, or neither for a HelmRelease in the manifests",
        _DESIGN,
    ),
    _error(
        "TGT-004",
        "A request whose workloads times clusters are more than 2,500.",
        "A plan of that size cannot be reviewed.",
        "split the request, or name the `cluster` of workloads",
        _DESIGN,
    ),
    _error(
        "TGT-003",
        "A workload for a cluster that its target does not have.",
        "It would be scaled nowhere.",
        "use a cluster of the target, or omit `cluster` to select all of them",
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
        "A request could move to the target with the relaxed policy and reach the same cluster.",
        "set `shared: true` for the cluster in both targets, or use it in one target only",
        _POLICY,
    ),
    _error(
        "GIT-001",
        "Two requests for one workload of one cluster.",
        "The one applied last would win.",
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
        "Its objects are unknown: container names and replicas are not checked against it.",
        "name folders with plain Kubernetes YAML; templates cannot be read",
        _DESIGN,
    ),
    Entry(
        "MAN-002",
        "note",
        "A kustomization below the `manifests` of a target that cannot be evaluated offline, or that may change more.",
        "The output of charts, generators, remote resources and patches of containers or replicas is not in a file.",
        "no fix needed; a request can name the container if a manifest does not show it",
        _DESIGN,
    ),
    _error(
        "MAN-011",
        "A build that joins a rendered Component, which kustomize refuses with it and builds without it.",
        "The application could no longer be built, and nothing of it would be applied.",
        "change what the finding names",
        "kustomize: the errors of a build",
    ),
    Entry(
        "MAN-012",
        "warning",
        "A value that a rendered Component sets, and that a build which joins it holds otherwise.",
        "An overlay, an Application or a Flux Kustomization changes it after the Component, so it is not applied.",
        "delete the change, or change the request",
        "kustomize, api/internal/target/kusttarget.go: accumulateTarget",
    ),
    _error(
        "MAN-004",
        "An empty or missing folder in `manifests` of a target.",
        "A misspelt folder would silently disable all checks against the manifests.",
        "list a folder with manifests, relative to the root of the repository",
        _DESIGN,
    ),
    Entry(
        "CLU-001",
        "warning",
        "A YAML file below ops/clusters/ that is neither snapshot.yaml nor prices.yaml of a cluster.",
        "The file is not read: a typo would silently disable the checks of capacity or cost.",
        "rename it as in the finding",
        _DESIGN,
    ),
    _error(
        "CLU-002",
        "A price sheet that names another cluster than its folder.",
        "Costs would be calculated with the prices of another cluster.",
        "write the cluster's name into it, or move the file",
        _DESIGN,
    ),
    _error(
        "PLN-001",
        "A committed plan in a newer format than this infra-scale writes.",
        "An older compiler would remove unsupported keys.",
        "upgrade infra-scale",
        "infra.scale, the plan format",
    ),
    _error(
        "PLN-002",
        "Anything below ops/plans/infra-scale/ or ops/rendered/infra-scale/ that no compile of the repository writes "
        "there: a file, link, hidden file or submodule, regardless of its content. Files that Git ignores and "
        "does not track do not count. `compile` alone, `validate` and `publish` show a warning and continue.",
        "Argo CD and Flux apply these files, and no approved plan contains them.",
        "move it one level up (ops/plans/ and ops/rendered/ are yours), or let `infra-scale compile --prune` delete it",
        _DESIGN,
    ),
    _error(
        "PLN-003",
        "A plan or rendered manifest that is missing, stale or orphaned, in annotations of `compile --check`; with "
        "`--base`, also one that the change touches and that cannot be checked, because its request is refused.",
        "The approved plan would differ from the request.",
        "run `infra-scale compile` and commit the result",
        _DESIGN,
    ),
    _error(
        "PLN-004",
        "A file that infra-scale did not generate at the path of a plan or a rendered manifest.",
        "It would have to be overwritten.",
        "move it elsewhere, or let `infra-scale compile --prune` replace it",
        _DESIGN,
    ),
    Entry(
        "PLN-005",
        "warning",
        "A rendered Component that is deleted with its last request, but may still be referenced.",
        "An overlay with a missing Component cannot be built. Only the run that deletes it can report this.",
        "",
        "kustomize: unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory",
    ),
    _error(
        "POL-001",
        "A policy with an unknown rule.",
        "A misspelt id would silently have no effect.",
        "use the id that the finding suggests",
        _POLICY,
    ),
    _error(
        "POL-002",
        "A policy that relaxes an error.",
        "Kubernetes would refuse the change, or the plan would be wrong.",
        "delete the line",
        _POLICY,
    ),
    _error(
        "POL-003",
        "A threshold that a rule does not have, or `onUnknown` for a rule that needs neither a snapshot nor prices.",
        "It would be silently ignored.",
        "use one that `infra-scale explain` shows",
        _POLICY,
    ),
    _error("POL-004", "A custom rule whose id is taken.", "Findings would be ambiguous.", "choose another id", _POLICY),
    _error(
        "POL-005",
        "A custom rule with an invalid expression.",
        "It could never fire.",
        "fix the expression",
        "the Common Expression Language, cel.dev",
    ),
    _error(
        "POL-006",
        "A target with custom rules if the library for CEL is not installed.",
        "An unchecked rule must not look like a passed one.",
        "reinstall it from the same source with its extra `policy`; the hook and CI have separate installations",
        _POLICY,
    ),
    Entry(
        "OWN-007",
        "warning",
        "An autoscaler that the committed plan applies, and that no request has any more, without `handover`.",
        "It exists in the cluster until it is deleted, and then the count that it set last has no owner. "
        "Only the run that changes the plan can detect this.",
        "hand it over: the plan then has the steps",
        "infra.scale, docs/how-to-handover.md",
    ),
    Entry(
        "WVR-001",
        "warning",
        "A waiver (`allow`) that has expired.",
        "An exception without a review becomes permanent. The waiver is listed in the plan until it is removed.",
        "fix the finding and delete the waiver, or extend it; a policy can make this an error",
        _POLICY,
    ),
    Entry(
        "WVR-002",
        "warning",
        "A waiver of a rule that does not fire.",
        "It would hide the finding if the rule fires later.",
        "delete the waiver",
        _POLICY,
    ),
    _error(
        "WVR-003",
        "A waiver of a rule that is unknown, an error, or unwaivable for the target.",
        "A waiver cannot allow what Kubernetes refuses, and a target's policy takes precedence over a request.",
        "meet the rule",
        _POLICY,
    ),
    _error(
        "WVR-004",
        "A workload that allows a rule twice.",
        "The reason and the expiry date would be ambiguous.",
        "keep one of the two",
        _POLICY,
    ),
    _error(
        "NGT-001",
        "Two nightly tasks with the same name.",
        "A report would be ambiguous.",
        "give each task a unique name",
        "infra.scale, ops/nightly.yaml",
    ),
)
