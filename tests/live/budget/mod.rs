//! What `gitopsc` predicts of quotas, limit ranges, pod security and nodes, against what a control plane does.
//!
//! `budget/floors.tsv` has for each rule the share of predictions that hold, which may only be raised.

mod apart;
mod rolling;
mod scenario;
mod score;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, thread,
    time::{Duration, Instant},
};

use gitopsc::{
    check::Judge,
    facts::{Cluster, Extent, Reading, Surroundings, budget},
    model::Quantity,
    schema::{Definitions, Found},
    source::Sources,
    yaml,
};
use serde_json::Value;

use crate::{plane::ControlPlane, say};
use scenario::Scenario;
use score::{Score, conclude};

/// The minor version of the control plane.
const MINOR: u32 = 36;

/// Runs so many scenarios of each kind and compares; gives back what is wrong.
pub(crate) fn run(
    plane: &mut ControlPlane,
    namespaces: u64,
    nodes: u64,
    apart: u64,
    workloads: u64,
) -> Vec<String> {
    let mut score = Score::default();
    let fleets: Vec<Scenario> = (0..nodes).map(scenario::nodes).collect();
    plane.create(scenario::shared());
    prepare(plane, &fleets);
    create(plane, &all_of(&fleets, |fleet| &fleet.then));
    repeat_what_disagrees(plane, namespaces, scenario::namespace, &mut score, admissions);
    wait_for_scheduler(plane, &fleets);
    let pods = get(plane, "pods");
    for scenario in &fleets {
        placement(scenario, &pods, &mut score);
    }
    let crowds: Vec<Scenario> = (0..apart).map(scenario::apart).collect();
    prepare(plane, &crowds);
    apart::run(plane, &crowds, &mut score);
    plane.create(vec![scenario::workbench()]);
    repeat_what_disagrees(plane, workloads, scenario::workload, &mut score, rolling::run);
    conclude(score)
}

/// Runs so many scenarios, and those once more that did not come out as predicted.
///
/// On a busy machine the quota controller adds up what its cache shows and so may take back what admission
/// has counted since: then the server admits too much, which nobody can predict. A prediction that is wrong
/// is wrong again when the same scenario has the control plane to itself.
fn repeat_what_disagrees(
    plane: &mut ControlPlane,
    count: u64,
    scenario: impl Fn(u64, u64) -> Scenario,
    score: &mut Score,
    run: impl Fn(&mut ControlPlane, &[Scenario]) -> Vec<Score>,
) {
    let mut numbers: Vec<u64> = (0..count).collect();
    for attempt in 0..2 {
        let scenarios: Vec<_> = numbers.iter().map(|number| scenario(*number, attempt)).collect();
        let mut again = Vec::new();
        for (number, one) in numbers.iter().zip(run(plane, &scenarios)) {
            if attempt == 0 && !one.wrong.is_empty() {
                say(format_args!("budget: once more: {:.600}", one.wrong.join("; ")));
                again.push(*number);
            } else {
                score.add(one);
            }
        }
        if again.is_empty() {
            return;
        }
        numbers = again;
    }
}

fn all_of(scenarios: &[Scenario], part: impl Fn(&Scenario) -> &Vec<Value>) -> Vec<Value> {
    scenarios.iter().flat_map(|scenario| part(scenario).clone()).collect()
}

/// Creates what is there first and waits until the controllers have seen it.
fn prepare(plane: &mut ControlPlane, scenarios: &[Scenario]) {
    // Namespaces first, what is in them then.
    let (spaces, others): (Vec<_>, Vec<_>) = all_of(scenarios, |scenario| &scenario.first)
        .into_iter()
        .partition(|object| object["kind"] == "Namespace");
    plane.create(spaces);
    // One quota counts the next one only where it has been seen before.
    let (last, others): (Vec<_>, Vec<_>) =
        others.into_iter().partition(|object| object["metadata"]["name"] == "q1");
    plane.create(others);
    wait(plane, "quotas", |plane| get(plane, "resourcequotas").iter().all(is_seen));
    plane.create(last);
    wait(plane, "service accounts", |plane| {
        let names = plane.must([
            "get",
            "serviceaccounts,configmaps",
            "-A",
            "-o",
            "custom-columns=:.metadata.namespace,:.kind,:.metadata.name",
            "--no-headers",
        ]);
        let there: BTreeSet<Vec<&str>> =
            names.lines().map(|line| line.split_whitespace().collect()).collect();
        scenarios.iter().all(|scenario| {
            let space = scenario.namespace.as_str();
            there.contains(&vec![space, "ServiceAccount", "default"])
                && there.contains(&vec![space, "ConfigMap", "kube-root-ca.crt"])
        })
    });
    let spaces: BTreeSet<&str> = scenarios.iter().map(|one| one.namespace.as_str()).collect();
    wait(plane, "quotas", |plane| {
        let quotas = get(plane, "resourcequotas");
        let mut new = quotas.iter().filter(|quota| {
            spaces.contains(quota["metadata"]["namespace"].as_str().unwrap_or_default())
        });
        new.all(|quota| is_seen(quota) && settled(quota))
    });
}

