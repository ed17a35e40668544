//! ServiceMonitors and PodMonitors, each spoilt once in a cluster where all is well.

use gitopsc::facts::Extent;

use crate::cluster::{findings, pairs};

const SOUND: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Namespace
metadata: {name: monitoring}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop, labels: {app: web-shop, tier: front}}
spec: {selector: {app: web-shop}, ports: [{name: http, port: 80, targetPort: http}, {name: metrics, port: 9100}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web-shop}}
  template:
    metadata: {labels: {app: web-shop, tier: front}}
    spec:
      containers:
        - name: web
          image: 'registry.example.com/web:1'
          ports: [{name: http, containerPort: 8080}, {name: probe, containerPort: 9100}]
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: near, namespace: shop}
spec:
  selector: {matchLabels: {app: web-shop}}
  endpoints: [{port: metrics}, {targetPort: probe}, {targetPort: 8080}]
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: far, namespace: monitoring}
spec:
  namespaceSelector: {matchNames: [shop]}
  selector: {matchExpressions: [{key: tier, operator: In, values: [front, back]}]}
  endpoints: [{port: http, path: /metrics}]
---
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata: {name: pods, namespace: monitoring}
spec:
  namespaceSelector: {any: true}
  selector: {matchLabels: {tier: front}}
  podMetricsEndpoints: [{port: 'probe'}, {portNumber: 9100}]
";

/// A name, the check, what is found, and what is put in its place.
const SPOILT: &[(&str, &str, &str, &str)] = &[
    (
        "labels",
        "selector-matches-nothing",
        "{matchLabels: {app: web-shop}}\n  endpoints",
        "{matchLabels: {app: web-shob}}\n  endpoints",
    ),
    (
        "labels of nothing",
        "selector-matches-nothing",
        "{matchLabels: {app: web-shop}}\n  endpoints",
        "{matchLabels: {component: exporter}}\n  endpoints",
    ),
    (
        "other namespace",
        "selector-matches-nothing",
        "matchNames: [shop]",
        "matchNames: [monitoring]",
    ),
    ("no namespace", "selector-matches-nothing", "  namespaceSelector: {matchNames: [shop]}\n", ""),
    ("values", "selector-matches-nothing", "values: [front, back]", "values: [back]"),
    ("port", "service-port-missing", "[{port: metrics}", "[{port: metric}"),
    ("number of a port", "service-port-missing", "[{port: metrics}", "[{port: '9100'}"),
    ("port of the pods", "service-port-missing", "{port: http, path", "{port: probe, path"),
    ("target port", "target-port-missing", "{targetPort: probe}", "{targetPort: metrics}"),
    ("number of a target port", "target-port-missing", "targetPort: 8080", "targetPort: 8081"),
    ("port of pods", "target-port-missing", "{port: 'probe'}", "{port: 'metrics'}"),
    ("number of pods", "target-port-missing", "portNumber: 9100", "portNumber: 9101"),
];

fn spoil(from: &str, to: &str) -> String {
    crate::support::whole::spoilt(SOUND, from, to)
}

#[test]
fn each_spoilt_monitor_is_one_finding() {
    let cases: Vec<_> = SPOILT
        .iter()
        .map(|(name, id, from, to)| (*name, *id, spoil(from, to), SOUND.to_owned()))
        .collect();
    pairs(&cases, Extent::Whole);
}

#[test]
fn the_namespace_that_was_meant_is_named() {
    let found = findings(&spoil("matchNames: [shop]", "matchNames: [monitoring]"), Extent::Whole);
    let help = found[0].help.as_deref().unwrap_or_default();
    assert!(help.contains("name `shop` in `namespaceSelector.matchNames`"), "{help}");
}

/// What others make, or may make, is not missing.
#[test]
fn what_may_be_there_is_not_missing() {
    const FINE: &[(&str, &str, &str)] = &[
        ("all", "{matchLabels: {app: web-shop}}\n  endpoints", "{}\n  endpoints"),
        ("in any namespace", "{matchLabels: {tier: front}}", "{matchLabels: {tier: bakc}}"),
        ("of the system", "matchNames: [shop]", "matchNames: [kube-system]"),
        ("of a mesh", "{port: 'probe'}", "{port: http-envoy-prom}"),
        (
            "of the API server",
            "{matchNames: [shop]}\n  selector: {matchExpressions: [{key: tier, operator: In, values: [front, back]}]}",
            "{matchNames: [default]}\n  selector: {matchLabels: {component: apiserver}}",
        ),
        (
            "of an operator",
            "{matchLabels: {app: web-shop}}\n  endpoints",
            "{matchLabels: {operated-prometheus: 'true'}}\n  endpoints",
        ),
    ];
    for (name, from, to) in FINE {
        let found = findings(&spoil(from, to), Extent::Whole);
        assert!(found.is_empty(), "{name}: {found:#?}");
    }
    const OPERATED: &str = "---
apiVersion: acme.example.com/v1
kind: Database
metadata: {name: store, namespace: shop}
";
    for label in ["app: store-metrics", "role: exporter"] {
        let to = format!("{{matchLabels: {{{label}}}}}\n  endpoints");
        let text = spoil("{matchLabels: {app: web-shop}}\n  endpoints", &to) + OPERATED;
        let found = findings(&text, Extent::Whole);
        assert!(found.is_empty(), "{label}: {found:#?}");
    }
}

/// Files may be some of those of a cluster: only what was surely meant is told.
#[test]
fn in_files_only_slips_are_told() {
    let labels = "{matchLabels: {app: web-shop}}\n  endpoints";
    let slip = spoil(labels, "{matchLabels: {app: web-shob}}\n  endpoints");
    let other = spoil(labels, "{matchLabels: {app: ledger}}\n  endpoints");
    let port = spoil("[{port: metrics}", "[{port: metric}");
    for extent in [Extent::Files, Extent::Tree] {
        let ids = |text| findings(text, extent).iter().map(|it| it.id).collect::<Vec<_>>();
        assert_eq!(ids(&slip), ["selector-matches-nothing"], "{extent:?}");
        assert!(ids(&other).is_empty(), "{extent:?}");
        let is_told = extent == Extent::Tree;
        assert_eq!(!ids(&port).is_empty(), is_told, "{extent:?}");
    }
}
