//! Comments and annotations that silence one place.

use gitopsc::policy::Outcome;

use crate::manifests::{Manifests, policy, selection, service};
use crate::site::{Site, TEMPLATE};
use crate::support::describe;

/// What is left of one file, as `file:line id`.
fn left(text: &str) -> Vec<String> {
    let manifests = Manifests::judge(&[("a.yaml", text)]);
    in_short(&manifests, &manifests.plain())
}

fn in_short(manifests: &Manifests, outcome: &Outcome) -> Vec<String> {
    let line = |finding| {
        let whole = describe(finding, &manifests.sources);
        whole.split(": ").next().unwrap().to_owned()
    };
    outcome.findings.iter().map(line).collect()
}

const WHY: &str = "the device counts from 0";

#[test]
fn a_comment_silences_its_line_or_the_next() {
    let fault = ["a.yaml:7 port-invalid"];
    assert_eq!(left(&service("a", "0")), fault);
    assert_eq!(left(&service("a", &format!("0 # gitopsc: ignore[port-invalid] {WHY}"))), [""; 0]);
    assert_eq!(
        left(&service("a", &format!("0 #gitopsc: ignore[ port-invalid,port-missing] {WHY}"))),
        ["a.yaml:7 silencer-unused"]
    );
    let before =
        |comments: &str| service("a", "0").replace("    - port", &format!("{comments}    - port"));
    let ignore = format!("    # gitopsc: ignore[port-invalid] {WHY}\n");
    assert_eq!(left(&before(&ignore)), [""; 0]);
    // Other comments in between, a blank line, another line, another check, text.
    assert_eq!(left(&before(&format!("{ignore}    # first port\n"))), [""; 0]);
    assert_eq!(
        left(&before(&format!("{ignore}\n"))),
        ["a.yaml:7 silencer-unused", "a.yaml:9 port-invalid"]
    );
    let above =
        service("a", "0").replace("spec:", &format!("spec: # gitopsc: ignore[port-invalid] {WHY}"));
    assert_eq!(left(&above), ["a.yaml:5 silencer-unused", "a.yaml:7 port-invalid"]);
    let other = service("a", &format!("0 # gitopsc: ignore[port-missing] {WHY}"));
    assert_eq!(left(&other), ["a.yaml:7 port-invalid", "a.yaml:7 silencer-unused"]);
    let text = service("a", "0").replace(
        "  name: a\n",
        "  name: a\n  annotations:\n    x: |\n      # gitopsc: ignore-object[port-invalid] text\n",
    );
    assert_eq!(left(&text), ["a.yaml:10 port-invalid"]);
}

#[test]
fn each_document_is_its_own() {
    let ignored = format!("0 # gitopsc: ignore[port-invalid] {WHY}");
    let text = format!(
        "{}---\n{}---\na: [\n---\n{}",
        service("a", &ignored),
        service("b", "0"),
        service("c", &ignored)
    );
    assert_eq!(left(&text), ["a.yaml:15 port-invalid", "a.yaml:17 yaml-syntax"]);
}

#[test]
fn a_comment_above_silences_the_object() {
    let ignore = "# gitopsc: ignore-object[port-invalid] for a test\n";
    let (one, two) = (service("a", "0"), service("b", "0"));
    assert_eq!(left(&format!("{ignore}{one}")), [""; 0]);
    assert_eq!(left(&format!("# Copyright\n\n{ignore}# more\n---\n{one}")), [""; 0]);
    assert_eq!(left(&format!("--- {ignore}{one}")), [""; 0]);
    assert_eq!(left(&format!("\u{feff}{ignore}{one}")), [""; 0]);
    assert_eq!(left(&format!("{ignore}{one}").replace('\n', "\r\n")), [""; 0]);
    assert_eq!(left(&format!("{ignore}{one}---\n{two}")), ["a.yaml:16 port-invalid"]);
    assert_eq!(left(&format!("{one}---\n{ignore}{two}")), ["a.yaml:7 port-invalid"]);
    let inside = one.replace("spec:", &format!("{ignore}spec:"));
    assert_eq!(left(&inside), ["a.yaml:5 silencer-wrong", "a.yaml:8 port-invalid"]);
}

