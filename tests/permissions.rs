//! What AppProjects permit, decided here and by Argo CD's own functions.
//!
//! `tests/argocd/permissions/cases.yaml` has projects with questions, and more are made from a seed,
//! together with patterns and addresses of repositories. `verdicts.json` beside it is what Argo CD 3.5.7
//! said, as `tests/go/applicationset` printed it; `UPDATE_ARGOCD=1 cargo test --test permissions` asks
//! again, for which see `tests/application_sets.rs`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::print_stderr)]

#[path = "support/go.rs"]
mod go;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use gitopsc::argocd::glob::{Dialect, Pattern};
use gitopsc::argocd::project::{GlobalProject, List, Permission, Project};
use gitopsc::argocd::repository_url;
use gitopsc::source::Sources;
use gitopsc::yaml::{self, Node};
use serde_json::{Value as Json, json};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/argocd/permissions")
}

fn parse(name: &str, text: &str) -> Node {
    let file = Sources::default().add(name, text);
    let read = yaml::read(file, text);
    let fatal = read.faults.iter().find(|fault| fault.kind.is_fatal());
    assert!(fatal.is_none(), "{name}: {fatal:?}");
    read.documents.into_iter().find_map(|document| document.node).unwrap()
}

fn items<'a>(node: &'a Node, key: &str) -> &'a [Node] {
    node.get(key).and_then(Node::as_seq).unwrap_or_default()
}

fn text<'a>(node: &'a Node, key: &str) -> &'a str {
    node.get(key).and_then(Node::as_str).unwrap_or_default()
}

fn project_of(case: &Node) -> Project {
    let project = Project::read(case.get("project").unwrap());
    let mut all: Vec<Project> = items(case, "others").iter().map(Project::read).collect();
    all.push(project.clone());
    match text(case, "globalProjects") {
        "" => project,
        settings => {
            let settings = GlobalProject::read(&parse("argocd-cm", settings));
            project.with_global(&settings, &all)
        }
    }
}

fn answer(project: &Project, asked: &Node) -> Permission {
    if let Some(place) = asked.get("destination") {
        let (server, name) = (text(place, "server"), text(place, "name"));
        return project.destination(Some(server), Some(name), text(place, "namespace"));
    }
    if let Some(kind) = asked.get("kind") {
        let cluster_wide = !kind.get("namespaced").is_some_and(Node::is_true);
        let (group, name) = (text(kind, "group"), text(kind, "name"));
        return project.kind(group, text(kind, "kind"), name, cluster_wide);
    }
    match asked.get("source") {
        Some(url) => project.source(url.as_str().unwrap()),
        None => project.source_namespace(text(asked, "sourceNamespace"), "argocd"),
    }
}

/// Numbers from a seed: `SplitMix64`.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % end as u64).unwrap()
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    /// A value with some of it replaced by what a pattern has.
    fn pattern(&mut self, value: &str, parts: &[&str], denial: usize) -> String {
        let mut characters: Vec<String> = value.chars().map(String::from).collect();
        for _ in 0..self.below(3) {
            if characters.is_empty() {
                break;
            }
            let start = self.below(characters.len());
            let end = start + self.below((characters.len() - start).min(4) + 1);
            let part = self.one(parts).replace("SAME", &characters[start..end].concat());
            characters.splice(start..end, [part]);
        }
        let denied = if self.below(denial) == 0 { "!" } else { "" };
        format!("{denied}{}", characters.concat())
    }
}

const SERVERS: &[&str] =
    &["https://kubernetes.default.svc", "https://prod.acme.io", "https://10.0.0.1:6443"];
