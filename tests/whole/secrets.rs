//! Secrets whose values stand in the manifest.

use gitopsc::check::whole;
use gitopsc::diagnostic::Severity;
use gitopsc::facts::Extent;
use gitopsc::report::human;

use crate::cluster::findings;
use crate::support::whole as clusters;

fn secret(metadata: &str, rest: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Secret\nmetadata: {{name: login, namespace: shop{metadata}}}\n{rest}\n"
    )
}

const ARGOCD: &str = ", labels: {argocd.argoproj.io/secret-type: $}";

#[test]
fn a_value_is_told_once_for_a_secret() {
    let of = |kind: &str| ARGOCD.replace('$', kind);
    let (cluster, repository) = (of("cluster"), of("repository"));
    let cases: [(&str, &str); 9] = [
        ("", "stringData: {password: correct-horse}"),
        ("", "data: {password: Y29ycmVjdC1ob3JzZQ==}"),
        ("", "stringData: {username: shop, password: correct-horse, token: abcdef}"),
        ("", "stringData: {database-url: 'postgres://shop:correct-horse@db/shop'}"),
        (
            "",
            "stringData: {key.pem: \"-----BEGIN PRIVATE KEY-----\\nabc\\n-----END PRIVATE KEY-----\"}",
        ),
        ("", "stringData: {settings.yaml: \"user: a\\npassword: correct-horse\\n\"}"),
        (
            &cluster,
            "stringData: {name: a, server: 'https://a', config: '{\"bearerToken\": \"abcdef\"}'}",
        ),
        (&repository, "stringData: {type: git, url: 'https://a', password: correct-horse}"),
        (
            &repository,
            "stringData: {type: git, url: 'https://shop:correct-horse@git.example.com/a'}",
        ),
    ];
    for (metadata, rest) in cases {
        let text = secret(metadata, rest);
        let (found, sources) = clusters::of_text(&text, Extent::Tree);
        assert!(found.len() == 1 && found[0].id == "secret-in-git", "{text}{found:#?}");
        assert_eq!(found[0].severity, Severity::Note, "{text}");
        let shown = format!("{}{found:?}", human(&found[0], &sources, false));
        assert!(!["horse", "abc", "Y29y"].iter().any(|value| shown.contains(value)), "{shown}");
        assert!(shown.contains("example.yaml:4:"), "{shown}");
    }
}

#[test]
fn what_is_no_secret_is_not_told() {
    let of = |kind: &str| ARGOCD.replace('$', kind);
    let (cluster, repository) = (of("cluster"), of("repository"));
    let vault = ", annotations: {avp.kubernetes.io/path: kv/data/shop}";
    let cases: [(&str, &str); 21] = [
        ("", "type: Opaque"),
        (
            "",
            "stringData: {key: \"-----BEGIN PRIVATE KEY-----\\n...\\n-----END PRIVATE KEY-----\\n\"}",
        ),
        ("", "data: {}"),
        ("", "data: {password: ''}"),
        ("", "stringData: {password: ' '}"),
        ("", "data: {.dockerconfigjson: e30=}"),
        ("", "stringData: {password: changeme}"),
        ("", "data: {password: Y2hhbmdlbWU=}"),
        ("", "stringData: {password: '${PASSWORD}'}"),
        ("", "stringData: {password: 'ENC[AES256_GCM,data:abc=,type:str]'}"),
        ("", "data: {password: correct}\nsops: {mac: abc}"),
        ("", "stringData: {password: 'ref+vault://kv/shop#password'}"),
        ("", "stringData: {password: '<path:kv/data/shop#password>'}"),
        (vault, "stringData: {password: <password>}"),
        ("", "stringData: {settings.yaml: \"user: a\\npassword: ${PASSWORD}\\n\"}"),
        ("", "type: kubernetes.io/service-account-token\nstringData: {token: abcdef}"),
        ("", "stringData: {username: shop, DB_HOST: db, enabled: 'true'}"),
        (
            "",
            "stringData: {ca.crt: \"-----BEGIN CERTIFICATE-----\\nabc\\n-----END CERTIFICATE-----\"}",
        ),
        (
            &cluster,
            "stringData: {name: a, server: 'https://a', config: '{\"tlsClientConfig\": {\"insecure\": false}}'}",
        ),
        (
            &repository,
            "stringData: {type: git, url: 'git@git.example.com:acme/platform.git', project: shop}",
        ),
        (
            &repository,
            "stringData: {type: helm, name: charts, url: 'https://charts.example.com', enableOCI: 'true'}",
        ),
    ];
    for (metadata, rest) in cases {
        let text = secret(metadata, rest);
        let found = findings(&text, Extent::Tree);
        assert!(found.is_empty(), "{text}{found:#?}");
    }
}

/// In an environment it is a warning, which no line of the file is shown with.
#[test]
fn an_environment_warns_and_shows_no_line() {
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n";
    // The keys in the order of the alphabet: the value is beside the kind.
    let text = format!(
        "{namespace}apiVersion: v1\nstringData:\n  password: correct-horse\nkind: Secret\nmetadata: {{name: login, namespace: shop}}\n"
    );
    let (cluster, sources) = clusters::cluster(&text, Extent::Whole);
    let found = whole::check(&cluster).findings;
    assert!(found.len() == 1 && found[0].severity == Severity::Warning, "{found:#?}");
    let shown = human(&found[0], &sources, false);
    assert!(shown.contains("example.yaml:7:3") && !shown.contains("horse"), "{shown}");
}

/// The value is where it is filled in, and neither it nor its length is told.
#[test]
fn a_value_of_an_environment_is_told_of_where_it_is_written() {
    let text = "apiVersion: gitopsc.dev/v1alpha1
kind: Environment
kubernetes: {version: '1.36'}
gitops: {repoURL: https://git.example.com/acme/platform.git, revision: main}
nodes: {one: {cpu: 2, memory: 8Gi}}
layers: {web: {memory: 4Gi}}
namespaces: {shop: {layer: web}}
apps: {web: {values: {password: correct-horse}}}
---
# apps/web/app.yaml
apiVersion: gitopsc.dev/v1alpha1
kind: App
description: A shop
version: '1.0'
layer: web
namespace: shop
values: {password: null}
---
# apps/web/secret.yaml
apiVersion: v1
kind: Secret
metadata: {name: login}
stringData: {password: '${{ values.password }}'}
";
    let (cluster, sources) = clusters::environment(&clusters::repository(text), "example");
    let found = whole::check(&cluster).findings;
    assert!(found.len() == 1 && found[0].id == "secret-in-git", "{found:#?}");
    let shown = human(&found[0], &sources, false);
    let places = ["apps/web/secret.yaml:5:", "environments/example/environment.yaml:8:"];
    assert!(places.iter().all(|place| shown.contains(place)), "{shown}");
    assert!(!shown.contains("horse"), "{shown}");
    assert!(found[0].labels[1..].iter().all(|label| label.span.start == label.span.end));
}
