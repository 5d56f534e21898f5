"""infra.scale: a declarative GitOps compiler for Kubernetes scaling.

The public Python interface is `infra_scale.api`.
"""

__version__ = "0.1.0"
