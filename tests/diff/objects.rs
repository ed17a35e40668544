//! Objects matched with each other.

use gitopsc::diff::{Beside, Changes, File, Kind, Snapshot, changes, path};
use gitopsc::schema::{Definitions, NEWEST, pack};
use gitopsc::source::Sources;

/// Files of a state: environment, path, text.
type Files<'f> = &'f [(&'f str, &'f str, &'f str)];

pub(crate) fn snapshot(files: Files<'_>) -> Snapshot {
    let mut sources = Sources::default();
    let files: Vec<File> = files
        .iter()
        .map(|(environment, path, text)| {
            let file = sources.add(*path, *text);
            let (environment, path) = ((*environment).into(), (*path).into());
            File { environment, path, file, text: Some((*text).into()) }
        })
        .collect();
    let snapshot = Snapshot::read(&files);
    assert!(snapshot.faults.is_empty(), "{:?}", snapshot.faults);
    snapshot
}

/// Each change on a line, with the environments that it reaches.
fn told(before: Files<'_>, after: Files<'_>) -> Vec<String> {
    let (before, after) = (snapshot(before), snapshot(after));
    let definitions = Definitions::default();
    let Changes { changes, .. } =
        changes(&before, &after, pack(NEWEST), &definitions, &Beside::default());
    let line = |change: &gitopsc::diff::Change<'_>| {
        let edits = |edits: &[gitopsc::diff::Edit]| {
            edits.iter().map(|edit| path(&edit.at)).collect::<Vec<_>>().join(" ")
        };
        let what = match &change.kind {
            Kind::Added => "added".to_owned(),
            Kind::Removed => "removed".to_owned(),
            Kind::Changed(found) => format!("changed {}", edits(found)),
            Kind::Renamed(from, found) => format!("from {from}: {}", edits(found)),
        };
        let names: Vec<&str> = change.environments().map(|name| &**name).collect();
        format!("{} [{}] {what}", change.key, names.join(" "))
    };
    changes.iter().map(line).collect()
}

fn config(name: &str, data: &str) -> String {
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: shop}}\ndata: {data}\n"
    )
}

#[test]
fn objects_are_the_same_wherever_they_are_written() {
    let (one, other) = (config("a", "{x: '1'}"), config("b", "{y: '1'}"));
    let both = format!("{one}---\n{other}");
    let list = format!(
        "apiVersion: v1\nkind: List\nitems:\n- {}\n- {}\n",
        one.trim_end().replace('\n', "\n  "),
        other.trim_end().replace('\n', "\n  ")
    );
    let apart: Files<'_> = &[("", "a.yaml", &one), ("", "b.yaml", &other)];
    for together in [&both, &list] {
        assert_eq!(told(apart, &[("", "all.yaml", together)]), Vec::<String>::new());
    }
    let version = |version: &str| {
        format!(
            "apiVersion: autoscaling/{version}\nkind: HorizontalPodAutoscaler\nmetadata: {{name: a}}\n"
        )
    };
    assert_eq!(
        told(&[("", "a.yaml", &version("v1"))], &[("", "a.yaml", &version("v2"))]),
        ["HorizontalPodAutoscaler/a [] changed apiVersion"]
    );
}

#[test]
fn the_same_change_in_several_environments_is_one() {
    let (old, new, other) =
        (config("a", "{x: '1'}"), config("a", "{x: '2'}"), config("a", "{x: '3'}"));
    let of = |dev, prod, lab| {
        vec![("dev", "dev/a.yaml", dev), ("prod", "prod/a.yaml", prod), ("lab", "lab/a.yaml", lab)]
    };
    let before: Vec<(&str, &str, &str)> = of(&*old, &*old, &*old);
    assert_eq!(
        told(&before, &of(&*new, &*new, &*other)),
        [
            "ConfigMap/a in shop [dev prod] changed data.x",
            "ConfigMap/a in shop [lab] changed data.x"
        ]
    );
    assert_eq!(told(&before, &[]), ["ConfigMap/a in shop [dev lab prod] removed"]);
}

#[test]
fn one_change_that_brings_about_two_things_is_told_twice() {
    let web = |replicas: u32, image: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec: {{replicas: {replicas}, template: \
             {{spec: {{containers: [{{name: c, image: '{image}'}}]}}}}}}\n"
        )
    };
    let [old, few, new, many] = [web(1, "a:1"), web(3, "a:1"), web(1, "a:2"), web(3, "a:2")];
    let before: Files<'_> = &[("dev", "dev/a.yaml", &old), ("prod", "prod/a.yaml", &few)];
    let after: Files<'_> = &[("dev", "dev/a.yaml", &new), ("prod", "prod/a.yaml", &many)];
    let image = "changed spec.template.spec.containers[name=c].image";
    assert_eq!(
        told(before, after),
        [format!("Deployment/web [dev] {image}"), format!("Deployment/web [prod] {image}")]
    );
}

