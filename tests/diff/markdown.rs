//! Differences as the comment of a pull request.

use std::fmt::Write as _;
use std::path::Path;

use crate::runs::run;
use crate::support::write;

/// What two directories of one file differ in.
fn told(before: &str, after: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    let path: &Path = directory.path();
    write(path, "old/all.yaml", before);
    write(path, "new/all.yaml", after);
    let found = run(path, &["old", "new", "-o", "markdown"]);
    assert!(found.code < 2, "{}", found.err);
    found.out
}

fn config(name: &str, text: &str) -> String {
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{x: {text:?}}}\n---\n"
    )
}

const CLAIM: &str =
    "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, namespace: web}\n---\n";

#[test]
fn the_verdict_comes_first_then_what_is_grave() {
    let before = config("a", "1") + CLAIM + &config("gone", "y");
    let after = config("a", "2") + &config("new<", "```");
    let expected = "**4 objects differ**: 1 new, 2 gone, 1 changed; **data go with 1**\n\n\
        ### Data that go\n\n- `PersistentVolumeClaim/data in web`: the volume is deleted with the claim, unless its class \
        retains it\n\n### Changes\n\n\
        <details><summary>ConfigMap/a changed</summary>\n\n```diff\ndata.x: \"1\" → \"2\"\n```\n\n</details>\n\n\
        - `ConfigMap/gone` gone\n\
        <details><summary>ConfigMap/new&lt; new</summary>\n\n````diff\n+ apiVersion: v1\n+ kind: ConfigMap\n\
        + metadata:\n+   name: new<\n+ data:\n+   x: \"```\"\n````\n\n</details>\n\n\
        - `PersistentVolumeClaim/data in web` gone\n";
    assert_eq!(told(&before, &after), expected);
    assert_eq!(told(CLAIM, CLAIM), "**No object differs.**\n");
}

#[test]
fn what_does_not_fit_is_left_out_in_steps_and_never_cut() {
    let lines = |count: usize| {
        let mut text = String::new();
        (0..count).for_each(|number| writeln!(text, "a line with the number {number}").unwrap());
        text
    };
    let all = |count: usize, text: &str| -> String {
        (0..count).map(|number| config(&format!("config-{number}"), text)).collect()
    };
    let short = "for want of room: `gitopsc diff` shows all.";
    let steps = [
        (all(100, "one"), None),
        (config("long", &lines(5_000)) + &all(100, "one"), Some("Changes of more than 40 lines")),
        (all(1_500, &lines(20)), Some("What changes in each object is left out")),
    ];
    for (text, left_out) in steps {
        let found = told(CLAIM, &text);
        assert!(found.chars().count() <= 65_536, "{}", found.chars().count());
        assert_eq!(found.matches("<details>").count(), found.matches("</details>").count());
        assert!(found.contains("`PersistentVolumeClaim/data in web`: the volume"), "{found:.300}");
        match left_out {
            Some(what) => {
                assert!(found.contains(what) && found.contains(short), "{what}: {found:.300}")
            }
            None => assert!(!found.contains("for want of room")),
        }
    }
    let found = told(CLAIM, &all(4_000, "one"));
    assert!(found.chars().count() <= 65_536, "{}", found.chars().count());
    let first = "of each list all but the first 1000, for want of room: `gitopsc diff` shows all.";
    assert!(found.contains("… and 3001 more\n") && found.contains(first), "{found}");
    assert!(
        found.starts_with("**4001 objects differ**: 4000 new, 1 gone, 0 changed"),
        "{found:.300}"
    );
    // Data that go are many, too.
    let claims: String = (0..1_500)
        .map(|number| CLAIM.replace("name: data", &format!("name: data-{number:0200}")))
        .collect();
    let found = told(&claims, CLAIM);
    assert!(found.chars().count() <= 65_536, "{}", found.chars().count());
    assert!(found.contains("**data go with 1500**") && found.contains(" more\n"), "{found:.300}");
}
