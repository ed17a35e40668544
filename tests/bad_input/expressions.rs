//! Expressions in `app.yaml`: conditions, names of Secrets, values of a chart.

use gitopsc::render::Rendered;
use gitopsc::world::Disk;
use gitopsc::yaml;

use crate::site::{Site, WEB, refused_with};
use crate::support::Stages;

const APP: &str = "apps/web/app.yaml";

fn rendered(site: &Site) -> Rendered {
    let stages = Stages::new(&Disk::new(site.path()));
    let position = stages.environment("one").releases.iter().position(|one| one.name == "web");
    let rendered = stages.rendered("one").into_iter().nth(position.unwrap()).unwrap();
    assert!(rendered.findings.is_empty(), "{:?}", rendered.findings);
    rendered
}

fn with(more: &str) -> Site {
    let site = Site::new();
    site.write(APP, format!("{WEB}{more}"));
    site
}

fn refused_app(more: &str, id: &str, line: usize, says: &str) {
    refused_with(APP, format!("{WEB}{more}"), id, line, says);
}

fn secret(name: &str, need: &str) -> String {
    format!("secrets:\n  {name}:\n    description: d\n{need}    keys:\n      key: what it holds\n")
}

#[test]
fn conditions_on_what_is_not_defined() {
    for (condition, says) in [
        ("values.replica", "did you mean `replicas`?"),
        ("values.replica > 1", "did you mean `replicas`?"),
        ("valeus.replicas", "did you mean `values`?"),
    ] {
        let need = format!("    when: {condition}\n");
        refused_app(&secret("web", &need), "value-undefined", 13, says);
    }
    let need = "    when: values.replica is defined and values.replica\n";
    assert!(rendered(&with(&secret("web", need))).secrets.is_empty());
}

#[test]
fn names_of_secrets_are_text() {
    let secrets = "secrets:\n  \"${{ values.replicas }}\":\n    description: of ${{ release.name }}\n    keys:\n      \
                   \"${{ values.replicas }}\": for ${{ values.text }}\n";
    let found = &rendered(&with(secrets)).secrets[0];
    assert_eq!((found.name.as_str(), found.description.as_str()), ("1", "of web"));
    assert_eq!(found.keys, [("1".to_owned(), "for hello".to_owned())]);
    let map = secret("\"${{ values }}\"", "");
    refused_app(&map, "expression-wrong", 11, "cannot stand inside text");
    let map = secret("web", "").replace("key:", "\"a-${{ app.values }}\":");
    refused_app(&map, "expression-wrong", 14, "cannot stand inside text");
    let gone = secret("\"${{ values.txt }}\"", "");
    refused_app(&gone, "value-undefined", 11, "did you mean `text`?");
}

const CHART: &str = "\
chart:
  repoURL: https://charts.test
  name: web
  version: 1.0.0
  values: chart
";

/// A chart with one value, in line 11.
fn with_chart(text: &str) -> Site {
    let site = Site::new();
    site.remove("apps/web/values.schema.json");
    let hello = "  text: hello\n";
    let app = WEB.replace(hello, &format!("{hello}  chart:\n    a: {text}\n"));
    site.write(APP, format!("{app}{CHART}"));
    site
}

#[test]
fn braces_of_helm_pass_through() {
    for (text, expected) in [
        ("\"${{ env.name }}-{{ .Release.Name }}\"", "one-{{ .Release.Name }}"),
        ("\"{% raw %}${{ release.name }}{% endraw %}\"", "{% raw %}web{% endraw %}"),
        ("\"a${{ '}}' }}b${{ {'k': {'l': 1}}.k.l }}\"", "a}}b1"),
        ("\"${{ '${{' }} secrets.X }}\"", "${{ secrets.X }}"),
        ("\"#% if x\\n${{ release.name }}\"", "#% if x\nweb"),
    ] {
        let chart = rendered(&with_chart(text)).chart.unwrap();
        let filled = yaml::to_json(&chart.values);
        assert_eq!(filled["a"], expected, "{text}");
    }
}

#[test]
fn wrong_expressions_in_values_of_a_chart() {
    for (text, id, says) in [
        ("a ${{ env.name", "expression-wrong", "has no `}}`"),
        ("${{ env.nmae }}", "value-undefined", "did you mean `name`?"),
        ("a-${{ env.nmae }}", "value-undefined", "did you mean `name`?"),
        ("a-${{ env.layers }}", "expression-wrong", "tojson"),
        ("${{ env.name + }}", "expression-wrong", ""),
        ("\"${{ fragment('gone.yaml') }}\"", "expression-wrong", "`data.yaml`"),
    ] {
        let site = with_chart(text);
        site.refused(&crate::site::Expected { id, place: "apps/web/app.yaml:11", says });
    }
}

#[test]
fn broken_fragments_in_expressions_say_what_is_wrong() {
    let site = with_chart("\"${{ fragment('broken.yaml') }}\"");
    site.write("apps/web/fragments/broken.yaml", "a: 1\nb: ${{ fail(\"no\") }}\n");
    site.refused(&crate::site::Expected {
        id: "template-error",
        place: "apps/web/fragments/broken.yaml:2",
        says: "no",
    });
}
