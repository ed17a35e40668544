//! Files that look like manifests and are none, and beside each one that is judged.

use std::collections::BTreeMap;

use super::{BAD, BROKEN, GOOD, check, check_tree, tree};

/// Checks a tree; the files that are skipped have these reasons, and just these files have a fault.
fn told(files: &[(&str, &str)], skipped: &[(&str, &str)], faulty: &[&str]) {
    let checked = check_tree(files);
    let expected: BTreeMap<String, String> =
        skipped.iter().map(|(path, reason)| ((*path).to_owned(), (*reason).to_owned())).collect();
    assert_eq!(checked.skipped(), expected);
    let mut found: Vec<String> = checked.findings();
    found.iter_mut().for_each(|one| *one = one.split(':').next().unwrap().to_owned());
    assert_eq!(found, faulty, "{:#}", checked.json["findings"]);
    assert_eq!(checked.code, u8::from(!faulty.is_empty()));
}

#[test]
fn helm_charts() {
    let chart = "apiVersion: v2\nname: web\nversion: 1.0.0\n";
    let template = "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Release.Name }}\n";
    told(
        &[
            ("a/Chart.yaml", chart),
            ("a/values.yaml", "port: 80\n"),
            ("a/values-prod.yaml", BAD),
            ("a/templates/service.yaml", template),
            ("a/templates/plain.yaml", BAD),
            ("a/crds/object.yaml", BAD),
            ("b/templates/plain.yaml", BAD),
            ("b/values.yaml", "port: 80\n"),
            ("b/values-object.yaml", BAD),
        ],
        &[
            ("a/Chart.yaml", "helm-chart"),
            ("a/values.yaml", "helm-chart"),
            ("a/values-prod.yaml", "helm-chart"),
            ("a/templates/service.yaml", "helm-template"),
            ("a/templates/plain.yaml", "helm-template"),
            ("b/values.yaml", "helm-chart"),
        ],
        &["a/crds/object.yaml", "b/templates/plain.yaml", "b/values-object.yaml"],
    );
    let tree = tree(&[("a/Chart.yaml", chart), ("a/templates/plain.yaml", BAD)]);
    assert_eq!(check(tree.path(), &["a/templates"]).code, 0, "named by itself");
    assert_eq!(check(tree.path(), &["a/templates/plain.yaml"]).code, 0, "the file named");
}

#[test]
fn kustomizations() {
    let incomplete = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {}\n";
    told(
        &[
            ("base/kustomization.yaml", "resources: [web.yaml]\n"),
            ("base/web.yaml", incomplete),
            ("web/kustomization.yaml", "resources: [web.yaml]\nnamespace: x\n"),
            ("web/web.yaml", incomplete),
            ("prod/kustomization.yml", "resources: [../web]\npatches: [{path: p/patch.yaml}]\n"),
            ("prod/p/patch.yaml", incomplete),
            ("plain/kustomization.yaml", "resources: [a.yaml]\nimages: [{name: x, newTag: y}]\n"),
            ("plain/a.yaml", BAD),
            ("plain/b.yaml", incomplete),
            ("more/kustomization.yaml", "kind: Component\nresources: [a.yaml]\n"),
            ("more/a.yaml", incomplete),
            ("else/a.yaml", BAD),
        ],
        &[
            ("base/kustomization.yaml", "kustomization"),
            ("base/web.yaml", "needs-kustomize-build"),
            ("web/kustomization.yaml", "kustomization"),
            ("web/web.yaml", "needs-kustomize-build"),
            ("prod/kustomization.yml", "kustomization"),
            ("prod/p/patch.yaml", "needs-kustomize-build"),
            ("plain/kustomization.yaml", "kustomization"),
            ("plain/b.yaml", "not-listed"),
            ("more/kustomization.yaml", "kustomization"),
            ("more/a.yaml", "needs-kustomize-build"),
        ],
        &["else/a.yaml", "plain/a.yaml"],
    );
}

