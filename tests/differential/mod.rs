//! Mutants of sound objects before kube-apiserver and before `gitopsc::check`, side by side.
//!
//! Create, dry run, `fieldValidation=Strict`. `GITOPSC_SEED` and `GITOPSC_MUTANTS` ask other questions than those that
//! `figures.tsv` has the answers to; `GITOPSC_DISAGREEMENTS=FILE` writes down each mutant of which the two differ;
//! `GITOPSC_UPDATE=1` writes `figures.tsv` anew, floors only upwards.

pub(crate) mod bases;
mod breaking;
mod dictionary;
mod figures;
mod filled;
mod harmless;
mod mutate;
mod random;
mod reasons;
mod server;
mod site;
mod tally;
pub(crate) mod updates;
mod verdict;
mod words;

use std::env;
use std::fmt::Write as _;
use std::path::Path;
use std::rc::Rc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use gitopsc::check::Judge;
use gitopsc::schema::{Definitions, Pack, pack};
use gitopsc::source::{Sources, Span};
use serde_json::Value;

use bases::Base;
use dictionary::Dictionary;
use figures::Figures;
use mutate::{BREAKING, Class, HARMLESS, Mutation, weight};
use random::Random;
use server::Server;
use verdict::Outcome;

/// The minor version of Kubernetes 1 that is asked.
const MINOR: u32 = 36;
pub(crate) const SEED: u64 = 36;
pub(crate) const MUTANTS: usize = 10_000;
const CONNECTIONS: usize = 6;
/// Of the objects of the seed; what is left is `null` in maps and lists, and amounts that the server rounds.
const MOST_FILLED: usize = 94;

/// An object and where it is to be created.
struct Mutant {
    kind: String,
    class: &'static str,
    change: String,
    object: Value,
    url: String,
}

/// A number from the environment.
pub(crate) fn number<N: std::str::FromStr>(name: &str, otherwise: N) -> N {
    let Ok(text) = env::var(name) else { return otherwise };
    text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number"))
}

/// The namespaces that the sound objects live in, without those that are there anyway.
pub(crate) fn namespaces(root: &Path) -> Vec<String> {
    let by_kind = bases::bases(pack(MINOR), root);
    let named = |base: &Base| Some(base.object["metadata"]["namespace"].as_str()?.to_owned());
    let mut names: Vec<_> = by_kind.values().flatten().filter_map(named).collect();
    names.retain(|name| !name.is_empty() && !name.starts_with("kube-") && name != "default");
    names.sort();
    names.dedup();
    names
}

/// The mutants of a seed.
fn mutants(root: &Path, seed: u64, count: usize) -> Vec<Mutant> {
    let pack = pack(MINOR);
    let by_kind = bases::bases(pack, root);
    let data = |name| bases::documents(&root.join("tests/differential").join(name)).remove(0);
    let mut dictionary = Dictionary::new(pack, data("entangled.yaml"), data("words.yaml"));
    for base in by_kind.values().flatten() {
        dictionary.learn(base.schema, &base.object);
    }
    let (dictionary, mut mutants) = (Rc::new(dictionary), Vec::new());
    for (base, mut random) in bases::turns(&by_kind, seed, count) {
        let classes = if random.chance(33) { &HARMLESS[..] } else { &BREAKING[..] };
        // A way that cannot be gone with this object makes room for another.
        let mut mutation = Mutation {
            pack,
            name: base.name,
            schema: base.schema,
            dictionary: Rc::clone(&dictionary),
            object: base.object.clone(),
            random,
        };
        let found = (0..20).find_map(|_| {
            let (class, change) = *pick(classes, &mut mutation.random)?;
            mutation.object = base.object.clone();
            change(&mut mutation).map(|change| (class, change))
        });
        if let Some((class, change)) = found
            && let Some(url) = url(pack, base, &mutation.object)
        {
            mutants.push(Mutant {
                kind: base.kind.clone(),
                class,
                change,
                object: mutation.object,
                url,
            });
        }
    }
    mutants
}

fn pick<'c>(classes: &'c [Class], random: &mut Random) -> Option<&'c Class> {
    let mut turn = random.below(classes.iter().map(|(class, _)| weight(class)).sum());
    classes.iter().find(|(class, _)| {
        let found = turn < weight(class);
        turn = turn.saturating_sub(weight(class));
        found
    })
}