#[test]
fn an_annotation_silences_its_object() {
    let with = |value: &str| {
        let annotated = format!("  name: a\n  annotations:\n    gitopsc.dev/ignore: {value}\n");
        format!(
            "{}---\n{}",
            service("a", "0").replace("  name: a\n", &annotated),
            service("b", "0")
        )
    };
    let other = |lines: usize| format!("a.yaml:{} port-invalid", 15 + lines);
    assert_eq!(left(&with("'port-invalid: for a test'")), [other(2)]);
    assert_eq!(left(&with("|\n      port-invalid: \"for a test\"\n\n")), [other(5)]);
    assert_eq!(
        left(&with("'port-missing, port-invalid: for a test'")),
        ["a.yaml:6 silencer-unused".to_owned(), other(2)]
    );
    assert_eq!(
        left(&with("port-invalid")),
        [
            "a.yaml:6 silencer-without-reason".to_owned(),
            "a.yaml:9 port-invalid".to_owned(),
            other(2)
        ]
    );
    assert_eq!(
        left(&with("'port-invald: for a test'")),
        ["a.yaml:6 check-unknown".to_owned(), "a.yaml:9 port-invalid".to_owned(), other(2)]
    );
}

#[test]
fn a_silencer_needs_a_reason_and_checks_that_exist() {
    for comment in ["ignore[port-invalid]", "ignore[port-invalid] ...", "ignore[port-invalid]  "] {
        let text = service("a", &format!("0 # gitopsc: {comment}"));
        assert_eq!(
            left(&text),
            ["a.yaml:7 port-invalid", "a.yaml:7 silencer-without-reason"],
            "{comment}"
        );
    }
    let manifests = Manifests::judge(&[(
        "a.yaml",
        service("a", "0 # gitopsc: ignore[port-invald, port-invalid] why"),
    )]);
    let outcome = manifests.plain();
    assert_eq!(manifests.ids(&outcome), ["check-unknown"]);
    assert!(outcome.findings[0].message.contains("did you mean `port-invalid`?"));
    assert_eq!(outcome.silenced.len(), 1);
    for wrong in [
        "ignore port-invalid why",
        "ignore[] why",
        "ingore[port-invalid] why",
        "ignore[port-invalid why",
    ] {
        let text = service("a", &format!("0 # gitopsc: {wrong}"));
        assert_eq!(left(&text), ["a.yaml:7 port-invalid", "a.yaml:7 silencer-wrong"], "{wrong}");
    }
    // Comments about something else.
    assert_eq!(left(&service("a", "1 # gitopsc: see the book")), [""; 0]);
    // What is no check cannot be silenced.
    let text = format!("{}---\na: [ # gitopsc: ignore[yaml-syntax] why\n", service("a", "1"));
    assert_eq!(left(&text), ["a.yaml:9 yaml-syntax"]);
}

#[test]
fn a_silencer_is_in_vain_only_where_the_check_had_a_look() {
    let why = "# gitopsc: ignore-object[port-invalid] for a test\n";
    let of = |text: String| Manifests::judge(&[("a.yaml", text)]);
    let unused = ["silencer-unused"];
    let good = of(format!("{why}{}", service("a", "1")));
    assert_eq!(good.ids(&good.plain()), unused);
    for select in ["port-invalid", "port-*"] {
        assert_eq!(good.ids(&good.apply(&policy(selection(&[select], &[])))), unused);
        assert_eq!(good.ids(&good.apply(&policy(selection(&[], &[select])))), [""; 0]);
    }
    assert_eq!(good.ids(&good.apply(&policy(selection(&["port-missing"], &[])))), [""; 0]);
    // Its other rules never ran.
    let unread = of(format!("{why}{}  typo: 1\n", service("a", "0")));
    assert_eq!(unread.ids(&unread.plain()), ["field-unknown"]);
    let custom =
        of(format!("{why}apiVersion: example.com/v1\nkind: Service\nmetadata: {{name: a}}\n"));
    assert_eq!(custom.ids(&custom.plain()), [""; 0]);
    // No object.
    let values =
        of("# gitopsc: ignore-object[port-invalid] for a test\n---\n# nothing\n".to_owned());
    assert_eq!(values.ids(&values.plain()), [""; 0]);
}

