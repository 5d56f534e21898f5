"""Where each rule about ownership fires, and the nearest workload at which it must not."""

_HPA = "hpa: {min: 2, max: 9}"
_KEDA = "triggers: [{type: cron, metadata: {timezone: UTC}}]"

PAIRS: list[tuple[str, str, str, int | None]] = [
    # rule, firing, silent, spec.replicas of the base manifest
    ("OWN-001", _HPA, f"{_HPA}, handover: {{from: replicas}}", 2),
    ("OWN-001", f"keda: {{min: 2, max: 9, {_KEDA}}}", "replicas: 4", 2),
    ("OWN-002", "requests: {cpu: 1}, handover: {from: hpa}", "replicas: 2, handover: {from: hpa}", None),
    ("OWN-002", "requests: {cpu: 1}, handover: {from: keda}", "replicas: 2, handover: {from: keda}", 3),
    ("OWN-003", "hpa: {min: 1, max: 9}, handover: {from: replicas}", f"{_HPA}, handover: {{from: replicas}}", None),
    (
        "OWN-003",
        "hpa: {min: 1, max: 9}, handover: {from: replicas, replicas: 2}",
        "hpa: {min: 1, max: 9}, handover: {from: replicas, replicas: 1}",
        None,
    ),
    ("OWN-003", "hpa: {min: 1, max: 9}, handover: {from: keda}", f"{_HPA}, handover: {{from: keda}}", 1),
    (
        "OWN-003",
        f"keda: {{max: 9, {_KEDA}}}, handover: {{from: hpa, replicas: 2}}",
        f"keda: {{min: 2, max: 9, {_KEDA}}}, handover: {{from: hpa, replicas: 2}}",
        None,
    ),
    (
        "OWN-004",
        f"{_HPA}, handover: {{from: hpa, replicas: 2}}",
        f"{_HPA}, handover: {{from: replicas, replicas: 2}}",
        None,
    ),
    ("OWN-004", "replicas: 2, handover: {from: replicas}", "replicas: 2, handover: {from: hpa}", None),
    ("OWN-004", "handover: {from: replicas}, requests: {cpu: 1}", "handover: {from: replicas}, vpa: {mode: Off}", None),
    ("OWN-004", "handover: {from: vpa}, limits: {cpu: 1}", "handover: {from: vpa}, requests: {cpu: 1}", None),
    ("OWN-004", "handover: {from: vpa}, vpa: {mode: Off}", "handover: {from: vpa}, requests: {cpu: 1}", None),
    (
        "OWN-004",
        "kind: DaemonSet, requests: {cpu: 1}, handover: {from: hpa}",
        "kind: DaemonSet, requests: {cpu: 1}, handover: {from: vpa}",
        None,
    ),
    (
        "OWN-005",
        f"{_HPA}, handover: {{from: replicas, replicas: 3}}",
        f"{_HPA}, handover: {{from: replicas, replicas: 2}}",
        None,
    ),
    ("OWN-005", f"{_HPA}, handover: {{from: replicas}}", f"replicas: 2, {_HPA}, handover: {{from: replicas}}", 3),
    ("OWN-006", "replicas: 1, handover: {from: hpa}", "replicas: 1, handover: {from: hpa, replicas: 1}", None),
    (
        "OWN-006",
        "replicas: 0, handover: {from: keda, replicas: 1}",
        "replicas: 0, handover: {from: keda, replicas: 0}",
        None,
    ),
    (
        "OWN-006",
        "replicas: 1, handover: {from: hpa, replicas: 2}",
        "replicas: 2, handover: {from: hpa, replicas: 3}",
        1,
    ),
]
