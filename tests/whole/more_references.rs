//! Names in objects of more kinds, each spoilt once beside a cluster in which all is well.

use gitopsc::facts::Extent;

use crate::cluster::pairs;

/// Objects of which each names others.
const MORE: &str = include_str!("more_references.yaml");

/// The check and what is put in place of what.
const SPOILT: &[(&str, &str, &str, &str)] = &[
    ("mirror", "service-missing", "backendRef: {name: api", "backendRef: {name: apy"),
    ("TCPRoute", "service-missing", "backendRefs: [{name: api", "backendRefs: [{name: apy"),
    (
        "IngressRouteTCP",
        "service-missing",
        "services: [{name: api, port: 443",
        "services: [{name: apy, port: 443",
    ),
    (
        "port of an IngressRouteUDP",
        "service-port-missing",
        "{name: api, port: 53}",
        "{name: api, port: 54}",
    ),
    ("chain", "reference-missing", "middlewares: [{name: login}]", "middlewares: [{name: log-in}]"),
    ("basic authentication", "secret-missing", "secret: users", "secret: user"),
    ("canary", "service-missing", "canaryService: api", "canaryService: apy"),
    (
        "workload of a Rollout",
        "scale-target-missing",
        "kind: Deployment, name: api",
        "kind: Deployment, name: apy",
    ),
    (
        "snapshot",
        "claim-missing",
        "persistentVolumeClaimName: data",
        "persistentVolumeClaimName: date",
    ),
    (
        "source of a claim",
        "claim-missing",
        "kind: PersistentVolumeClaim, name: data",
        "kind: PersistentVolumeClaim, name: date",
    ),
    ("policy", "reference-missing", "policyName: names", "policyName: name"),
    (
        "conversion",
        "service-missing",
        "service: {name: api, namespace: shop",
        "service: {name: apy, namespace: shop",
    ),
    ("authority", "secret-missing", "secretName: users", "secretName: user"),
    (
        "certificates of a backend",
        "config-map-missing",
        "[{kind: ConfigMap, group: '', name: trust",
        "[{kind: ConfigMap, group: '', name: trusted",
    ),
    ("key of these", "config-key-missing", "data: {ca.crt: x}", "data: {tls.crt: x}"),
    (
        "a backend with TLS",
        "service-missing",
        "[{group: '', kind: Service, name: api",
        "[{group: '', kind: Service, name: apy",
    ),
    (
        "operated",
        "service-account-missing",
        "serviceAccountName: watcher",
        "serviceAccountName: watchers",
    ),
];

#[test]
fn each_spoilt_name_is_one_finding() {
    let spoil = |from: &str, to: &str| {
        assert_eq!(MORE.matches(from).count(), 1, "`{from}` is there once");
        MORE.replacen(from, to, 1)
    };
    let cases: Vec<_> = SPOILT
        .iter()
        .map(|(name, id, from, to)| (*name, *id, spoil(from, to), MORE.to_owned()))
        .collect();
    pairs(&cases, Extent::Whole);
}
