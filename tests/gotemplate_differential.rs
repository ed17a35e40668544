//! Templates against Go's own `text/template` with sprig and Argo CD's functions, run from a small
//! Go program.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::rc::Rc;

use gitopsc::gotemplate::{
    Element, ErrorKind, Functions, List, Map, MissingKey, Settings, Template, Value,
};
use serde_json::{Value as Json, json};

#[path = "support/go.rs"]
mod go;
mod gotemplate_cases;
use gotemplate_cases::{DATA, PIECES, REFUSED, TEXTS, templates};

/// A template, with an option of Go's.
struct Case {
    template: String,
    option: &'static str,
}

/// What both make of a case.
#[derive(Debug, PartialEq)]
enum Outcome {
    Text(String),
    Error,
    /// We cannot tell.
    Unknown(String),
}

fn data() -> Value {
    let json: Json = serde_json::from_str(DATA).unwrap();
    let Json::Object(entries) = json else { panic!("no map") };
    let text = |value: &Json| Value::from(value.as_str().unwrap());
    Value::map(entries.iter().map(|(key, value)| {
        let value = match value {
            Json::Array(items) if TEXTS.contains(&key.as_str()) => {
                Value::List(List::new(Element::String, items.iter().map(text).collect()))
            }
            Json::Object(entries) if TEXTS.contains(&key.as_str()) => {
                let entries = entries.iter().map(|(key, value)| (Rc::from(&**key), text(value)));
                Value::Map(Map::new(Element::String, entries.collect()))
            }
            _ => Value::from_json(value),
        };
        (key.as_str(), value)
    }))
}

fn render(template: &str, option: &str) -> Result<String, gitopsc::gotemplate::Error> {
    let missing_key = MissingKey::from_option(option).unwrap_or_default();
    let settings = Settings { missing_key, ..Settings::default() };
    Template::parse("x", template, Functions::argocd())?.render(&data(), &settings)
}

fn ours(case: &Case) -> (Outcome, String) {
    match render(&case.template, case.option) {
        Ok(text) => (Outcome::Text(text), String::new()),
        Err(error) => match error.kind {
            ErrorKind::Parse | ErrorKind::Evaluate => (Outcome::Error, error.to_string()),
            ErrorKind::NotEvaluable | ErrorKind::Limit => {
                (Outcome::Unknown(error.message.clone()), error.to_string())
            }
        },
    }
}

fn theirs(answer: &Json) -> Outcome {
    match answer["error"].as_str() {
        Some(_) => Outcome::Error,
        None => Outcome::Text(answer["output"].as_str().unwrap().to_owned()),
    }
}

fn ask(judge: &Path, cases: &[Case]) -> Vec<Json> {
    let mut child =
        Command::new(judge).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let data: Json = serde_json::from_str(DATA).unwrap();
    let mut lines = String::new();
    for case in cases {
        let Case { template, option } = case;
        let line = json!({"template": template, "data": data, "option": option, "texts": TEXTS});
        lines.push_str(&line.to_string());
        lines.push('\n');
    }
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<Json> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), cases.len());
    answers
}

/// Compares, tells what came of it, and gives what differs.
fn compare(name: &str, cases: &[Case], answers: &[Json]) -> (Vec<String>, BTreeMap<String, usize>) {
    let (mut texts, mut errors, mut words) = (0, 0, 0);
    assert_eq!(cases.len(), answers.len());
    let mut unknown = BTreeMap::new();
    let mut wrong = Vec::new();
    for (case, answer) in cases.iter().zip(answers) {
        let (ours, message) = ours(case);
        match (&ours, theirs(answer)) {
            (Outcome::Unknown(why), _) => {
                *unknown.entry(format!("{why}: {}", case.template)).or_default() += 1;
            }
            (Outcome::Error, Outcome::Error) => {
                errors += 1;
                words += usize::from(answer["error"] == json!(message));
            }
            (ours, theirs) if *ours == theirs => texts += 1,
            _ => wrong.push(format!("{}\n    {ours:?} {message}\n    {answer}", case.template)),
        }
    }
    let known: usize = unknown.values().sum();
    eprintln!(
        "{name}: {} templates, {texts} written alike, {errors} refused alike ({words} in the same \
         words), {known} not evaluable, {} differ",
        cases.len(),
        wrong.len()
    );
    (wrong, unknown)
}

#[test]
fn templates_write_what_go_writes() {
    let Some(judge) = go::program("gotemplate") else { return };
    let cases: Vec<Case> = templates()
        .map(|(option, template)| Case { template: template.to_owned(), option })
        .collect();
    let (wrong, unknown) = compare("written cases", &cases, &ask(&judge, &cases));
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(unknown.is_empty(), "not evaluated, though nothing says why: {unknown:?}");
}

/// What is refused on purpose is evaluated by Go, or not; it says so here and never guesses.
#[test]
fn what_cannot_be_known_is_never_guessed() {
    for template in REFUSED {
        let error = render(template, "").expect_err(template);
        assert!(
            matches!(error.kind, ErrorKind::NotEvaluable | ErrorKind::Limit),
            "{template}: {error}"
        );
        assert!(template.get(error.span.clone()).is_some(), "{template}: {:?}", error.span);
    }
}