const CLUSTERS: &[&str] = &["in-cluster", "prod", "prod-eu", ""];
const NAMESPACES: &[&str] = &["web", "team-a", "team-prod", "team-a-prod", "kube-system", ""];
const REPOSITORIES: &[&str] = &[
    "https://github.com/acme/web.git",
    "https://github.com/acme/web/deep",
    "https://git.acme.io:8443/ops/tree",
    "git@github.com:acme/web.git",
    "ssh://git@git.acme.io:2222/ops/tree",
    "oci://ghcr.io/acme/charts",
];
const GROUPS: &[&str] = &["", "apps", "batch", "rbac.authorization.k8s.io"];
const KINDS: &[&str] = &["Deployment", "DaemonSet", "Role", "ClusterRole", "Namespace"];
const NAMES: &[&str] = &["web", "kube-system", "team-a"];
const GLOB: &[&str] =
    &["*", "*", "**", "?", "[!x]", "[a-m]", "{SAME,x}", "{a*,SAME}", "{SAME,SAME*}", "\\"];
const MATCH: &[&str] = &["*", "*", "?", "[a-z]", "[^a]", "[!a]", "[", "\\", "{SAME,x}"];

fn made_case(number: usize, random: &mut Random) -> Json {
    let some = |random: &mut Random, make: &mut dyn FnMut(&mut Random) -> Json| {
        let count = random.below(4);
        (0..count).map(|_| make(random)).collect::<Vec<Json>>()
    };
    let glob = |random: &mut Random, values: &[&str]| {
        let value = random.one(values);
        if random.below(5) == 0 { "*".to_owned() } else { random.pattern(value, GLOB, 5) }
    };
    let kind = |random: &mut Random| {
        let mut kind = json!({});
        for (field, values) in [("group", GROUPS), ("kind", KINDS), ("name", NAMES)] {
            let value = random.one(values);
            if field != "name" || random.below(3) == 0 {
                let all = random.below(4) == 0;
                let pattern = random.pattern(value, MATCH, 30);
                kind[field] = json!(if all { "*" } else { &pattern });
            }
        }
        kind
    };
    let mut spec = json!({
        "sourceRepos": some(random, &mut |random| json!(glob(random, REPOSITORIES))),
        "sourceNamespaces": some(random, &mut |random| json!(glob(random, NAMESPACES))),
        "destinations": some(random, &mut |random| {
            let mut destination = json!({"namespace": glob(random, NAMESPACES)});
            let (by_server, by_name) = (random.below(4) > 0, random.below(3) == 0);
            if by_server {
                destination["server"] = json!(glob(random, SERVERS));
            }
            if by_name {
                destination["name"] = json!(glob(random, CLUSTERS));
            }
            destination
        }),
    });
    for list in
        ["clusterResourceWhitelist", "clusterResourceBlacklist", "namespaceResourceBlacklist"]
    {
        spec[list] = json!(some(random, &mut |random| kind(random)));
    }
    if random.below(2) == 0 {
        spec["namespaceResourceWhitelist"] = json!(some(random, &mut |random| kind(random)));
    }
    let ask: Vec<Json> = (0..12)
        .map(|question| match question % 4 {
            0 => json!({"source": random.one(REPOSITORIES)}),
            1 => json!({"destination": {
                "server": random.one(SERVERS),
                "name": random.one(CLUSTERS),
                "namespace": random.one(NAMESPACES),
            }}),
            2 => json!({"kind": {
                "group": random.one(GROUPS),
                "kind": random.one(KINDS),
                "name": random.one(NAMES),
                "namespaced": random.below(2) == 0,
            }}),
            _ => json!({"sourceNamespace": random.one(NAMESPACES)}),
        })
        .collect();
    json!({"name": format!("made {number}"), "project": {"spec": spec}, "ask": ask})
}

