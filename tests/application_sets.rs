//! ApplicationSets, evaluated here and by Argo CD's own controller.
//!
//! `tests/argocd/*.yaml` are the cases, `tests/argocd/world.yaml` what they look at, and
//! `tests/argocd/verdicts.json` what Argo CD 3.5.7 made of each, as `tests/go/applicationset` printed it.
//! `UPDATE_ARGOCD=1 cargo test --test application_sets` asks again and writes that file and the table of
//! fields in `src/argocd/application_set`. It needs Go and git and, where nothing is built yet, six
//! minutes of a processor; that is why the verdicts are kept.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::print_stderr)]

#[path = "support/go.rs"]
mod go;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use gitopsc::argocd::application_set::{
    Application, ArgoCdTemplates, Cluster, Effect, Evaluation, Fault, Parameter, Parameters,
    Repositories, Settings, World, evaluate,
};
use gitopsc::argocd::tree::{Entry, Text, Tree};
use gitopsc::source::Sources;
use gitopsc::yaml::{self, Key, Map, Node, Value};
use serde_json::Value as Json;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/argocd")
}

fn read(path: &Path) -> Node {
    let text = fs::read_to_string(path).unwrap();
    let file = Sources::default().add(path.to_str().unwrap(), text.as_str());
    let read = yaml::read(file, &text);
    let fatal = read.faults.iter().find(|fault| fault.kind.is_fatal());
    assert!(fatal.is_none(), "{}: {fatal:?}", path.display());
    read.documents.into_iter().find_map(|document| document.node).unwrap()
}

fn text(node: &Node, key: &str) -> String {
    node.get(key).and_then(Node::as_str).unwrap_or_default().to_owned()
}

fn texts(node: Option<&Node>) -> BTreeMap<String, String> {
    let map = node.and_then(Node::as_map).into_iter().flat_map(Map::iter);
    map.map(|(key, value)| (key.name.to_string(), value.as_str().unwrap().to_owned())).collect()
}

fn items(node: Option<&Node>) -> &[Node] {
    node.and_then(Node::as_seq).unwrap_or_default()
}

fn clusters(node: Option<&Node>) -> Vec<Cluster> {
    let cluster = |node: &Node| Cluster {
        name: text(node, "name"),
        server: text(node, "server"),
        project: text(node, "project"),
        labels: texts(node.get("labels")),
        annotations: texts(node.get("annotations")),
    };
    items(node).iter().map(cluster).collect()
}

/// The repositories of the world file.
struct Trees(HashMap<(String, String), Tree>);

impl Repositories for Trees {
    fn tree(&self, url: &str, revision: &str) -> Option<&Tree> {
        self.0.get(&(url.to_owned(), revision.to_owned()))
    }
}

fn trees(world: &Node) -> Trees {
    let tree = |node: &Node| {
        let files = texts(node.get("files")).into_iter();
        let links = texts(node.get("links")).into_iter();
        let file = node.span.file;
        let files = files.map(|(path, text)| (path, Entry::File(Text { file, text: text.into() })));
        let entries = files.chain(links.map(|(path, target)| (path, Entry::Link(target))));
        ((text(node, "url"), text(node, "revision")), Tree::new(entries))
    };
    Trees(items(world.get("repositories")).iter().map(tree).collect())
}

struct Case {
    name: String,
    set: Node,
    node: Node,
}

impl Case {
    fn new(node: &Node) -> Self {
        let map = |entries: Vec<(&str, Node)>| {
            let mut map = Map::default();
            for (name, value) in entries {
                map.insert(Key { name: name.into(), span: node.span }, value);
            }
            Node::new(Value::Map(map), node.span)
        };
        let metadata = map(vec![
            ("name", Node::string("set", node.span)),
            ("namespace", Node::string("argocd", node.span)),
        ]);
        let set = map(vec![("metadata", metadata), ("spec", node.get("spec").unwrap().clone())]);
        Self { name: text(node, "name"), set, node: node.clone() }
    }