/// What is created in namespaces, object by object: which are refused, and what is used then.
fn admissions(plane: &mut ControlPlane, scenarios: &[Scenario]) -> Vec<Score> {
    prepare(plane, scenarios);
    let refusals = create(plane, &all_of(scenarios, |scenario| &scenario.then));
    let quotas = settled_quotas(plane);
    scenarios.iter().map(|scenario| admission(scenario, &refusals, &quotas)).collect()
}

/// The quotas when their sums have come to rest. The controller adds up what its cache shows, which
/// may be behind what admission has counted, and mends that when it looks again.
fn settled_quotas(plane: &mut ControlPlane) -> Vec<Value> {
    const LOOKS_TWICE: Duration = Duration::from_secs(9);
    let sums = |quotas: &[Value]| -> Vec<Value> {
        quotas.iter().map(|quota| quota["status"]["used"].clone()).collect()
    };
    let mut quotas = get(plane, "resourcequotas");
    for _ in 0..12 {
        thread::sleep(LOOKS_TWICE);
        plane.assert_running();
        let now = get(plane, "resourcequotas");
        if sums(&now) == sums(&quotas) {
            return now;
        }
        quotas = now;
    }
    quotas
}

/// Whether the controller has seen a quota.
fn is_seen(quota: &Value) -> bool {
    quota["status"]["hard"] == quota["spec"]["hard"]
}

/// Whether the controller has counted `kube-root-ca.crt`.
fn settled(quota: &Value) -> bool {
    let counts = ["configmaps", "count/configmaps"];
    counts
        .iter()
        .all(|key| quota["spec"]["hard"].get(key).is_none() || quota["status"]["used"][key] == "1")
}

fn wait(plane: &mut ControlPlane, what: &str, is_there: impl Fn(&ControlPlane) -> bool) {
    let start = Instant::now();
    while !is_there(plane) {
        plane.assert_running();
        assert!(start.elapsed() < Duration::from_secs(120), "{what} do not come");
        thread::sleep(Duration::from_millis(500));
    }
}

fn get(plane: &ControlPlane, kind: &str) -> Vec<Value> {
    let printed = plane.must(["get", kind, "-A", "-o", "json"]);
    let list: Value = serde_json::from_str(&printed).unwrap();
    list["items"].as_array().unwrap().clone()
}

/// Creates objects one after the other; why some are refused, by name.
fn create(plane: &ControlPlane, objects: &[Value]) -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("then.json");
    let list = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": objects});
    fs::write(&file, list.to_string()).unwrap();
    let answer = plane.kubectl(["create".as_ref(), "-f".as_ref(), file.as_os_str()]);
    let mut refusals: BTreeMap<String, String> = BTreeMap::new();
    let mut last = String::new();
    for line in answer.err.lines() {
        // `… "then.json": pods "s1-p0" is forbidden: …`, or `The Pod "s1-p0" is invalid: …`
        let name = line
            .split_once(" \"")
            .filter(|_| line.starts_with("Error from server") || line.starts_with("The "))
            .map(|_| line.split('"').map(str::to_owned).find(|part| is_name(part)));
        if let Some(Some(name)) = name {
            last.clone_from(&name);
            refusals.insert(name, line.to_owned());
        } else if let Some(known) = refusals.get_mut(&last) {
            known.push_str(line);
        }
    }
    refusals
}

/// Whether a text is the name of an object of a scenario: `s12-p0`.
fn is_name(text: &str) -> bool {
    let is_part =
        |part: &str| part.len() > 1 && part[1..].bytes().all(|byte| byte.is_ascii_digit());
    text.split_once('-').is_some_and(|(one, other)| {
        one.starts_with(['s', 'n'])
            && other.starts_with(['p', 'o'])
            && is_part(one)
            && is_part(other)
    })
}

/// Waits until the scheduler has nothing new to say.
fn wait_for_scheduler(plane: &mut ControlPlane, fleets: &[Scenario]) {
    let names: BTreeSet<&str> = fleets.iter().map(|fleet| fleet.namespace.as_str()).collect();
    wait(plane, "decisions of the scheduler", |plane| {
        get(plane, "pods").iter().all(|pod| {
            let is_told = |condition: &Value| condition["type"] == "PodScheduled";
            let conditions = pod["status"]["conditions"].as_array();
            !names.contains(pod["metadata"]["namespace"].as_str().unwrap())
                || conditions.is_some_and(|all| all.iter().any(is_told))
        })
    });
    // A pod that found no room may find it in the next round.
    thread::sleep(Duration::from_secs(5));
}

