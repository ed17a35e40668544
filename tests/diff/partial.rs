//! Only what a change can reach is rendered anew, and that is as if all were.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::anew::{build, changes, next};
use crate::process::git;
use crate::runs::{commit, run};
use crate::site::Site;

const THREE: &str = "environments/three/environment.yaml";

/// Two environments with an app each, a third one that extends the first, and all that apps share.
fn site() -> Site {
    let site = Site::new();
    let shared = |app: &str, more: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {app}-shared\ndata:\n  \
             all: ${{{{ fragment(\"shared.yaml\", own=values.text).all }}}}\n{more}"
        )
    };
    site.write("apps/_lib/shared.yaml", "all: from 0 with ${{ own }}\n");
    site.write("apps/web/shared.yaml", shared("web", "  file: ${{ file(\"files/a.txt\") }}\n"));
    site.write("apps/web/files/a.txt", "0");
    site.write("apps/other/shared.yaml", shared("other", ""));
    site.write("gitopsc.yaml", settings(0));
    site.write(THREE, three(0));
    // So that their lines can be found again by how they begin.
    site.replace("environments/one/environment.yaml", "web: {}", "web: {values: {text: e0}}");
    let name = "  name: ${{ env.name }}-${{ layer.name }}\n";
    let labelled = format!("{name}  labels: {{n: n0}}\n");
    site.replace("applicationsets/main.yaml", name, &labelled);
    let path = site.path();
    git(path, &["init", "-q", "-b", "main"]);
    assert!(build(path));
    commit(path, "all");
    site
}

fn settings(number: usize) -> String {
    let fuel = 1_000_000 + number;
    format!("apiVersion: gitopsc.dev/v1alpha1\nkind: Settings\nlimits: {{fuel: {fuel}}}\n")
}

fn three(number: usize) -> String {
    format!(
        "apiVersion: gitopsc.dev/v1alpha1\nkind: Environment\nextends: one\ndescription: number {number}\n"
    )
}

/// Puts another number into what a line of a file begins with.
fn renumber(path: &Path, file: &str, start: &str, line: &str) {
    let text = fs::read_to_string(path.join(file)).unwrap();
    let lines =
        text.lines().map(|old| if old.trim_start().starts_with(start) { line } else { old });
    let changed = lines.collect::<Vec<_>>().join("\n") + "\n";
    assert_ne!(changed, text, "{file}: {start}");
    fs::write(path.join(file), changed).unwrap();
}

/// What can be changed, each in its own way by a number.
type Alter = fn(&Site, usize);

const WAYS: [(&str, Alter); 11] = [
    ("a fragment of all apps", |site, n| {
        site.write("apps/_lib/shared.yaml", format!("all: from {n} with ${{{{ own }}}}\n"));
    }),
    ("the defaults of an app", |site, n| {
        renumber(site.path(), "apps/web/app.yaml", "text:", &format!("  text: t{n}"));
    }),
    ("a fragment of an app", |site, n| {
        site.write(
            "apps/web/fragments/data.yaml",
            format!("n: n{n}\ntext: ${{{{ values.text }}}}\n"),
        );
    }),
    ("a file of an app", |site, n| site.write("apps/web/files/a.txt", n.to_string())),
    ("a template more", |site, n| {
        let more = format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: more}}\ndata: {{a: a{n}}}\n"
        );
        site.write(
            &format!("apps/other/more-{}.yaml", n % 2),
            more.replace("more}", &format!("more-{}}}", n % 2)),
        );
    }),
    ("what another extends", |site, n| {
        let line = format!("  web: {{values: {{text: e{n}}}}}");
        renumber(site.path(), "environments/one/environment.yaml", "web: {va", &line);
    }),
    ("an environment", |site, n| {
        let line = format!("  other: {{values: {{text: e{n}}}}}");
        renumber(site.path(), "environments/two/environment.yaml", "other: {va", &line);
    }),
    ("an environment that extends", |site, n| site.write(THREE, three(n))),
    ("a set of applications", |site, n| {
        let line = format!("  labels: {{n: n{n}}}");
        renumber(site.path(), "applicationsets/main.yaml", "labels:", &line);
    }),
    ("a library of sets", |site, n| {
        site.write("applicationsets/_lib/none.yaml", format!("a: {n}\n"));
    }),
    ("the settings", |site, n| site.write("gitopsc.yaml", settings(n))),
];

#[test]
fn what_is_not_reached_is_as_it_was() {
    let site = site();
    let path = site.path();
    let mut seed = 20_261_123;
    let mut differing = 0;
    for number in 1..=2 * WAYS.len() {
        // Each by itself, and then several at once.
        let mut ways = vec![(number - 1) % WAYS.len()];
        if number > WAYS.len() {
            ways.extend((0..1 + next(&mut seed) % 2).map(|_| next(&mut seed) % WAYS.len()));
            ways.sort_unstable();
            ways.dedup();
        }
        ways.iter().for_each(|way| WAYS[*way].1(&site, number));
        let names: Vec<&str> = ways.iter().map(|way| WAYS[*way].0).collect();
        assert!(build(path), "{names:?}");
        commit(path, &names.join(", "));
        let built = changes(path, &["HEAD~1..HEAD"]);
        assert_eq!(changes(path, &["--render", "HEAD~1..HEAD"]), built, "{names:?}");
        differing += usize::from(built != serde_json::json!([]));
    }
    assert!(differing >= WAYS.len(), "only {differing} changes changed an object");
    // An environment that goes, or comes, is one that is reached.
    site.remove(THREE);
    fs::remove_dir_all(path.join("rendered/three")).unwrap();
    commit(path, "gone");
    for range in ["HEAD~1..HEAD", "HEAD..HEAD~1"] {
        let built = changes(path, &[range]);
        assert_eq!(changes(path, &["--render", range]), built, "{range}");
        assert_ne!(built, serde_json::json!([]), "{range}");
    }
    let found = run(path, &["--render", "HEAD~1..HEAD", "-o", "json"]);
    let value: Value = serde_json::from_str(&found.out).unwrap();
    assert_eq!(value["newErrors"], serde_json::json!([]), "{}", found.err);
}
