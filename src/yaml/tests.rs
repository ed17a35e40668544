//! Tests of reading and writing; what Kubernetes itself says is in `tests/yaml_differential.rs`.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::source::{Sources, Span};
use proptest::prelude::*;
use serde_json::json;

fn read_text(text: &str) -> (Sources, Read) {
    let mut sources = Sources::default();
    let file = sources.add("test.yaml", text);
    let read = read(file, text);
    (sources, read)
}

/// The JSON of the only document, and the headlines of its faults.
fn one(text: &str) -> (serde_json::Value, Vec<String>) {
    let (_, read) = read_text(text);
    let json = read.documents.first().and_then(|document| document.node.as_ref()).map(to_json);
    let faults = read.faults.into_iter().map(|fault| fault.message).collect();
    (json.unwrap_or(json!("none")), faults)
}

fn good(text: &str) -> serde_json::Value {
    let (json, faults) = one(text);
    assert_eq!(faults, Vec::<String>::new(), "{text:?}");
    json
}

fn place() -> Span {
    Span::new(Sources::default().add("x", ""), 0..0)
}

#[test]
fn scalars_mean_what_kubernetes_takes_them_for() {
    for (text, json) in [
        ("yes", json!(true)),
        ("Off", json!(false)),
        ("yEs", json!("yEs")),
        ("0644", json!(420)),
        ("0o17", json!(15)),
        ("0b11", json!(3)),
        ("0b-11", json!(-3)),
        ("-0x1F", json!(-31)),
        ("08", json!(8)),
        ("1_000", json!(1000)),
        ("1.0", json!(1)),
        ("1e3", json!(1000)),
        ("1.5e-7", json!(1.5e-7)),
        (".5", json!(0.5)),
        ("._5", json!("._5")),
        ("18446744073709551615", json!(18_446_744_073_709_551_615_u64)),
        ("1e999", json!("1e999")),
        ("1:30", json!("1:30")),
        ("2001-01-01", json!("2001-01-01")),
        ("~", json!(null)),
        ("", json!(null)),
        ("!!str 12", json!("12")),
        ("!!int \"3\"", json!(3)),
        ("!!float 3", json!(3)),
        ("!!str", json!("")),
        ("!!binary aGk=", json!("hi")),
        ("!own 12", json!("12")),
        ("! 12", json!("12")),
        ("'12'", json!("12")),
        ("|-\n  12", json!("12")),
    ] {
        assert_eq!(good(&format!("a: {text}\n")), json!({"a": json}), "{text}");
    }
    for text in [".inf", "-.INF", ".nan", "!!null x", "!!int x", "!!bool 1", "!!timestamp x"] {
        let (json, faults) = one(&format!("a: {text}\n"));
        assert_eq!((json, faults.len()), (json!("none"), 1), "{text}");
    }
}

#[test]
fn keys_become_text() {
    for (text, name) in [
        ("1", "1"),
        ("0x10", "16"),
        ("yes", "true"),
        ("1.50", "1.5"),
        ("1e6", "1e+06"),
        (".inf", ".inf"),
        ("123456789.0", "1.2345679e+08"),
        ("2001-01-01", "2001-01-01"),
        ("'yes'", "yes"),
        ("\"<<\"", "<<"),
    ] {
        assert_eq!(good(&format!("{text}: 1\n")), json!({name: 1}), "{text}");
    }
    for text in ["~", "", "[a]", "{a: b}", "18446744073709551615"] {
        let (json, faults) = one(&format!("{text}: 1\nb: 2\n"));
        assert_eq!((json, faults.len()), (json!("none"), 1), "{text}");
    }
}

#[test]
fn merge_keys_act_where_they_stand() {
    let base = "b: &b {x: 1, z: 2}\nc: &c {x: 3}\n";
    assert_eq!(good(&format!("{base}d:\n  <<: *b\n  x: 9\n"))["d"], json!({"x": 9, "z": 2}));
    assert_eq!(good(&format!("{base}d:\n  <<: [*c, *b]\n"))["d"], json!({"x": 3, "z": 2}));
    let (json, faults) = one(&format!("{base}d:\n  x: 9\n  <<: *b\n"));
    assert_eq!(json["d"], json!({"x": 1, "z": 2}));
    assert_eq!(faults, ["the merge key overwrites the key `x` above it"]);
    assert_eq!(one("<<: 1\n").1, ["the merge key `<<` needs a map or a list of maps"]);
}