/// The cluster that a scenario is for `gitopsc`.
fn cluster(scenario: &Scenario) -> Cluster {
    let shared = scenario::shared();
    let bench = [scenario::workbench()];
    let is_work = scenario.namespace.starts_with('w');
    let bench = bench.iter().filter(|_| is_work);
    let objects = shared.iter().chain(bench).chain(&scenario.first).chain(&scenario.then);
    let texts: Vec<String> = objects.map(ToString::to_string).collect();
    let text = texts.join("\n---\n");
    let mut sources = Sources::default();
    let file = sources.add("scenario.yaml", text.as_str());
    let read = yaml::read(file, &text);
    assert!(read.faults.is_empty(), "{:?}", read.faults);
    let mut definitions = Definitions::default();
    let nodes: Vec<_> = read.documents.iter().filter_map(|one| one.node.as_ref()).collect();
    for node in &nodes {
        definitions.add_crd(node, Found::Checked);
    }
    let judge = Judge::new(MINOR, &definitions);
    let objects = nodes.iter().map(|node| {
        let is_cluster_wide = judge.is_cluster_wide(node);
        Reading { file: None, unit: &"".into(), is_cluster_wide, sources: None }.object(node)
    });
    let surroundings = Surroundings { minor: Some(MINOR), ..Surroundings::unknown() };
    Cluster::new(objects.collect(), surroundings, Extent::Whole)
}

/// The rule by which the server refuses something.
fn rule(refusal: &str) -> &'static str {
    let has = |words: &str| refusal.contains(words);
    if has("exceeded quota") {
        "quota-exceeded"
    } else if has("must specify") {
        "quota-value-missing"
    } else if has("violates PodSecurity") {
        "pod-security"
    } else if has("no PriorityClass") {
        "missing"
    } else if has("is invalid") {
        "invalid"
    } else if has("usage per") || has("max limit to request ratio") {
        "limit-range"
    } else {
        "other"
    }
}

/// What would be refused first, in the order in which the server asks.
const ORDER: [&str; 5] =
    ["missing", "invalid", "limit-range", "pod-security", "quota-value-missing"];

fn admission(scenario: &Scenario, refusals: &BTreeMap<String, String>, quotas: &[Value]) -> Score {
    let mut score = Score::default();
    let cluster = cluster(scenario);
    let budget = budget::of(&cluster);
    for load in &budget.loads {
        let name = &load.object.key.name;
        let kinds: Vec<&str> = load.refusals.iter().map(budget::Refusal::kind).collect();
        let first = ORDER.into_iter().find(|kind| kinds.contains(kind));
        let predicted =
            first.unwrap_or(if load.admitted == 0 { "quota-exceeded" } else { "admitted" });
        let found = refusals.get(name).map_or("admitted", |refusal| rule(refusal));
        score.count(&format!("refusal {found}"), predicted == found, || {
            let why: Vec<String> = load.refusals.iter().map(budget::Refusal::text).collect();
            let short = load.short.as_ref().map(budget::Short::text);
            let said = refusals.get(name);
            format!("{name}: predicted {predicted} {why:?} {short:?}; the server: {said:?}")
        });
    }
    for one in &budget.quotas {
        let name = one.object.key.name.as_str();
        let is_it = |quota: &&Value| {
            quota["metadata"]["namespace"] == scenario.namespace
                && quota["metadata"]["name"] == name
        };
        let Some(quota) = quotas.iter().find(is_it) else { continue };
        for key in &one.keys {
            let used = quota["status"]["used"][&*key.hard.key].as_str().unwrap_or_default();
            let used: Option<Quantity> = used.parse().ok();
            score.count(
                &format!("used {}", group(&key.hard.key)),
                used == Some(key.admitted),
                || {
                    let (space, key, predicted) =
                        (&scenario.namespace, &key.hard.key, key.admitted);
                    format!("{space}/{name} {key}: predicted {predicted}, the server has {used:?}")
                },
            );
        }
    }
    score
}

/// Keys of a kind are one rule.
fn group(key: &str) -> &str {
    match key {
        key if key.contains(".storageclass.") => "storage of a class",
        key if key.contains("example.com") => "extended resources",
        key if key.starts_with("count/") => "counts",
        key => key,
    }
}

fn placement(scenario: &Scenario, pods: &[Value], score: &mut Score) {
    let cluster = cluster(scenario);
    let budget = budget::of(&cluster);
    let is_alone = budget.fleet.machines.len() == 1;
    for load in &budget.loads {
        let name = load.object.key.name.as_str();
        let Some(pod) = pods.iter().find(|pod| pod["metadata"]["name"] == name) else { continue };
        let is_placed = pod["spec"]["nodeName"].as_str().is_some();
        if !load.unfit.is_empty() {
            score.count("fits no node", !is_placed, || format!("{name}: it has a node"));
            continue;
        }
        let rule = if is_alone { "one node" } else { "several nodes" };
        let predicted = load.placed == Some(1);
        score.count(rule, predicted == is_placed, || {
            format!("{name}: predicted {predicted}, {}", pod["status"]["conditions"])
        });
    }
}