    fn evaluate(&self, world: &Node, trees: &Trees) -> Evaluation {
        let is_set = |field| self.node.get(field).is_some_and(Node::is_true);
        let world = World {
            are_clusters_declared: false,
            repositories: Some(trees),
            clusters: Some(clusters(self.node.get("clusters").or(world.get("clusters")))),
            projects: Some(
                items(world.get("projects"))
                    .iter()
                    .filter_map(Node::as_str)
                    .map(Into::into)
                    .collect(),
            ),
            settings: Settings {
                new_git_file_globbing: is_set("newGlobbing"),
                include_hidden_directories: is_set("hiddenDirectories"),
            },
            declared: BTreeMap::new(),
        };
        evaluate(&self.set, &world, &ArgoCdTemplates)
    }
}

fn case_files() -> Vec<PathBuf> {
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let is_case = |path: &PathBuf| {
        path.extension().is_some_and(|extension| extension == "yaml")
            && path.file_stem().is_some_and(|name| name != "world")
    };
    let mut files: Vec<PathBuf> = files.filter(is_case).collect();
    files.sort();
    files
}

fn cases() -> Vec<Case> {
    let files = case_files();
    let nodes = files.iter().flat_map(|path| items(read(path).get("cases")).to_vec());
    nodes.map(|node| Case::new(&node)).collect()
}

/// What Argo CD made of each case, by name.
fn verdicts() -> HashMap<String, Json> {
    let path = folder().join("verdicts.json");
    if std::env::var_os("UPDATE_ARGOCD").is_some() {
        let program = go::program("applicationset").expect("Go is needed to ask Argo CD");
        let ask = |arguments: &[PathBuf], into: &Path| {
            let output = Command::new(&program).args(arguments).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            fs::write(into, output.stdout).unwrap();
        };
        let fields = "src/argocd/application_set/fields.txt";
        ask(&["fields".into()], &Path::new(env!("CARGO_MANIFEST_DIR")).join(fields));
        let world = [folder().join("world.yaml")];
        ask(&world.into_iter().chain(case_files()).collect::<Vec<_>>(), &path);
    }
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
    lines.map(|verdict| (verdict["name"].as_str().unwrap().to_owned(), verdict)).collect()
}

/// Objects as a sorted list, since Argo CD's order is that of a map in part.
fn sorted<'a>(objects: impl IntoIterator<Item = &'a Json>) -> Vec<String> {
    // Through a map with sorted keys.
    fn canonical(value: &Json) -> Json {
        match value {
            Json::Object(map) => {
                let sorted: BTreeMap<_, _> =
                    map.iter().map(|(key, value)| (key.clone(), canonical(value))).collect();
                Json::Object(sorted.into_iter().collect())
            }
            Json::Array(items) => items.iter().map(canonical).collect(),
            other => other.clone(),
        }
    }
    let mut all: Vec<String> =
        objects.into_iter().map(|object| canonical(object).to_string()).collect();
    all.sort();
    all
}

fn compare(mine: &Evaluation, theirs: &Json) -> Result<(), String> {
    let objects = |applications: &[Application]| -> Vec<Json> {
        applications.iter().map(|application| application.object.clone()).collect()
    };
    if let Some(fault) = mine.faults.iter().find(|fault| fault.effect == Effect::Unknown) {
        return Err(format!("not evaluated: {}", fault.message));
    }
    let error = theirs.get("error").and_then(Json::as_str);
    let stopped = mine.faults.iter().any(|fault| fault.effect == Effect::SetStops);
    if stopped != error.is_some() {
        return Err(format!("Argo CD says {error:?}, here are {:#?}", mine.faults));
    }
    let none = Vec::new();
    let their = |key: &str| theirs[key].as_array().unwrap_or(&none);
    let applied = objects(&mine.applications);
    let expected = sorted(their("applied"));
    if sorted(&applied) != expected {
        return Err(format!(
            "applied:\n  here    {:#?}\n  Argo CD {expected:#?}",
            sorted(&applied)
        ));
    }
    let generated: Vec<Json> = applied.into_iter().chain(objects(&mine.dropped)).collect();
    if error.is_none() && sorted(&generated) != sorted(their("generated")) {
        return Err(format!(
            "generated:\n  here    {:#?}\n  Argo CD {:#?}",
            sorted(&generated),
            sorted(their("generated"))
        ));
    }
    Ok(())
}

