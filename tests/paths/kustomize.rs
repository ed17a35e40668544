//! Kustomizations: what they may mend, who completes whom, and which of them are refused.

use super::{BAD, GOOD, check, check_tree, tree};

/// Without the selector that labels bring, and with a port that nothing mends, in line 6.
const HALF: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec: {containers: [{name: a, image: b, ports: [{containerPort: 99999}]}]}
";

#[test]
fn what_a_transformer_cannot_mend_is_told() {
    for fields in [
        "commonLabels: {app: web}",
        "labels: [{pairs: {app: web}, includeSelectors: true}]",
        "commonLabels: {app: web}\nnamespace: x\nnamePrefix: x-\nimages: [{name: b, newTag: c}]",
    ] {
        let text = format!("resources: [a.yaml]\n{fields}\n");
        let checked = check_tree(&[("kustomization.yaml", &text), ("a.yaml", HALF)]);
        assert_eq!(checked.findings(), ["a.yaml:6 port-invalid"], "{fields}");
    }
    for fields in ["namespace: x", "images: [{name: b, newTag: c}]", "helmCharts: [{name: x}]"] {
        let text = format!("resources: [a.yaml]\n{fields}\n");
        let checked = check_tree(&[("kustomization.yaml", &text), ("a.yaml", HALF)]);
        let expected = ["a.yaml:4 selector-missing", "a.yaml:6 port-invalid"];
        assert_eq!(checked.findings(), expected, "{fields}");
    }
    for fields in [
        "patches: [{path: p.yaml}]",
        "components: [../x]",
        "transformers: [x.yaml]",
        "vars: [{name: x}]",
        "labels: [{pairs: {a: b}, fields: [{path: spec/x}]}]",
    ] {
        let text = format!("resources: [a.yaml]\n{fields}\n");
        let checked = check_tree(&[("kustomization.yaml", &text), ("a.yaml", HALF)]);
        assert_eq!(checked.skipped()["a.yaml"], "needs-kustomize-build", "{fields}");
        assert_eq!(checked.code, 0, "{fields}");
    }
}

#[test]
fn a_base_is_judged_where_its_overlays_leave_it_so() {
    let base = ("base/kustomization.yaml", "resources: [a.yaml]\n");
    let overlay = |fields: &str| format!("resources: [../base]\n{fields}\n");
    let of = |fields: &str| {
        let text = overlay(fields);
        check_tree(&[base, ("base/a.yaml", HALF), ("prod/kustomization.yaml", &text)])
    };
    assert_eq!(of("commonLabels: {app: web}").findings(), ["base/a.yaml:6 port-invalid"]);
    assert_eq!(of("patches: [{path: x.yaml}]").skipped()["base/a.yaml"], "needs-kustomize-build");
    let alone = check_tree(&[base, ("base/a.yaml", HALF)]);
    assert_eq!(alone.skipped()["base/a.yaml"], "needs-kustomize-build");
}

#[test]
fn an_overlay_outside_of_what_was_named() {
    for repository in [true, false] {
        let tree = tree(&[
            ("apps/web/kustomization.yaml", "resources: [a.yaml]\n"),
            ("apps/web/a.yaml", HALF),
            (
                "envs/prod/kustomization.yaml",
                "resources: [../../apps/web]\npatches: [{path: p.yaml}]\n",
            ),
            ("apps/job/kustomization.yaml", "resources: [a.yaml]\n"),
            ("apps/job/a.yaml", HALF),
            ("envs/test/kustomization.yaml", "resources: [../../apps/job]\ncommonLabels: {a: b}\n"),
        ]);
        if repository {
            std::fs::create_dir(tree.path().join(".git")).unwrap();
        }
        for named in ["apps/web", "apps/web/a.yaml"] {
            let checked = check(tree.path(), &[named]);
            assert_eq!(checked.code, 0, "{named} {repository}");
            assert_eq!(checked.skipped()["apps/web/a.yaml"], "needs-kustomize-build");
        }
        for named in ["apps/job", "apps/job/a.yaml"] {
            let checked = check(tree.path(), &[named]);
            assert_eq!(
                checked.findings(),
                ["apps/job/a.yaml:6 port-invalid"],
                "{named} {repository}"
            );
        }
    }
}

#[test]
fn a_kustomization_that_is_refused_is_told() {
    for (text, found) in [
        ("resources: [a.yaml\nfoo: x\n", "kustomization.yaml:2 yaml-syntax"),
        ("# nothing\n", "kustomization.yaml:1 kustomization-invalid"),
        ("text\n", "kustomization.yaml:1 kustomization-invalid"),
        ("- a.yaml\n", "kustomization.yaml:1 kustomization-invalid"),
        ("resources: [a.yaml]\nresource: []\n", "kustomization.yaml:2 kustomization-invalid"),
        (
            "apiVersion: kustomize.config.k8s.io/v1\nkind: Kustomization\nresources: [a.yaml]\n",
            "kustomization.yaml:1 kustomization-invalid",
        ),
        ("kind: Kustomize\nresources: [a.yaml]\n", "kustomization.yaml:1 kustomization-invalid"),
    ] {
        let checked = check_tree(&[("kustomization.yaml", text), ("a.yaml", BAD)]);
        assert!(checked.findings().iter().any(|one| one == found), "{text}");
        assert_eq!(checked.skipped()["kustomization.yaml"], "kustomization", "{text}");
    }
    for text in [
        "Resources: [a.yaml]\n",
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [a.yaml]\n",
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]\n",
        "# told\n---\nresources: [a.yaml]\n",
        "resources: [a.yaml]\n{{- if x }}\npatches: []\n{{- end }}\n",
        "resources: [a.yaml]\nresources: [a.yaml]\n",
    ] {
        let checked = check_tree(&[("kustomization.yaml", text), ("a.yaml", GOOD)]);
        assert_eq!(checked.code, 0, "{text}: {:?}", checked.findings());
    }
}