fn made_glob(random: &mut Random) -> Json {
    const PARTS: &[&str] = &[
        "a", "b", "ab", "-", "/", "*", "*", "**", "?", "[ab]", "[!a]", "[!ab]", "[a-c]", "[", "{",
        "{", "}", ",", "\\*", "ä", "c",
    ];
    const LETTERS: &[&str] = &["a", "b", "ab", "-", "/", "c", "ä", "*"];
    let mut some = |most: usize, parts: &[&str]| -> String {
        let count = random.below(most);
        (0..count).map(|_| random.one(parts)).collect()
    };
    let (pattern, text) = (some(9, PARTS), some(7, LETTERS));
    json!({"pattern": pattern, "text": text, "separator": random.one(&["", "/"])})
}

fn made() -> Json {
    const PARTS: &[&str] =
        &["%41", "%", " ", "{a}", "?", "#", "@", ":", "/", "\\", "*", "ä", "[", "]"];
    let mut random = Random(35);
    let cases: Vec<Json> = (0..400).map(|number| made_case(number, &mut random)).collect();
    let globs: Vec<Json> = (0..6000).map(|_| made_glob(&mut random)).collect();
    let url = |random: &mut Random| {
        let url = random.one(REPOSITORIES);
        random.pattern(url, PARTS, 50)
    };
    let urls: Vec<String> = (0..1000).map(|_| url(&mut random)).collect();
    json!({"cases": cases, "globs": globs, "urls": urls})
}

/// What Argo CD said to the cases at hand and to those that are made.
fn verdicts(made: &str) -> [Json; 2] {
    let path = folder().join("verdicts.json");
    if std::env::var_os("UPDATE_ARGOCD").is_some() {
        let program = go::program("applicationset").expect("Go is needed to ask Argo CD");
        let table = Path::new(env!("CARGO_TARGET_TMPDIR")).join("permissions.json");
        fs::write(&table, made).unwrap();
        let ask = |table: &Path| {
            let output = Command::new(&program).arg("permissions").arg(table).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            output.stdout
        };
        let all = [ask(&folder().join("cases.yaml")), ask(&table)].concat();
        fs::write(&path, all).unwrap();
    }
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.collect::<Vec<Json>>().try_into().expect("two lines")
}

/// How often both agree, and where they do not.
#[derive(Default)]
struct Agreement {
    agreed: BTreeMap<&'static str, usize>,
    wrong: Vec<String>,
}

impl Agreement {
    fn note(
        &mut self,
        what: &'static str,
        here: &str,
        there: &str,
        asked: impl FnOnce() -> String,
    ) {
        let agreed = self.agreed.entry(what).or_default();
        if here == there {
            *agreed += 1;
        } else {
            self.wrong.push(format!("{what} {}: here {here}, Argo CD {there}", asked()));
        }
    }

    fn compare(&mut self, table: &Node, verdicts: &Json) {
        for case in items(table, "cases") {
            let project = project_of(case);
            let name = text(case, "name");
            let there = verdicts["cases"][name].as_str().unwrap_or_default();
            let questions = items(case, "ask");
            assert_eq!(questions.len(), there.len(), "`{name}`: run with UPDATE_ARGOCD=1");
            for (number, (asked, there)) in questions.iter().zip(there.chars()).enumerate() {
                let answer = answer(&project, asked);
                let here = if answer.is_permitted() { "1" } else { "0" };
                self.note("question", here, &there.to_string(), || {
                    format!("{number} of `{name}` ({answer:?})")
                });
            }
        }
        let there = verdicts["globs"].as_str().unwrap_or_default();
        assert_eq!(items(table, "globs").len(), there.len(), "run with UPDATE_ARGOCD=1");
        for (asked, there) in items(table, "globs").iter().zip(there.chars()) {
            let (pattern, subject) = (text(asked, "pattern"), text(asked, "text"));
            let separator = text(asked, "separator").chars().next();
            let here = match Pattern::new(pattern, Dialect::Gobwas { separator }) {
                Err(_) => "e",
                Ok(pattern) if pattern.matches(subject) => "1",
                Ok(_) => "0",
            };
            // Where the library fails, nothing is permitted.
            let there = if there == 'p' { '0' } else { there }.to_string();
            self.note("pattern", here, &there, || format!("{pattern:?} {separator:?} {subject:?}"));
        }
        let there = verdicts["urls"].as_array().cloned().unwrap_or_default();
        assert_eq!(items(table, "urls").len(), there.len(), "run with UPDATE_ARGOCD=1");
        for (url, there) in items(table, "urls").iter().zip(there) {
            let url = url.as_str().unwrap();
            let here = repository_url::normalize(url);
            self.note("address", &here, there.as_str().unwrap(), || format!("{url:?}"));
        }
    }
}

