//! Single files of ConfigMaps and Secrets that containers mount.

use gitopsc::diagnostic::Severity;
use gitopsc::facts::Extent;

use crate::cluster::{findings, pairs};

/// A ConfigMap, and a Deployment that mounts what `volume` is, by `mount`.
fn cluster(map: &str, volume: &str, mount: &str) -> String {
    format!(
        "apiVersion: v1
kind: Namespace
metadata: {{name: shop}}
---
{map}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, namespace: shop}}
spec:
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1.4.0
          volumeMounts: [{{name: config, mountPath: /etc/nginx/nginx.conf, {mount}}}]
      volumes: [{{name: config, {volume}}}]
"
    )
}

const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: nginx, namespace: shop}\ndata: {nginx.conf: 'events {}'}";
const SECRET: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: nginx, namespace: shop}\ndata: {nginx.conf: ''}";
const OF_MAP: &str = "configMap: {name: nginx}";

#[test]
fn a_file_that_is_mounted_is_a_key() {
    let id = "config-key-missing";
    let map = |mount: &str| cluster(MAP, OF_MAP, mount);
    let of_secret = |mount: &str| cluster(SECRET, "secret: {secretName: nginx}", mount);
    let key = "subPath: nginx.conf";
    let cases = [
        ("a slip", id, map("subPath: ngnix.conf"), map(key)),
        ("a directory", id, map("subPath: conf/nginx.conf"), map("subPath: ./nginx.conf")),
        ("a Secret", id, of_secret("subPath: nginx.cfg"), of_secret(key)),
        // The container says it, or the paths of `items` do.
        ("an expression", id, map("subPath: other"), map("subPathExpr: '$(NAME)'")),
        (
            "items",
            id,
            map("subPath: conf/nginx.conf"),
            cluster(
                MAP,
                "configMap: {name: nginx, items: [{key: nginx.conf, path: conf/nginx.conf}]}",
                "subPath: conf/nginx.conf",
            ),
        ),
        ("filled in later", id, map("subPath: other"), map("subPath: '${FILE}'")),
        (
            "need not be there",
            id,
            map("subPath: other"),
            cluster(MAP, "configMap: {name: nginx, optional: true}", "subPath: other"),
        ),
        (
            "another volume",
            id,
            map("subPath: other"),
            cluster(MAP, "emptyDir: {}", "subPath: other"),
        ),
    ];
    pairs(&cases, Extent::Whole);
}

#[test]
fn a_file_is_one_of_those_that_a_volume_states() {
    let id = "sub-path-missing";
    let items = "items: [{key: nginx.conf, path: conf/nginx.conf}]";
    let of = |volume: &str, path: &str| cluster(MAP, volume, &format!("subPath: {path}"));
    let map = format!("configMap: {{name: nginx, {items}}}");
    let sources = |more: &str| {
        format!("projected: {{sources: [{{configMap: {{name: nginx, {items}}}}}{more}]}}")
    };
    let token = sources(", {serviceAccountToken: {path: token}}");
    let fields = "downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}]}";
    let of_secret = |path: &str| {
        let volume = format!("secret: {{secretName: nginx, {items}}}");
        cluster(SECRET, &volume, &format!("subPath: {path}"))
    };
    let optional = format!("configMap: {{name: nginx, optional: true, {items}}}");
    let open = "configMap: {name: nginx, items: [{key: nginx.conf, path: '${FILE}'}]}";
    let trusted = sources(", {clusterTrustBundle: {name: ca, path: ca.pem}}");
    let (file, other) = ("conf/nginx.conf", "nginx.conf");
    let cases = [
        ("a key in place of its path", id, of(&map, other), of(&map, file)),
        ("a directory on the way", id, of(&map, "confs"), of(&map, "./conf//")),
        ("a Secret", id, of_secret(other), of_secret(file)),
        ("put together", id, of(&token, other), of(&token, "token")),
        ("fields of the pod", id, of(fields, "label"), of(fields, "labels")),
        ("need not be there", id, of(&map, other), of(&optional, other)),
        ("filled in later", id, of(&map, other), of(open, other)),
        ("from elsewhere", id, of(&token, other), of(&trusted, other)),
    ];
    pairs(&cases, Extent::Whole);
    let key = "config-key-missing";
    let whole =
        "projected: {sources: [{configMap: {name: nginx}}, {serviceAccountToken: {path: token}}]}";
    let twice = "projected: {sources: [{configMap: {name: nginx}}, {secret: {name: other, optional: true}}]}";
    let none = "configMap: {name: nginx, items: []}";
    let cases = [
        ("with all its keys", key, of(whole, "other"), of(whole, "token")),
        ("a key of it", key, of(whole, "other"), of(whole, other)),
        ("one of several", key, of(whole, "other"), of(twice, "other")),
        ("no items", key, of(none, "other"), of(none, other)),
    ];
    pairs(&cases, Extent::Whole);
}

#[test]
fn what_is_missing_as_a_whole_is_told_once() {
    let text = cluster(MAP, "configMap: {name: ngnix}", "subPath: nginx.conf");
    let found = findings(&text, Extent::Whole);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!((found[0].id, found[0].severity), ("config-map-missing", Severity::Error));
    assert_eq!(found[0].labels.len(), 1, "{found:#?}");
}
