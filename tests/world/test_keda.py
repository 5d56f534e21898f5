"""ScaledObjects with every setting, held against KEDA's own schema."""

import yaml

from support.kustomize import faults_of_custom_resources
from support.repository import Repository

_REQUEST = """\
target: prod
namespace: shop
workloads:
  - kind: Deployment
    name: web
    keda:
      min: 1
      max: 9
      idle: 0
      pollingInterval: 15
      cooldownPeriod: 60
      initialCooldownPeriod: 120
      restoreToOriginalReplicaCount: true
      fallback: {failureThreshold: 3, replicas: 4}
      triggers: [{type: prometheus, metadata: {serverAddress: "http://prometheus", query: "up", threshold: "3"}}]
"""


def test_a_scaled_object_with_every_setting_meets_the_schema_of_keda(repository: Repository) -> None:
    repository.write("requests/web.yaml", _REQUEST)
    repository.write("ops/targets/prod.yaml", "clusters: [{name: a}]\n")
    repository.run("compile")

    made = yaml.safe_load(repository.read("ops/rendered/infra-scale/a/shop/deployment-web/scaledobject-web.yaml"))

    assert faults_of_custom_resources([made]) == [[]]
    repository.run("compile", "--check")
