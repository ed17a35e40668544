//! What was there before.

use std::fs;

use gitopsc::policy::Baseline;
use proptest::prelude::*;

use crate::manifests::{Manifests, read, service};
use crate::site::{Site, TEMPLATE};

#[test]
fn entries_have_no_lines() {
    let manifests =
        Manifests::judge(&[("a.yaml", service("a", "0")), ("./b.yaml", service("b", "0"))]);
    assert_eq!(
        manifests.baseline(None),
        r#"{
  "version": 1,
  "findings": [
    {"id":"port-invalid","file":"a.yaml","object":"Service/a","field":"spec.ports[0].port","count":1},
    {"id":"port-invalid","file":"b.yaml","object":"Service/b","field":"spec.ports[0].port","count":1}
  ]
}
"#
    );
    let nothing = Manifests::judge(&[("a.yaml", service("a", "1"))]).baseline(None);
    assert_eq!(nothing, "{\n  \"version\": 1,\n  \"findings\": []\n}\n");
    assert!(read(&nothing).is_empty());
}

#[test]
fn what_is_new_is_shown() {
    let before = Manifests::judge(&[("a.yaml", service("a", "0"))]).baseline(None);
    let beyond = |files: &[(&str, String)]| {
        let lines = Manifests::judge(files).beyond(&before);
        lines
            .into_iter()
            .map(|line| line.split(": ").next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let one = service("a", "0");
    assert_eq!(beyond(&[("a.yaml", one.clone())]), [""; 0]);
    assert_eq!(beyond(&[("a.yaml", format!("# moved\n\n{one}"))]), [""; 0]);
    // Another value that is as wrong is the same fault.
    assert_eq!(beyond(&[("a.yaml", service("a", "70000"))]), [""; 0]);
    // The same once more: in the object, in a second one of its name, in another, in another file.
    assert_eq!(beyond(&[("a.yaml", format!("{one}---\n{one}"))]), ["a.yaml:15 port-invalid"]);
    assert_eq!(
        beyond(&[("a.yaml", format!("{one}---\n{}", service("b", "0")))]),
        ["a.yaml:15 port-invalid"]
    );
    assert_eq!(
        beyond(&[("a.yaml", one.clone()), ("b.yaml", one.clone())]),
        ["b.yaml:7 port-invalid"]
    );
    let two = one.clone() + "      name: x\n    - port: 0\n      name: z\n";
    assert_eq!(beyond(&[("a.yaml", two)]), ["a.yaml:9 port-taken", "a.yaml:9 port-invalid"]);
    let other = one.replace("  ports:", "  type: NoType\n  ports:");
    assert_eq!(beyond(&[("a.yaml", other)]).len(), 1);
}

#[test]
fn what_is_gone_is_told() {
    let files = [("a.yaml", service("a", "0")), ("d/b.yaml", service("b", "0"))];
    let before = Manifests::judge(&files).baseline(None);
    let gone = |manifests: &Manifests| manifests.beyond(&before);
    let mut mended =
        Manifests::judge(&[("a.yaml", service("a", "1")), ("d/b.yaml", service("b", "0"))]);
    assert_eq!(gone(&mended), ["b.json baseline-stale: 1 finding of the baseline is gone"]);
    let finding =
        &mended.apply(&gitopsc::policy::Policy::default().with_baseline(read(&before))).findings[0];
    assert_eq!(finding.notes, ["port-invalid in a.yaml, Service/a, spec.ports[0].port"]);
    assert!(finding.help.as_ref().unwrap().contains("gitopsc check --write-baseline b.json"));
    // Only where the run looked.
    for (roots, stale) in
        [(["d", "e"], false), (["a.yaml", "d"], true), (["./", "e"], true), (["a", "d/b"], false)]
    {
        mended.extent.roots = roots.map(str::to_owned).to_vec();
        assert_eq!(!gone(&mended).is_empty(), stale, "{roots:?}");
    }
    // A file that went is as good as mended.
    let left = Manifests::judge(&[("a.yaml", service("a", "0"))]);
    assert_eq!(gone(&left).len(), 1);
    // What cannot be read may still have it.
    let broken = Manifests::judge(&[("a.yaml", "a: [\n".to_owned()), files[1].clone()]);
    assert!(gone(&broken).iter().all(|line| line.contains("yaml-syntax")), "{:?}", gone(&broken));
    let unread =
        Manifests::judge(&[("a.yaml", service("a", "0") + "  typo: 1\n"), files[1].clone()]);
    assert_eq!(gone(&unread).len(), 1);
    assert!(gone(&unread)[0].contains("field-unknown"));
    // Silenced is gone too: the silencer says why, and one of the two is enough.
    let silenced = service("a", "0 # gitopsc: ignore[port-invalid] why");
    let silenced = Manifests::judge(&[("a.yaml", silenced), files[1].clone()]);
    assert_eq!(gone(&silenced), ["b.json baseline-stale: 1 finding of the baseline is gone"]);
}

#[test]
fn what_was_not_looked_at_stays_in_it() {
    let files = [("a.yaml", service("a", "0")), ("d/b.yaml", service("b", "0"))];
    let before = Manifests::judge(&files).baseline(None);
    let mut part = Manifests::judge(&[("a.yaml", service("a", "1"))]);
    part.extent.roots = vec!["a.yaml".to_owned()];
    let renewed = part.baseline(Some(&read(&before)));
    assert_eq!(read(&renewed).len(), 1);
    assert!(renewed.contains("d/b.yaml") && !renewed.contains("a.yaml"));
    assert!(
        Manifests::judge(&[("a.yaml", service("a", "1")), files[1].clone()])
            .beyond(&renewed)
            .is_empty()
    );
}

#[test]
fn environments_are_told_apart() {
    let site = Site::new(TEMPLATE, &[("a", "0"), ("b", "80")]);
    let file = site.path("b.json");
    let run = site.run(&["--write-baseline", &file]);
    assert_eq!(run.code, 0, "{}", run.out);
    assert!(
        run.out.ends_with("\n0 errors; 0 warnings; 0 notes; 1 finding in the baseline\n"),
        "{}",
        run.out
    );
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains(r#""environments":["a"],"count":1}"#), "{text}");
    assert_eq!(site.check(&["--baseline", &file, "--deny", "warnings"]), (0, vec![]));
    assert_eq!(site.json(&["--baseline", &file])["summary"]["baseline"], 1);
    // The same fault in one more environment is new there.
    let bad = fs::read_to_string(site.path("environments/a/environment.yaml")).unwrap();
    site.write("environments/b/environment.yaml", &bad);
    let document = site.json(&["--baseline", &file]);
    assert_eq!(document["findings"][0]["environments"], serde_json::json!(["b"]), "{document:#}");
    // Renewed for one of them, the other's entries stay.
    assert_eq!(site.run(&["--write-baseline", &file, "-e", "b"]).code, 0);
    assert_eq!(site.check(&["--baseline", &file]), (0, vec![]));
    assert!(fs::read_to_string(&file).unwrap().contains(r#""environments":["a","b"]"#));
    // Mended in one: stale where that one was looked at.
    site.write("environments/a/environment.yaml", &bad.replace("port: 0", "port: 80"));
    let stale = vec!["warning baseline-stale".to_owned()];
    assert_eq!(site.check(&["--baseline", &file]), (0, stale));
    let denied = vec!["error baseline-stale".to_owned()];
    assert_eq!(site.check(&["--baseline", &file, "-e", "a", "--deny", "warnings"]), (1, denied));
    assert_eq!(site.check(&["--baseline", &file, "-e", "b"]), (0, vec![]));
    assert_eq!(site.check(&["--baseline", &file, "--ignore", "port-invalid"]), (0, vec![]));
    let told = site.run(&["--baseline", &file, "-e", "a"]).out;
    assert!(told.contains(&format!("run `gitopsc check -e a --write-baseline {file}`")), "{told}");
}

#[test]
fn errors_of_the_configuration_are_in_no_baseline() {
    let site = Site::new(TEMPLATE, &[("a", "0"), ("b", "0")]);
    let file = site.path("b.json");
    site.write("environments/b/environment.yaml", "kind: [\n");
    assert_eq!(site.run(&["--write-baseline", &file]).code, 1);
    assert_eq!(site.check(&["--baseline", &file]), (1, vec!["error yaml-syntax".to_owned()]));
    assert!(!fs::read_to_string(&file).unwrap().contains("yaml-syntax"));
}

#[test]
fn a_broken_baseline_ends_the_run_at_its_place() {
    let good = r#"{"id": "port-invalid", "file": "a.yaml", "count": 1}"#;
    let of = |version: &str, entry: &str| {
        format!("{{\n  \"version\": {version},\n  \"findings\": [\n    {entry}\n  ]\n}}\n")
    };
    let parse = |text: &str| Baseline::parse("b.json", text, "").map(|baseline| baseline.len());
    assert_eq!(parse(&of("1", good)), Ok(1));
    // A check that newer or older versions have.
    assert_eq!(parse(&of("1", &good.replace("port-invalid", "no-such-check"))), Ok(1));
    let site = Site::new(TEMPLATE, &[("a", "0")]);
    for (text, line) in [
        (of("2", r#"{"rule": "x"}"#), 2),
        (of("\"1\"", good), 2),
        (of("1", &good.replace("1}", "0}")), 4),
        (of("1", &good.replace("1}", "-1}")), 4),
        (of("1", &good.replace("id", "idd")), 4),
        (of("1", r#"{"id": "port-invalid", "count": 1}"#), 4),
        (of("1", "1"), 4),
        (of("1", good)[..60].to_owned(), 4),
        (String::new(), 1),
        ("[]\n".to_owned(), 1),
    ] {
        let why = parse(&text).expect_err(&text);
        assert!(why.starts_with(&format!("b.json:{line}:")), "{why}\n{text}");
        site.write("b.json", &text);
        for option in ["--baseline", "--write-baseline"] {
            let run = site.run(&[option, &site.path("b.json")]);
            assert_eq!((run.code, &*run.out), (2, ""), "{option} {text}");
            assert!(run.err.contains(&format!("b.json:{line}:")), "{}", run.err);
        }
        assert_eq!(fs::read_to_string(site.path("b.json")).unwrap(), text, "nothing was written");
    }
    assert_eq!(site.run(&["--baseline", &site.path("gone.json")]).code, 2);
    assert_eq!(site.run(&["--write-baseline", &site.path("no/such/b.json")]).code, 2);
    assert_eq!(site.run(&["--baseline", "a", "--write-baseline", "b"]).code, 2);
}

/// Services in files, some of them wrong, and lines that say nothing between them.
fn files() -> impl Strategy<Value = Vec<Vec<(u8, u8, u8)>>> {
    let one = (0..4_u8, 0..5_u8, 0..3_u8);
    prop::collection::vec(prop::collection::vec(one, 0..5), 1..4)
}

fn texts(files: &[Vec<(u8, u8, u8)>], moved: usize) -> Vec<(&'static str, String)> {
    let names = ["a.yaml", "d/b.yaml", "d/c.yaml"];
    let object = |&(name, fault, space): &(u8, u8, u8)| {
        let name = ["a", "b", "c", "d"][usize::from(name)];
        let mut text = "# a line\n".repeat(usize::from(space) * moved);
        text += &match fault {
            0 => service(name, "0"),
            1 => service(name, "80") + "      name: x\n    - port: 0\n      name: x\n",
            2 => service(name, "80").replace("  ports:", "  typo: 1\n  ports:"),
            3 => service(name, "80").replace("  ports:", "  type: NoType\n  ports:"),
            _ => service(name, "80"),
        };
        text
    };
    files
        .iter()
        .zip(names)
        .map(|(objects, path)| (path, objects.iter().map(object).collect::<Vec<_>>().join("---\n")))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_baseline_hides_what_it_was_made_of(files in files()) {
        let now = Manifests::judge(&texts(&files, 0));
        let baseline = now.baseline(None);
        prop_assert_eq!(now.beyond(&baseline), Vec::<String>::new());
        prop_assert_eq!(read(&baseline).len(), now.findings.len());
        // It is what it was, read and written again, and on other lines.
        prop_assert_eq!(&now.baseline(Some(&read(&baseline))), &baseline);
        let moved = Manifests::judge(&texts(&files, 7));
        prop_assert_eq!(moved.beyond(&baseline), Vec::<String>::new());
        prop_assert_eq!(&moved.baseline(None), &baseline);
    }

    #[test]
    fn one_more_fault_is_one_finding(files in files(), file in 0..3_usize) {
        let before = Manifests::judge(&texts(&files, 0));
        let mut more = files.clone();
        let at = file % files.len();
        more[at].push((0, 0, 1));
        let after = Manifests::judge(&texts(&more, 1));
        prop_assert_eq!(after.beyond(&before.baseline(None)).len(), 1);
        // And the other way round it is one that went, where nothing hides that.
        let left = before.beyond(&after.baseline(None));
        prop_assert!(left.len() <= 1 && left.iter().all(|line| line.contains("baseline-stale")), "{:?}", left);
    }
}
