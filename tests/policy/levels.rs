//! Levels of `gitopsc.yaml`, and the selection of one run.

use gitopsc::check::registry::Check;
use gitopsc::source::Sources;
use tempfile::TempDir;

use crate::manifests::{Manifests, policy, selection, service};
use crate::site::{Site, TEMPLATE};
use crate::support::write;

#[test]
fn the_most_specific_level_counts() {
    let site = Site::new(TEMPLATE, &[("e", "0")]);
    let with = |levels: &str| {
        site.levels(levels);
        site.check(&[])
    };
    let shown = |level: &str| vec![format!("{level} port-invalid")];
    assert_eq!(with(""), (1, shown("error")));
    assert_eq!(with("port-invalid: warning"), (0, shown("warning")));
    assert_eq!(with("port-invalid: note"), (0, shown("note")));
    assert_eq!(with("object: note"), (0, shown("note")));
    assert_eq!(with("port-invalid: off"), (0, vec![]));
    assert_eq!(with("port-invalid: \"off\""), (0, vec![]));
    assert_eq!(with("object: off, port-*: warning"), (0, shown("warning")));
    assert_eq!(with("port-inv*: warning, port-*: off, object: error"), (0, shown("warning")));
    assert_eq!(with("port-invalid: error, port-*: off, object: note"), (1, shown("error")));
    // A level for another check says nothing of this one.
    assert_eq!(
        with("port-missing: off, ports-*x: note".split(", ").next().unwrap()),
        (1, shown("error"))
    );
}

#[test]
fn a_level_of_nothing_names_the_nearest() {
    let site = Site::new(TEMPLATE, &[("e", "0")]);
    site.levels("port-invald: off, port-missing: off");
    let document = site.json(&[]);
    let findings = document["findings"].as_array().unwrap();
    let ours = findings.iter().find(|one| one["id"] == "check-unknown").unwrap();
    assert!(ours["message"].as_str().unwrap().contains("did you mean `port-invalid`?"), "{ours}");
    assert_eq!((ours["level"].as_str(), ours["place"]["line"].as_u64()), (Some("error"), Some(4)));
    assert_eq!(ours["place"]["file"], "gitopsc.yaml");
    assert_eq!(findings.len(), 2, "{document:#}");
    // What is no check has no level.
    site.levels("namespace-ignored: off");
    assert!(site.check(&[]).1.contains(&"error check-unknown".to_owned()));
    site.levels("zzz-*: off");
    assert!(site.check(&[]).1.contains(&"error check-unknown".to_owned()));
    site.levels("port-invalid: fatal");
    assert_eq!(
        site.check(&[]),
        (1, vec!["error port-invalid".to_owned(), "error config-wrong".to_owned()])
    );
}

#[test]
fn denied_warnings_are_counted_after_all() {
    let site = Site::new(TEMPLATE, &[("e", "0")]);
    site.levels("port-invalid: warning");
    assert_eq!(site.check(&["--deny", "warnings"]).0, 1);
    assert_eq!(site.check(&["--deny", "warnings", "--ignore", "port-invalid"]), (0, vec![]));
    site.write(
        "apps/web/service.yaml",
        &format!("# gitopsc: ignore-object[port-invalid] a test\n{TEMPLATE}"),
    );
    assert_eq!(site.check(&["--deny", "warnings"]), (0, vec![]));
}

#[test]
fn a_selection_goes_by_the_more_specific_name() {
    let check = Check::find("port-invalid").unwrap();
    let wants = |select: &[&str], ignore: &[&str]| selection(select, ignore).wants(check.into());
    assert!(wants(&[], &[]));
    for only in ["port-invalid", "port-*", "p*", "object"] {
        assert!(wants(&[only], &[]), "{only}");
        assert!(!wants(&[], &[only]), "{only}");
        assert!(!wants(&[only], &[only]), "{only}");
    }
    assert!(!wants(&["port-missing"], &[]));
    assert!(wants(&[], &["port-missing"]));
    let by_rank = ["object", "p*", "port-*", "port-invalid"];
    for (rank, weak) in by_rank.iter().enumerate() {
        for strong in &by_rank[rank + 1..] {
            assert!(wants(&[strong], &[weak]), "{strong} over {weak}");
            assert!(!wants(&[weak], &[strong]), "{weak} under {strong}");
        }
    }
    assert!(wants(&["object", "port-invalid"], &["port-*"]));
}

#[test]
fn only_findings_of_checks_are_selected() {
    let mut text = service("a", "0");
    text.push_str("---\n a: [\n");
    let manifests = Manifests::judge(&[("a.yaml", text)]);
    let found = |select: &[&str], ignore: &[&str]| {
        let outcome = manifests.apply(&policy(selection(select, ignore)));
        manifests.ids(&outcome)
    };
    assert_eq!(found(&[], &[]), ["port-invalid", "yaml-syntax"]);
    assert_eq!(found(&["port-missing"], &[]), ["yaml-syntax"]);
    assert_eq!(found(&[], &["object"]), ["yaml-syntax"]);
    let site = Site::new("apiVersion: v1\nkind: ${{ gone }}\n", &[("e", "0")]);
    assert_eq!(site.check(&["--ignore", "object"]), (1, vec!["error value-undefined".to_owned()]));
}

#[test]
fn options_take_lists_and_refuse_what_is_unknown() {
    let site = Site::new(TEMPLATE, &[("e", "0")]);
    let all = vec!["error port-invalid".to_owned()];
    assert_eq!(site.check(&["--select", "port-missing,port-invalid"]), (1, all.clone()));
    assert_eq!(
        site.check(&["--select", "port-missing", "--select", "port-inv*"]),
        (1, all.clone())
    );
    assert_eq!(site.check(&["--ignore", "port-missing,port-invalid"]), (0, vec![]));
    for (option, name, said) in [
        ("--select", "port-invald", "did you mean `port-invalid`?"),
        ("--ignore", "objet", "did you mean `object`?"),
        ("--ignore", "port-missing,zzz-*", "no check begins with `zzz-`"),
        ("--select", "*", "no check begins with ``"),
        ("--select", "config-wrong", "`config-wrong` has no level and cannot be silenced"),
    ] {
        let run = site.run(&[option, name]);
        assert_eq!(run.code, 2, "{option} {name}");
        assert!(run.err.contains(said), "{}", run.err);
    }
    // A check that is off comes back only by its very id.
    site.levels("port-invalid: off");
    assert_eq!(site.check(&["--select", "object"]), (0, vec![]));
    assert_eq!(site.check(&["--select", "port-invalid"]), (1, all));
}

#[test]
fn settings_are_found_upwards() {
    let top = TempDir::new().unwrap();
    let settings = "apiVersion: gitopsc.dev/v1alpha1\nkind: Settings\nlimits: {fuel: 5}\n";
    write(top.path(), "gitopsc.yaml", settings);
    write(top.path(), "a/b/c.yaml", "");
    let fuel = |below: &str| {
        let (mut sources, mut findings) = (Sources::default(), Vec::new());
        let found =
            gitopsc::load::nearest_settings(&top.path().join(below), &mut sources, &mut findings);
        (found.limits.and_then(|limits| limits.fuel), findings.len())
    };
    assert_eq!(fuel(""), (Some(5), 0));
    assert_eq!(fuel("a/b"), (Some(5), 0));
    write(top.path(), "a/gitopsc.yaml", settings.replace('5', "6"));
    assert_eq!(fuel("a/b"), (Some(6), 0));
    write(top.path(), "a/b/gitopsc.yaml", settings.replace("fuel", "feul"));
    assert_eq!(fuel("a/b"), (None, 1));
}
