"""kustomize builds in memory: files of a repository to whole objects, or to why they are not known.

Pure and immutable: a document is never changed in place, so every kustomization that names a folder shares its result.
The order of a build, identities and merge rules are those of kustomize 5.8.1, the version of kubectl 1.37, Argo CD 3.4
and Flux's kustomize-controller 1.8. Known are workloads, autoscalers, budgets, releases, Applications and quotas; of
other kinds not every reference follows a renamed object.

Nothing here judges a request: `membership`, `overlays` and `provenance` only answer what rules ask.
"""