#[test]
fn a_patch_elsewhere_that_a_kustomization_names() {
    let files = [
        ("patches/a.yaml", BAD),
        ("patches/b.yaml", BAD),
        ("prod/kustomization.yaml", "patches: [{path: ../patches/a.yaml}]\n"),
    ];
    let skipped =
        [("patches/a.yaml", "needs-kustomize-build"), ("prod/kustomization.yaml", "kustomization")];
    told(&files, &skipped, &["patches/b.yaml"]);
}

#[test]
fn a_kustomization_of_flux_is_an_object() {
    let flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n";
    let checked = check_tree(&[("kustomization.yaml", flux), ("a.yaml", BAD)]);
    assert!(checked.skipped().is_empty(), "{:?}", checked.skipped());
    assert_eq!(checked.summary("objects"), 2);
}

#[test]
fn files_that_are_named_keep_what_surrounds_them() {
    let tree = tree(&[
        ("a/kustomization.yaml", "resources: [x.yaml]\npatches: [{path: patch.yaml}]\n"),
        ("a/patch.yaml", BAD),
        ("a/x.yaml", GOOD),
        ("kustomization.yaml", "resources: [other]\n"),
        ("b/y.yaml", BAD),
        ("docs/z.yaml", BAD),
    ]);
    let reasons = check(tree.path(), &["a/patch.yaml", "a/x.yaml"]).skipped();
    assert!(reasons.values().all(|reason| reason == "needs-kustomize-build"), "{reasons:?}");
    assert_eq!(reasons.len(), 2);
    assert_eq!(check(tree.path(), &["b"]).findings(), ["b/y.yaml:7 port-invalid"]);
    assert_eq!(check(tree.path(), &["docs"]).findings(), ["docs/z.yaml:7 port-invalid"]);
}

#[test]
fn directories_of_builds() {
    let files = [
        ("target/a.yaml", BAD),
        ("vendor/a.yaml", BAD),
        ("x/go.mod", "module x\n"),
        ("x/vendor/a.yaml", BAD),
        ("x/target/a.yaml", BAD),
        ("node_modules/a.yaml", BAD),
        ("a.YAML", BAD),
        ("b.Yml", BAD),
        ("c.TXT", BAD),
    ];
    let skipped = [
        ("x/vendor/", "not-entered"),
        ("x/target/", "not-entered"),
        ("node_modules/", "not-entered"),
        ("a.YAML", "ending"),
        ("b.Yml", "ending"),
    ];
    // Elsewhere these may be the directories of environments.
    told(&files, &skipped, &["target/a.yaml", "vendor/a.yaml"]);
}

#[test]
fn sequences_of_objects() {
    let object = "apiVersion: v1\n  kind: Pod\n  metadata: {name: x}\n";
    let json = "[{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"x\"}}]";
    told(
        &[
            ("a.yaml", &format!("- {object}- {object}")),
            ("b.json", json),
            ("c.yaml", "- a\n"),
            ("d.json", "[]"),
            ("e.json", "{}"),
        ],
        &[
            ("a.yaml", "sequence"),
            ("b.json", "sequence"),
            ("c.yaml", "no-manifest"),
            ("d.json", "empty"),
            ("e.json", "empty"),
        ],
        &[],
    );
}

#[test]
fn what_the_tool_itself_has_written() {
    let tree = tree(&[("a.yaml", GOOD), ("b.yaml", BAD)]);
    let outputs =
        ["-o", "json=a.json", "-o", "jsonl=b.json", "-o", "sarif=c.json", "-o", "gitlab=d.json"];
    let first = [&["check", "."], &outputs[..]].concat();
    assert_eq!(super::program(tree.path(), &first, b"").0, 1);
    let made = ["check", ".", "--write-baseline", "baseline.yaml"];
    assert_eq!(super::program(tree.path(), &made, b"").0, 0);
    let strict = ["check", ".", "--strict-files", "--baseline", "baseline.yaml", "-v"];
    let (code, out, _) = super::program(tree.path(), &strict, b"");
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("findings of a checker"), "{out}");
}