/// Where an object is created, as kubectl would find it; nothing where no client could say.
fn url(pack: &Pack, base: &Base, object: &Value) -> Option<String> {
    let api_version = object["apiVersion"].as_str().filter(|version| !version.is_empty())?;
    let group = if api_version.contains('/') { "apis" } else { "api" };
    let known = api_version.rsplit_once('/').unwrap_or(("", api_version));
    let resource = pack.resource(known.0, known.1, object["kind"].as_str()?);
    let (plural, namespaced) =
        resource.map_or((base.plural, base.namespaced), |r| (&*r.plural, r.namespaced));
    let mut url = format!("/{group}/{api_version}/");
    if namespaced {
        let namespace = match &object["metadata"]["namespace"] {
            Value::Null => "default",
            Value::String(namespace) if namespace.is_empty() => "default",
            Value::String(namespace) if namespace.contains(['/', '.', '%']) => return None,
            Value::String(namespace) => namespace,
            _ => "default",
        };
        let _ = write!(url, "namespaces/{}/", encoded(namespace));
    }
    Some(format!("{url}{plural}?dryRun=All&fieldValidation=Strict&fieldManager=gitopsc"))
}

fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'~' => {
                out.push(char::from(byte))
            }
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
        out
    })
}

/// What both judges say of each mutant, in the mutants' order, where the server's verdict is on the object.
fn outcomes(mutants: &[Mutant], socket: &Path) -> Vec<Outcome> {
    let next = AtomicUsize::new(0);
    let found = Mutex::new(Vec::new());
    let definitions = Definitions::default();
    let judge = Judge::new(MINOR, &definitions);
    let span = Span::new(Sources::default().add("mutant", ""), 0..0);
    std::thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            scope.spawn(|| {
                let mut server = Server::connect(socket);
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(mutant) = mutants.get(index) else { return };
                    let answer = server.ask(
                        "POST",
                        &mutant.url,
                        "application/json",
                        &mutant.object.to_string(),
                    );
                    let Some(accepted) = verdict::accepted(&answer) else { continue };
                    let ours = verdict::ours(&judge, &mutant.object, span);
                    let Some((faults, repeated)) = ours else { continue };
                    let asked = accepted
                        && (mutant.class.starts_with("ok-") || mutant.class == "duplicated");
                    let outcome = Outcome {
                        kind: mutant.kind.clone(),
                        class: mutant.class,
                        change: mutant.change.clone(),
                        object: mutant.object.clone(),
                        accepted,
                        message: answer.body["message"].as_str().unwrap_or_default().to_owned(),
                        field: verdict::field(&answer).filter(|_| !accepted),
                        applied: asked.then(|| apply(&mut server, mutant)).flatten(),
                        filled: if accepted {
                            filled::unknown(&mutant.object, &answer.body)
                        } else {
                            Vec::new()
                        },
                        faults,
                        repeated,
                    };
                    found.lock().unwrap().push((index, outcome));
                }
            });
        }
    });
    let mut found = found.into_inner().unwrap();
    found.sort_by_key(|(index, _)| *index);
    found.into_iter().map(|(_, outcome)| outcome).collect()
}

/// Puts an object to server-side apply.
fn apply(server: &mut Server, mutant: &Mutant) -> Option<Result<(), String>> {
    let name = mutant.object["metadata"]["name"].as_str().filter(|name| !name.is_empty())?;
    let (resource, _) = mutant.url.split_once('?')?;
    let url = format!("{resource}/{}?dryRun=All&fieldManager=gitopsc&force=true", encoded(name));
    let media = "application/apply-patch+yaml";
    verdict::applied(&server.ask("PATCH", &url, media, &mutant.object.to_string()))
}