#[test]
fn applications_are_those_of_argo_cd() {
    let world = read(&folder().join("world.yaml"));
    let trees = trees(&world);
    let verdicts = verdicts();
    let (mut agreed, mut wrong) = (0, Vec::new());
    let cases = cases();
    let names: BTreeSet<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), cases.len(), "two cases have one name");
    assert_eq!(
        names.len(),
        verdicts.len(),
        "the verdicts are of other cases: run with UPDATE_ARGOCD=1"
    );
    for case in &cases {
        let verdict =
            verdicts.get(&case.name).expect("a case has no verdict: run with UPDATE_ARGOCD=1");
        let mine = case.evaluate(&world, &trees);
        match compare(&mine, verdict) {
            Ok(()) => agreed += 1,
            Err(why) => wrong.push(format!("{}: {why}", case.name)),
        }
    }
    println!("{agreed} of {} cases agree with Argo CD", cases.len());
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n\n"));
    assert!(cases.len() >= 120, "only {} cases", cases.len());
}

/// Evaluates one ApplicationSet over a world and tells each fault as `id at TEXT`.
fn faults(spec: &str, world: &World<'_>) -> (Evaluation, Vec<String>) {
    let text = format!("metadata: {{name: set, namespace: argocd}}\nspec:\n{spec}");
    let mut sources = Sources::default();
    let file = sources.add("set.yaml", text.as_str());
    let set = yaml::read(file, &text).documents.remove(0).node.unwrap();
    let evaluation = evaluate(&set, world, &ArgoCdTemplates);
    let told = |fault: &Fault| format!("{} at {}", fault.kind.id(), sources.slice(fault.span));
    let told = evaluation.faults.iter().map(told).collect();
    (evaluation, told)
}

const TEMPLATE: &str = "
  template:
    metadata: {name: '{{name}}'}
    spec: {project: default, source: {repoURL: r, path: p}, destination: {name: in-cluster}}
";

#[test]
fn faults_point_at_what_has_to_change() {
    let cases = [
        ("generators: [{list: {elements: [{name: a}, {name: 1}]}}]", "invalid-element at 1"),
        (
            "generators: [{list: {elements: [{name: a}, {name: a, b: c}]}}]",
            "duplicate-name at {name: a, b: c}",
        ),
        ("generators: [{list: {elements: [{name: A}]}}]", "invalid-metadata at {name: A}"),
        ("generators: [{list: {elementsYaml: 'a: b'}}]", "invalid-element at 'a: b'"),
        ("generators: [{}]", "invalid-generator at {}"),
        ("generators: [{list: {elements: []}, retry: 3}]", "unknown-field at retry"),
        ("generators: [{list: {elements: 3}}]", "invalid-field at 3"),
        (
            "generators: [{matrix: {generators: [{list: {}}]}}]",
            "invalid-generator at {generators: [{list: {}}]}",
        ),
        ("generators: [{list: {}, selector: {matchLabels: {a b: c}}}]", "invalid-selector at c"),
        (
            "templatePatch: '[a]'\n  generators: [{list: {elements: [{name: a}]}}]",
            "invalid-patch at '[a]'",
        ),
        ("generators: [{clusters: {}}]", "not-evaluable at {}"),
        ("generators: [{pullRequest: {values: {}}}]", "not-evaluable at {values: {}}"),
        (
            "generators: [{git: {repoURL: r, revision: v, directories: [{path: p}]}}]",
            "not-evaluable at r",
        ),
        (
            "goTemplate: true\n  goTemplateOptions: [oops]\n  generators: [{list: {elements: [{name: a}]}}]",
            "invalid-template-option at oops",
        ),
    ];
    for (spec, expected) in cases {
        let (_, told) = faults(&format!("  {spec}{TEMPLATE}"), &World::default());
        assert_eq!(told, [expected], "{spec}");
    }
}