#[test]
fn patches() {
    let strategic = "apiVersion: v1\nkind: Service\nmetadata: {name: x}\n$patch: delete\n";
    let near = "apiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec: {ports: [{port: 80}]}\npatch: delete\n";
    told(
        &[
            ("a.yaml", strategic),
            ("b.json", "[{\"op\": \"add\", \"path\": \"/a\", \"value\": 1}]\n"),
            ("c.yaml", near),
        ],
        &[("a.yaml", "patch"), ("b.json", "patch")],
        &["c.yaml"],
    );
    let half = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {replicas: 2}\n";
    told(
        &[
            ("a-patch.yaml", half),
            ("patches/a.yaml", half),
            ("a.yaml", half),
            ("b-patch.yaml", BAD),
        ],
        &[("a-patch.yaml", "patch"), ("patches/a.yaml", "patch")],
        &["a.yaml", "a.yaml", "b-patch.yaml"],
    );
}

#[test]
fn encrypted() {
    let with = |sops: &str| {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: x}}\ndata: {{a: \"ENC[AES256_GCM,data:x=,type:str]\"}}\n{sops}"
        )
    };
    let object = with("sops: {mac: x, version: 3.9.0}\n");
    let near = with("sops: {}\n");
    told(
        &[
            ("a.yaml", &object),
            ("b.yaml", &near),
            ("c.yaml", "$ANSIBLE_VAULT;1.1;AES256\n6162: [\n"),
        ],
        &[("a.yaml", "encrypted"), ("c.yaml", "encrypted")],
        &["b.yaml"],
    );
}

#[test]
fn templates_and_placeholders() {
    let service = |name: &str, port: &str| {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\nspec:\n  ports:\n    - port: {port}\n"
        )
    };
    let jinja = service("{{ name }}", "{{ port }}");
    let block = format!("{{{{- if x }}}}\n{}{{{{- end }}}}\n", service("x", "80"));
    let filled = service("${NAME}", "<PORT>");
    let half = service("<NAME>", "99999");
    let own = service("x", "$(PORT)");
    let checked = check_tree(&[
        ("a.yaml", &jinja),
        ("b.yaml", &block),
        ("c.yaml", &filled),
        ("d.yaml", &half),
        ("e.yaml", &own),
    ]);
    let skipped = checked.skipped();
    assert_eq!(skipped.len(), 2, "{skipped:?}");
    assert!(["a.yaml", "b.yaml"].iter().all(|path| skipped[*path] == "template"));
    assert_eq!(checked.findings(), ["d.yaml:7 port-invalid", "e.yaml:7 field-type-mismatch"]);
    assert_eq!(checked.summary("placeholders"), 3);
}

#[test]
fn names_in_capitals() {
    let service = |spec: &str| {
        format!("apiVersion: v1\nkind: Service\nmetadata: {{name: x}}\nspec: {{{spec}}}\n")
    };
    for spec in [
        "ports: [{port: 80}], type: LoadBalancer, loadBalancerSourceRanges: [LB_CIDR]",
        "ports: [{port: PORT}]",
        "ports: [{port: 80}], type: SERVICE_TYPE",
        "ports: [{port: 80}], externalIPs: [<...>, xxx.xxx.xxx.xxx, YOUR_IP]",
        "ports: [{port: 80}], type: ExternalName, externalName: app.YOUR_DOMAIN",
    ] {
        let checked = check_tree(&[("a.yaml", &service(spec))]);
        assert_eq!((checked.code, checked.summary("valid")), (0, 1), "{spec}: {:#}", checked.json);
        assert!(checked.summary("placeholders") > 0, "{spec}");
    }
    for spec in [
        "ports: [{port: 80, protocol: TCP_UDP}]",
        "ports: [{port: 80}], type: NODE_PORT",
        "ports: [{port: 80}, {port: 99999, name: HTTP_PORT}]",
        "ports: [{port: 80, name: HTTP_PORT}]",
        "ports: [{port: 80}], externalIPs: [10.0.0]",
    ] {
        assert_eq!(check_tree(&[("a.yaml", &service(spec))]).code, 1, "{spec}");
    }
    // Names in capitals that a container has beside the fault are its own.
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: [{image: b, env: [{name: POD_NAME}]}]}\n";
    assert_eq!(check_tree(&[("a.yaml", pod)]).code, 1);
    let secret =
        "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\ndata: {APP_NAME: \"plain text\"}\n";
    assert_eq!(check_tree(&[("a.yaml", secret)]).findings(), ["a.yaml:4 base64-invalid"]);
}

