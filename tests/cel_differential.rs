//! Expressions against Kubernetes' own CEL, run from a small Go program.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use gitopsc::cel::{Failure, ListKind, Outcome, Program, Returns, Slot, Type, Variables};
use gitopsc::check::Judge;
use gitopsc::schema::Definitions;
use gitopsc::source::Sources;
use gitopsc::yaml::{self, Node};
use serde_json::{Value as Json, json};

mod cel_cases;
#[path = "support/go.rs"]
mod go;
#[path = "support/judge.rs"]
mod judge;
#[path = "support/random.rs"]
mod random;

use cel_cases::{EXPRESSIONS, OBJECTS, SCHEMA};
use random::Random;

/// A rule, the schema that it stands in, and values of that schema.
struct Case {
    schema: Json,
    resource: bool,
    rule: String,
    message: bool,
    objects: Vec<Json>,
}

/// What the comparison came to.
#[derive(Debug, Default)]
struct Tally {
    accepted: usize,
    refused: usize,
    /// Results that agree: true, false, text, errors.
    results: BTreeMap<&'static str, usize>,
    /// What is unknown, by its reason.
    unknown: BTreeMap<String, usize>,
    /// Expressions that the server refuses and we compile.
    missed: Vec<String>,
    wrong: Vec<String>,
}

/// The type of a schema, as `SchemaDeclType` makes it.
fn type_of(schema: &Json, resource: bool) -> Type {
    if schema["x-kubernetes-int-or-string"] == json!(true) {
        return Type::IntOrString;
    }
    let slot = |schema: &Json| Slot {
        ty: type_of(schema, schema["x-kubernetes-embedded-resource"] == json!(true)),
        nullable: schema["nullable"] == json!(true),
    };
    match schema["type"].as_str() {
        Some("boolean") => Type::Bool,
        Some("integer") => Type::Int,
        Some("number") => Type::Double,
        Some("string") => match schema["format"].as_str() {
            Some("byte") => Type::Bytes,
            Some("duration") => Type::Duration,
            Some("date") => Type::Date,
            Some("date-time") => Type::DateTime,
            _ => Type::String,
        },
        Some("array") => {
            let keys = |schema: &Json| {
                let keys = schema["x-kubernetes-list-map-keys"].as_array().unwrap();
                keys.iter().map(|key| key.as_str().unwrap().into()).collect()
            };
            let kind = match schema["x-kubernetes-list-type"].as_str() {
                Some("set") => ListKind::Set,
                Some("map") => ListKind::Map(keys(schema)),
                _ => ListKind::Atomic,
            };
            Type::list(slot(&schema["items"]), kind)
        }
        Some("object") => {
            if schema["additionalProperties"].is_object() && schema["properties"].is_null() {
                return Type::map(slot(&schema["additionalProperties"]));
            }
            let properties = schema["properties"].as_object();
            let fields = properties.into_iter().flatten();
            let fields = fields.map(|(name, schema)| (name.as_str().into(), slot(schema)));
            if resource { Type::resource(fields) } else { Type::object(fields) }
        }
        _ => Type::Hidden,
    }
}

fn node(json: &Json) -> Node {
    let text = json.to_string();
    let file = Sources::default().add("object.json", text.as_str());
    let read = yaml::read(file, &text);
    let mut documents = read.documents;
    assert_eq!(documents.len(), 1, "{text} {:?}", read.faults);
    documents.pop().unwrap().node.unwrap()
}