/// A merge into a matrix of these two lists, with the `a` of the labels of what it makes.
fn merged(one: &str, two: &str, over: &str) -> (Vec<String>, Vec<Json>) {
    let spec = format!(
        "
  goTemplate: true
  generators:
    - merge:
        mergeKeys: [name, env]
        generators:
          - matrix: {{generators: [{{list: {{elements: [{one}]}}}}, {{list: {{elements: [{two}]}}}}]}}
          - list: {{elements: [{over}]}}
  template:
    metadata: {{name: '{{{{.name}}}}-{{{{.env}}}}', labels: {{a: '{{{{.labels.a}}}}'}}}}
    spec: {{project: default, source: {{repoURL: r, path: p}}, destination: {{name: in-cluster}}}}
"
    );
    let (evaluation, told) = faults(&spec, &World::default());
    let all = evaluation.applications.iter();
    (told, all.map(|it| it.object["metadata"]["labels"]["a"].clone()).collect())
}

/// `mergo.Merge` puts a map that is missing into the target as it is, and merges into one that is there.
#[test]
fn a_map_that_argo_cd_shares_is_told_and_not_shared() {
    let two = "{name: web, env: prod, labels: {a: two}}";
    let (one, envs) = ("{name: web, labels: {a: one}}", "{env: prod}, {env: stage}");
    let (told, labels) = merged(one, envs, two);
    assert_eq!(told, [format!("shared-map at list: {{elements: [{two}]}}")]);
    assert_eq!(labels, ["two", "one"]);
    let deep = "{name: web, labels: {a: one, deep: {b: one}}}";
    let labelled = "{env: prod, labels: {c: x}}, {env: stage, labels: {c: x}}";
    let over = "{name: web, env: prod, labels: {deep: {b: two}}}";
    assert_eq!(merged(deep, labelled, over).0.len(), 1);
}

#[test]
fn a_map_that_argo_cd_does_not_share_is_not_told() {
    let two = "{name: web, env: prod, labels: {a: two}}";
    let (one, envs) = ("{name: web, labels: {a: one}}", "{env: prod}, {env: stage}");
    let labelled = "{env: prod, labels: {a: one}}, {env: stage, labels: {a: one}}";
    let stage = "{name: web, env: stage, labels: {a: two}}";
    for (one, envs, over) in [
        // The second child is made anew for each set of the first.
        ("{name: web}", labelled, two),
        (one, labelled, two),
        // There is one of it alone.
        (one, "{env: prod}", two),
        // All get the same, or another map.
        (one, envs, &format!("{two}, {stage}")),
        (one, envs, "{name: web, env: prod, more: {a: two}}"),
    ] {
        assert_eq!(merged(one, envs, over).0, [""; 0], "{one} {envs} {over}");
    }
}

#[test]
fn declared_parameters_stand_for_a_server() {
    let name = |name: &str| Parameters::from([("branch".to_owned(), Parameter::text(name))]);
    let declared = BTreeMap::from([("pullRequest".to_owned(), vec![name("a"), name("b")])]);
    let world = World { declared, ..World::default() };
    let spec = "
  generators: [{pullRequest: {github: {owner: o, repo: r}, values: {v: 'x-{{branch}}'}}}]
  template:
    metadata: {name: '{{values.v}}'}
    spec: {project: default, source: {repoURL: r, path: p}, destination: {name: in-cluster}}
";
    let (evaluation, told) = faults(spec, &world);
    assert_eq!(told, [""; 0]);
    let names: Vec<&str> = evaluation.applications.iter().map(Application::name).collect();
    assert_eq!(names, ["x-a", "x-b"]);
}
