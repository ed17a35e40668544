//! Gateways, their routes, and what is named across namespaces.

use gitopsc::facts::Extent;

use crate::cluster::{findings, pairs};

const SOUND: &str = "\
apiVersion: v1
kind: Namespace
metadata: {name: edge}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {open: 'yes'}}
---
apiVersion: v1
kind: Namespace
metadata: {name: data}
---
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: own}
spec: {controllerName: example.com/gateway}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: public, namespace: edge}
spec:
  gatewayClassName: own
  listeners:
    - name: web
      port: 80
      protocol: HTTP
      hostname: '*.example.com'
      allowedRoutes: {namespaces: {from: Selector, selector: {matchLabels: {open: 'yes'}}}}
    - name: safe
      port: 443
      protocol: HTTPS
      hostname: shop.example.com
      tls: {certificateRefs: [{name: shop, namespace: data}]}
      allowedRoutes: {namespaces: {from: All}, kinds: [{kind: HTTPRoute}]}
    - {name: lines, port: 9000, protocol: TCP, allowedRoutes: {namespaces: {from: All}}}
---
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata: {name: other, namespace: data}
spec: {encryptedData: {word: AgBy}}
---
apiVersion: v1
kind: Secret
metadata: {name: shop, namespace: data}
type: kubernetes.io/tls
data: {tls.crt: '', tls.key: ''}
---
apiVersion: v1
kind: Service
metadata: {name: reports, namespace: data}
spec: {ports: [{port: 80}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
spec:
  parentRefs:
    - {name: public, namespace: edge, sectionName: web, port: 80}
    - {name: public, namespace: edge, sectionName: safe}
  hostnames: [shop.example.com]
  rules: [{backendRefs: [{name: reports, namespace: data, port: 80}]}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: {name: calls, namespace: shop}
spec:
  parentRefs: [{name: public, namespace: edge}]
  hostnames: ['*.shop.example.com']
---
apiVersion: gateway.networking.k8s.io/v1alpha2
kind: TCPRoute
metadata: {name: lines, namespace: data}
spec:
  parentRefs: [{name: public, namespace: edge, port: 9000}]
  rules: [{backendRefs: [{name: reports, port: 80}]}]
---
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: {name: routes, namespace: data}
spec:
  from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: shop}]
  to: [{group: '', kind: Service, name: reports}]
---
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: {name: gateways, namespace: data}
spec:
  from: [{group: gateway.networking.k8s.io, kind: Gateway, namespace: edge}]
  to: [{group: '', kind: Secret}]
";

fn spoil(from: &str, to: &str) -> String {
    crate::support::whole::spoilt(SOUND, from, to)
}

/// A name, the check, and what is put in place of what.
const SPOILT: &[(&str, &str, &str, &str)] = &[
    ("class", "reference-missing", "gatewayClassName: own", "gatewayClassName: owm"),
    ("section", "listener-missing", "sectionName: safe}", "sectionName: save}"),
    ("port", "listener-missing", "port: 9000}]", "port: 9001}]"),
    (
        "port of another section",
        "listener-missing",
        "sectionName: web, port: 80}",
        "sectionName: web, port: 443}",
    ),
    (
        "kind of a section",
        "route-not-allowed",
        "sectionName: web, port: 80}\n    - {name: public, namespace: edge, sectionName: safe}",
        "sectionName: lines}",
    ),
    (
        "own namespace",
        "route-not-allowed",
        "port: 9000, protocol: TCP, allowedRoutes: {namespaces: {from: All}}}",
        "port: 9000, protocol: TCP}",
    ),
    (
        "kind of a protocol",
        "route-not-allowed",
        "port: 9000, protocol: TCP",
        "port: 9000, protocol: UDP",
    ),
    (
        "labels of namespaces",
        "route-not-allowed",
        "kind: GRPCRoute\nmetadata: {name: calls, namespace: shop}",
        "kind: GRPCRoute\nmetadata: {name: calls, namespace: data}",
    ),
    ("kinds", "route-not-allowed", "kinds: [{kind: HTTPRoute}]", "kinds: [{kind: GRPCRoute}]"),
    ("hosts", "route-host-mismatch", "hostname: shop.example.com", "hostname: store.example.com"),
    (
        "host of a domain",
        "route-host-mismatch",
        "hostnames: ['*.shop.example.com']",
        "hostnames: ['example.com']",
    ),
    (
        "grant for another kind",
        "reference-not-granted",
        "kind: HTTPRoute, namespace: shop",
        "kind: GRPCRoute, namespace: shop",
    ),
    (
        "grant for another namespace",
        "reference-not-granted",
        "kind: HTTPRoute, namespace: shop",
        "kind: HTTPRoute, namespace: edge",
    ),
    (
        "grant of another name",
        "reference-not-granted",
        "kind: Service, name: reports",
        "kind: Service, name: report",
    ),
    (
        "grant elsewhere",
        "reference-not-granted",
        "name: gateways, namespace: data",
        "name: gateways, namespace: edge",
    ),
];

#[test]
fn each_spoilt_route_is_one_finding() {
    let cases: Vec<_> = SPOILT
        .iter()
        .map(|(name, id, from, to)| (*name, *id, spoil(from, to), SOUND.to_owned()))
        .collect();
    pairs(&cases, Extent::Whole);
}

/// What a route asks of nobody in particular, and what nobody knows.
#[test]
fn routes_that_some_listener_takes() {
    let labels = "metadata: {name: shop, labels: {open: 'yes'}}";
    for (name, from, to) in [
        ("any listener", "sectionName: safe}", "port: 443}"),
        ("no host of a listener", "      hostname: '*.example.com'\n", ""),
        ("no host of the route", "  hostnames: ['*.shop.example.com']\n", ""),
        ("case of a host", "hostnames: ['*.shop.example.com']", "hostnames: [A.Shop.Example.com]"),
        ("protocol of a controller", "protocol: TCP", "protocol: example.com/lines"),
        ("grant of all names", "kind: Service, name: reports", "kind: Service"),
        (
            "another provider",
            "parentRefs: [{name: public, namespace: edge}]",
            "parentRefs: [{name: public@file, namespace: edge}]",
        ),
    ] {
        assert_eq!(findings(&spoil(from, to), Extent::Whole), [], "{name}");
    }
    // Labels of a namespace that is not seen.
    let unseen =
        SOUND.replacen(&format!("apiVersion: v1\nkind: Namespace\n{labels}\n---\n"), "", 1);
    let found = findings(&unseen, Extent::Tree);
    assert!(found.iter().all(|it| it.id != "route-not-allowed"), "{found:#?}");
    // Who grants may stand in a file that was not named.
    let without = spoil("name: routes, namespace: data", "name: routes, namespace: edge");
    assert_eq!(findings(&without, Extent::Files), []);
}

#[test]
fn what_is_not_granted_is_shown_by_its_name() {
    let backend = "{name: reports, namespace: data, port: 80}";
    let mirrored = spoil("kind: HTTPRoute, namespace: shop", "kind: GRPCRoute, namespace: shop")
        .replacen(
            &format!("backendRefs: [{backend}]"),
            &format!(
                "filters: [{{type: RequestMirror, requestMirror: {{backendRef: {backend}}}}}]"
            ),
            1,
        );
    let plain = spoil("kind: HTTPRoute, namespace: shop", "kind: GRPCRoute, namespace: shop");
    for (text, end, note) in [
        (plain, "backendRefs[0].name", "requests end in an error of the proxy"),
        (mirrored, "requestMirror.backendRef.name", "no request is mirrored"),
    ] {
        let found = findings(&text, Extent::Whole);
        let one = found.iter().find(|it| it.id == "reference-not-granted").expect(end);
        assert!(one.field.as_deref().is_some_and(|field| field.ends_with(end)), "{one:#?}");
        assert!(one.notes.iter().any(|it| it == note), "{one:#?}");
    }
}
