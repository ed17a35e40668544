//! Where in a text of several lines a finding points.

use gitopsc::facts::Extent;

use crate::support::whole as clusters;

const WORKLOADS: &str = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n\
    apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec:\n  \
    selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n      \
    containers:\n      - name: c\n        image: registry.example.com/x:1.4.0\n        env:\n        \
    - name: ARGS\n          value: x\n---\n\
    apiVersion: v1\nkind: Service\nmetadata: {name: api, namespace: shop}\nspec: {ports: [{port: 80}]}\n";

/// A host is told where it stands, in every way to write a text of several lines.
#[test]
fn a_host_is_told_at_its_line() {
    let texts = [
        "value: >-\n            --first=one\n            --api=http://aip.shop.svc:80\n            --last=two",
        "value: |\n            first\n            http://aip.shop.svc:80/a\n            last",
        "value: 'it''s one\n            http://aip.shop.svc:80\n\n            last'",
        "value: \"one \\\"two\\\"\n            http://aip.shop.svc:80 \\\n            last\"",
        "value: one\n            http://aip.shop.svc:80\n            last",
    ];
    for value in texts {
        let text = WORKLOADS.replace("value: x", value);
        let (found, sources) = clusters::of_text(&text, Extent::Whole);
        let finding = found.iter().find(|finding| finding.id == "host-unresolved");
        let finding = finding.unwrap_or_else(|| panic!("{value}: {found:?}"));
        let span = finding.labels[0].span;
        assert_eq!(sources.slice(span), "aip.shop.svc", "{value}");
        let before = &text[..text.find("aip.shop").unwrap()];
        let line = before.matches('\n').count() + 1;
        assert!(sources.place(span).ends_with(&format!(":{line}")), "{value}");
    }
}

/// A text that an environment hands on is told at the line of both.
#[test]
fn a_host_is_told_at_the_line_of_its_value() {
    const REPOSITORY: &str = "\
apiVersion: gitopsc.dev/v1alpha1
kind: Environment
kubernetes: {version: '1.36'}
gitops: {repoURL: 'https://git.example.com/acme/platform.git', revision: main}
layers: {web: {memory: 100Gi}}
namespaces: {shop: {layer: web}}
apps:
  web:
    values:
      conf: >-
        first=one
        api=http://aip.shop.svc:80
        last=two
---
# apps/web/app.yaml
apiVersion: gitopsc.dev/v1alpha1
kind: App
description: A
version: '1.0'
layer: web
namespace: shop
values:
  conf: none
---
# apps/web/objects.yaml
apiVersion: v1
kind: ConfigMap
metadata: {name: web, namespace: shop}
data:
  conf: ${{ values.conf }}
---
# apps/web/service.yaml
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {ports: [{port: 80}]}
";
    let world = clusters::repository(REPOSITORY);
    let (cluster, sources) = clusters::environment(&world, "example");
    let found = gitopsc::check::whole::check(&cluster).findings;
    let finding = found.iter().find(|finding| finding.id == "host-unresolved");
    let finding = finding.unwrap_or_else(|| panic!("{found:?}"));
    let places: Vec<(String, &str)> =
        finding.labels.iter().map(|it| (sources.place(it.span), sources.slice(it.span))).collect();
    let value = ("environments/example/environment.yaml:12".to_owned(), "aip.shop.svc");
    assert!(places.contains(&value), "{places:?}");
}