/// Asks, counts and compares with what is on record; what is wrong in words.
pub(crate) fn run(root: &Path, socket: &Path, say: impl Fn(String)) -> Vec<String> {
    let (seed, count) = (number("GITOPSC_SEED", SEED), number("GITOPSC_MUTANTS", MUTANTS));
    let start = Instant::now();
    let mutants = mutants(root, seed, count);
    let made = start.elapsed();
    let outcomes = outcomes(&mutants, socket);
    say(format!(
        "{} mutants of seed {seed} made in {:.1} s, judged in {:.1} s",
        mutants.len(),
        made.as_secs_f32(),
        (start.elapsed() - made).as_secs_f32(),
    ));
    write_disagreements(&outcomes);
    let (mut figures, unexplained) = tally::tally(&outcomes);
    let version = Server::connect(socket).ask("GET", "/version", "application/json", "");
    let version = version.body["gitVersion"].as_str().expect("a version").to_owned();
    let applied: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.applied.as_ref()).collect();
    let refused = applied.iter().filter(|applied| applied.is_err()).count();
    let keyless =
        outcomes.iter().filter(|outcome| !outcome.repeated).filter_map(|o| o.applied.as_ref());
    let keyless = keyless.filter(|applied| applied.is_err()).count();
    let alarms = outcomes.iter().filter(|outcome| outcome.is_alarm()).count();
    let run = [
        ("alarms", alarms.to_string()),
        ("server", version),
        ("seed", seed.to_string()),
        ("mutants", count.to_string()),
        ("applied", applied.len().to_string()),
        ("applied-refused", refused.to_string()),
        ("applied-missed", keyless.to_string()),
    ];
    figures.run = run.map(|(key, value)| (key.to_owned(), value)).into();
    say(format!("server-side apply: {} objects, {refused} refused", applied.len()));
    print(&figures, &say);
    let filled = filled(&outcomes, &say);

    let alarms = outcomes.iter().filter(|outcome| outcome.is_alarm());
    let differ = outcomes.iter().filter(|outcome| !outcome.applies());
    let differ = differ.map(|outcome| {
        let Outcome { applied, repeated, .. } = outcome;
        format!("server-side apply: {}\n  {applied:?}, here {repeated}", tally::words(outcome))
    });
    let mut wrong: Vec<_> = alarms
        .map(|outcome| format!("false alarm: {}\n  {}", tally::words(outcome), outcome.object))
        .collect();
    wrong.extend(differ);
    if (seed, count) != (SEED, MUTANTS) {
        unexplained.into_iter().for_each(say);
        return wrong;
    }
    wrong.extend(unexplained);
    if filled > MOST_FILLED {
        wrong.push(format!(
            "{filled} objects came back with more or less than was sent and known defaults, {MOST_FILLED} are usual"
        ));
    }
    let path = root.join("tests/differential/figures.tsv");
    let before = Figures::read(&std::fs::read_to_string(&path).unwrap_or_default());
    wrong.extend(figures.fallen(&before));
    figures.lift(&before);
    if env::var_os("GITOPSC_UPDATE").is_some() {
        std::fs::write(&path, figures.write()).unwrap();
    } else if figures != before {
        say("figures have moved: GITOPSC_UPDATE=1 records them".to_owned());
    }
    wrong
}

/// How many objects came back otherwise than they were sent and than known defaults make them;
/// `GITOPSC_FILLED=FILE` writes down in what.
fn filled(outcomes: &[Outcome], say: &impl Fn(String)) -> usize {
    let accepted = outcomes.iter().filter(|outcome| outcome.accepted).count();
    let unlike: Vec<_> = outcomes.iter().filter(|outcome| !outcome.filled.is_empty()).collect();
    say(format!(
        "{} of {accepted} accepted objects show no difference to what the server made of them",
        accepted - unlike.len()
    ));
    if let Some(path) = env::var_os("GITOPSC_FILLED") {
        let line = |outcome: &&Outcome| {
            let Outcome { kind, filled, object, .. } = outcome;
            format!("{kind}\t{}\t{object}\n", filled.join(", "))
        };
        std::fs::write(path, unlike.iter().map(line).collect::<String>()).unwrap();
    }
    unlike.len()
}

fn write_disagreements(outcomes: &[Outcome]) {
    let Some(path) = env::var_os("GITOPSC_DISAGREEMENTS") else { return };
    let differ = |outcome: &&Outcome| {
        !outcome.agrees()
            || !outcome.applies()
            || !outcome.faults.is_empty() && outcome.same_field() == Some(false)
    };
    let lines = outcomes.iter().filter(differ).map(|outcome| format!("{}\n", outcome.to_json()));
    std::fs::write(path, lines.collect::<String>()).unwrap();
}

fn print(figures: &Figures, say: &impl Fn(String)) {
    let total = figures.total();
    for (name, count) in
        figures.kinds.iter().chain(&figures.classes).chain([(&"all".to_owned(), &total)])
    {
        let [caught, same] = count.shares();
        say(format!(
            "{name:32} accepted {:4}, refused {:4}, missed {:3} ({caught:4} ‰ caught), same field {same:4} ‰",
            count.accepted,
            count.refused,
            count.refused - count.caught,
        ));
    }
    for (id, fired) in &figures.checks {
        let ways = figures.rules.iter().filter(|((_, of), _)| of == id);
        let ways: Vec<_> =
            ways.map(|((class, _), fired)| format!("{class} {}", fired.times)).collect();
        say(format!("{id:32} fired {:4}: {}", fired.times, ways.join(", ")));
    }
}
