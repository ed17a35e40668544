//! `gitopsc check`: objects as the API server would judge them, at the lines that made them.
#![allow(clippy::unwrap_used, clippy::expect_used, unreachable_pub)]

mod support;

use serde_json::Value;
use support::{gitopsc, root, write};
use tempfile::TempDir;

const ENVIRONMENT: &str = "\
apiVersion: gitopsc.dev/v1alpha1
kind: Environment
kubernetes: {version: \"1.34\"}
gitops: {repoURL: https://git.test/platform.git, revision: main}
layers: {main: {}}
namespaces: {web: {layer: main}}
apps: {web: {values: {port: 99999}}}
existing: {apiextensions.k8s.io/CustomResourceDefinition: [example.com/Thing]}
";

const APP: &str = "\
apiVersion: gitopsc.dev/v1alpha1
kind: App
layer: main
namespace: web
values: {port: 80}
";

/// A repository with one app that has one template.
fn repository(template: &str) -> TempDir {
    let site = TempDir::new().unwrap();
    write(site.path(), "environments/e/environment.yaml", ENVIRONMENT);
    write(site.path(), "apps/web/app.yaml", APP);
    write(site.path(), "apps/web/template.yaml", template);
    site
}

/// What is found in it.
fn findings(template: &str) -> (u8, Vec<Value>) {
    let site = repository(template);
    let run = gitopsc(site.path(), &["check", "-o", "json"]);
    let findings = run.json()["findings"].as_array().unwrap().clone();
    (run.code, findings)
}

#[test]
fn the_environments_of_this_repository_are_clean() {
    let run = gitopsc(&root(), &["check", "--deny", "warnings", "-o", "json"]);
    let json = run.json();
    assert_eq!(run.code, 0, "{json:#}");
    let environments = json["environments"].as_array().unwrap();
    assert_eq!(environments.len(), 5);
    for environment in environments {
        let (objects, without) = (&environment["objects"], &environment["withoutSchema"]);
        assert!(objects.as_u64().unwrap() > 10, "{environment}");
        assert!(without.as_u64().unwrap() <= 2, "{environment}");
    }
}

#[test]
fn an_object_with_a_key_given_twice_is_not_valid() {
    let text = "\
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data: {a: b}
data: {a: c}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: b}
";
    let site = repository(text);
    let run = gitopsc(site.path(), &["check", "-o", "json"]);
    let json = run.json();
    assert_eq!(run.code, 1);
    assert!(
        json["findings"].as_array().unwrap().iter().any(|one| one["id"] == "yaml-duplicate-key"),
        "{json:#}"
    );
    assert_eq!(json["summary"]["invalid"], 1, "{json:#}");
}

#[test]
fn an_environment_that_cannot_be_read_is_not_clean() {
    let site = TempDir::new().unwrap();
    write(site.path(), "environments/e/environment.yaml", "kind: [\n");
    let run = gitopsc(site.path(), &["check"]);
    assert_eq!(run.code, 1);
    assert!(run.out.contains("e: not judged, it has errors"), "{}", run.out);
    let json = gitopsc(site.path(), &["check", "-o", "json"]).json();
    assert_eq!(json["environments"][0]["notJudged"], true);
}

#[test]
fn a_fault_is_told_at_the_template_and_at_the_value() {
    let template = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  ports:\n    - port: ${{ values.port }}\n";
    let (code, found) = findings(template);
    assert_eq!((code, found.len()), (1, 1), "{found:#?}");
    assert_eq!(found[0]["id"], "port-invalid");
    let places: Vec<_> = found[0]["labels"].as_array().unwrap().iter().collect();
    let place = |label: &Value| format!("{}:{}", label["file"].as_str().unwrap(), label["line"]);
    assert_eq!(place(places[0]), "apps/web/template.yaml:7");
    assert_eq!(place(places[1]), "environments/e/environment.yaml:7");
    assert_eq!(found[0]["field"], "spec.ports[0].port");
    assert_eq!(found[0]["environments"], serde_json::json!(["e"]));
}

#[test]
fn versions_that_are_not_served() {
    let of = |api_version: &str, kind: &str| {
        let object = format!(
            "apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: web, namespace: web}}\n"
        );
        let (code, found) = findings(&object);
        let ours = found.into_iter().find(|one| one["id"] == "api-version-unserved");
        let level = |one: Value| format!("{} {}", one["level"].as_str().unwrap(), one["help"]);
        (code, ours.map(level).unwrap_or_default())
    };
    let (code, told) = of("extensions/v1beta1", "Ingress");
    assert_eq!(code, 1);
    assert!(told.contains("apiVersion: networking.k8s.io/v1"), "{told}");
    let (code, told) = of("batch/v1beta1", "CronJob");
    assert_eq!(code, 1);
    assert!(told.contains("apiVersion: batch/v1"), "{told}");
    let (code, told) = of("apps/v1", "Deploymet");
    assert_eq!(code, 1);
    assert!(told.contains("Deployment"), "{told}");
    // Somebody's own kind, and an early version that a cluster may have switched on.
    assert_eq!(of("example.com/v1", "Thing"), (0, String::new()));
    assert!(of("networking.k8s.io/v1beta1", "IPAddress").1.starts_with("warning"));
}

#[test]
fn what_yaml_takes_for_something_else_is_named() {
    let template = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\ndata:\n  mode: 0644\n  debug: on\n  port: 80\n";
    let (code, found) = findings(template);
    assert_eq!((code, found.len()), (1, 3), "{found:#?}");
    let notes = |line: u64| {
        let finding = found.iter().find(|finding| finding["place"]["line"] == line).unwrap();
        finding["notes"].to_string()
    };
    assert!(notes(6).contains("`0644` without quotes is the number 420"), "{found:#?}");
    assert!(notes(7).contains("`on` without quotes is `true`"), "{found:#?}");
    assert_eq!(notes(8), "[]");
}

#[test]
fn an_unknown_field_hides_nothing() {
    let template = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  foo: 1\n  ports:\n    - port: 0\n";
    let (code, found) = findings(template);
    let ids: Vec<_> = found.iter().map(|finding| finding["id"].as_str().unwrap()).collect();
    assert_eq!((code, &*ids), (1, &["field-unknown", "port-invalid"][..]), "{found:#?}");
}

#[test]
fn quiet_shows_what_makes_the_run_fail() {
    let template = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  clusterIP: None\n  sessionAffinity: ClientIP\n  ports:\n    - port: 80\n";
    let world = repository(template);
    let quiet = |arguments: &[&str]| {
        let run = gitopsc(world.path(), arguments);
        (run.code, run.out.contains("field-ignored"))
    };
    assert_eq!(quiet(&["check", "-q"]), (0, false));
    assert_eq!(quiet(&["check", "-q", "--deny", "warnings"]), (1, true));
}
