//! Faults of several places, each of which must be mended.

use std::path::Path;

use serde_json::Value;

use crate::process::{git, run};
use crate::support::write;
use crate::{URL, application, config, repository, source};

/// Level, message and line of each finding of a check.
fn told(directory: &Path, ids: &[&str]) -> Vec<String> {
    let run = run(directory, &["check", ".", "-o", "json"]);
    let json: Value = serde_json::from_str(&run.out).unwrap();
    let all = json["findings"].as_array().unwrap().iter();
    let line = |it: &Value| it["line"].as_u64().unwrap_or_default();
    let text = |it: &Value, key: &str| it[key].as_str().unwrap().to_owned();
    let of = all.filter(|it| ids.contains(&it["id"].as_str().unwrap()));
    of.map(|it| format!("{} {}: {}", line(it), text(it, "level"), text(it, "message"))).collect()
}

/// A set with these elements, further generators beside them, and this spec of its template.
fn set(name: &str, generators: &str, spec: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: {name}, namespace: argocd}}\n\
         spec:\n  goTemplate: true\n  generators: [{generators}]\n  template:\n    \
         metadata: {{name: '{{{{.name}}}}'}}\n    spec:\n      \
         destination: {{name: in-cluster, namespace: '{{{{.name}}}}'}}\n{spec}"
    )
}

#[test]
fn a_revision_is_told_at_each_place() {
    let web = |name: &str, more: &str| {
        application(name, &format!("{}{more}", source("path: web, targetRevision: main~1")))
    };
    let error = "7 error: Argo CD does not resolve the revision `main~1`";
    let here = repository(&[
        ("one.yaml", &web("one", "")),
        ("two.yaml", &web("two", "")),
        ("web/c.yaml", &config("c")),
    ]);
    let of = || told(here.path(), &["application-source-unusable"]);
    assert_eq!(of(), [error, error]);
    let silencer = " # gitopsc: ignore[application-source-unusable] known";
    write(here.path(), "one.yaml", web("one", silencer));
    assert_eq!(of(), [error]);
    write(here.path(), "two.yaml", web("two", "").replace("main~1", "main"));
    assert_eq!(of(), [""; 0]);
    // A set has one line, whatever it makes, and each set one of its own.
    let list = "{list: {elements: [{name: a}, {name: b}]}}";
    let spec = "      project: default\n      source: {repoURL: 'URL', path: web, targetRevision: main~1}\n";
    let sets = ["s", "t"].map(|name| set(name, list, &spec.replace("URL", URL)));
    write(here.path(), "one.yaml", &sets[0]);
    write(here.path(), "two.yaml", sets[1].replace("{name: a}, {name: b}", "{name: c}, {name: d}"));
    assert_eq!(of(), [error.replace('7', "12"), error.replace('7', "12")]);
    // What the clone alone lacks is no fault of a place.
    for name in ["one", "two"] {
        let gone = web(name, "").replace("main~1", "gone");
        write(here.path(), &format!("{name}.yaml"), gone);
    }
    assert_eq!(of(), ["7 note: the revision `gone` is not in this clone"]);
}

#[test]
fn a_revision_that_go_makes_of_nothing() {
    let of = |revision: &str| {
        let body = format!(
            "{{git: {{repoURL: '{URL}', revision: '{revision}', directories: [{{path: web}}]}}}}"
        );
        let list = "{list: {elements: [{name: a, rev: main}, {name: b}]}}";
        let spec =
            format!("      project: default\n      source: {{repoURL: '{URL}', path: web}}\n");
        let set = set("s", &format!("{{matrix: {{generators: [{list}, {body}]}}}}"), &spec);
        let here = repository(&[("set.yaml", &set), ("web/c.yaml", &config("c"))]);
        git(here.path(), &["add", "-A"]);
        git(here.path(), &["commit", "-q", "-m", "one"]);
        told(here.path(), &["application-source-unusable", "parameter-missing"])
    };
    let message = "6 error: Argo CD does not resolve the revision `<no value>`";
    assert_eq!(of("{{.rev}}"), [message]);
    assert_eq!(of(r#"{{ .rev | default "HEAD" }}"#), [""; 0]);
}

#[test]
fn what_a_source_lacks_is_told_beside_placeholders() {
    let ids = [
        "application-source-invalid",
        "application-source-ignored",
        "application-source-missing",
        "application-path-invalid",
    ];
    let list = "{list: {elements: [{name: web}, {name: api}]}}";
    let of = |spec: &str| {
        let here = repository(&[("set.yaml", &set("s", list, spec))]);
        told(here.path(), &ids)
    };
    let project = "      project: default\n";
    let other = "repoURL: 'https://git.example.com/acme/other.git'";
    let path = "path: '{{.name}}'";
    let cases = [
        (String::new(), "9 error: the Application has no source"),
        ("      sources: []\n".to_owned(), "12 error: the Application has no source"),
        (
            format!(
                "      source: {{{other}, {path}, kustomize: {{namePrefix: a-}}, helm: {{releaseName: a}}}}\n"
            ),
            "12 error: a source is of one kind, not both `kustomize` and `helm`",
        ),
        (
            format!("      source: {{{other}, {path}}}\n      sources: [{{{other}, {path}}}]\n"),
            "12 warning: beside `sources`, `source` counts for nothing",
        ),
        (
            "      source: {repoURL: 'https://git.example.com/{{.name}}'}\n".to_owned(),
            "12 error: a source needs `path` or `chart`",
        ),
        (
            format!("      source: {{{other}, chart: '{{{{.name}}}}'}}\n"),
            "12 error: a source with `chart` needs `targetRevision`",
        ),
    ];
    for (spec, expected) in &cases {
        assert_eq!(of(&format!("{project}{spec}")), [*expected], "{spec}");
    }
    let templated = "      project: '{{.name}}'\n";
    assert_eq!(of(templated), [cases[0].1], "the Applications have none");
    for right in [
        format!("source: {{{other}, {path}, kustomize: {{namePrefix: a-}}}}"),
        format!("source: {{{other}, chart: '{{{{.name}}}}', targetRevision: 1.0.0}}"),
        format!("sources: [{{{other}, {path}}}]"),
    ] {
        assert_eq!(of(&format!("{project}      {right}\n")), [""; 0], "{right}");
    }
    // A value of another block brings no source; one beside it may.
    let plain = |from: &str, to: &str| {
        let here = repository(&[("web.yaml", &application("web", "").replace(from, to))]);
        told(here.path(), &ids)
    };
    let missing = "4 error: the Application has no source";
    assert_eq!(plain("namespace: web}", "namespace: '${NS}'}"), [missing]);
    assert_eq!(plain("project: default", "project: ${PROJECT}"), [""; 0]);
    assert_eq!(plain("project: default", "project: default\n  ${SOURCE}: x"), [""; 0]);
}