impl Tally {
    fn compare(&mut self, case: &Case, theirs: &Json) {
        let ty = type_of(&case.schema, case.resource);
        let returns = if case.message { Returns::Text } else { Returns::Bool };
        let program = Program::compile(&case.rule, &Variables::rule(&ty, false), returns);
        let rule = &case.rule;
        let refusal = theirs["refused"].as_str();
        let program = match (program, refusal) {
            (Err(ours), _) if !ours.refused => {
                return self.count(&format!("compiling: {}", ours.message));
            }
            (Err(_), Some(_)) => return self.refused += 1,
            (Err(ours), None) => {
                return self.wrong.push(format!("{rule}\n    only we refuse it: {ours}"));
            }
            (Ok(_), Some(theirs)) => return self.missed.push(format!("{rule}\n    {theirs}")),
            (Ok(program), None) => program,
        };
        self.accepted += 1;
        if !case.message && program.reads_old_self() != theirs["usesOld"].as_bool().unwrap() {
            self.wrong.push(format!("{rule}\n    oldSelf"));
        }
        for (object, theirs) in case.objects.iter().zip(theirs["results"].as_array().unwrap()) {
            let node = node(object);
            let ours = program.evaluate(&[("self", &node), ("oldSelf", &node)]);
            let error = theirs["error"].as_str();
            match (ours, &theirs["value"], error) {
                (Err(Failure::Unknown(reason)), _, _) => self.count(&reason),
                (Ok(Outcome::Bool(ours)), theirs, None) if *theirs == json!(ours) => {
                    *self.results.entry(if ours { "true" } else { "false" }).or_default() += 1;
                }
                (Ok(Outcome::Text(ours)), theirs, None) if *theirs == json!(ours) => {
                    *self.results.entry("text").or_default() += 1;
                }
                (Err(Failure::Error(_)), _, Some(_)) => {
                    *self.results.entry("errors").or_default() += 1;
                }
                (ours, _, _) => {
                    let schema = if object.to_string().len() > 400 {
                        "…".into()
                    } else {
                        object.to_string()
                    };
                    self.wrong
                        .push(format!("{rule}\n    {schema}\n    ours {ours:?}, theirs {theirs}"));
                }
            }
        }
    }

    fn count(&mut self, reason: &str) {
        *self.unknown.entry(reason.to_owned()).or_default() += 1;
    }

    fn tell(&self, name: &str) {
        eprintln!(
            "{name}: {} compiled alike, {} refused alike, results alike {:?}, missed {}",
            self.accepted,
            self.refused,
            self.results,
            self.missed.len()
        );
        for (reason, count) in &self.unknown {
            eprintln!("    unknown {count}: {reason}");
        }
        for missed in &self.missed {
            eprintln!("    compiled only here: {missed}");
        }
        // Only the arguments of `format` are not held against its text while compiling.
        let known = |missed: &&String| !missed.contains("format");
        assert_eq!(self.missed.iter().find(known), None);
        assert!(self.wrong.is_empty(), "{} differ:\n{}", self.wrong.len(), self.wrong.join("\n"));
    }
}

#[test]
fn expressions_are_what_kubernetes_makes_of_them() {
    let Some(judge) = go::program("cel") else { return };
    let schema: Json = serde_json::from_str(SCHEMA).unwrap();
    let objects: Vec<Json> =
        OBJECTS.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
    let case = |rule: &&str| Case {
        schema: schema.clone(),
        resource: false,
        rule: (*rule).to_owned(),
        message: false,
        objects: objects.clone(),
    };
    let cases: Vec<Case> = EXPRESSIONS.iter().map(case).collect();
    let mut tally = Tally::default();
    for (case, theirs) in cases.iter().zip(ask(&judge, &cases)) {
        tally.compare(case, &theirs);
    }
    tally.tell(&format!("{} expressions", cases.len()));
}

/// How many expressions are made of pieces of others.
const MADE: usize = 8000;

#[test]
fn expressions_that_are_made_are_what_kubernetes_makes_of_them() {
    let Some(judge) = go::program("cel") else { return };
    let schema: Json = serde_json::from_str(SCHEMA).unwrap();
    let objects: Vec<Json> =
        OBJECTS.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
    let mut random = Random(7);
    let tokens: Vec<Vec<String>> = EXPRESSIONS.iter().map(|text| tokens(text)).collect();
    let cases: Vec<Case> = (0..MADE)
        .map(|_| {
            let mut made = tokens[random.below(tokens.len())].clone();
            for _ in 0..=random.below(2) {
                let other = &tokens[random.below(tokens.len())];
                if made.is_empty() || other.is_empty() {
                    continue;
                }
                // One token for one of its kind, so that much of it still compiles.
                let at = random.below(made.len());
                let kind = kind_of(&made[at]);
                for _ in 0..20 {
                    let from = random.below(other.len());
                    if kind_of(&other[from]) == kind {
                        made[at].clone_from(&other[from]);
                        break;
                    }
                }
                match random.below(20) {
                    0 => made.insert(at, other[random.below(other.len())].clone()),
                    1 => drop(made.remove(at)),
                    _ => {}
                }
            }
            let objects = (0..3).map(|_| objects[random.below(objects.len())].clone()).collect();
            let rule = made.concat();
            Case { schema: schema.clone(), resource: false, rule, message: false, objects }
        })
        .collect();
    let mut tally = Tally::default();
    for (case, theirs) in cases.iter().zip(ask(&judge, &cases)) {
        tally.compare(case, &theirs);
    }
    tally.tell(&format!("{} expressions that are made", cases.len()));
}