#[test]
fn duplicate_keys_are_found_and_the_last_counts() {
    let text = "a: 1\nb: 2\na: 3\n";
    let (sources, read) = read_text(text);
    assert_eq!(to_json(read.documents[0].node.as_ref().unwrap()), json!({"a": 3, "b": 2}));
    let fault = &read.faults[0];
    assert_eq!(fault.kind, FaultKind::DuplicateKey);
    assert_eq!(sources.place(fault.span), "test.yaml:3");
    assert_eq!(sources.place(fault.related.as_ref().unwrap().0), "test.yaml:1");
    // `1` and `"1"` are one key to JSON; many keys are found by hash.
    let many: String = (0..100).map(|n| format!("k{n}: 1\n")).collect();
    assert_eq!(one(&format!("{many}k3: 2\n1: a\n'1': b\n")).1.len(), 2);
}

#[test]
fn streams_are_split_as_kubernetes_does() {
    let text = "\u{feff}---\na: 1\n--- # note\n# only a comment\n---\r\nb: [\n---\nc: 3\n--- d\ne\n---\nf: 5\n---";
    let (sources, read) = read_text(text);
    let documents: Vec<_> =
        read.documents.iter().map(|document| sources.slice(document.span)).collect();
    assert_eq!(documents, ["\u{feff}---\na: 1", "# only a comment", "c: 3", "f: 5"]);
    assert!(read.documents[1].node.is_none());
    let faults: Vec<_> = read.faults.iter().map(|fault| &*fault.message).collect();
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert_eq!(faults[1], "text after the separator `---`: `d`");
    assert_eq!(one("a: 1\n...\nb: 2\n").1, ["text after the end of the document is not read"]);
    assert!(read_text("").1.documents.is_empty());
    assert_eq!(good("null\n"), json!(null));
}

#[test]
fn places_are_bytes_of_the_file() {
    let text = "# é\r\na: é\r\n---\r\nb:\r\n  - \"x\"\r\n  - |\r\n    é\r\n    f\r\n\r\n  - {c: d}\r\ng:\r\n";
    let (sources, read) = read_text(text);
    let node = |pointer| {
        sources.slice(read.documents[1].node.as_ref().unwrap().pointer(pointer).unwrap().span)
    };
    assert_eq!(sources.slice(read.documents[0].node.as_ref().unwrap().span), "a: é");
    assert_eq!(node("/b/0"), "\"x\"");
    assert_eq!(node("/b/1"), "é\r\n    f");
    assert_eq!(node("/b/2"), "{c: d}");
    assert_eq!(node("/b/2/c"), "d");
    assert_eq!(node("/b"), "- \"x\"\r\n  - |\r\n    é\r\n    f\r\n\r\n  - {c: d}");
    assert_eq!(node("/g"), "");
    assert!(node("").ends_with("g:"));
}

#[test]
fn lines_inside_quotes_need_no_indentation() {
    let text = "é: 1\na:\n  - b: \"x\ny\n\n  z\"\n    c: 'd\n e'\nf: g\nf: h\n";
    let (sources, read) = read_text(text);
    let node = read.documents[0].node.as_ref().unwrap();
    assert_eq!(to_json(node), json!({"é": 1, "a": [{"b": "x y\nz", "c": "d e"}], "f": "h"}));
    assert_eq!(sources.slice(node.pointer("/a/0/b").unwrap().span), "\"x\ny\n\n  z\"");
    assert_eq!(sources.slice(node.pointer("/a/0/c").unwrap().span), "'d\n e'");
    assert_eq!(sources.slice(node.pointer("/f").unwrap().span), "h");
    assert_eq!(sources.place(read.faults[0].span), "test.yaml:10");
    assert_eq!(node.as_map().unwrap().entry("f").unwrap().0.span.start as usize, text.len() - 5);
    let long = format!("a: \"{}\"\n", "x\n".repeat(1000));
    assert_eq!(read_text(&long).1.faults.len(), 1);
}