#[test]
fn permissions_are_those_of_argo_cd() {
    let cases = fs::read_to_string(folder().join("cases.yaml")).unwrap();
    let made = made().to_string();
    let [of_cases, of_made] = verdicts(&made);
    let mut agreement = Agreement::default();
    agreement.compare(&parse("cases.yaml", &cases), &of_cases);
    let by_hand = agreement.agreed["question"];
    agreement.compare(&parse("made.json", &made), &of_made);
    for (what, agreed) in &agreement.agreed {
        println!("{agreed} of each {what} agree with Argo CD");
    }
    let wrong = &agreement.wrong;
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(40)].join("\n")
    );
    assert!(by_hand >= 200 && agreement.agreed["question"] >= 4000, "{by_hand} by hand");
}

#[test]
fn an_answer_names_its_entries() {
    let project = parse(
        "project.yaml",
        "spec:
  sourceRepos: ['*', '!https://github.com/evil/*', https://github.com/acme/web]
  destinations: [{server: '*', namespace: '*'}, {server: '*', namespace: '!kube-*'}]
  namespaceResourceBlacklist: [{group: '', kind: Secret}]
",
    );
    let project = Project::read(&project);
    let places = |permission: Permission| -> Vec<usize> {
        match permission {
            Permission::Permitted(by) => by.iter().map(|entry| entry.index).collect(),
            other => panic!("{other:?}"),
        }
    };
    let web = places(project.source("https://github.com/acme/web"));
    assert_eq!(web, [0, 1, 2]);
    let Permission::Denied(entry) = project.source("https://github.com/evil/x") else { panic!() };
    assert_eq!((entry.list, entry.index, entry.denies), (List::SourceRepos, 1, true));
    let Permission::Denied(entry) = project.destination(Some("s"), None, "kube-system") else {
        panic!()
    };
    assert_eq!((entry.list, entry.index, entry.denies), (List::Destinations, 1, true));
    let Permission::Denied(entry) = project.kind("", "Secret", "x", false) else { panic!() };
    assert_eq!((entry.list, entry.denies), (List::NamespaceResourceBlacklist, true));
    assert_eq!(places(project.kind("", "Pod", "x", false)), [0; 0]);
    assert_eq!(
        project.kind("", "Node", "x", true),
        Permission::Unlisted(List::ClusterResourceWhitelist)
    );
    let permits = project.entries().filter(|entry| !entry.denies).count();
    assert_eq!((project.entries().count(), permits), (6, 3));
}

#[test]
fn a_pattern_made_to_be_slow_is_not() {
    let text = format!("{}b", "a".repeat(200));
    for separator in [None, Some('/')] {
        let pattern = format!("{}c", "*a".repeat(30));
        let dialect = Dialect::Gobwas { separator };
        assert!(!Pattern::new(&pattern, dialect).unwrap().matches(&text));
        let pattern = "*a".repeat(30);
        assert!(!Pattern::new(&pattern, dialect).unwrap().matches(&text));
        let pattern = format!("{}*b", "*{a,aa}".repeat(20));
        assert!(Pattern::new(&pattern, dialect).unwrap().matches(&text));
    }
    for pattern in ["{".repeat(2000), "*?".repeat(2000), "{a,".repeat(2000)] {
        assert!(Pattern::new(&pattern, Dialect::Gobwas { separator: None }).is_err());
    }
}
