//! Configuration that does not say what it may, or speaks of what is not there.

use gitopsc::diagnostic::suggest;

use crate::site::{ONE, Site, WEB, refused, refused_with};
use crate::support::gitopsc;

const ENVIRONMENT: &str = "environments/one/environment.yaml";
const RELEASE: &str = "environments/one/apps/web.yaml";
const RELEASE_HEAD: &str = "apiVersion: gitopsc.dev/v1alpha1\nkind: Release\n";

fn changed(from: &str, to: &str, id: &str, line: usize, says: &str) {
    assert!(ONE.contains(from), "{from}");
    refused_with(ENVIRONMENT, ONE.replace(from, to), id, line, says);
}

#[test]
fn unknown_fields() {
    changed("layers:\n", "layer:\n", "unknown-field", 5, "did you mean `layers`?");
    changed("revision: main", "revison: main", "unknown-field", 4, "did you mean `revision`?");
    changed(
        "web: {layer: main}",
        "web: {layr: main}",
        "unknown-field",
        11,
        "did you mean `layer`?",
    );
    changed("web: {}", "web: {vaules: {}}", "unknown-field", 13, "did you mean `values`?");
    refused_with(
        "apps/web/app.yaml",
        format!("{WEB}prots: {{}}\n"),
        "unknown-field",
        10,
        "`ports`",
    );
    refused_with(RELEASE, format!("{RELEASE_HEAD}value: {{}}\n"), "unknown-field", 3, "`values`");
    changed("kubernetes:", "utterlyUnlike:", "unknown-field", 3, "known here");
}

#[test]
fn wrong_types() {
    changed("namespaces:\n  web: {layer: main}", "namespaces: [web]", "config-wrong", 10, "list");
    changed("version: \"1.34\"", "version: 1.34", "config-wrong", 3, "number");
    changed("{reserved: true}", "{reserved: \"true\"}", "config-wrong", 9, "boolean");
    changed("{reserved: true}", "{memory: 6GB}", "config-wrong", 9, "6GB");
    changed("web: {}", "web: present", "config-wrong", 13, "text");
    changed("web: {}", "web: {state: gone}", "config-wrong", 13, "present");
    refused_with(
        "apps/web/app.yaml",
        format!("{WEB}ports: {{http: 99999}}\n"),
        "config-wrong",
        10,
        "",
    );
    refused_with(
        "apps/web/app.yaml",
        format!("{WEB}templates: config.yaml\n"),
        "config-wrong",
        10,
        "",
    );
}

#[test]
fn wrong_kinds_and_versions() {
    changed("kind: Environment", "kind: App", "config-wrong", 2, "Environment");
    changed("v1alpha1", "v2", "config-wrong", 1, "gitopsc.dev/v1alpha1");
    let lacks = ONE.replace("kind: Environment\n", "");
    refused_with(ENVIRONMENT, lacks, "config-wrong", 1, "`kind` is missing");
    refused_with(ENVIRONMENT, "", "config-wrong", 1, "empty");
    refused_with(ENVIRONMENT, "# nothing\n", "config-wrong", 1, "empty");
    refused_with(ENVIRONMENT, format!("{ONE}---\n{ONE}"), "config-wrong", 15, "one document");
}

#[test]
fn missing_files() {
    refused(|site| site.remove(ENVIRONMENT), "file-missing", ENVIRONMENT, "kind: Environment");
    refused(
        |site| site.remove("apps/web/app.yaml"),
        "file-missing",
        "apps/web/app.yaml",
        "kind: App",
    );
    refused(
        |site| site.remove("applicationsets/main.yaml"),
        "file-missing",
        "environments/one/environment.yaml:6",
        "applicationsets/main.yaml",
    );
    refused_with(
        "apps/web/app.yaml",
        format!("{WEB}templates:\n  - config.yaml\n  - nosuch/*.yaml\n"),
        "file-missing",
        12,
        "nosuch",
    );
}

#[test]
fn missing_fields() {
    let lacks = ONE.replace("repoURL: https://git.test/platform.git, ", "");
    refused_with(ENVIRONMENT, lacks, "field-missing", 4, "gitops.repoURL");
    refused(
        |site| site.replace("apps/web/app.yaml", "layer: main\n", ""),
        "field-missing",
        "environments/one/environment.yaml:13",
        "layer",
    );
    refused(
        |site| site.replace("apps/web/app.yaml", "namespace: web\n", ""),
        "field-missing",
        "environments/one/environment.yaml:13",
        "namespace",
    );
}

