//! Every form of findings is read back: by its schema, by a reader that others wrote, or by a
//! strict one here; with findings that try to break out of it.
#![allow(clippy::unwrap_used, clippy::expect_used, unreachable_pub)]

mod support;

#[path = "report/gitlab.rs"]
mod gitlab;
#[path = "report/json.rs"]
mod json;
#[path = "report/junit.rs"]
mod junit;
#[path = "report/odd.rs"]
mod odd;
#[path = "report/outputs.rs"]
mod outputs;
#[path = "report/sarif.rs"]
mod sarif;
#[path = "report/tap.rs"]
mod tap;
#[path = "report/text.rs"]
mod text;

use gitopsc::diagnostic::{Finding, ORIGIN, Severity};
use gitopsc::model::{GroupKind, ObjectKey};
use gitopsc::report::{FORMATS, Object, Report, Skipped, Tally, Verdict};
use gitopsc::source::{FileId, Sources, Span};
use serde_json::{Value, json};

/// A message that would do something in one form or the other if it could.
pub(crate) const NASTY: &str = "a]]>b <&\"'> 100% \u{1b}[31mred\u{1b}[0m \u{202e}rtl\u{2066} nul\u{0} \
                         bell\u{7}\nsecond: line, # TODO \\ ::error::x\r\n...\n--- [l](1) {0} \u{fffe}";

/// A path that needs encoding in most forms.
pub(crate) const PATH: &str = "apps/wéb app/100%,a:b#c?d \u{1f600}.yaml";

/// A path as another system writes it.
pub(crate) const WINDOWS: &str = "C:\\values\\prod.yaml";

/// What a run found, and what it looked at.
pub(crate) struct Run {
    pub(crate) sources: Sources,
    pub(crate) findings: Vec<Finding>,
    pub(crate) objects: Vec<Object>,
    pub(crate) skipped: Vec<Skipped>,
    pub(crate) environments: Vec<Value>,
}

impl Run {
    pub(crate) fn report(&self) -> Report<'_> {
        let mut tally = Tally::default();
        self.objects.iter().for_each(|object| tally.add(object.verdict, 1));
        let report = Report::new(&self.sources, &self.findings);
        let mut report = report.judged(tally, &self.objects).skipped(&self.skipped);
        report.environments = &self.environments;
        report.closing = "the end\n";
        report
    }
}

/// What a form makes of a report.
pub(crate) fn written(name: &str, report: &Report<'_>) -> String {
    let format = FORMATS.iter().find(|format| format.name == name).unwrap();
    let mut out = Vec::new();
    (format.write)(report, &mut out, false).unwrap();
    String::from_utf8(out).unwrap()
}

/// The first place of a text in a source.
pub(crate) fn span(sources: &Sources, file: FileId, text: &str) -> Span {
    let at = sources.get(file).text.find(text).unwrap();
    Span::new(file, at..at + text.len())
}

fn object(name: &str, line: usize, environment: Option<&str>, verdict: Verdict) -> Object {
    let group_kind = GroupKind::parse("apps/Deployment");
    let key = ObjectKey { group_kind, namespace: "shop".to_owned(), name: name.to_owned() };
    let environment = environment.map(str::to_owned);
    Object { key, file: PATH.into(), line, column: 1, environment, verdict }
}

/// Findings of every shape: with origins and without, with a file only, without any place.
pub(crate) fn nasty_run() -> Run {
    let mut sources = Sources::default();
    let text = "kind: A\r\nname: \"\u{1f600}x\" # \u{1b}[31m\u{9b}4m\u{202e}\nspec:\n  replicas: 1\n  image: b\n";
    let file = sources.add(PATH, text);
    let values = sources.add(WINDOWS, "replicas: many\n");
    let place = |text| span(&sources, file, text);
    let origin = span(&sources, values, "many");
    let findings = vec![
        Finding::error("file-missing", NASTY)
            .at(place("x\""), "here]]>")
            .at(origin, ORIGIN)
            .about("Deployment/web in shop")
            .field("spec.replicas")
            .note(NASTY)
            .help(NASTY)
            .in_environment("k3s")
            .in_environment("iris"),
        Finding::error("file-missing", NASTY).at(place("image"), "").in_environment("k3s"),
        Finding::error("file-missing", NASTY).at(place("image"), "").in_environment("iris"),
        Finding::error("made-up", "several lines").at(place("spec:\n  replicas: 1"), "all of it"),
        Finding::warning("soft-fault", "soft in a file").in_file("some dir/a\nb.yaml"),
        Finding::error("no-place", "nowhere at all"),
        Finding::error("no-place", "nowhere in k3s").in_environment("k3s"),
        Finding::info("soft-note", "soft note")
            .at(place("kind"), "")
            .about("Deployment/db in shop"),
    ];
    let objects = vec![
        object("web", 1, Some("k3s"), Verdict::Invalid),
        object("db", 3, Some("k3s"), Verdict::Valid),
        object("cache", 3, Some("k3s"), Verdict::WithoutSchema),
        object("db", 1, None, Verdict::Valid),
    ];
    let skipped = vec![
        Skipped { file: "ci.yaml".into(), reason: NASTY.into(), documents: None, line: None },
        Skipped { file: PATH.into(), reason: "empty".into(), documents: Some(2), line: Some(7) },
    ];
    let environments = vec![json!({"name": "k3s"})];
    Run { sources, findings, objects, skipped, environments }
}

#[test]
fn the_same_run_is_written_the_same() {
    let (one, other) = (nasty_run(), nasty_run());
    for format in &FORMATS {
        let text = written(format.name, &one.report());
        assert!(text.ends_with('\n'), "{}", format.name);
        assert_eq!(text, written(format.name, &other.report()), "{}", format.name);
    }
}

#[test]
fn quiet_leaves_errors() {
    let run = nasty_run();
    let is_soft = |text: &str| text.contains("soft");
    let is_valid = |text: &str| text.contains("\"valid\"") || text.contains("Deployment/cache");
    for format in &FORMATS {
        let (all, quiet) = (written(format.name, &run.report()), {
            let quiet = run.report().quiet();
            assert!(quiet.findings.iter().all(|finding| finding.severity == Severity::Error));
            written(format.name, &quiet)
        });
        assert!(is_soft(&all) && !is_soft(&quiet), "{}: {quiet}", format.name);
        assert!(!is_valid(&quiet.replace("\"valid\":", "")), "{}: {quiet}", format.name);
        let is_told = all.contains("Deployment/cache");
        assert_eq!(is_told, format.objects, "{}", format.name);
        assert!(quiet.contains("nowhere at all"), "{}: {quiet}", format.name);
    }
}

#[test]
fn a_clean_run_has_its_form_too() {
    let run = Run {
        sources: Sources::default(),
        findings: Vec::new(),
        objects: Vec::new(),
        skipped: Vec::new(),
        environments: Vec::new(),
    };
    let expected = [
        ("concise", "the end\n"),
        ("human", "the end\n"),
        ("github", ""),
        ("gitlab", "[]\n"),
        ("tap", "TAP version 14\n1..0 # SKIP nothing to show\n"),
    ];
    for (name, text) in expected {
        assert_eq!(written(name, &run.report()), text, "{name}");
    }
}
