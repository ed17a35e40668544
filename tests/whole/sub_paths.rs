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
fn what_is_missing_as_a_whole_is_told_once() {
    let text = cluster(MAP, "configMap: {name: ngnix}", "subPath: nginx.conf");
    let found = findings(&text, Extent::Whole);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!((found[0].id, found[0].severity), ("config-map-missing", Severity::Error));
    assert_eq!(found[0].labels.len(), 1, "{found:#?}");
}
