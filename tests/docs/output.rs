//! `docs/output.md` names every field of the JSON documents.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::page;
use crate::support::{gitopsc, root};

#[test]
fn every_field_of_the_json_documents_is_explained() {
    let page = page("output.md");
    let runs: [(&str, &[&str]); 5] = [
        ("build", &["build", "--check", "-e", "k3s"]),
        ("values", &["values", "k3s/mlflow"]),
        ("trace", &["trace", "k3s", "service/mlflow", "/spec/type"]),
        ("list", &["list", "-e", "k3s"]),
        ("render", &["render", "k3s/mlflow"]),
    ];
    for (command, arguments) in runs {
        let heading = format!("## `gitopsc {command}`");
        let section = page.split_once(&heading).unwrap_or_else(|| panic!("no {heading}")).1;
        let section = section.split("\n## ").next().unwrap();
        let mut all = arguments.to_vec();
        all.extend(["-o", "json"]);
        let document = gitopsc(&root(), &all).json();
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
