//! `junit`, read by a crate that CI tools use.

use junit_parser::{TestCase, TestStatus, TestSuite, TestSuites};

use crate::{nasty_run, support, written};

fn read(text: &str) -> TestSuites {
    junit_parser::from_reader(text.as_bytes()).unwrap()
}

fn case<'a>(suite: &'a TestSuite, name: &str) -> &'a TestCase {
    let mut cases = suite.cases.iter().filter(|case| case.original_name == name);
    cases.next().unwrap_or_else(|| panic!("{} has no {name}", suite.name))
}

#[test]
fn a_reader_finds_suites_cases_and_texts() {
    let run = nasty_run();
    let text = written("junit", &run.report());
    let forbidden = |c: char| c.is_control() && c != '\n' || c == '\u{fffe}';
    assert!(!text.contains(forbidden), "XML 1.0 has no such characters");
    let suites = read(&text);
    let names: Vec<_> = suites.suites.iter().map(|suite| &*suite.name).collect();
    let path = crate::PATH;
    assert_eq!(names, ["k3s", path, "iris", "some dir/a\\nb.yaml", "repository"]);
    let tests: u64 = suites.suites.iter().map(|suite| suite.cases.len() as u64).sum();
    assert_eq!(suites.tests, tests);
    assert_eq!((suites.failures, suites.errors, suites.skipped), (7, 0, 1));

    let k3s = &suites.suites[0];
    assert_eq!((k3s.tests, k3s.failures, k3s.skipped), (5, 3, 1));
    let web = case(k3s, "Deployment/web in shop");
    assert_eq!(web.classname.as_deref(), Some(path));
    assert_eq!((web.file.as_deref(), web.line), (Some(path), Some(1)));
    let failure = web.status.failure_as_ref();
    assert_eq!(failure.failure_type, "file-missing");
    assert!(failure.message.starts_with("a]]>b <&\"'> 100% \\u{1b}[31mred"), "{}", failure.message);
    assert!(failure.text.contains("C:\\values\\prod.yaml"), "{}", failure.text);
    // That reader puts a line break between sections; XML has one text.
    let document = roxmltree::Document::parse(&text).unwrap();
    let failure = document.descendants().find(|node| node.has_tag_name("failure")).unwrap();
    let whole: String = failure.children().filter_map(|node| node.text()).collect();
    let start = "error[file-missing]: a]]>b <&\"'> 100% \\u{1b}[31mred";
    assert!(whole.starts_with(start), "{whole}");
    assert!(case(k3s, "Deployment/db in shop").status.is_success());
    let TestStatus::Skipped(skipped) = &case(k3s, "Deployment/cache in shop").status else {
        panic!("without a schema is neither good nor bad");
    };
    assert_eq!(skipped.message, "no schema");
    assert!(case(k3s, "no-place").status.is_failure());
    // The object of the path without an environment has a note: worth reading, and no failure.
    let db = case(&suites.suites[1], "Deployment/db in shop");
    assert!(db.status.is_success());
    assert!(db.system_out.as_deref().unwrap().contains("soft note"));
    // The object was not judged there, so its finding stands alone.
    assert!(case(&suites.suites[2], "Deployment/web in shop").status.is_failure());
    assert!(case(&suites.suites[3], "soft-fault").status.is_success());
    assert!(case(&suites.suites[4], "no-place").status.is_failure());
}

#[test]
fn denied_warnings_fail() {
    let fixture = support::root().join("tests/cmd/fixture");
    let arguments = ["check", "-o", "junit", "--deny", "warnings"];
    let run = support::gitopsc(&fixture, &arguments);
    assert_eq!((run.code, read(&run.out).failures), (1, 1));
    assert_eq!(read(&support::gitopsc(&fixture, &arguments[..3]).out).failures, 0);
}