/// Both branches of a condition stand in the text; only one of them is rendered.
#[test]
fn templates_of_our_own() {
    let of = |mark: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: x}}\ndata:\n  {mark}if a\n  b: one\n  {mark}else\n  b: two\n"
        )
    };
    told(&[("a.yaml", &of("#% ")), ("b.yaml", &of("#%"))], &[("a.yaml", "template")], &["b.yaml"]);
}

/// YAML takes such a value for a comment.
#[test]
fn values_that_look_like_comments() {
    let of = |name: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n");
    told(
        &[
            ("a.yaml", &of("#{NAME}#-x")),
            ("b.yaml", &of("##NAME##")),
            ("c.yaml", &of("## a name ##")),
            ("d.yaml", &of("x ##NAME##")),
        ],
        &[("a.yaml", "template"), ("b.yaml", "template")],
        &["c.yaml"],
    );
}

#[test]
fn references_that_a_plugin_resolves() {
    for value in ["ref+sops://a.yaml#/b", "<path:kv/data/x#y>", "REPLACE_IN_OVERLAY", "${A}"] {
        let secret = |value: &str| {
            format!(
                "apiVersion: v1\nkind: Secret\nmetadata: {{name: x}}\ndata: {{a: \"{value}\"}}\n"
            )
        };
        assert_eq!(check_tree(&[("a.yaml", &secret(value))]).code, 0, "{value}");
    }
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\ndata: {a: \"plain text\"}\n";
    assert_eq!(check_tree(&[("a.yaml", secret)]).findings(), ["a.yaml:4 base64-invalid"]);
}

#[test]
fn files_of_other_tools() {
    told(
        &[
            (".gitlab-ci.yml", "stages: [build]\n"),
            (".github/workflows/ci.yaml", BAD),
            ("docker-compose.yaml", "services: {web: {image: x}}\n"),
            ("mkdocs.yml", "a: !!python/name:x.y\nb: [\n"),
            ("package.json", "{\"name\": \"x\"}"),
            ("tsconfig.json", "{\n  // a comment\n  \"a\": 1,\n}\n"),
            ("openapi.yaml", "openapi: 3.0.0\ninfo: {title: x}\n"),
            ("playbook.yml", "- hosts: all\n  tasks: []\n"),
            ("dashboard.json", "{\"panels\": []}"),
            ("compose.yaml", BAD),
        ],
        &[
            (".gitlab-ci.yml", "other-tool"),
            (".github/", "not-entered"),
            ("docker-compose.yaml", "other-tool"),
            ("mkdocs.yml", "other-tool"),
            ("package.json", "other-tool"),
            ("tsconfig.json", "other-tool"),
            ("openapi.yaml", "other-tool"),
            ("playbook.yml", "other-tool"),
            ("dashboard.json", "no-manifest"),
        ],
        &["compose.yaml"],
    );
}

#[test]
fn kinds_of_other_tools() {
    for (version, kind) in [
        ("kind.x-k8s.io/v1alpha4", "Cluster"),
        ("v1", "Config"),
        ("v1", "HelmChartInflationGenerator"),
        ("vendir.k14s.io/v1alpha1", "Config"),
        ("kbld.k14s.io/v1alpha1", "Config"),
        ("backstage.io/v1alpha1", "Component"),
        ("skaffold/v4beta6", "Config"),
        ("kustomize.config.k8s.io/v1beta1", "Kustomization"),
        ("kuttl.dev/v1beta1", "TestSuite"),
        ("gitopsc.dev/v1alpha1", "App"),
    ] {
        let text =
            format!("apiVersion: {version}\nkind: {kind}\nmetadata: {{name: x}}\nspec: {{}}\n");
        told(&[("a.yaml", &text)], &[("a.yaml", "other-tool")], &[]);
    }
    let near = "apiVersion: v1\nkind: Deploymnt\nmetadata: {name: x}\n";
    told(&[("a.yaml", near)], &[], &["a.yaml"]);
}

#[test]
fn folders_of_tests_and_examples() {
    let files = [
        ("testdata/a.yaml", BAD),
        ("x/fixtures/a.yaml", BAD),
        ("docs/examples/a.yaml", BAD),
        ("node_modules/x/a.yaml", BAD),
        (".cache/a.yaml", BAD),
        ("test/a.yaml", BAD),
    ];
    let skipped = [
        ("node_modules/", "not-entered"),
        (".cache/", "not-entered"),
        ("testdata/a.yaml", "test-or-example"),
        ("x/fixtures/a.yaml", "test-or-example"),
        ("docs/examples/a.yaml", "test-or-example"),
    ];
    // `test` may be an environment.
    told(&files, &skipped, &["test/a.yaml"]);
    let skipped = [&skipped[..], &[("test/a.yaml", "test-or-example")]].concat();
    told(&[&files[..], &[("go.mod", "module x\n")]].concat(), &skipped, &[]);
}

#[test]
fn broken_yaml() {
    told(
        &[
            ("a.yaml", BROKEN),
            ("b.yaml", "values: [\n"),
            ("c.json", "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", ]"),
            ("d.json", "{\"a\": ]"),
            ("e.yaml", "template: |\n  apiVersion: v1\n  kind: Pod\nx: [\n"),
        ],
        &[("b.yaml", "not-yaml"), ("d.json", "not-yaml"), ("e.yaml", "not-yaml")],
        &["a.yaml", "c.json"],
    );
}

#[test]
fn an_object_that_lacks_its_kind() {
    let checked = check_tree(&[
        ("a.yaml", "apiVersion: v1\nmetadata: {name: x}\ndata: {}\n"),
        ("b.yaml", "kind: ConfigMap\nmetadata: {name: x}\ndata: {}\n"),
        ("c.yaml", "kind: ConfigMap\ndata: {}\n"),
    ]);
    assert_eq!(checked.findings(), ["a.yaml:1 object-incomplete", "b.yaml:1 object-incomplete"]);
    assert!(checked.skipped().contains_key("c.yaml"));
}

#[test]
fn slips_in_the_version() {
    let of = |version: &str, kind: &str| {
        format!("apiVersion: {version}\nkind: {kind}\nmetadata: {{name: x}}\n")
    };
    let checked = check_tree(&[
        ("a.yaml", &of("apps/v1/x", "Deployment")),
        ("b.yaml", &of("app/v1", "Deployment")),
        ("c.yaml", &of("a/b/c", "Thing")),
        ("d.yaml", &of("1", "Pod")),
        ("e.yaml", &of("''", "Pod")),
        ("f.yaml", &of("apps.kruise.io/v1beta1", "StatefulSet")),
    ]);
    let found = checked.findings();
    let expected = [
        "a.yaml:1 api-version-unserved",
        "b.yaml:1 api-version-unserved",
        "d.yaml:1 object-incomplete",
        "e.yaml:1 object-incomplete",
    ];
    assert_eq!(found, expected);
    assert!(checked.skipped().contains_key("c.yaml"));
    let said = checked.json["findings"].to_string();
    assert!(said.contains("`apiVersion` must be text, not a whole number"), "{said}");
    assert!(said.contains("`apiVersion` is empty") && !said.contains("has no"), "{said}");
}

#[test]
fn metadata_of_kinds_without_a_schema() {
    let thing = "apiVersion: example.test/v1\nkind: Thing\nmetadata:\n  name: A_thing\n  labels: {a: 1, b c: d}\n";
    let checked = check_tree(&[("a.yaml", thing)]);
    let expected =
        ["a.yaml:4 name-invalid", "a.yaml:5 field-type-mismatch", "a.yaml:5 label-invalid"];
    assert_eq!(checked.findings(), expected);
    assert_eq!(checked.summary("invalid"), 1);
}
