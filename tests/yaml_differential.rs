//! The reader and the emitter against Kubernetes' own, run from a small Go program.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

use gitopsc::source::{Sources, Span};
use gitopsc::yaml::{self, FaultKind, Key, Map, Node, Value};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::path::Path;

#[path = "support/go.rs"]
mod go;
#[path = "support/judge.rs"]
mod judge;
#[path = "support/random.rs"]
mod random;
mod yaml_cases;

use random::Random;
use yaml_cases::{ALPHABET, DOCUMENTS, LINES, POSITIONS, SCALARS};

/// Whether two values are the same, floats up to what the JSON reader of this test loses.
fn same(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::Array(one), Json::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Json::Object(one), Json::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, one)| other.get(key).is_some_and(|other| same(one, other)))
        }
        (Json::Number(left), Json::Number(right)) if left.is_f64() && right.is_f64() => {
            let (left, right) = (left.as_f64().unwrap(), right.as_f64().unwrap());
            (left - right).abs() <= left.abs() * 4.0 * f64::EPSILON
        }
        _ => one == other,
    }
}

/// A stream as one reader sees it: the documents that it could read.
#[derive(Debug)]
struct Verdict {
    documents: Vec<Json>,
    refused: bool,
    /// Whether text after a value was dropped in silence.
    dropped: bool,
}

impl PartialEq for Verdict {
    fn eq(&self, other: &Self) -> bool {
        self.refused == other.refused
            && (self.refused || self.dropped == other.dropped)
            && self.documents.len() == other.documents.len()
            && self.documents.iter().zip(&other.documents).all(|(one, other)| same(one, other))
    }
}

/// Where the readers differ: the headline of our fault (or `read`, where only Kubernetes refuses),
/// how many cases it is, and why it stays so. A difference that vanishes is to be removed here.
///
/// All but the first two are documents that we refuse and Kubernetes reads.
const KNOWN: &[(&str, usize, &str)] = &[
    ("read", 2, JSON),
    ("text after the separator `---`", 59, STREAM),
    ("a key over several lines", 1, COLON),
    ("text after the value", 3432, DROPPED),
    ("the bracket `{` is closed by `]`", 1, NAMES),
    ("the bytes behind `!!binary` are not UTF-8, which JSON needs", 11, BINARY),
    ("a block at the top that is not indented", 1, BLOCK),
    ("a key without `:`", 9, BLOCK),
    ("a byte order mark inside the text", 10, CHARACTER),
    ("the character U+0085 breaks the line for Kubernetes", 13, CHARACTER),
    ("the character U+2028 breaks the line for Kubernetes", 3, CHARACTER),
    ("the character U+2029 breaks the line for Kubernetes", 3, CHARACTER),
    ("a `:` without a space before a comma or bracket", 28, COLON),
    ("a comma or a closing bracket is missing", 15, COLON),
    ("a key where the value above is not finished", 2, COLON),
    ("a comment without a space before `#`", 53, COMMENT),
    ("`-` before a comma or bracket", 27, INDICATOR),
    ("a plain value within brackets cannot hold `?` or start with `:`", 30, INDICATOR),
    ("a tag that YAML does not know", 9, NAMES),
    ("no name of an anchor", 2, NAMES),
];

const JSON: &str =
    "text that starts with `{` goes to Go's JSON reader, which knows `\\/` and surrogates";
const STREAM: &str = "Kubernetes gives up the stream at such a line; we keep the other documents";
const DROPPED: &str = "Kubernetes drops the text after the first value in silence";
const NAMES: &str = "YAML 1.1 ends the name earlier and takes the rest for the value";
const COLON: &str = "YAML 1.1 takes a `:` before a bracket for text, YAML 1.2 for a key";
const INDICATOR: &str = "YAML 1.1 and 1.2 take different characters for indicators within brackets";
const COMMENT: &str = "YAML wants a space before `#`; libyaml does not";
const BLOCK: &str = "a block scalar that is not indented: Kubernetes reads it as empty";
const CHARACTER: &str = "characters that only one of YAML 1.1 and 1.2 breaks lines at or allows";
const BINARY: &str = "Kubernetes puts U+FFFD for each byte in silence";