/// What kind a token is of: a word, a number, a text, a sign.
fn kind_of(token: &str) -> char {
    match token.chars().next() {
        Some(first) if first.is_ascii_digit() => '0',
        Some(first) if first.is_alphabetic() || first == '_' => 'a',
        Some('+' | '-' | '*' | '/' | '%') => '+',
        Some('=' | '!' | '<' | '>' | '&' | '|') => '=',
        Some(first) => first,
        None => ' ',
    }
}

/// The words, texts and signs of an expression, with the blanks after them.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut quote = None;
    for c in text.chars() {
        let wordy = |c: char| c.is_alphanumeric() || c == '_';
        let joins = tokens.last().and_then(|last| last.chars().last()).is_some_and(|last| {
            quote.is_some()
                || wordy(c) && wordy(last)
                || c == ' '
                || "=&|<>!".contains(last) && "=&|".contains(c)
        });
        match tokens.last_mut() {
            Some(last) if joins => last.push(c),
            _ => tokens.push(c.to_string()),
        }
        match quote {
            Some(open) if open == c => quote = None,
            None if c == '\'' || c == '"' => quote = Some(c),
            _ => {}
        }
    }
    tokens
}

fn ask(judge: &Path, cases: &[Case]) -> Vec<Json> {
    let questions = cases.iter().map(|case| {
        json!({
            "schema": case.schema, "resource": case.resource, "rule": case.rule,
            "message": case.message, "objects": case.objects,
        })
    });
    let answers = judge::ask(judge, questions);
    answers.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Modules with CRDs whose rules are compared, where Go can get them.
const MODULES: &[(&str, &str)] = &[
    ("sigs.k8s.io/gateway-api@v1.4.0", "config/crd"),
    ("github.com/envoyproxy/gateway@v1.5.0", "charts/gateway-helm/crds/generated"),
    ("istio.io/api@v1.27.0", "kubernetes"),
    ("sigs.k8s.io/karpenter@v1.6.0", "pkg/apis/crds"),
    ("sigs.k8s.io/cluster-api@v1.11.0", "config/crd/bases"),
];

/// How many values each rule is evaluated with.
const VALUES: usize = 24;

#[test]
fn rules_of_real_definitions_are_what_kubernetes_makes_of_them() {
    let Some(judge) = go::program("cel") else { return };
    let mut random = Random(17);
    let mut cases = Vec::new();
    let definitions = Definitions::default();
    let whole = Judge::new(36, &definitions);
    for (module, directory) in MODULES {
        let before = cases.len();
        for file in files_of(module, directory) {
            let text = std::fs::read_to_string(&file).unwrap();
            let id = Sources::default().add("crd.yaml", text.as_str());
            for document in yaml::read(id, &text).documents.iter().filter_map(|d| d.node.as_ref()) {
                // Servers take all of these definitions.
                let faults = whole.object(document).faults;
                let fault = faults.iter().find(|fault| fault.id == "schema-rule-invalid");
                assert!(fault.is_none(), "{} {fault:?}", file.display());
                let crd = yaml::to_json(document);
                for version in crd["spec"]["versions"].as_array().into_iter().flatten() {
                    collect(&version["schema"]["openAPIV3Schema"], true, &mut random, &mut cases);
                }
            }
        }
        eprintln!("{module}: {} rules and messages", cases.len() - before);
    }
    let mut tally = Tally::default();
    for (case, theirs) in cases.iter().zip(ask(&judge, &cases)) {
        tally.compare(case, &theirs);
    }
    tally.tell(&format!("{} rules of real definitions", cases.len()));
}

/// The YAML files of a module in Go's cache; none where it cannot be had.
fn files_of(module: &str, directory: &str) -> Vec<PathBuf> {
    let answer = Command::new("go")
        .args(["mod", "download", "-json", module])
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .output();
    let found: Option<Json> = answer.ok().and_then(|out| serde_json::from_slice(&out.stdout).ok());
    let Some(root) = found.as_ref().and_then(|found| found["Dir"].as_str()) else {
        assert!(std::env::var_os("CI").is_none(), "{module} cannot be had");
        eprintln!("skipped, {module} cannot be had");
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = walkdir::WalkDir::new(Path::new(root).join(directory))
        .into_iter()
        .filter_map(Result::ok)
        .map(walkdir::DirEntry::into_path)
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    files.sort();
    files
}

/// A case for each rule and each message in a schema.
fn collect(schema: &Json, resource: bool, random: &mut Random, cases: &mut Vec<Case>) {
    for rule in schema["x-kubernetes-validations"].as_array().into_iter().flatten() {
        for (key, message) in [("rule", false), ("messageExpression", true)] {
            let Some(text) = rule[key].as_str() else { continue };
            let words = words(text);
            let objects = (0..VALUES).map(|_| random.value(schema, &words, 0)).collect();
            let rule = text.to_owned();
            cases.push(Case { schema: schema.clone(), resource, rule, message, objects });
        }
    }
    let embedded = |schema: &Json| schema["x-kubernetes-embedded-resource"] == json!(true);
    for schema in schema["properties"].as_object().into_iter().flat_map(|map| map.values()) {
        collect(schema, embedded(schema), random, cases);
    }
    for key in ["items", "additionalProperties"] {
        if schema[key].is_object() {
            collect(&schema[key], embedded(&schema[key]), random, cases);
        }
    }
}

/// Names and literals of a rule: what makes it true or false is often one of them.
fn words(rule: &str) -> Vec<String> {
    let mut words: Vec<String> =
        rule.split(['\'', '"']).skip(1).step_by(2).map(str::to_owned).collect();
    let names = rule.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.extend(names.filter(|name| !name.is_empty()).map(str::to_owned));
    words
}

impl Random {
    fn pick(&mut self, words: &[String]) -> String {
        const MORE: [&str; 8] = ["", "a", "x.example.com", "10.0.0.1", "/path", "ABC_1", "5s", "*"];
        match words.len() {
            0 => MORE[self.below(MORE.len())].to_owned(),
            _ if self.below(3) == 0 => MORE[self.below(MORE.len())].to_owned(),
            count => words[self.below(count)].clone(),
        }
    }

    /// A value of a schema, more or less.
    fn value(&mut self, schema: &Json, words: &[String], depth: usize) -> Json {
        if let Some(choices) = schema["enum"].as_array()
            && self.below(4) > 0
        {
            return choices[self.below(choices.len())].clone();
        }
        if schema["x-kubernetes-int-or-string"] == json!(true) {
            return if self.below(2) == 0 {
                json!(self.below(100))
            } else {
                json!(self.pick(words))
            };
        }
        match schema["type"].as_str() {
            Some("boolean") => json!(self.below(2) == 0),
            Some("integer") => {
                let numbers: Vec<i64> = words.iter().filter_map(|word| word.parse().ok()).collect();
                match numbers.len() {
                    count if count > 0 && self.below(2) == 0 => json!(numbers[self.below(count)]),
                    _ => json!(self.below(70_000)),
                }
            }
            Some("number") => json!(0.5 + f64::from(u32::try_from(self.below(10)).unwrap())),
            Some("string") => match schema["format"].as_str() {
                Some("date-time") => json!("2024-05-06T07:08:09Z"),
                Some("date") => json!("2024-05-06"),
                Some("duration") => json!("90s"),
                Some("byte") => json!("aGVsbG8="),
                _ => json!(self.pick(words)),
            },
            Some("array") => {
                let count = self.below(4);
                (0..count).map(|_| self.value(&schema["items"], words, depth + 1)).collect()
            }
            Some("object") => {
                let mut object = serde_json::Map::new();
                if schema["additionalProperties"].is_object() {
                    for _ in 0..self.below(3) {
                        let key = self.pick(words);
                        object.insert(
                            key,
                            self.value(&schema["additionalProperties"], words, depth + 1),
                        );
                    }
                }
                let required = schema["required"].as_array().cloned().unwrap_or_default();
                for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
                    let named = words.iter().any(|word| word == name);
                    let must = required.contains(&json!(name));
                    let odds = if must {
                        20
                    } else if named {
                        12
                    } else {
                        1
                    };
                    if depth < 8 && self.below(21) < odds {
                        object.insert(name.clone(), self.value(schema, words, depth + 1));
                    }
                }
                Json::Object(object)
            }
            _ => json!({"a": 1}),
        }
    }
}
