//! No value changes the structure around it, whatever text it is.

use gitopsc::source::Sources;
use gitopsc::yaml::{self, Node, Value};
use proptest::prelude::*;

use crate::site::{Site, json};

/// A template in which one text stands in every place where a value can stand.
const EVERYWHERE: &str = "  whole: ${{ values.text }}
  quoted: \"${{ values.text }}\"
  single: '${{ values.text }}'
  inside: a ${{ values.text }} b
  block: |
    x ${{ values.text }} y
    z
  folded: >-
    x ${{ values.text }} y
  list:
    - ${{ values.text }}
    - last
  flow: {a: \"${{ values.text }}\", b: [x, '${{ values.text }}']}
  #% set bound = values.text
  bound: ${{ bound }}
  #% for item in [values.text, values.text]
  looped-${{ loop.index }}: ${{ item }}
  #% endfor
  key-${{ values.text }}: after
  fragment: ${{ fragment(\"f.yaml\", x=values.text) }}
  length: ${{ values.text | length }}
  #% set captured
  ignored: ${{ values.text }}!
  #% endset
  captured: ${{ captured }}
  #% macro made(x)
  made: ${{ x }}!
  #% endmacro
  macro: ${{ made(values.text) }}
  #% set made_map = {values.text: values.text, \"list\": [values.text]}
  map: ${{ made_map }}
  last: end
";

fn everywhere(text: &str) -> Site {
    let span = gitopsc::source::Span::new(Sources::default().add("", ""), 0..0);
    let mut values = yaml::Map::default();
    values.insert(yaml::Key { name: "text".into(), span }, Node::string(text, span));
    let mut app = yaml::Map::default();
    app.insert(yaml::Key { name: "values".into(), span }, Node::new(Value::Map(values), span));
    let app = yaml::emit(&Node::new(Value::Map(app), span));
    let more = [("apps/web/fragments/f.yaml", "v: ${{ values.text }}\nx: ${{ x }}\n")];
    Site::new(&app, "  web: {}\n", EVERYWHERE, &more)
}

fn holds(text: &str) {
    let site = everywhere(text).sound();
    let s = text;
    let mut map = serde_json::Map::new();
    map.insert(s.to_owned(), s.into());
    map.insert("list".to_owned(), serde_json::json!([s]));
    let mut expected = serde_json::json!({
        "whole": s, "quoted": s, "single": s,
        "inside": format!("a {s} b"),
        "block": format!("x {s} y\nz\n"),
        "folded": format!("x {s} y"),
        "list": [s, "last"],
        "flow": {"a": s, "b": ["x", s]},
        "bound": s, "looped-1": s, "looped-2": s,
        "fragment": {"v": s, "x": s},
        "length": s.chars().count(),
        "captured": format!("  ignored: {s}!\n"),
        "macro": format!("  made: {s}!\n"),
        "map": map,
        "last": "end",
    });
    expected[format!("key-{s}")] = "after".into();
    let data = json(site.node("/data"));
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(data.get(key), Some(value), "{key:?} with {s:?}");
    }
    assert_eq!(data.as_object().unwrap().len(), expected.as_object().unwrap().len());
    // What is written is read back as the same, and sentinels are never left in it.
    let written = yaml::emit(site.node(""));
    assert!(!written.contains(['\u{FDD0}', '\u{FDD1}']));
    let mut sources = Sources::default();
    let read = yaml::read(sources.add("written", written.as_str()), &written);
    assert!(read.faults.is_empty(), "{:?}\n{written}", read.faults);
    assert_eq!(json(read.documents[0].node.as_ref().unwrap()), json(site.node("")));
    // The origin is the same everywhere.
    let origins = site.chain("/data/whole").2;
    assert!(origins.len() == 1 && origins[0].starts_with("apps/web/app.yaml:"), "{origins:?}");
    for pointer in [
        "quoted",
        "inside",
        "block",
        "list/0",
        "flow/a",
        "flow/b/1",
        "bound",
        "looped-2",
        "fragment/v",
    ] {
        assert_eq!(site.chain(&format!("/data/{pointer}")).2, origins, "{pointer} with {s:?}");
    }
}

#[test]
fn text_that_looks_like_structure_stays_text() {
    for text in [
        "",
        " ",
        "\n",
        "a",
        "yes",
        "null",
        "~",
        "0644",
        "1e3",
        "2001-01-01",
        ": {}\n- x #",
        "- a",
        "a: b",
        "a #b",
        "#",
        "'",
        "\"",
        "\\",
        "\t",
        "{{ x }}",
        "${{ values.text }}",
        "#% if",
        "{% raw %}",
        "---",
        "--- a",
        "...",
        "a\n---\nb",
        "%YAML",
        "&a",
        "*a",
        "!tag",
        "|",
        ">-",
        "[",
        "]",
        "{",
        "}",
        ",",
        "<<",
        "=",
        "\r\n",
        "a\r",
        "\u{85}",
        "\u{2028}",
        "\u{feff}",
        "\u{0}",
        "\u{7f}",
        "é",
        "😀",
        "trailing \n",
        "\n\nleading",
        "  indented\nless",
        "\u{FDD2}",
        "\u{FFFE}",
        "a: 'b\n  - c\" # d",
    ] {
        holds(text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_value_can_change_the_structure(
        text in prop_oneof![
            any::<String>(),
            "[-:#{}\\[\\]'\"|>&*!%@`,? \n\t$a0]{0,24}",
            prop::collection::vec(prop_oneof![
                Just(": "), Just(" #"), Just("- "), Just("\n"), Just("---\n"), Just("${{ "), Just(" }}"),
                Just("{% "), Just(" %}"), Just("#% "), Just("'"), Just("\""), Just("x"), Just("  "),
            ], 0..12).prop_map(|parts| parts.concat()),
        ]
            .prop_filter("refused by itself", |text| !text.contains(['\u{FDD0}', '\u{FDD1}'])),
    ) {
        holds(&text);
    }
}

#[test]
fn the_marks_of_values_are_refused() {
    let site = everywhere("a\u{FDD0}0\u{FDD1}b");
    assert!(
        site.findings.iter().any(|finding| finding.message.contains("U+FDD0")),
        "{:?}",
        site.findings
    );
}