#[test]
fn environments_that_extend_in_a_circle() {
    let site = Site::new();
    site.write(
        "environments/third/environment.yaml",
        "apiVersion: gitopsc.dev/v1alpha1\nkind: Environment\nextends: one\n",
    );
    site.replace(ENVIRONMENT, "kubernetes:", "extends: third\nkubernetes:");
    let finding = site.refused(&crate::site::Expected {
        id: "extends-circular",
        place: "environments/third/environment.yaml:3",
        says: "one → third → one",
    });
    assert!(finding["environments"].as_array().unwrap().len() == 2, "{finding:#}");
    changed("kubernetes:", "extends: one\nkubernetes:", "extends-circular", 3, "one → one");
}

#[test]
fn environments_that_extend_one_that_is_not_there() {
    changed(
        "kubernetes:",
        "extends: tow\nkubernetes:",
        "environment-unknown",
        3,
        "did you mean `two`?",
    );
}

#[test]
fn environments_over_a_broken_one_are_not_built_either() {
    let site = Site::new();
    let over = "apiVersion: gitopsc.dev/v1alpha1\nkind: Environment\nextends: one\n";
    site.write("environments/third/environment.yaml", over);
    assert_eq!(site.build().code, 0);
    let before = crate::support::files(&site.path().join("rendered/third"));
    assert!(before.len() > 4);
    site.replace(ENVIRONMENT, "layers:", "layer:");
    let run = site.build();
    assert_eq!(run.code, 1);
    assert_eq!(before, crate::support::files(&site.path().join("rendered/third")));
    let json = run.json();
    let third = json["environments"].as_array().unwrap().iter().find(|e| e["name"] == "third");
    assert_eq!(third.unwrap()["kept"], true, "{json:#}");
    // Asked for alone, it says why.
    let alone = gitopsc(site.path(), &["build", "-e", "third", "-o", "json"]);
    assert_eq!(alone.code, 1, "{}", alone.out);
    assert!(alone.out.contains("unknown-field"), "{}", alone.out);
}

#[test]
fn unknown_apps_and_layers() {
    changed("web: {}", "wep: {}", "app-unknown", 13, "did you mean `web`?");
    changed("web: {}", "front: {app: webb}", "app-unknown", 13, "did you mean `web`?");
    changed("web: {}", "web: {layer: mian}", "layer-unknown", 13, "did you mean `main`?");
    changed("web: {}", "web: {layer: kept}", "layer-reserved", 13, "reserved");
    changed("web: {}", "front: {app: cluster}", "app-unknown", 13, "");
}

#[test]
fn an_app_that_nobody_runs_is_a_note() {
    let site = Site::new();
    site.write("apps/spare/app.yaml", "apiVersion: gitopsc.dev/v1alpha1\nkind: App\n");
    let run = site.build();
    assert_eq!(run.code, 0, "{}", run.out);
    let json = run.json();
    let note = json["findings"].as_array().unwrap().iter().find(|one| one["id"] == "app-unused");
    assert_eq!(note.unwrap()["level"], "note", "{json:#}");
    assert_eq!(note.unwrap()["place"]["file"], "apps/spare/app.yaml");
    // A file of nobody's in the tree is a warning of its own.
    std::fs::remove_file(site.path().join("rendered/one/manifests/main/web/mine.yaml")).unwrap();
    let run = gitopsc(site.path(), &["build", "--deny", "warnings"]);
    assert_eq!(run.code, 0, "{}", run.out);
}

#[test]
fn an_app_in_both_places() {
    let site = Site::new();
    site.replace(ENVIRONMENT, "web: {}", "web: {values: {replicas: 2}}");
    site.write(RELEASE, format!("{RELEASE_HEAD}values: {{replicas: 3}}\n"));
    let finding = site.refused(&crate::site::Expected {
        id: "release-in-two-places",
        place: "environments/one/environment.yaml:13",
        says: "leave `web: {}`",
    });
    assert_eq!(finding["labels"][1]["file"], RELEASE);
}

#[test]
fn a_release_file_of_what_is_not_listed() {
    refused(
        |site| {
            site.write("environments/one/apps/wbe.yaml", format!("{RELEASE_HEAD}values: {{}}\n"))
        },
        "release-not-listed",
        "environments/one/apps/wbe.yaml:1",
        "did you mean `web`?",
    );
    refused(
        |site| {
            site.write("environments/one/apps/other.yaml", format!("{RELEASE_HEAD}values: {{}}\n"))
        },
        "release-not-listed",
        "environments/one/apps/other.yaml:1",
        "list `other: {}`",
    );
}

