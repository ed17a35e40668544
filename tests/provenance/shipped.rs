//! The environments of this repository.

use gitopsc::source::Sources;
use gitopsc::yaml::{self, Node, Value};

use crate::site::json;
use crate::support::{self, Stages};

/// The nodes of a tree with their pointers.
fn nodes<'n>(node: &'n Node, pointer: &str, found: &mut Vec<(String, &'n Node)>) {
    found.push((pointer.to_owned(), node));
    match &node.value {
        Value::Map(map) => {
            for (key, child) in map.iter() {
                let token = key.name.replace('~', "~0").replace('/', "~1");
                nodes(child, &format!("{pointer}/{token}"), found);
            }
        }
        Value::Seq(items) => {
            for (index, child) in items.iter().enumerate() {
                nodes(child, &format!("{pointer}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// What a text says as a YAML value by itself.
fn read(text: &str) -> Option<serde_json::Value> {
    let mut sources = Sources::default();
    let read = yaml::read(sources.add("", text), text);
    read.documents.into_iter().next()?.node.map(|node| json(&node))
}

fn is_scalar(node: &Node) -> bool {
    !matches!(node.value, Value::Map(_) | Value::Seq(_))
}

/// Whether the compiler itself makes a field, so that no text of a template can say it.
fn is_added(pointer: &str) -> bool {
    pointer == "/metadata/namespace"
        || pointer == "/metadata/annotations/argocd.argoproj.io~1sync-options"
        || pointer.starts_with("/metadata/labels/app.kubernetes.io~1")
}

/// `${{ a.b.c }}` and nothing else: the path.
fn plain_path(text: &str) -> Option<&str> {
    let inner = text.trim_matches(['"', '\'']).strip_prefix("${{")?.strip_suffix("}}")?.trim();
    inner.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.').then_some(inner)
}

#[test]
fn every_node_of_the_shipped_environments_has_a_place_that_makes_sense() {
    let stages = Stages::new(&gitopsc::world::Disk::new(&support::root()));
    let sources = &stages.repo.sources;
    let mut wrong = Vec::new();
    let (mut literal, mut filled, mut exact) = (0, 0, 0);
    for environment in &stages.plan.environments {
        for rendered in stages.rendered(&environment.name) {
            for manifest in &rendered.manifests {
                let mut all = Vec::new();
                nodes(&manifest.node, "", &mut all);
                for (pointer, node) in all {
                    let place = sources.place(node.span);
                    let text = sources.slice(node.span);
                    let mut fail = |why: &str| {
                        wrong.push(format!(
                            "{} {} {pointer} = {}: {why}\n    {place} {text:?} from {:?}",
                            environment.name,
                            manifest.key,
                            json(node),
                            node.origins
                                .iter()
                                .map(|&o| (sources.place(o), sources.slice(o)))
                                .collect::<Vec<_>>(),
                        ));
                    };
                    for &origin in &node.origins {
                        let path = &*sources.get(origin.file).path;
                        let stated = path.ends_with("/app.yaml")
                            || path.starts_with("environments/")
                            || path.starts_with("<builtin>");
                        if !stated {
                            fail("an origin is not in configuration");
                        }
                    }
                    if !is_scalar(node) || is_added(&pointer) {
                        continue;
                    }
                    if text.is_empty() {
                        if !node.is_null() && json(node) != serde_json::json!("") {
                            fail("no text");
                        }
                        continue;
                    }
                    let value = json(node);
                    if text.contains("${{") {
                        filled += 1;
                        let Some(path) = plain_path(text) else { continue };
                        let root = path.split('.').next().unwrap();
                        if !["values", "env", "app", "release", "releases"].contains(&root) {
                            continue;
                        }
                        let [origin] = &*node.origins else {
                            fail("a value with no origin, or with several");
                            continue;
                        };
                        let as_text = |value: &serde_json::Value| match value {
                            serde_json::Value::String(text) => text.clone(),
                            other => other.to_string(),
                        };
                        let stated = read(sources.slice(*origin)).unwrap_or_default();
                        let stated_text = as_text(&stated);
                        // An alias repeats what stands elsewhere.
                        if sources.slice(*origin).starts_with('*') {
                            continue;
                        }
                        if stated != value && stated_text != as_text(&value) {
                            fail("the origin states something else");
                        }
                        exact += 1;
                    } else if node.origins.is_empty() {
                        literal += 1;
                        let same = if text.contains('\n') {
                            let first =
                                value.as_str().unwrap_or_default().trim_start().lines().next();
                            text.contains(first.unwrap_or_default().trim())
                        } else {
                            read(text) == Some(value.clone())
                        };
                        if !same && !pointer.starts_with("/spec/encryptedData") {
                            fail("the text there says something else");
                        }
                    } else {
                        fail("a value, but no expression there");
                    }
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of them:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(25)].join("\n")
    );
    assert!(literal > 2000 && filled > 1000 && exact > 300, "{literal} {filled} {exact}");
}