#[test]
fn limits_hold() {
    let deep = |open: &str, close: &str, levels| open.repeat(levels) + "a" + &close.repeat(levels);
    assert_eq!(one(&deep("[", "]", MAX_DEPTH)).1.len(), 0);
    // What works on a tree may recurse, also on the stack of a small thread.
    let text = deep("[{a: ", "}]", MAX_DEPTH / 2);
    let small = std::thread::Builder::new().stack_size(1 << 20).spawn(move || {
        let (_, read) = read_text(&text);
        let node = read.documents[0].node.clone().unwrap();
        assert_eq!(good(&emit(&node)), to_json(&node));
        assert_eq!(from_json(&to_json(&node), place()).type_name(), "a list");
    });
    small.unwrap().join().unwrap();
    for text in [
        deep("[", "]", 100_000),
        deep("[", "", 100_000),
        deep("{a: ", "}", 100_000),
        deep("- ", "", 100_000),
        (0..2000).map(|level| " ".repeat(level) + "a:\n").collect(),
    ] {
        let (_, read) = read_text(&text);
        assert_eq!(read.faults[0].kind, FaultKind::Limit, "{:?}", read.faults[0]);
    }
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let alias = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb += &format!("a{level}: &a{level} [{alias}]\n");
    }
    assert_eq!(read_text(&bomb).1.faults[0].kind, FaultKind::Limit);
    let mut nested = "a0: &a0 x\n".to_owned();
    for level in 1..2000 {
        nested += &format!("a{level}: &a{level} [*a{}]\n", level - 1);
    }
    assert_eq!(read_text(&nested).1.faults[0].kind, FaultKind::Limit);
    assert_eq!(read_text("a: &a [*a]\n").1.faults[0].kind, FaultKind::Reference);
    assert_eq!(read_text("a: *b\n").1.faults[0].kind, FaultKind::Reference);
}

#[test]
fn faults_say_what_to_do() {
    for (text, message, at) in [
        ("a:\n  b: 1\n\tc: 2\n", "a tab in the indentation", "\t"),
        ("a: b: c\n", "`: ` inside a plain value", ":"),
        ("a: @x\n", "a plain value cannot start with `@`", "@"),
        ("a: `x`\n", "a plain value cannot start with a backtick", "`"),
        ("a: %x\n", "a plain value cannot start with `%`", "%"),
        (
            "a: \"x\nb: 1\n",
            "the quotes are not closed, or a line inside them is not indented",
            "\"",
        ),
        ("a: 'x\n", "the quotes are not closed, or a line inside them is not indented", "'"),
        ("a: {{ x }}\n", "a key cannot be a map", "{ x }"),
        ("a: 1\n b: 2\n", "a key where the value above is not finished", ":"),
        ("a: 1\nb\nc: 2\n", "a key without `:`", "b"),
        ("a:\n  b: 1\n c: 2\n", "the line does not fit the indentation above it", "c"),
        ("a: |\n   x\n y\n", "the line does not fit the indentation above it", "y"),
        ("a: [1, 2\n", "the bracket `[` is not closed", "["),
        ("a: - b\n", "a list item cannot start here", "-"),
        ("%YAML 1.1\n---\na: 1\n", "Kubernetes does not read directives such as `%YAML`", "%"),
        ("a: \u{0}\n", "the control character U+0000 is not allowed in YAML", "\u{0}"),
        ("a: x\u{2028}y\n", "the character U+2028 breaks the line for Kubernetes", "\u{2028}"),
        ("a: *b.c\n", "an alias without an anchor", "*"),
        ("a: \"\\q\"\n", "an escape that YAML does not know", "\\"),
    ] {
        let (sources, read) = read_text(text);
        let fault = &read.faults[0];
        let found = (&*fault.message, sources.slice(fault.span), fault.help.is_some());
        assert_eq!(found, (message, at, true), "{text:?}");
    }
}

#[test]
fn comments_are_found() {
    let text = "# é one\na: \"# no\" # two\nb: |\n  # no\n--- # three\nc: x#no\nd: #% for\n  - ${{ x }} # é\n# five\n";
    let mut sources = Sources::default();
    let file = sources.add("t", text);
    let found: Vec<_> =
        comments(file, text).unwrap().into_iter().map(|span| sources.slice(span)).collect();
    assert_eq!(found, ["# é one", "# two", "# three", "#% for", "# é", "# five"]);
    assert!(comments(file, "a: [ # x\n").is_err());
    let many = "# x\n".repeat(5000) + "a: 1\n" + &"# y\n".repeat(5000);
    assert_eq!(comments(file, &many).unwrap().len(), 10_000);
}

#[test]
fn what_is_written_looks_like_kubectl() {
    let text = r#"apiVersion: v1
kind: ConfigMap
metadata:
  name: x
  labels: {}
data:
  port: "8080"
  "on": "yes"
  args: --foo=bar
  ip: 192.168.0.1
  version: 1.2.3
  time: "1:30"
  day: "2001-01-01"
  octal: "0644"
  empty: ""
  script: |
    a

      b
  keep: |+
    a

  strip: |-
    a
    b
  lead: |2
      a
    b
  quote: '"a": 1'
list:
- a: 1
  b:
  - c
  - - d
    - |
      e
- []
- null
- 1.5
- 1.0e+30
"#;
    let (_, read) = read_text(text);
    assert_eq!(read.faults, []);
    assert_eq!(emit(read.documents[0].node.as_ref().unwrap()), text);
}

