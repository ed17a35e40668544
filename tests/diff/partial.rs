//! Only what a change can reach is rendered anew, and that is as if all were.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::anew::{build, changes, next};
use crate::process::{self, git};
use crate::runs::{commit, run};
use crate::site::Site;

const SCHEMA: &str = "schemas/example.com/widgets.yaml";
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
    let file = |name: &str| format!("  {name}: ${{{{ file(\"files/{name}\") }}}}\n");
    let files = ["a.txt", "of-other", "of-all", "chain"].map(file).concat();
    let binary = "binaryData: {b: '${{ file_base64(\"files/b.bin\") }}'}\n";
    site.write("apps/web/shared.yaml", shared("web", &(files + binary)));
    site.write("apps/web/files/a.txt", "0");
    site.write("apps/web/files/b.bin", [0xff, 0]);
    site.write("apps/other/files/a.txt", "0");
    site.write("common/a.txt", "0");
    site.write("environments/three/apps/web.yaml", release(0));
    site.write(SCHEMA, definition(0));
    let link = |to: &str, name: &str| {
        std::os::unix::fs::symlink(to, site.path().join("apps/web/files").join(name)).unwrap();
    };
    link("../../other/files/a.txt", "of-other");
    link("../../../common/a.txt", "of-all");
    link("of-all", "chain");
    let widget = "---\napiVersion: example.com/v1\nkind: Widget\nmetadata: {name: other}\n";
    site.write("apps/other/shared.yaml", shared("other", widget));
    let permitted = "namespaced: [ConfigMap, Widget.example.com]";
    site.replace("environments/two/environment.yaml", "namespaced: [ConfigMap]", permitted);
    site.write("gitopsc.yaml", settings(0));
    site.write(THREE, three(0));
    // So that their lines can be found again by how they begin.
    site.replace("environments/one/environment.yaml", "web: {}", "web: {values: {text: e0}}");
    let name = "  name: ${{ env.name }}-${{ layer.name }}\n";
    let labelled = format!("{name}  labels: {{n: n0}}\n");
    site.replace("applicationsets/main.yaml", name, &labelled);
    let path = site.path();
    git(path, &["init", "-q", "-b", "main"]);
    let built = process::run(path, &["build", "-q"]);
    assert_eq!(built.code, 0, "{}", built.err);
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

fn release(number: usize) -> String {
    format!("apiVersion: gitopsc.dev/v1alpha1\nkind: Release\nvalues: {{text: r{number}}}\n")
}

/// A definition of which every other form wants what the object lacks.
fn definition(number: usize) -> String {
    let required = if number % 2 == 1 { ", required: [spec]" } else { "" };
    format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: widgets.example.com}}\n\
         spec:\n  group: example.com\n  scope: Namespaced\n  names: {{kind: Widget, plural: widgets}}\n  \
         versions:\n    - name: v1\n      served: true\n      storage: true\n      \
         schema: {{openAPIV3Schema: {{type: object, description: number {number}{required}, properties: {{spec: {{type: object}}}}}}}}\n"
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

/// The errors that are new, and the changes.
fn judged(path: &Path) -> [Value; 3] {
    let found = run(path, &["--render", "HEAD~1..HEAD", "-o", "json"]);
    let mut value: Value = serde_json::from_str(&found.out).unwrap();
    ["newErrors", "notRendered", "changes"].map(|field| value[field].take())
}

/// What can be changed, each in its own way by a number.
type Alter = fn(&Site, usize);