#[test]
fn a_release_file_of_what_is_taken_away() {
    let site = Site::new();
    site.write(
        "environments/third/environment.yaml",
        "apiVersion: gitopsc.dev/v1alpha1\nkind: Environment\nextends: one\napps: {web: null}\n",
    );
    site.write("environments/third/apps/web.yaml", format!("{RELEASE_HEAD}values: {{}}\n"));
    let run = site.build();
    assert_eq!(run.code, 1, "{}", run.out);
    let json = run.json();
    let errors: Vec<_> =
        json["findings"].as_array().unwrap().iter().filter(|one| one["level"] == "error").collect();
    let [finding] = errors[..] else { panic!("{errors:#?}") };
    assert_eq!(finding["id"], "release-not-listed");
    assert_eq!(finding["place"]["file"], "environments/third/apps/web.yaml");
    assert_eq!(finding["labels"][1]["line"], 4, "{finding:#}");
    assert!(finding["help"].as_str().unwrap().contains("remove the file"), "{finding:#}");
}

#[test]
fn an_empty_release_with_a_file_is_told_once() {
    let site = Site::new();
    site.write(RELEASE, format!("{RELEASE_HEAD}values: {{}}\n"));
    site.replace(ENVIRONMENT, "web: {}", "web:");
    site.refused(&crate::site::Expected {
        id: "release-empty",
        place: "environments/one/environment.yaml:13",
        says: "write `web: {}`",
    });
}

#[test]
fn the_pools_of_metallb_leave_with_it() {
    let site = Site::new();
    site.write(
        "apps/metallb/app.yaml",
        "apiVersion: gitopsc.dev/v1alpha1\nkind: App\nlayer: main\nnamespace: web\n",
    );
    site.write(
        "apps/metallb/config.yaml",
        crate::site::CONFIG
            .replace("${{ fragment(\"data.yaml\") }}", "{}")
            .replace("name: web", "name: metallb"),
    );
    let pools = "pools: {lan: {addresses: [10.0.0.1-10.0.0.9]}}\nlayers:";
    site.replace(ENVIRONMENT, "layers:", pools);
    site.replace(ENVIRONMENT, "web: {}", "web: {}\n  metallb: {}");
    site.replace(
        ENVIRONMENT,
        "[ConfigMap, Service]",
        "[ConfigMap, Service, metallb.io/IPAddressPool, metallb.io/L2Advertisement]",
    );
    assert_eq!(site.build().code, 0);
    let directory = site.path().join("rendered/one/manifests/main/metallb-config");
    assert_eq!(crate::support::files(&directory).len(), 2);
    let leaves = |site: &Site| {
        let run = gitopsc(site.path(), &["build", "-o", "json"]);
        assert_eq!(run.code, 0, "{}", run.out);
        assert!(!run.out.contains("app-vanished"), "{}", run.out);
        let left: Vec<_> = crate::support::files(&directory).into_keys().collect();
        assert_eq!(left, ["ABSENT.md"], "{}", run.out);
    };
    site.replace(ENVIRONMENT, "metallb: {}", "metallb: {state: absent}");
    leaves(&site);
    // Without a pool there is nothing to run either.
    site.replace(ENVIRONMENT, "metallb: {state: absent}", "metallb: {}");
    assert_eq!(site.build().code, 0);
    site.replace(ENVIRONMENT, "{lan: {addresses: [10.0.0.1-10.0.0.9]}}", "{}");
    leaves(&site);
}

#[test]
fn permissions_that_are_missing() {
    refused(
        |site| site.replace("apps/web/config.yaml", "kind: ConfigMap", "kind: Secret"),
        "permission-missing",
        "environments/one/environment.yaml:8",
        "add `Secret` to `permissions.namespaced`",
    );
    refused(
        |site| {
            let role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: web}\n";
            site.write("apps/web/role.yaml", role);
        },
        "permission-missing",
        "environments/one/environment.yaml:7",
        "add `rbac.authorization.k8s.io/ClusterRole` to `permissions.cluster`",
    );
}

#[test]
fn a_namespace_of_another_layer() {
    changed("web: {layer: main}", "web: {layer: kept}", "namespace-of-other-layer", 13, "`kept`");
}

#[test]
fn a_name_that_a_built_in_app_has() {
    let site = Site::new();
    site.write("apps/cluster/app.yaml", "apiVersion: gitopsc.dev/v1alpha1\nkind: App\n");
    let run = site.build();
    assert_eq!(run.code, 1, "{}", run.out);
    assert!(run.out.contains("app-name-taken"), "{}", run.out);
}

#[test]
fn a_list_of_names_that_is_cut_says_so() {
    let names: Vec<String> = (1..=30).map(|at| format!("name-{at}")).collect();
    let hint = |count: usize| suggest("#", names[..count].iter().map(String::as_str)).unwrap();
    assert!(hint(24).ends_with("`name-23`, `name-24`"), "{}", hint(24));
    assert!(hint(30).ends_with("`name-24`, 6 more"), "{}", hint(30));
}
