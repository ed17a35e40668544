//! Templates that do not compile, do not end, or make what no cluster takes.

use crate::site::{CONFIG, ONE, Site, WEB, refused, refused_template, refused_with};

const TEMPLATE: &str = "apps/web/config.yaml";

#[test]
fn templates_that_do_not_compile() {
    refused_template("#% if true\ndata: {}\n", "template-syntax", 6, "");
    refused_template("data:\n  a: ${{ values.text | nosuch }}\n", "template-error", 6, "nosuch");
    refused_template("data:\n  a: ${{ nosuch() }}\n", "template-error", 6, "nosuch");
    refused_template("data:\n  a: ${{ values. }}\n", "template-syntax", 6, "");
    refused_template("data:\n  a: b\n#% endif\n", "template-syntax", 7, "");
}

#[test]
fn templates_that_do_not_end() {
    let loops = "data:\n#% for a in range(9000)\n#% for b in range(9000)\n#% set c = a + b\n#% endfor\n#% endfor\n";
    refused_template(loops, "template-endless", 8, "limits.fuel");
    let writes = "data:\n#% for a in range(9000)\n#% for b in range(9000)\n  a${{ a }}-${{ b }}: a longer text that fills the output\n#% endfor\n#% endfor\n";
    let site = Site::new();
    site.write(
        TEMPLATE,
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n{writes}"),
    );
    site.write(
        "gitopsc.yaml",
        "apiVersion: gitopsc.dev/v1alpha1\nkind: Settings\nlimits: {output: 100000}\n",
    );
    site.refused(&crate::site::Expected {
        id: "template-too-large",
        place: "apps/web/config.yaml:8",
        says: "limits.output",
    });
}

#[test]
fn templates_that_call_themselves() {
    let finding = refused_with(
        "apps/web/fragments/data.yaml",
        "text: a\nmore: ${{ fragment(\"data.yaml\") }}\n",
        "template-endless",
        2,
        "fragment",
    );
    assert!(finding["labels"].as_array().unwrap().len() < 10, "{finding:#}");
    refused_template(
        "#% macro again(n)\nmore: ${{ again(n + 1) }}\n#% endmacro\ndata: ${{ again(0) }}\n",
        "template-error",
        6,
        "recursion",
    );
    refused_template("data:\n#% include \"config.yaml\"\n", "template-error", 6, "recursion");
}

#[test]
fn fragments_that_multiply() {
    refused(
        |site| {
            site.write(
                "apps/web/fragments/data.yaml",
                "a: ${{ fragment(\"f0.yaml\") | length }}\n",
            );
            for level in 0..12 {
                let mut text = String::new();
                for call in 0..10 {
                    let next = level + 1;
                    text.push_str(&format!(
                        "a{call}: ${{{{ fragment(\"f{next}.yaml\") | length }}}}\n"
                    ));
                }
                site.write(&format!("apps/web/fragments/f{level}.yaml"), text);
            }
            site.write("apps/web/fragments/f12.yaml", "a: 1\n");
        },
        "template-endless",
        "apps/web/fragments/f11.yaml:4",
        "",
    );
}

#[test]
fn errors_while_a_template_renders() {
    refused_template(
        "data:\n  a: ${{ fail(\"choose one\") }}\n",
        "template-error",
        6,
        "choose one",
    );
    refused_template("data:\n  a: ${{ values.text + 1 }}\n", "template-error", 6, "");
    refused_template("data:\n  a: x\n  b: ${{ \"1GB\" | bytes }}\n", "template-error", 7, "1GB");
    refused_template("data:\n  a: b-${{ app.values }}\n", "template-error", 6, "tojson");
    refused_template("data:\n  a: ${{ address(\"web\") }}\n", "template-error", 6, "no pool");
    refused_template(
        "data:\n  a: ${{ release_namespace(\"db\") }}\n",
        "template-error",
        6,
        "no `db`",
    );
    refused_template("data: ${{ fragment(\"date.yaml\") }}\n", "template-error", 5, "`data.yaml`");
    refused_template("data:\n  a: ${{ file(\"files/x\") }}\n", "template-error", 6, "no file");
    // In a fragment: its own line, and the line that asked for it.
    let finding = refused_with(
        "apps/web/fragments/data.yaml",
        "ok: 1\ntext: ${{ fail(\"no\") }}\n",
        "template-error",
        2,
        "no",
    );
    let places: Vec<_> = finding["labels"].as_array().unwrap().iter().collect();
    assert_eq!(places.len(), 2, "{finding:#}");
    assert_eq!(places[1]["file"], TEMPLATE);
    assert_eq!(places[1]["line"], 5);
}