#[test]
fn a_template_is_the_place_for_what_is_rendered() {
    let port = "    - port: ${{ values.port }}";
    let silenced =
        |comment: &str| TEMPLATE.replace(port, &format!("{port} # gitopsc: ignore[{comment}"));
    let site = Site::new(
        &silenced(&format!("port-invalid] {WHY}")),
        &[("a", "0"), ("b", "0"), ("c", "80")],
    );
    assert_eq!(site.check(&["--deny", "warnings"]), (0, vec![]));
    let document = site.json(&[]);
    let schema =
        std::fs::read_to_string(crate::support::root().join("schemas/output.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    assert!(schema.is_valid(&document), "{document:#}");
    // One fault at one line, with the lines of both values.
    assert_eq!(document["summary"]["silenced"], 1);
    let one = &document["silenced"][0];
    assert_eq!((&one["id"], &one["reason"]), (&"port-invalid".into(), &WHY.into()));
    assert_eq!(one["environments"], serde_json::json!(["a", "b"]));
    assert_eq!(
        (&one["object"], &one["field"]),
        (&"Service/web in web".into(), &"spec.ports[0].port".into())
    );
    assert_eq!(
        (&one["silencer"]["file"], &one["silencer"]["line"]),
        (&"apps/web/service.yaml".into(), &7.into())
    );
    assert!(site.run(&[]).out.ends_with("\n0 errors; 0 warnings; 0 notes; 1 silenced\n"));
    // In vain, but only who has seen all environments can say so.
    site.write("apps/web/service.yaml", &silenced("port-missing] why"));
    let unused = "warning silencer-unused".to_owned();
    let fault = "error port-invalid".to_owned();
    assert_eq!(site.check(&[]), (1, vec![fault.clone(), unused]));
    assert_eq!(site.check(&["-e", "a"]), (1, vec![fault]));
    assert_eq!(site.check(&["-e", "c"]), (0, vec![]));
    site.write("apps/web/service.yaml", &silenced("port-invalid]"));
    assert_eq!(site.check(&["-e", "c"]), (1, vec!["error silencer-without-reason".to_owned()]));
}

#[test]
fn a_comment_beside_the_value_counts() {
    let site =
        Site::new(TEMPLATE, &[("a", "0 # gitopsc: ignore[port-invalid] only here"), ("b", "0")]);
    let document = site.json(&[]);
    assert_eq!(document["findings"].as_array().unwrap().len(), 1, "{document:#}");
    assert_eq!(document["findings"][0]["environments"], serde_json::json!(["b"]));
    assert_eq!(document["silenced"][0]["environments"], serde_json::json!(["a"]));
    let site = Site::new(TEMPLATE, &[("a", "80 # gitopsc: ignore[port-invalid] only here")]);
    assert_eq!(site.check(&[]), (0, vec!["warning silencer-unused".to_owned()]));
    // An environment that is broken may be the one for which it is there.
    site.write("environments/b/environment.yaml", "kind: [\n");
    assert_eq!(site.check(&[]).1, ["error yaml-syntax"]);
}

#[test]
fn a_branch_that_is_not_taken_is_not_judged() {
    let branch = |condition: &str| {
        TEMPLATE.replace(
            "  ports:",
            &format!("  #% if {condition}\n  clusterIP: 10.0.0.1 # gitopsc: ignore[port-invalid] why\n  #% endif\n  ports:"),
        )
    };
    let site = Site::new(&branch("values.port == 1"), &[("a", "80")]);
    assert_eq!(site.check(&[]), (0, vec![]));
    site.write("apps/web/service.yaml", &branch("values.port == 80"));
    assert_eq!(site.check(&[]), (0, vec!["warning silencer-unused".to_owned()]));
}

#[test]
fn an_annotation_counts_where_it_is_rendered() {
    let annotated = TEMPLATE.replace(
        "  name: web\n",
        "  name: web\n  annotations:\n    #% if env.name == 'a'\n    gitopsc.dev/ignore: 'port-invalid: only here'\n    #% endif\n    x: z\n",
    );
    let site = Site::new(&annotated, &[("a", "0"), ("b", "0")]);
    let document = site.json(&[]);
    assert_eq!(document["findings"][0]["environments"], serde_json::json!(["b"]), "{document:#}");
    assert_eq!(document["silenced"][0]["environments"], serde_json::json!(["a"]));
    assert_eq!(document["findings"].as_array().unwrap().len(), 1);
}

#[test]
fn a_build_is_not_changed_by_silencers() {
    let text = TEMPLATE.replace(
        "  name: web\n",
        "  name: web\n  namespace: other # gitopsc: ignore[namespace-undeclared] why\n",
    );
    let site = Site::new(&text, &[("a", "80")]);
    let run = crate::support::gitopsc(site.0.path(), &["build", "--check"]);
    assert!(run.out.contains("error[namespace-undeclared]"), "{}", run.out);
}
