"""A repository of a shop: two clusters with snapshots and prices, a target without either, and requests for both."""

from support.repository import Repository

AS_OF = "2026-01-01T12:00:00Z"
"""Nine hours after the snapshots."""

_PROD = """\
clusters:
  - {name: eu-1, context: admin@eu-1}
  - {name: eu-2, wave: 1}
"""

_SNAPSHOT = """\
apiVersion: infra.scale/v1
kind: ClusterSnapshot
metadata: {cluster: CLUSTER, capturedAt: "2026-01-01T03:00:00Z", kubernetesVersion: v1.33.1, schema: 1}
nodePools:
  - name: general
    min: 2
    max: MAX
    current: 2
    template:
      allocatable: {cpu: "4", memory: 16Gi, pods: "50"}
      daemonsetOverhead: {cpu: 100m, memory: 128Mi, pods: "2"}
      labels: {}
      taints: []
nodes:
  - id: general-1
    pool: general
    unschedulable: false
    count: 2
    allocatable: {cpu: "4", memory: 16Gi, pods: "50"}
    requested: {cpu: 1500m, memory: 3Gi}
    pods: 6
    labels: {}
    taints: []
namespaces:
  - name: shop
    quotas:
      - {name: compute, hard: {requests.cpu: "8", pods: "40"}, used: {requests.cpu: 1500m, pods: "4"}}
workloads:
  - kind: Deployment
    namespace: shop
    name: checkout
    replicas: 2
    pods: {existing: 2, scheduled: 2}
    containers:
      - {name: app, requests: {cpu: 500m, memory: 512Mi}, limits: {memory: 1Gi}}
    hpa: {name: checkout, min: 2, max: 4, targetCPU: 70}
    placement: {general-1: 2}
  - kind: Deployment
    namespace: shop
    name: cart
    replicas: 1
    pods: {existing: 1, scheduled: 1}
    containers:
      - {name: app, requests: {cpu: 250m, memory: 256Mi}, limits: {}}
      - {name: log, requests: {cpu: 50m, memory: 64Mi}, limits: {}}
  - kind: CronJob
    namespace: shop
    name: report
    replicas: 1
    containers:
      - {name: report, requests: {cpu: 200m, memory: 256Mi}, limits: {}}
"""

_PRICES = """\
apiVersion: infra.scale/v1
kind: PriceSheet
metadata: {cluster: CLUSTER, effectiveFrom: "2025-07-01"}
currency: USD
hoursPerMonth: 730
source: our contract
default: {cpuCoreHour: "0.04", ramGiBHour: "0.005"}
"""

CHECKOUT_REQUEST = """\
target: prod
namespace: shop
workloads:
  - kind: Deployment
    name: checkout
    replicas: 3
    container: app
    requests: {cpu: 500m, mem: 512Mi}
    limits: {mem: 1Gi}
    hpa: {min: 2, max: 6, targetCPU: 70}
  - kind: CronJob
    name: report
    parallelism: 1
"""

CART_REQUEST = """\
target: prod
namespace: shop
workloads:
  - kind: Deployment
    name: cart
    cluster: eu-1
    container: app
    replicas: 2
"""

CI_REQUEST = """\
target: ci
workloads:
  - {kind: Deployment, name: api, replicas: 3}
"""


def snapshot(cluster: str, *, most: int = 4) -> str:
    """A snapshot with two nodes in a pool that may grow to `most`."""
    return _SNAPSHOT.replace("CLUSTER", cluster).replace("MAX", str(most))


def prices(cluster: str) -> str:
    """A price sheet."""
    return _PRICES.replace("CLUSTER", cluster)


def open_shop(repository: Repository) -> Repository:
    """Write everything, and commit it to main; plans are not committed: nobody needs them to compare."""
    repository.write("ops/targets/prod.yaml", _PROD)
    repository.write("ops/targets/ci.yaml", "description: throw-away clusters\n")
    for cluster, most in (("eu-1", 4), ("eu-2", 2)):
        repository.write(f"ops/clusters/{cluster}/snapshot.yaml", snapshot(cluster, most=most))
        repository.write(f"ops/clusters/{cluster}/prices.yaml", prices(cluster))
    repository.write("requests/shop/checkout.yaml", CHECKOUT_REQUEST)
    repository.write("requests/shop/cart.yaml", CART_REQUEST)
    repository.write("requests/ci/api.yaml", CI_REQUEST)
    commit(repository)
    return repository


def commit(repository: Repository) -> str:
    """Commit everything that lies there; its SHA."""
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "change")
    return repository.git("rev-parse", "HEAD").strip()


def change_everything(repository: Repository) -> None:
    """More pods and a larger request, a request that moves, one that goes, a new one, and other prices."""
    changed = CHECKOUT_REQUEST.replace("replicas: 3", "replicas: 5").replace("cpu: 500m", "cpu: 900m")
    repository.write("requests/shop/checkout.yaml", changed.replace("max: 6", "max: 8"))
    repository.git("mv", "requests/shop/cart.yaml", "requests/shop/basket.yaml")
    repository.git("rm", "--quiet", "requests/ci/api.yaml")
    repository.write("requests/ci/web.yaml", CI_REQUEST.replace("api", "web"))
    dearer = prices("eu-2").replace("2025-07-01", "2026-01-01").replace('"0.04"', '"0.05"')
    repository.write("ops/clusters/eu-2/prices.yaml", dearer)
