//! What differs within texts that hold fields.

use gitopsc::diff::{Within, within};

use crate::values::line;

/// The fields that differ, as short lines; nothing where lines or whole texts do.
fn fields(before: &str, after: &str) -> Option<Vec<String>> {
    let Within::Fields(edits) = within(before, after) else { return None };
    Some(edits.into_iter().map(line).collect())
}

#[test]
fn what_a_reader_may_tell_apart_is_no_other_way_to_write_it() {
    let pairs = [
        ("tag: 1.10\nb: 1\n", "tag: 1.1\nb: 1\n"),
        ("country: NO\nb: 1\n", "country: false\nb: 1\n"),
        ("mode: 0644\nb: 1\n", "mode: 420\nb: 1\n"),
        ("id: 98765432109876543210\nb: 1\n", "id: 98765432109876543211\nb: 1\n"),
        // Not as the values that Kubernetes would read.
        ("tag: 1.10\nb: 1\n", "tag: 1.20\nb: 1\n"),
        ("a: 1\nb: 1\n", "a: 1\nb: 1\non: yes\n"),
        // Keys, tags, times.
        ("1.10: a\nb: 1\n", "1.1: a\nb: 1\n"),
        ("8080: a\nb: 1\n", "'8080': a\nb: 1\n"),
        ("on: a\nb: 1\n", "'on': a\nb: 1\n"),
        ("a: !Ref x\nb: 1\n", "a: !GetAtt x\nb: 1\n"),
        ("a: !secret x\nb: 1\n", "a: x\nb: 1\n"),
        ("a: 12:30:00\nb: 1\n", "a: '12:30:00'\nb: 1\n"),
    ];
    for (before, after) in pairs {
        for (before, after) in [(before, after), (after, before)] {
            assert!(matches!(within(before, after), Within::Lines(_)), "{before}{after}");
        }
    }
    let (one, other) = (r#"{"id": 98765432109876543210}"#, r#"{"id": 98765432109876543211}"#);
    assert_eq!(within(one, other), Within::Whole);
}

#[test]
fn spaces_quotes_comments_and_the_order_of_keys_say_nothing() {
    let pairs = [
        (r#"{"a": 1, "b": 2.50}"#, r#"{"b":2.50,"a":1}"#),
        ("a: 'x' # one\nb: [1, 2]\n", "b:\n- 1\n- 2\na: x\n"),
        ("tag: 1.10\nmode: 0644\n", "mode: 0644\n\ntag: 1.10\n"),
        ("a:\nb: 1\n", "a: ~\nb: 1\n"),
    ];
    for (before, after) in pairs {
        assert_eq!(fields(before, after), Some(Vec::new()), "{before}{after}");
    }
    let found = fields("a: 1\nb: 0644\n", "b: 0644\na: 2\n").unwrap();
    assert_eq!(found, ["~ a 1 2"]);
    // Text in place of a number is another value.
    assert_eq!(fields("a: 1\nb: 2\n", "a: '1'\nb: 2\n").unwrap(), ["~ a 1 \"1\""]);
}

#[test]
fn a_text_of_many_levels_takes_no_longer_than_its_length_says() {
    for (open, close) in [("[", "]"), ("{\"a\": [", "]}"), ("[{\"a\": 1, \"b\": ", "}]")] {
        let text = |levels: usize| format!("{}1{}", open.repeat(levels), close.repeat(levels));
        let found = within(&text(40), &text(41));
        assert!(matches!(found, Within::Fields(_) | Within::Whole | Within::Lines(_)));
    }
}

#[test]
fn items_in_another_order_are_named_as_such() {
    let cases: [(&str, &str, &[&str]); 4] = [
        ("[a, b, c]", "[c, a, b]", &["^ l [2, 0, 1]"]),
        ("[a, a, b]", "[b, a, a]", &["^ l [2, 0, 1]"]),
        ("[{x: 1}, {x: 2}]", "[{x: 2}, {x: 1}]", &["^ l [1, 0]"]),
        (
            "[a, b, c]",
            "[c, a, d]",
            &["- l[1] \"b\"", "- l[2] \"c\"", "+ l[0] \"c\"", "+ l[2] \"d\""],
        ),
    ];
    for (before, after, expected) in cases {
        let text = |list: &str| format!("l: {list}\nb: 1\n");
        assert_eq!(fields(&text(before), &text(after)).unwrap(), expected);
    }
}
