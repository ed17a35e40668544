//! Templates against Go's own `text/template` with sprig and Argo CD's functions, run from a small
//! Go program.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::rc::Rc;
use std::sync::LazyLock;

use gitopsc::gotemplate::{
    Element, ErrorKind, Functions, List, Map, MissingKey, Settings, Template, Value,
};
use serde_json::{Value as Json, json};

#[path = "support/go.rs"]
mod go;
mod gotemplate_cases;
#[path = "support/judge.rs"]
mod judge;
#[path = "support/random.rs"]
mod random;

use gotemplate_cases::{
    ARGUMENTS, COSTLY, DATA, PIECES, REFUSED, TEXTS, YAML_MARKS, YAML_WORDS, templates,
};
use random::Random;

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
    static JSON: LazyLock<Json> = LazyLock::new(|| serde_json::from_str(DATA).unwrap());
    let entries = JSON.as_object().unwrap();
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
    let data: Json = serde_json::from_str(DATA).unwrap();
    let questions = cases.iter().map(|Case { template, option }| {
        json!({"template": template, "data": data, "option": option, "texts": TEXTS})
    });
    let answers = judge::ask(judge, questions);
    answers.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
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
const MADE: usize = 10_000;

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

/// How many calls of functions are made.
const CALLS: usize = 6_000;

/// Every function with arguments of every sort, wrong ones, too.
#[test]
fn functions_take_any_arguments() {
    let mut random = Random(5);
    let mut names = Functions::argocd().names();
    names.retain(|name| !COSTLY.contains(name));
    let cases: Vec<Case> = (0..CALLS)
        .map(|at| {
            let name = names[at % names.len()];
            let mut made = || {
                let arguments = (0..random.below(5)).map(|_| random.below(ARGUMENTS.len()));
                let arguments: Vec<&str> = arguments.map(|at| ARGUMENTS[at]).collect();
                let shown = ["%v", "%#v", "%T"][random.below(3)];
                format!("{{{{{name} {} | printf \"{shown}\"}}}}", arguments.join(" "))
            };
            // Most arguments are refused for their number or type, which is the same for all.
            let called = |template: &String| match render(template, "") {
                Ok(_) => true,
                Err(error) => error.message.starts_with("error calling"),
            };
            let template = (0..10).map(|_| made()).find(called).unwrap_or_else(|| name.to_owned());
            Case { template, option: "" }
        })
        .collect();
    let Some(judge) = go::program("gotemplate") else {
        return cases.iter().for_each(|case| drop(ours(case)));
    };
    let (wrong, unknown) = compare("calls", &cases, &ask(&judge, &cases));
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    let unknown: usize = unknown.values().sum();
    assert!(unknown * 20 < CALLS, "{unknown} calls are not evaluable");
}

/// No function panics at the ends of numbers, at letters of several bytes and at nothing.
#[test]
fn functions_take_extremes() {
    const EXTREMES: [&str; 5] =
        ["9223372036854775807", "-9223372036854775808", "\"é€ 😀\"", "(list)", "1e308"];
    let mut rendered = 0;
    for name in Functions::argocd().names() {
        for count in 1..=3_u32 {
            for at in 0..5_usize.pow(count) {
                let arguments = (0..count).map(|place| EXTREMES[at / 5_usize.pow(place) % 5]);
                let arguments: Vec<&str> = arguments.collect();
                let template = format!("{{{{{name} {}}}}}", arguments.join(" "));
                rendered += usize::from(render(&template, "").is_ok());
            }
        }
    }
    assert!(rendered > 1000, "only {rendered} were rendered");
}

/// How many values are made.
const VALUES: usize = 3000;

/// What is written into manifests as YAML has the quotes and the line breaks that Argo CD gives it.
#[test]
fn yaml_is_what_argo_cd_writes() {
    let Some(judge) = go::program("gotemplate") else { return };
    let mut random = Random(8);
    let cases: Vec<Case> = (0..VALUES)
        .map(|_| Case { template: format!("{{{{toYaml {}}}}}", random.value(3)), option: "" })
        .collect();
    let (wrong, unknown) = compare("YAML", &cases, &ask(&judge, &cases));
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(unknown.is_empty(), "not evaluated, though nothing says why: {unknown:?}");
}

