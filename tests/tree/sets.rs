//! What the ApplicationSets may say.

use crate::site::{Site, findings, ids};

/// A template of a set that breaks one rule, and the line that is blamed.
fn refused(from: &str, to: &str, line: usize) {
    let site = Site::new();
    site.replace("applicationsets/l.yaml", from, to);
    let run = site.build();
    let place = if line == 0 { String::new() } else { format!("applicationsets/l.yaml:{line}") };
    assert_eq!(ids(&run), [format!("application-set-unsafe {place}")], "{to}: {}", run.out);
    assert_eq!(run.code, 1);
    let found = findings(&run);
    assert!(found[0]["help"].is_string() && found[0]["notes"].is_array(), "{found:#?}");
}

fn line_of(text: &str) -> usize {
    let set = Site::new().read("applicationsets/l.yaml");
    set.lines().position(|line| line.trim_start().starts_with(text)).unwrap() + 1
}

#[test]
fn a_set_that_could_delete_what_runs() {
    let kind = line_of("kind:");
    let policy = "${{ fragment(\"set.yaml\").syncPolicy }}";
    let template = "${{ fragment(\"application.yaml\", prune=true, self_heal=true) }}";
    let patch = "${{ fragment(\"patch.yaml\").templatePatch }}";
    let namespace = "${{ env.gitops.argocd.namespace }}";
    refused("kind: ApplicationSet", "kind: Application", kind);
    refused("argoproj.io/v1alpha1", "example.test/v1", line_of("apiVersion:"));
    refused(namespace, "default", line_of("namespace:"));
    refused(policy, "{applicationsSync: sync}", kind);
    refused(policy, "{preserveResourcesOnDeletion: false}", line_of("syncPolicy:"));
    refused("  preservedFields: ${{ fragment(\"set.yaml\").preservedFields }}\n", "", kind);
    refused(template, "{spec: {project: default}}", line_of("template:"));
    let finalizer = "{metadata: {finalizers: [f]}, spec: {project: \"${{ layer.project }}\"}}";
    refused(template, finalizer, line_of("template:"));
    refused(patch, "'metadata: {finalizers: [f]}'", line_of("templatePatch:"));
}

#[test]
fn a_set_whose_applications_are_not_its_releases() {
    let all = "elements: ${{ layer.releases }}";
    let generators = line_of("- list:");
    refused(all, "elements: []", generators);
    refused(all, "elements: [{name: other}]", generators);
    refused(all, "elementsYaml: '[]'", generators);
    refused(all, &format!("{all}\n    - list: {{elements: []}}"), generators);
    refused("- list:", "- git:", generators);
}

#[test]
fn a_set_without_a_namespace_goes_where_argocd_is() {
    let site = Site::new();
    site.replace("applicationsets/l.yaml", "  namespace: ${{ env.gitops.argocd.namespace }}\n", "");
    let run = site.build();
    assert_eq!((run.code, ids(&run)), (0, Vec::new()));
}