#[test]
fn every_fault_of_a_fragment_is_told() {
    let site = Site::new();
    let fault = "x-${{ app.values }}";
    site.write("apps/web/fragments/data.yaml", format!("a: {fault}\nb: ok\nc: {fault}\n"));
    let run = site.build().json();
    let findings = run["findings"].as_array().unwrap().iter();
    let errors = findings.filter(|one| one["level"] == "error");
    let lines: Vec<_> = errors.map(|one| one["place"]["line"].as_u64().unwrap()).collect();
    assert_eq!(lines, [1, 3], "{run:#}");
}

#[test]
fn undefined_values_name_what_exists() {
    refused_template(
        "data:\n  a: ${{ values.txt }}\n",
        "value-undefined",
        6,
        "did you mean `text`?",
    );
    refused_template(
        "data:\n  b: x\n  a: \"${{ values.nothing.like.it }}\"\n",
        "value-undefined",
        7,
        "known here: `replicas`, `text`",
    );
    refused_template(
        "data:\n  a: ${{ valeus.text }}\n",
        "value-undefined",
        6,
        "did you mean `values`?",
    );
    refused_template("#% if values.enabled\ndata: {}\n#% endif\n", "value-undefined", 5, "enabled");
    refused_template("data:\n  a: ${{ release.versoin }}\n", "value-undefined", 6, "`version`");
    refused_template("data:\n  a: ${{ env.namspaces }}\n", "value-undefined", 6, "`namespaces`");
    refused_template(
        "#% for a in values.list\n#% endfor\ndata: {}\n",
        "value-undefined",
        5,
        "list",
    );
    refused_with(
        "apps/web/fragments/data.yaml",
        "text: x\nmore: ${{ values.replicsa }}\n",
        "value-undefined",
        2,
        "did you mean `replicas`?",
    );
    refused(
        |site| site.replace("applicationsets/main.yaml", "layer.releases", "layer.release"),
        "value-undefined",
        "applicationsets/main.yaml:8",
        "did you mean `releases`?",
    );
}

#[test]
fn values_of_the_wrong_type() {
    refused(
        |site| {
            site.replace(
                "environments/one/environment.yaml",
                "  web: {}\n",
                "  web:\n    values:\n      replicas: many\n",
            );
        },
        "values-wrong",
        "environments/one/environment.yaml:15",
        "`apps/web/values.schema.json` says so",
    );
    refused_with(
        "apps/web/app.yaml",
        WEB.replace("text: hello", "text: yes"),
        "values-wrong",
        9,
        "",
    );
    refused(
        |site| {
            site.replace(
                "environments/one/environment.yaml",
                "web: {}",
                "web: {values: {replica: 2}}",
            );
        },
        "unknown-field",
        "environments/one/environment.yaml:13",
        "did you mean `replicas`?",
    );
    refused_with(
        "apps/web/values.schema.json",
        "{\n  \"type\": \"nosuch\"\n}\n",
        "values-schema-wrong",
        1,
        "",
    );
}

#[test]
fn apps_that_render_nothing() {
    let nothing = "#% if values.replicas > 5\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n#% endif\n";
    refused(
        |site| site.write(TEMPLATE, nothing),
        "app-renders-nothing",
        "environments/one/environment.yaml:13",
        "",
    );
    // One that is left empty beside another one is fine.
    let site = Site::new();
    site.write("apps/web/empty.yaml", nothing);
    let run = site.build();
    assert_eq!(run.code, 0, "{}", run.out);
}

#[test]
fn objects_that_come_twice() {
    let twice = format!("{CONFIG}---\n{CONFIG}");
    refused_with(TEMPLATE, twice, "object-twice", 10, "the first one");
    refused(
        |site| {
            site.replace("apps/web/config.yaml", "name: web", "name: shared");
            site.replace(
                "environments/one/environment.yaml",
                "  web: {}\n",
                "  web: {}\n  web2: {app: web}\n",
            );
        },
        "object-in-two-releases",
        "apps/web/config.yaml:4",
        "`web` and `web2`",
    );
}

#[test]
fn objects_that_lack_what_each_must_have() {
    for (text, line, says) in [
        ("apiVersion: v1\nmetadata: {name: web}\n", 1, "`kind`"),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n", 2, "`metadata.name`"),
        ("kind: ConfigMap\nmetadata: {name: web}\n", 1, "`apiVersion`"),
        (
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${{ values.replicas }}\n",
            2,
            "quote",
        ),
        ("- apiVersion: v1\n  kind: ConfigMap\n", 1, "a list"),
        ("just text\n", 1, "text"),
    ] {
        refused_with(TEMPLATE, text, "object-incomplete", line, says);
    }
}