const WAYS: [(&str, Alter); 20] = [
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
    ("what links of another app lead to", |site, n| {
        site.write("apps/other/files/a.txt", n.to_string());
    }),
    ("what links lead to", |site, n| site.write("common/a.txt", n.to_string())),
    ("where a link leads", |site, n| {
        let link = site.path().join("apps/web/files/of-other");
        fs::remove_file(&link).unwrap();
        let to = ["a.txt", "../../other/files/a.txt"][n % 2];
        std::os::unix::fs::symlink(to, link).unwrap();
    }),
    ("a file that is no text", |site, n| {
        site.write("apps/web/files/b.bin", [0xff, u8::try_from(n).unwrap()]);
    }),
    ("a release", |site, n| site.write("environments/three/apps/web.yaml", release(n))),
    ("a schema of values", |site, n| {
        let schema = format!("{{\"type\": \"object\", \"title\": \"number {n}\"}}");
        site.write("apps/web/values.schema.json", schema);
    }),
    ("a schema", |site, n| site.write(SCHEMA, definition(n))),
    ("the name of an environment", |site, n| {
        let names = ["four", "five"];
        let directories =
            |name: &str| ["environments", "rendered"].map(|top| site.path().join(top).join(name));
        names.map(directories).into_iter().flatten().for_each(|it| drop(fs::remove_dir_all(it)));
        let file = format!("environments/{}/environment.yaml", names[n % 2]);
        site.write(&file, three(0));
    }),
    ("what nothing reads", |site, n| site.write("README.md", n.to_string())),
];

#[test]
fn what_is_not_reached_is_as_it_was() {
    let site = site();
    let path = site.path();
    let mut seed = 20_261_123;
    let (mut differing, mut errors) = (0, 0);
    let rounds = WAYS.len() + 8;
    for number in 1..=rounds {
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
        // A comment in the settings reaches all.
        let fewer = judged(path);
        let before = fs::read_to_string(path.join("gitopsc.yaml")).unwrap();
        site.write("gitopsc.yaml", before.clone() + "# a comment\n");
        git(path, &["commit", "-qam", "reach all", "--amend"]);
        let all = judged(path);
        assert_eq!(fewer, all, "{names:?}");
        errors += usize::from(all[0] != serde_json::json!([]));
        site.write("gitopsc.yaml", before);
        git(path, &["commit", "-qam", "as it was", "--amend"]);
        differing += usize::from(built != serde_json::json!([]));
    }
    assert!(2 * differing > rounds, "only {differing} changes changed an object");
    assert!(errors > 0, "no change brought an error");
    // An environment that goes, or comes, is one that is reached.
    for top in ["environments", "rendered"] {
        fs::remove_dir_all(path.join(top).join("three")).unwrap();
    }
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

#[test]
fn what_git_ignores_is_rendered_all_the_same() {
    let site = site();
    let path = site.path();
    site.write(".gitignore", "/apps/web/files/a.txt\n");
    git(path, &["rm", "-q", "--cached", "apps/web/files/a.txt"]);
    commit(path, "ignored");
    site.write("apps/web/files/a.txt", "9");
    let found = run(path, &["--render"]);
    assert!(found.err.contains("the older `one` cannot be rendered"), "{}", found.err);
    assert!(found.out.contains("data[\"a.txt\"]: \"0\" → \"9\""), "{}", found.out);
}

#[test]
fn links_that_leave_the_repository_are_refused_in_revisions_as_on_disk() {
    let site = site();
    let path = site.path();
    let link = path.join("apps/web/files/of-all");
    for to in ["../../../nowhere", "../../../../common/a.txt", "/etc/hostname", "of-all"] {
        for (to, message) in [("../../../common/a.txt", "sound"), (to, to)] {
            fs::remove_file(&link).unwrap();
            std::os::unix::fs::symlink(to, &link).unwrap();
            git(path, &["add", "-A"]);
            git(path, &["commit", "-qm", message, "--allow-empty"]);
        }
        for range in ["HEAD~1", "HEAD~1..HEAD"] {
            let found = run(path, &["--render", range, "-o", "json"]);
            let value: Value = serde_json::from_str(&found.out).unwrap();
            let ids: Vec<&Value> =
                value["newErrors"].as_array().unwrap().iter().map(|it| &it["id"]).collect();
            assert!(ids.iter().any(|id| **id == "link-leaves-repository"), "{to} {range}: {ids:?}");
        }
    }
}
