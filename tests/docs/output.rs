//! `docs/output.md` names every field of the JSON documents.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::page;
use crate::support::{files, gitopsc, root, write};

#[test]
fn every_field_of_the_json_documents_is_explained() {
    let page = page("output.md");
    // A copy, in which one environment is stale and another broken.
    let copy = tempfile::tempdir().unwrap();
    for directory in ["apps", "applicationsets", "environments"] {
        for (path, bytes) in files(&root().join(directory)) {
            write(copy.path(), &format!("{directory}/{path}"), bytes);
        }
    }
    let broken = "environments/iris/environment.yaml";
    let text = fs::read_to_string(copy.path().join(broken)).unwrap();
    write(copy.path(), broken, text.replace("layers:\n", "leyers: {}\nlayers:\n"));
    let repository = root();
    let runs: [(&Path, &str, &[&str]); 11] = [
        (copy.path(), "build", &["build", "--check"]),
        (copy.path(), "build", &["build"]),
        (&repository, "build", &["build", "--check", "-e", "k3s"]),
        (copy.path(), "check", &["check"]),
        (&repository, "check", &["check", "-e", "k3s"]),
        (&repository, "explain", &["explain", "api-version-unserved"]),
        (&repository, "explain", &["explain"]),
        (&repository, "values", &["values", "k3s/mlflow"]),
        (&repository, "trace", &["trace", "k3s", "service/mlflow", "/spec/type"]),
        (&repository, "list", &["list", "-e", "k3s"]),
        (&repository, "render", &["render", "k3s/mlflow"]),
    ];
    for (directory, command, arguments) in runs {
        let heading = format!("## `gitopsc {command}`");
        let section = page.split_once(&heading).unwrap_or_else(|| panic!("no {heading}")).1;
        let mut section = section.split("\n## ").next().unwrap().to_owned();
        if command == "check" {
            // Which says that the rest is as there.
            section += page.split_once("## `gitopsc build`").unwrap().1;
        }
        let mut all = arguments.to_vec();
        all.extend(["-o", "json"]);
        let document = gitopsc(directory, &all).json();
        let mut names = BTreeSet::new();
        collect(&document, command, &mut names);
        let missing: Vec<_> =
            names.iter().filter(|name| !section.contains(&format!("`{name}`"))).collect();
        assert!(missing.is_empty(), "docs/output.md, {heading}: {missing:?}");
    }
}

/// The names of fields, without those that are data: of values, manifests, nodes and environments.
fn collect(value: &Value, command: &str, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                names.insert(name.clone());
                let data = match command {
                    "values" => name == "values",
                    "trace" => name == "value",
                    "list" => !["environments", "releases"].contains(&name.as_str()),
                    _ => false,
                };
                if !data {
                    collect(inner, command, names);
                }
            }
        }
        // A list of manifests is Kubernetes' own.
        Value::Array(items) if command != "render" => {
            items.iter().for_each(|item| collect(item, command, names));
        }
        _ => {}
    }
}