#[test]
fn json_keeps_order_and_numbers() {
    let json = json!({"b": [1, 1.5, u64::MAX, -1, null, true], "a": {"x": "é\n"}});
    let node = from_json(&json, place());
    assert_eq!(to_json(&node), json);
    assert_eq!(to_json_string(&node), json.to_string());
    assert_eq!(to_json_string(&from_json(&json!(1.0), place())), "1");
}

/// Text that is likely to be misread.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => "[a-z]{1,3}",
        4 => "[ \t\n]{1,3}",
        4 => "[-?:,\\[\\]{}#&*!|>'\"%@`=<~._+0-9]{1,3}",
        2 => Just("---".to_owned()),
        2 => Just("${{ x }}".to_owned()),
        2 => prop_oneof!["yes|no|on|null|0x1|1e3|\\.inf|<<|0o7|1_0|2001-01-01|1:30"],
        1 => any::<char>().prop_map(String::from),
        1 => prop::sample::select("\r\u{85}\u{2028}\u{feff}\u{fffe}\u{7f}\u{fdd0}\u{1fffe}\0".chars().collect::<Vec<_>>())
            .prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn tree() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => any::<i64>().prop_map(Value::Int),
        1 => (i64::MAX as u64 + 1..).prop_map(Value::UInt),
        1 => any::<f64>().prop_filter("finite", |n| n.is_finite()).prop_map(super::go_number::through_json),
        8 => text().prop_map(|text| Value::String(text.into())),
    ]
    .prop_map(|value| Node::new(value, place()));
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5)
                .prop_map(|items| Node::new(Value::Seq(items), place())),
            prop::collection::vec((text(), inner), 0..5).prop_map(|entries| {
                let mut map = Map::default();
                for (name, node) in entries {
                    map.insert(Key { name: name.into(), span: place() }, node);
                }
                Node::new(Value::Map(map), place())
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn what_is_written_reads_back(node in tree()) {
        let written = emit(&node);
        let (_, read) = read_text(&written);
        prop_assert_eq!(&read.faults, &[], "{}", written);
        let back = read.documents.first().and_then(|document| document.node.as_ref()).map(to_json);
        prop_assert_eq!(read.documents.len(), 1);
        prop_assert_eq!(back, Some(to_json(&node)), "{}", written);
        prop_assert_eq!(emit(&read.documents.into_iter().next().unwrap().node.unwrap()), written);
    }

    #[test]
    fn comments_can_be_blanked(
        node in tree(),
        marks in prop::collection::vec((0_usize..60, 0_usize..6, any::<bool>()), 1..8),
    ) {
        let mut lines: Vec<String> = emit(&node).lines().map(String::from).collect();
        for (at, column, own_line) in marks {
            let at = at % lines.len();
            if own_line {
                lines.insert(at, format!("{}# é {{{{", " ".repeat(column)));
            } else {
                lines[at] += " # x";
            }
        }
        let text = lines.join("\r\n");
        let (_, before) = read_text(&text);
        prop_assume!(before.faults.is_empty());
        let mut blank = text.clone().into_bytes();
        for span in comments(sources_file(&text), &text).unwrap() {
            prop_assert!(text[span.range()].starts_with('#'));
            prop_assert!(!text[span.range()].contains(['\r', '\n']));
            blank[span.range()][1..].fill(b' ');
        }
        let (_, after) = read_text(std::str::from_utf8(&blank).unwrap());
        let json = |read: &Read| -> Vec<_> {
            read.documents.iter().map(|document| document.node.as_ref().map(to_json)).collect()
        };
        prop_assert_eq!(&after.faults, &[]);
        prop_assert_eq!(json(&before), json(&after), "{}", text);
    }

    #[test]
    fn no_text_makes_it_panic(text in text(), prefix in "[a-z:\\-? \n]{0,8}") {
        let text = prefix + &text;
        let (sources, read) = read_text(&text);
        for fault in &read.faults {
            prop_assert!(text.get(fault.span.range()).is_some());
            let _ = sources.place(fault.span);
        }
        let _ = comments(sources_file(&text), &text);
    }
}

fn sources_file(text: &str) -> crate::source::FileId {
    Sources::default().add("x", text)
}