#[test]
fn in_directories_objects_of_one_name_are_told_by_their_files() {
    let (old, new) = (config("a", "{x: '1'}"), config("a", "{x: '2'}"));
    let before: Files<'_> = &[("", "dev/a.yaml", &old), ("", "prod/a.yaml", &old)];
    let after: Files<'_> = &[("", "dev/a.yaml", &old), ("", "prod/a.yaml", &new)];
    assert_eq!(told(before, after), ["ConfigMap/a in shop [] changed data.x"]);
    assert_eq!(told(before, &after[..1]), ["ConfigMap/a in shop [] removed"]);
    // One that moves is the one that says the same, or that of the directory.
    let third = config("a", "{x: '3'}");
    let before: Files<'_> = &[("", "dev/a.yaml", &old), ("", "prod/a.yaml", &new)];
    let turned: Files<'_> = &[("", "one/a.yaml", &new), ("", "two/a.yaml", &old)];
    assert_eq!(told(before, turned), [""; 0]);
    let moved: Files<'_> = &[("", "prod/b.yaml", &third), ("", "two/a.yaml", &old)];
    assert_eq!(told(before, moved), ["ConfigMap/a in shop [] changed data.x"]);
}

#[test]
fn another_name_is_no_other_object() {
    let one = |name: &str, data: &str| config(name, data);
    let long = "{a: '1', b: '2', c: '3', d: '4'}";
    let cases = [
        // The hash of the content.
        (
            one("site-5c6b8d7f9k", "{x: '1', y: '1'}"),
            one("site-7h2kf9c4mt", "{x: '2', y: '1'}"),
            "from ConfigMap/site-5c6b8d7f9k in shop: data.x",
        ),
        // Nothing of the content stays, and no other has that name.
        (
            one("site-6g7h8k9m2t", "{x: '1'}"),
            one("site-t5m4k2h9g8", "{x: '2'}"),
            "from ConfigMap/site-6g7h8k9m2t in shop: data.x",
        ),
        (
            one("site-0f3a91cc", "{x: '1'}"),
            one("site-77b1e0d2", "{x: '2'}"),
            "from ConfigMap/site-0f3a91cc in shop: data.x",
        ),
        // Nearly the same content.
        (
            one("old", long),
            one("new", &long.replace('4', "5")),
            "from ConfigMap/old in shop: data.d",
        ),
        (one("a", long).replace("shop", "web"), one("a", long), "from ConfigMap/a in web: "),
    ];
    for (before, after, expected) in &cases {
        let found = told(&[("", "a.yaml", before)], &[("", "b.yaml", after)]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].ends_with(expected), "{found:?}");
    }
    // Two that have nothing in common, and two that say nothing.
    let apart = [
        (one("old", "{x: '1'}"), one("new", "{y: '2'}")),
        (one("old", "{}"), one("new", "{}")),
        (one("web-front", "{x: '1'}"), one("web-back", "{y: '2'}")),
        // Numbers of machines are no hashes.
        (one("db-server01", "{x: '1'}"), one("db-server02", "{x: '2'}")),
    ];
    for (before, after) in &apart {
        let found = told(&[("", "a.yaml", before)], &[("", "b.yaml", after)]);
        assert_eq!(found.len(), 2, "{found:?}");
    }
}

#[test]
fn which_of_several_hashes_follows_which_is_not_guessed() {
    let of = |hashes: [&str; 2], value: u8| -> String {
        let texts =
            hashes.map(|hash| config(&format!("site-{hash}"), &format!("{{x: '{value}{hash}'}}")));
        texts.join("---\n")
    };
    let (before, after) =
        (of(["6g7h8k9m2t", "t5m4k2h9g8"], 1), of(["7h8k9m2t6g", "5m4k2h9g8t"], 2));
    assert_eq!(told(&[("", "a.yaml", &before)], &[("", "a.yaml", &after)]).len(), 4);
}

#[test]
fn values_of_secrets_are_compared_and_never_kept() {
    let secret = |field: &str, value: &str| {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: login\n  annotations:\n    \
             kubectl.kubernetes.io/last-applied-configuration: '{{\"data\":\"hunter2\"}}'\n{field}: {{word: {value}}}\n"
        )
    };
    let plain = secret("stringData", "hunter2");
    let encoded = secret("data", "aHVudGVyMg==");
    assert_eq!(told(&[("", "a", &plain)], &[("", "a", &encoded)]), Vec::<String>::new());
    let other = secret("stringData", "hunter3");
    assert_eq!(
        told(&[("", "a", &plain)], &[("", "a", &other)]),
        ["Secret/login [] changed data.word"]
    );
    for text in [&plain, &encoded] {
        let kept = format!("{:?}", snapshot(&[("", "a", text)]));
        assert!(!kept.contains("hunter2") && !kept.contains("aHVudGVyMg"), "{kept}");
    }
}

#[test]
fn no_field_and_no_copy_of_a_secret_is_shown() {
    let secret = |word: &str| {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: login\n  labels: {{app: web}}\n  annotations:\n    \
             objectset.rio.cattle.io/applied: {word}\n    kapp.k14s.io/original: {word}\n    \
             argocd.argoproj.io/sync-wave: '1'\n    somebody.example.com/copy: {word}\n\
             stringdata: {{word: {word}}}\nspec: {{word: {word}}}\ndata: {word}\n"
        )
    };
    let (before, after) = (secret("hunter2"), secret("hunter3"));
    let files = |text: &str| snapshot(&[("", "a.yaml", text)]);
    for snapshot in [files(&before), files(&after)] {
        let shown = gitopsc::yaml::to_json(&snapshot.objects[0].node).to_string();
        assert!(!shown.contains("hunter"), "{shown}");
        assert!(
            shown.contains("sync-wave\":\"1\"") && shown.contains("\"app\":\"web\""),
            "{shown}"
        );
    }
}