#[test]
fn reads_what_kubernetes_reads() {
    let Some(judge) = go::program("yamlreader") else { return };
    let cases = read_cases();
    let mut found = BTreeMap::<String, Vec<&str>>::new();
    let (mut read, mut refused) = (0, 0);
    let mut silent = Vec::new();
    for (text, theirs) in cases.iter().zip(ask(&judge, &cases)) {
        let ours = ours(text);
        let theirs = verdict(&theirs);
        // Values that differ in silence are never known.
        if !(ours == theirs || ours.refused || theirs.refused) {
            silent.push(format!("{text:?}\n    {ours:?}\n    {theirs:?}"));
        }
        if ours == theirs {
            read += usize::from(!ours.refused);
            refused += usize::from(ours.refused);
            continue;
        }
        let name = if theirs.dropped { "text after the value".to_owned() } else { headline(text) };
        found.entry(name).or_default().push(text);
    }
    let different: usize = found.values().map(Vec::len).sum();
    eprintln!(
        "{} streams: {read} read alike, {refused} refused alike, {different} known differences",
        cases.len()
    );
    assert!(silent.is_empty(), "read as something else:\n{}", silent.join("\n"));
    let known: BTreeMap<String, usize> =
        KNOWN.iter().map(|&(name, count, _)| (name.to_owned(), count)).collect();
    assert_eq!(known.len(), KNOWN.len());
    let counts: BTreeMap<String, usize> =
        found.iter().map(|(name, texts)| (name.clone(), texts.len())).collect();
    for (name, texts) in &found {
        if known.get(name) != Some(&texts.len()) {
            eprintln!("{name}: {} such as {:?}", texts.len(), &texts[..texts.len().min(8)]);
        }
    }
    assert_eq!(counts, known);
}

/// The headline of the first fatal fault, without what it quotes of the text.
fn headline(text: &str) -> String {
    let file = Sources::default().add("case.yaml", text);
    let read = yaml::read(file, text);
    let fault = read.faults.into_iter().find(|fault| fault.kind.is_fatal());
    let message = fault.map_or("read".to_owned(), |fault| fault.message);
    match message.split_once(": `") {
        Some((head, _)) => head.to_owned(),
        None if message.ends_with("of an anchor for Kubernetes") => {
            "no name of an anchor".to_owned()
        }
        None => message,
    }
}

/// Whether Kubernetes' strict reading and ours agree about keys that are given twice.
#[test]
fn finds_the_duplicate_keys_that_kubernetes_finds() {
    let Some(judge) = go::program("yamlreader") else { return };
    let cases = read_cases();
    let mut both = 0;
    for (text, theirs) in cases.iter().zip(ask(&judge, &cases)) {
        let file = Sources::default().add("case.yaml", text.as_str());
        let read = yaml::read(file, text);
        let ours = read.faults.iter().any(|fault| fault.kind == FaultKind::DuplicateKey);
        let theirs =
            theirs.as_array().unwrap().iter().any(|document| document.get("duplicate").is_some());
        // Two keys that are one in JSON only, and a key that a merge set before, are told apart.
        let apart = ["1: a\n'1': a\n", "a: &x {b: 1}\nc:\n  <<: *x\n  b: 2\n"].contains(&&**text)
            || text.contains("<<: [")
            || text.matches("<<:").count() > 1;
        let lost = read.documents.is_empty();
        assert!(ours == theirs || apart || lost, "{text:?} {:?}", read.faults);
        both += usize::from(ours && theirs);
    }
    eprintln!("{both} streams with a key given twice");
}

fn read_cases() -> Vec<String> {
    let mut cases: Vec<String> = DOCUMENTS.iter().map(|&text| text.to_owned()).collect();
    for scalar in SCALARS {
        cases.extend(POSITIONS.iter().map(|position| position.replace("@@", scalar)));
    }
    let mut random = Random(7);
    for _ in 0..20_000 {
        let position = POSITIONS[random.below(POSITIONS.len())];
        cases.push(position.replace("@@", &random.scalar()));
    }
    for _ in 0..20_000 {
        cases.push(random.document());
    }
    cases
}

#[test]
fn kubernetes_reads_what_is_written() {
    let Some(judge) = go::program("yamlreader") else { return };
    let mut random = Random(11);
    let place = Span::new(Sources::default().add("made", ""), 0..0);
    let trees: Vec<Node> = (0..5000)
        .map(|_| random.tree(place, 4))
        .chain(SCALARS.iter().map(|&s| Node::new(Value::Seq(vec![Node::string(s, place)]), place)))
        .collect();
    let texts: Vec<String> = trees.iter().map(yaml::emit).collect();
    for ((tree, text), theirs) in trees.iter().zip(&texts).zip(ask(&judge, &texts)) {
        let wanted = Verdict {
            documents: vec![normal(&yaml::to_json(tree))],
            refused: false,
            dropped: false,
        };
        assert_eq!(verdict(&theirs), wanted, "{text}\n{theirs}");
        assert_eq!(theirs[0]["duplicate"], Json::Null, "{text}");
    }
    eprintln!("{} documents written and read back by Kubernetes' reader", texts.len());
}

