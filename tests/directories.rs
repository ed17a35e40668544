//! What a source of a directory holds, read here and by Argo CD's own repo-server.
//!
//! `tests/argocd/directories/cases.yaml` has small repositories and sources that look into them;
//! `verdicts.json` beside it is what Argo CD 3.5.7 made of each, as `tests/go/applicationset` printed it:
//! `UPDATE_ARGOCD=1 cargo test --test directories` asks again, for which see `tests/application_sets.rs`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::print_stderr)]

#[path = "support/go.rs"]
mod go;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use gitopsc::argocd::application_set::{Repositories, World};
use gitopsc::argocd::tree::{Entry, Text, Tree};
use gitopsc::argocd::{Problem, Setting, State, follow};
use gitopsc::source::Sources;
use gitopsc::yaml::{self, Map, Node};
use serde_json::{Value as Json, json};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/argocd/directories")
}

fn parse(text: &str) -> Node {
    let file = Sources::default().add("text", text);
    let read = yaml::read(file, text);
    assert!(read.faults.is_empty(), "{:?}", read.faults);
    read.documents.into_iter().find_map(|document| document.node).unwrap()
}

fn texts(case: &Node, key: &str) -> Vec<(String, String)> {
    let map = case.get(key).and_then(Node::as_map).into_iter().flat_map(Map::iter);
    map.map(|(key, value)| (key.name.to_string(), value.as_str().unwrap().to_owned())).collect()
}

/// It is the repository of every URL.
struct Only(Tree);

impl Repositories for Only {
    fn tree(&self, _: &str, _: &str) -> Option<&Tree> {
        Some(&self.0)
    }
}

/// What Argo CD would say, as this project reads it; nothing where that is not known.
fn answer(case: &Node) -> Option<Json> {
    let mut sources = Sources::default();
    let files = texts(case, "files").into_iter().map(|(path, text)| {
        let file = sources.add(path.as_str(), text.as_str());
        (path, Entry::File(Text { file, text: text.into() }))
    });
    let mut entries: Vec<(String, Entry)> = files.collect();
    entries.extend(texts(case, "links").into_iter().map(|(path, to)| (path, Entry::Link(to))));
    let repository = Only(Tree::new(entries));
    let mut source = yaml::to_json(case.get("source").unwrap());
    source["repoURL"] = json!("https://git.example.com/acme/apps.git");
    let application = json!({
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "web", "namespace": "argocd"},
        "spec": {"project": "default", "source": source, "destination": {"name": "in-cluster"}},
    });
    let world = World { repositories: Some(&repository), ..World::default() };
    let setting = Setting { world, scope: &|_| None };
    let followed = follow([parse(&application.to_string())], &setting);
    let contents = &followed.applications[0].contents[0];
    Some(match &contents.state {
        State::NotAtHand => return None,
        // Without a word.
        State::Wrong(Problem::Link) => json!([]),
        State::Wrong(_) => json!("error"),
        State::NotRendered => json!(contents.tool.as_str()),
        State::Read(manifests) if !manifests.unknown.is_empty() => return None,
        State::Read(manifests) if !manifests.failures.is_empty() => json!("error"),
        State::Read(manifests) => {
            sorted(manifests.members.iter().map(|member| yaml::to_json(&member.node)).collect())
        }
    })
}

fn sorted(mut objects: Vec<Json>) -> Json {
    // Neither is an object for the controller, whatever the repo-server hands over.
    objects.retain(|object| !object.is_null());
    objects.iter_mut().for_each(as_go);
    objects.sort_by_key(ToString::to_string);
    Json::Array(objects)
}

/// Go has floats where a whole number does not fit into 64 bits with a sign.
fn as_go(value: &mut Json) {
    match value {
        Json::Array(items) => items.iter_mut().for_each(as_go),
        Json::Object(map) => map.values_mut().for_each(as_go),
        Json::Number(number) if number.as_i64().is_none() => {
            *value = json!(number.as_f64());
        }
        _ => {}
    }
}

fn verdict(said: &Json) -> Json {
    if said["error"].is_string() {
        return json!("error");
    }
    match said["tool"].as_str().unwrap() {
        "Directory" => sorted(said["objects"].as_array().cloned().unwrap_or_default()),
        tool => json!(tool.to_lowercase()),
    }
}

/// What Argo CD said, by the name of the case.
fn verdicts() -> BTreeMap<String, Json> {
    let path = folder().join("verdicts.json");
    if std::env::var_os("UPDATE_ARGOCD").is_some() {
        let program = go::program("applicationset").expect("Go is needed to ask Argo CD");
        let table = folder().join("cases.yaml");
        let output = Command::new(program).arg("directories").arg(table).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        fs::write(&path, output.stdout).unwrap();
    }
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
    lines.map(|one| (one["name"].as_str().unwrap().to_owned(), one)).collect()
}

#[test]
fn directories_hold_what_argo_cd_finds_in_them() {
    let table = parse(&fs::read_to_string(folder().join("cases.yaml")).unwrap());
    let cases = table.get("cases").and_then(Node::as_seq).unwrap();
    let verdicts = verdicts();
    assert_eq!(cases.len(), verdicts.len(), "run with UPDATE_ARGOCD=1");
    let (mut agreed, mut wrong) = (0, Vec::new());
    for case in cases {
        let name = case.get("name").and_then(Node::as_str).unwrap();
        let said = verdicts.get(name).expect("a case has no verdict: run with UPDATE_ARGOCD=1");
        let (here, there) = (answer(case), verdict(said));
        match here {
            Some(here) if here == there => agreed += 1,
            here => wrong.push(format!(
                "{name}:\n  here    {}\n  Argo CD {there} {}",
                here.unwrap_or_else(|| json!("not known")),
                said["error"]
            )),
        }
    }
    println!("{agreed} of {} directories agree with Argo CD", cases.len());
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(cases.len() >= 60, "only {} cases", cases.len());
}