#[test]
fn namespaces_that_are_not_declared() {
    refused_template(
        "  namespace: wbe\ndata: {}\n",
        "namespace-undeclared",
        5,
        "did you mean `web`?",
    );
    refused(
        |site| site.replace("apps/web/app.yaml", "namespace: web", "namespace: gone"),
        "namespace-undeclared",
        "environments/one/environment.yaml:13",
        "declare `gone: {layer: …}`",
    );
    refused(
        |site| {
            site.replace("environments/one/environment.yaml", "web: {}", "web: {namespace: wbe}")
        },
        "namespace-undeclared",
        "environments/one/environment.yaml:13",
        "did you mean `web`?",
    );
}

#[test]
fn files_that_cannot_all_be_embedded() {
    let lines = "data: ${{ files(\"files/**\") }}\n";
    let site = |files: [(&str, &[u8]); 2]| {
        let site = Site::new();
        for (path, bytes) in files {
            site.write(&format!("apps/web/files/{path}"), bytes);
        }
        site.write(TEMPLATE, CONFIG.replace("data: ${{ fragment(\"data.yaml\") }}\n", lines));
        site
    };
    for (files, says) in [
        ([("p/x.txt", &b"p"[..]), ("q/x.txt", b"q")], "`files/p/x.txt` and `files/q/x.txt`"),
        ([("a.txt", b"a"), ("b.bin", b"\xff")], "`files/b.bin` is not UTF-8; `file_base64`"),
    ] {
        let place = "apps/web/config.yaml:5";
        site(files).refused(&crate::site::Expected { id: "template-error", place, says });
    }
    assert_eq!(site([("p/x.txt", b"p"), ("q/y.txt", b"q")]).build().code, 0);
}

#[test]
fn paths_that_leave_the_app() {
    for field in ["templates", "manifests"] {
        for glob in ["../other/*.yaml", "/etc/*.yaml", "a/../../other/config.yaml"] {
            refused_with(
                "apps/web/app.yaml",
                format!("{WEB}{field}:\n  - \"{glob}\"\n"),
                "path-leaves-app",
                11,
                "leaves the app's folder",
            );
        }
    }
    for call in [
        "file(\"../other/config.yaml\")",
        "file(\"/etc/hostname\")",
        "file(\"files/../../other/config.yaml\")",
        "file_base64(\"../other/config.yaml\")",
        "files(\"../*/*.yaml\")",
        "fragment(\"../../other/config.yaml\")",
        "fragment(\"/etc/hostname\")",
    ] {
        refused_template(
            &format!("data:\n  a: ${{{{ {call} }}}}\n"),
            "template-error",
            6,
            "leaves the app's folder",
        );
    }
    refused_template("data:\n  #% include \"../other/config.yaml\"\n", "template-error", 6, "");
}

#[test]
fn values_without_end() {
    for step in ["[ns.x]", "[ns.x, ns.x]", "{\"a\": ns.x}", "ns"] {
        let lines = format!(
            "data:\n  #% set ns = namespace(x=[1])\n  #% for i in range(600)\n  #% set ns.x = {step}\n  \
             #% endfor\n  a: ${{{{ ns.x }}}}\n"
        );
        refused_template(&lines, "template-error", 10, "nested this deep");
    }
}

#[test]
fn names_that_look_like_paths_stay_in_the_tree() {
    let site = Site::new();
    site.replace("environments/one/environment.yaml", "[ConfigMap, Service]", "[\"*/*\"]");
    let object = "apiVersion: ../../v1/v1\nkind: \"../../../Up\"\nmetadata:\n  name: ../../../name\n  namespace: web\n";
    site.write("apps/web/up.yaml", object);
    let before = crate::support::files(site.path());
    let run = site.build();
    assert_eq!(run.code, 0, "{}", run.out);
    let after = crate::support::files(site.path());
    let added: Vec<_> = after.keys().filter(|path| !before.contains_key(*path)).collect();
    assert_eq!(added.len(), 1, "{added:?}");
    let name = added[0].strip_prefix("rendered/one/manifests/main/web/");
    assert!(name.is_some_and(|name| !name.contains('/')), "{added:?}");
}

#[test]
fn characters_that_mark_values() {
    refused_template("data:\n  a: \u{FDD0}0\u{FDD1}\n", "noncharacter", 6, "U+FDD0");
    refused(
        |site| {
            site.write(
                "environments/one/environment.yaml",
                ONE.replace("web: {}", "web: {values: {text: \"a\u{FDD0}0\u{FDD1}\"}}"),
            )
        },
        "template-error",
        "apps/web/fragments/data.yaml:1",
        "U+FDD0",
    );
}