#[test]
fn the_table_has_the_functions_of_argo_cd() {
    let Some(judge) = go::program("gotemplate") else { return };
    let output = Command::new(judge).arg("functions").output().unwrap();
    let mut theirs: Vec<String> =
        String::from_utf8(output.stdout).unwrap().lines().map(String::from).collect();
    theirs.dedup();
    assert_eq!(Functions::argocd().names(), theirs);
}

#[test]
fn every_function_is_compared() {
    let all: String = templates().map(|(_, template)| template).collect::<Vec<_>>().join("\n");
    let refused = REFUSED.join("\n");
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let used: Vec<&str> = all.split(|c| !word(c)).chain(refused.split(|c| !word(c))).collect();
    let missing: Vec<&str> =
        Functions::argocd().names().into_iter().filter(|name| !used.contains(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// How many templates are made of pieces of others.
const MADE: usize = 20_000;

/// No template panics, whatever it is made of, and all that both evaluate is the same.
#[test]
fn templates_that_are_made_are_what_go_makes_of_them() {
    let mut random = Random(11);
    let written: Vec<&str> = templates().map(|(_, template)| template).collect();
    let cases: Vec<Case> = (0..MADE)
        .map(|_| {
            let mut template = String::new();
            for _ in 0..=random.below(3) {
                match random.below(3) {
                    0 => template += PIECES[random.below(PIECES.len())],
                    1 => template += written[random.below(written.len())],
                    _ => {
                        // A piece of a template in another one.
                        let from = written[random.below(written.len())];
                        let into = written[random.below(written.len())];
                        let cut = |text: &str, random: &mut Random| {
                            let chars = text.chars().count();
                            text.chars().take(random.below(chars + 1)).collect::<String>()
                        };
                        let head = cut(into, &mut random);
                        let skipped = cut(from, &mut random).len();
                        template += &head;
                        template += &from[skipped..];
                    }
                }
            }
            Case { template, option: ["", "missingkey=error", "missingkey=zero"][random.below(3)] }
        })
        // Go gives these in a random order.
        .filter(|case| !case.template.contains("keys") && !case.template.contains("values ."))
        .collect();
    let Some(judge) = go::program("gotemplate") else {
        return cases.iter().for_each(|case| drop(ours(case)));
    };
    let (wrong, _) = compare("made of pieces", &cases, &ask(&judge, &cases));
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// What would never end, or fill the memory, ends with an error.
#[test]
fn templates_are_bounded() {
    for template in [
        "{{define \"a\"}}{{template \"a\"}}{{end}}{{template \"a\"}}",
        "{{$s := \"0123456789\"}}{{range until 60}}{{$s = print $s $s}}{{end}}{{$s}}",
        "{{range until 1000}}{{range until 1000}}{{range until 1000}}x{{end}}{{end}}{{end}}",
        "{{template \"x\"}}",
        "{{repeat 1000000000 \"x\"}}",
        "{{until 1000000000}}",
        "{{$d := dict}}{{set $d \"a\" $d}}",
        "{{$l := list}}{{range until 10000}}{{$l = list $l $l}}{{end}}{{$l}}",
        "{{$d := dict}}{{$c := $d}}{{range until 10000}}{{$n := dict}}{{set $c \"x\" $n | len}}{{$c = $n}}{{end}}{{$d}}",
        "{{range until 100000}}{{range until 100}}{{end}}{{end}}",
        "{{printf \"%1000000d\" 1 | repeat 100}}",
        "{{$s := repeat 1000000 \"a\"}}{{replace \"a\" $s $s}}",
        "{{$s := repeat 1000000 \"a\"}}{{regexReplaceAll \"a\" $s \"$0$0$0\"}}{{$s}}",
        "{{$s := repeat 100000 \"a\"}}{{range until 1000}}{{$s}}{{end}}",
    ] {
        let error = render(template, "").expect_err(template);
        assert_eq!(error.kind, ErrorKind::Limit, "{template}: {error}");
    }
    let deep = |open: &str, close: &str| open.repeat(5000) + &close.repeat(5000);
    for template in [
        deep("{{if 1}}", "{{end}}"),
        format!("{{{{{}1{}}}}}", "(".repeat(5000), ")".repeat(5000)),
        "{{if 1}}{{else if 1}}".to_owned() + &"{{else if 1}}".repeat(5000) + "{{end}}",
    ] {
        let error = render(&template, "").expect_err("deep");
        assert_eq!(error.kind, ErrorKind::Limit, "{error}");
    }
}

/// Errors name their place as Go does.
#[test]
fn errors_say_what_and_where() {
    let error = render("a\n  {{.foo}}", "missingkey=error").unwrap_err();
    assert_eq!(
        error.to_string(),
        "template: x:2:4: executing \"x\" at <.foo>: map has no entry for key \"foo\""
    );
    assert_eq!(error.span, 6..10);
    let error = render("a\n{{if}}", "").unwrap_err();
    assert_eq!(error.to_string(), "template: x:2: missing value for if");
    assert_eq!(error.kind, ErrorKind::Parse);
    let error = render("{{now}}", "").unwrap_err();
    assert_eq!((error.kind, error.span), (ErrorKind::NotEvaluable, 2..5));
}

/// A small generator of our own (xorshift64*), so that the cases are the same on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap() % bound
    }
}