/// What would never end, or fill the memory, ends with an error.
#[test]
fn templates_are_bounded() {
    for template in [
        "{{define \"a\"}}{{template \"a\" (add . 1)}}{{end}}{{template \"a\" 1}}",
        "{{$s := \"0123456789\"}}{{range until 60}}{{$s = print $s $s}}{{end}}{{$s}}",
        "{{range until 1000}}{{range until 1000}}{{range until 1000}}x{{end}}{{end}}{{end}}",
        "{{repeat 1000000000 \"x\"}}",
        "{{until 1000000000}}",
        "{{$d := dict}}{{set $d \"a\" $d}}",
        "{{$l := list}}{{range until 10000}}{{$l = list $l $l}}{{end}}{{$l}}",
        "{{$d := dict}}{{$c := $d}}{{range until 10000}}{{$n := dict}}{{set $c \"x\" $n | len}}{{$c = $n}}{{end}}{{$d}}",
        "{{range until 100000}}{{range until 100}}{{end}}{{end}}",
        "{{$l := list}}{{range until 17}}{{$l = list $l $l}}{{end}}{{range until 1000}}{{deepEqual $l $l}}{{end}}",
        "{{uniq (until 50000)}}",
        "{{printf \"%60000d\" 1 | repeat 100}}",
        "{{printf \"%01000000d\" 1}}",
        "{{printf \"%.70000f\" 1.5}}",
        "{{printf \"%0*d\" 70000 1}}",
        "{{printf \"%.*g\" 70000 1.5}}",
        "{{$s := repeat 1000000 \"a\"}}{{replace \"a\" $s $s}}",
        "{{$s := repeat 1000000 \"a\"}}{{regexReplaceAll \"a\" $s \"$0$0$0\"}}{{$s}}",
        "{{$s := repeat 100000 \"a\"}}{{range until 1000}}{{$s}}{{end}}",
    ] {
        let error = render(template, "").expect_err(template);
        assert_eq!(error.kind, ErrorKind::Limit, "{template}: {error}");
    }
    // Where a template comes back to itself, Go ends with an error, too.
    for template in [
        "{{define \"a\"}}{{template \"a\"}}{{end}}{{template \"a\"}}",
        "{{template \"x\"}}",
        "{{define \"a\"}}{{if 1}}{{with 1}}{{range 1}}{{print (((((((((((((((((((((((((((((((1)))))))))))))))))))))))))))))))}}{{template \"a\"}}{{end}}{{end}}{{end}}{{end}}{{template \"a\"}}",
    ] {
        let error = render(template, "").expect_err(template);
        assert_eq!(error.kind, ErrorKind::Evaluate, "{template}: {error}");
        assert_eq!(error.message, "exceeded maximum template depth (100000)");
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

impl Random {
    /// A text with what means something in YAML, as a literal.
    fn text(&mut self) -> String {
        let pieces: Vec<&str> = match self.below(3) {
            0 => (0..=self.below(30)).map(|_| YAML_WORDS[self.below(YAML_WORDS.len())]).collect(),
            _ => (0..self.below(10)).map(|_| YAML_MARKS[self.below(YAML_MARKS.len())]).collect(),
        };
        json!(pieces.concat()).to_string()
    }

    /// A text, a list or a map, as an operand.
    fn value(&mut self, depth: usize) -> String {
        match self.below(if depth == 0 { 1 } else { 5 }) {
            0..3 => self.text(),
            3 => {
                let items: Vec<String> =
                    (0..self.below(4)).map(|_| self.value(depth - 1)).collect();
                format!("(list {})", items.join(" "))
            }
            _ => {
                let entries: Vec<String> = (0..self.below(4))
                    .map(|at| format!("\"k{at}\" {}", self.value(depth - 1)))
                    .collect();
                format!("(dict {})", entries.join(" "))
            }
        }
    }
}
