//! What the ApplicationSets may say.

use crate::site::{APP, Site, findings, ids};

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
    let own = |metadata: &str, project: &str| {
        let policy = "syncPolicy: {retry: {limit: -1, refresh: true}}";
        let metadata = format!("{{name: \"{{{{ .application }}}}\"{metadata}}}");
        format!("{{metadata: {metadata}, spec: {{project: {project}, {policy}}}}}")
    };
    refused(template, &own("", "default"), line_of("template:"));
    let finalizer = own(", finalizers: [f]", "\"${{ layer.project }}\"");
    refused(template, &finalizer, line_of("template:"));
    for finalizers in ["finalizers: [f]", "\"finalizers\":[\"f\"]", "finalizers : [f]"] {
        let options = "spec: {syncPolicy: {syncOptions: [ServerSideApply=true]}}";
        let metadata = format!("'{{metadata: {{{finalizers}}}, {options}}}'");
        refused(patch, &metadata, line_of("templatePatch:"));
    }
}

/// A change in what all sets share, and what is said of the set of layer `l`.
#[track_caller]
fn refused_in_all(site: &Site, path: &str, from: &str, to: &str, says: &str) {
    site.replace(&format!("applicationsets/_lib/{path}"), from, to);
    let run = site.build();
    assert_eq!(run.code, 1, "{to}: {}", run.out);
    let message = format!("the ApplicationSet of layer `l` {says}");
    let found = findings(&run);
    let of_l: Vec<_> = found.iter().filter(|finding| finding["message"] == message).collect();
    assert_eq!(of_l.len(), 1, "{to}: {found:#?}");
    assert_eq!(of_l[0]["id"], "application-set-unsafe");
    assert!(of_l[0]["place"]["line"].is_number(), "{:#?}", of_l[0]);
}

#[test]
fn what_all_applications_need() {
    let refused = |path: &str, from: &str, to: &str, says: &str| {
        refused_in_all(&Site::new(), path, from, to, says);
    };
    let again = "does not try its Applications again for ever";
    refused("application.yaml", "limit: -1", "limit: 5", again);
    refused("application.yaml", "refresh: true", "refresh: false", again);
    refused("patch.yaml", "  spec:\n", "  spec:\n    x: {retry: {limit: 1}}\n", again);
    let name = "must name its Applications `e-…`";
    refused("application.yaml", "name: '{{ .application }}'", "name: '{{ .name }}'", name);
    let option = "- ServerSideApply=true";
    let create = format!("{option}\n        - CreateNamespace=true");
    refused("patch.yaml", option, &create, "sets `CreateNamespace`");
    let lost = "does not set `ServerSideApply=true`";
    refused("patch.yaml", &format!("        {option}\n"), "", lost);
}

#[test]
fn what_the_releases_of_a_set_need() {
    let app = |more: &str| {
        let site = Site::new();
        site.write("apps/a/app.yaml", format!("{APP}{more}"));
        site
    };
    let differences = app("ignoreDifferences: [{kind: ConfigMap, jsonPointers: [/data]}]\n");
    let respect = "RespectIgnoreDifferences=true";
    let says = format!("does not set `{respect}`");
    refused_in_all(&differences, "patch.yaml", &format!("- {respect}\n"), "- X=y\n", &says);
    let chart = "chart: {repoURL: https://charts.test, name: web, version: 1.0.0}\nfootprint: {}\n";
    let says = "leaves out the sync options of its releases";
    refused_in_all(&app(chart), "patch.yaml", "range .syncOptions", "range .more", says);
    let absent = Site::new();
    absent.replace("environments/e/environment.yaml", "  a: {}", "  a: {state: absent}");
    let says = "does not set `allowEmpty`";
    refused_in_all(&absent, "patch.yaml", "allowEmpty: true", "prune: true", says);
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
    let beside = |more: &str| refused(all, &format!("{all}\n{more}"), generators);
    beside("        template: {metadata: {finalizers: [f]}, spec: {project: default}}");
    beside("        elementsYaml: '[{name: b}]'");
    beside("      selector: {matchLabels: {name: b}}");
    let elsewhere = "elements: [{name: a, state: present}]";
    refused(all, elsewhere, generators);
}

#[test]
fn a_set_without_a_namespace_goes_where_argocd_is() {
    let site = Site::new();
    site.replace("applicationsets/l.yaml", "  namespace: ${{ env.gitops.argocd.namespace }}\n", "");
    let run = site.build();
    assert_eq!((run.code, ids(&run)), (0, Vec::new()));
}

/// The lines of app.yaml that are blamed, beginning with the sixth.
fn blamed(more: &str) -> Vec<String> {
    let site = Site::new();
    site.write("apps/a/app.yaml", format!("{APP}{more}"));
    ids(&site.build())
}

#[test]
fn sync_options_that_argocd_would_pass_over_or_that_contradict() {
    let options = |options: &str| blamed(&format!("syncOptions: [{options}]\n"));
    let expected = |id: &str| vec![format!("{id} apps/a/app.yaml:5")];
    for good in ["PruneLast=true", "Prune=confirm", "ServerSideApply=true", "Replace=true"] {
        assert_eq!(options(good), Vec::<String>::new(), "{good}");
    }
    for unknown in
        ["Bogus=true", "PruneLast", "Prune=maybe", "Force=true", "prunelast=true", "\"\""]
    {
        assert_eq!(options(unknown), expected("sync-option-unknown"), "{unknown}");
    }
    for wrong in ["CreateNamespace=true", "ServerSideApply=false", "Replace=true, Replace=false"] {
        assert_eq!(options(wrong), expected("sync-option-conflict"), "{wrong}");
    }
}

#[test]
fn numbers_that_a_set_would_round() {
    let values = |number: &str| {
        let chart = "chart: {repoURL: https://charts.test, name: web, version: 1.0.0}\n";
        blamed(&format!("{chart}footprint: {{}}\nvalues:\n  list: [{{a: {number}}}]\n"))
    };
    for exact in ["9007199254740992", "-9007199254740992", "\"9007199254740993\"", "1e300"] {
        assert_eq!(values(exact), Vec::<String>::new(), "{exact}");
    }
    for rounded in ["9007199254740993", "-9007199254740993", "18446744073709551615"] {
        assert_eq!(values(rounded), ["number-imprecise apps/a/app.yaml:8"], "{rounded}");
    }
}

#[test]
fn permissions_that_are_patterns() {
    let environment = "environments/e/environment.yaml";
    let notes = |permissions: &str| {
        let site = Site::new();
        let layer = format!("  l: {{permissions: {{namespaced: [{permissions}]}}}}");
        site.replace(environment, "  l: {}", &layer);
        let run = site.build();
        assert_eq!(ids(&run), ["permission-missing environments/e/environment.yaml:6"]);
        let found = findings(&run);
        let missing = found.iter().find(|finding| finding["id"] == "permission-missing").unwrap();
        missing["notes"].to_string()
    };
    assert!(
        notes("Secret, \"Config*\"").contains("`Config*` is no kind"),
        "{}",
        notes("\"Config*\"")
    );
    assert!(!notes("apps/*").contains("is no kind"));
}