#[test]
fn kubernetes_reads_the_same_floats() {
    let Some(judge) = go::program("yamlreader") else { return };
    let mut random = Random(13);
    let place = Span::new(Sources::default().add("made", ""), 0..0);
    let special =
        [0.1, 1e15, 1e20, 1e21, 1e22, 1e-5, 1e-6, 1e-7, f64::MAX, f64::MIN_POSITIVE, 5e-324];
    let numbers: Vec<f64> = special
        .into_iter()
        .chain((0..3000).map(|_| f64::from_bits(random.next())))
        .filter(|number| number.is_finite())
        .collect();
    let texts: Vec<String> =
        numbers.iter().map(|&number| yaml::emit(&Node::new(Value::Float(number), place))).collect();
    for ((number, text), answer) in numbers.iter().zip(&texts).zip(ask_raw(&judge, &texts)) {
        let theirs = answer.trim_start_matches("[{\"json\":").trim_end_matches("}]");
        assert_eq!(theirs.parse::<f64>().ok(), Some(*number), "{text} {answer}");
        // YAML 1.1 as others read it wants a dot in every float that is no whole number.
        assert!(text.contains('.') || number.fract() == 0.0, "{text}");
    }
    eprintln!("{} floats written and read back by Kubernetes' reader", texts.len());
}

fn ours(text: &str) -> Verdict {
    let file = Sources::default().add("case.yaml", text);
    let read = yaml::read(file, text);
    let documents = read.documents.iter().map(|document| {
        document.node.as_ref().map_or(Json::Null, |node| normal(&yaml::to_json(node)))
    });
    Verdict {
        documents: documents.collect(),
        refused: read.faults.iter().any(|fault| fault.kind.is_fatal()),
        dropped: read.faults.iter().any(|fault| fault.kind == FaultKind::Unread),
    }
}

fn verdict(theirs: &Json) -> Verdict {
    let all = theirs.as_array().unwrap();
    Verdict {
        documents: all.iter().filter_map(|document| document.get("json")).map(normal).collect(),
        refused: all.iter().any(|document| document.get("error").is_some()),
        dropped: all.iter().any(|document| document.get("dropped").is_some()),
    }
}

/// Numbers as the API server sees them: `8.0` is `8`, `-0` is `0`.
fn normal(json: &Json) -> Json {
    let place = Span::new(Sources::default().add("made", ""), 0..0);
    yaml::to_json(&yaml::from_json(json, place))
}

fn ask(judge: &Path, texts: &[String]) -> Vec<Json> {
    ask_raw(judge, texts).iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn ask_raw(judge: &Path, texts: &[String]) -> Vec<String> {
    judge::ask(judge, texts.iter().map(|text| json!(text)))
}

impl Random {
    fn scalar(&mut self) -> String {
        (0..=self.below(6)).map(|_| ALPHABET[self.below(ALPHABET.len())]).collect()
    }

    /// A few lines that may or may not be a document.
    fn document(&mut self) -> String {
        let mut text = String::new();
        for _ in 0..=self.below(6) {
            text += &" ".repeat(self.below(4));
            for _ in 0..=self.below(2) {
                text += LINES[self.below(LINES.len())];
            }
            text.push('\n');
        }
        text
    }

    fn tree(&mut self, place: Span, depth: usize) -> Node {
        let value = match self.below(if depth == 0 { 6 } else { 12 }) {
            0 => Value::Null,
            1 => Value::Bool(self.below(2) == 0),
            2 => Value::Int(self.next().cast_signed() >> self.below(64)),
            3 => {
                // Short enough for any reader of JSON; all others have a test of their own.
                #[allow(clippy::cast_precision_loss)]
                let number = (self.next() >> 34) as f64;
                let number = if self.below(2) == 0 { number } else { -number };
                Value::Float(number / [1.0, 10.0, 1e3, 1e12][self.below(4)])
            }
            4 | 5 => Value::String(self.scalar().into()),
            6..9 => Value::Seq((0..self.below(4)).map(|_| self.tree(place, depth - 1)).collect()),
            _ => {
                let mut map = Map::default();
                for _ in 0..self.below(5) {
                    let key = Key { name: self.scalar().into(), span: place };
                    map.insert(key, self.tree(place, depth - 1));
                }
                Value::Map(map)
            }
        };
        Node::new(value, place)
    }
}
