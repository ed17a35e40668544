//! Values of Secrets that stand in other objects, too.

use std::path::Path;

use crate::process::git;
use crate::runs::{commit, run};
use crate::support::write;

const VALUES: [&str; 4] = ["correct-horse", "battery:staple/1", "hunter2-hunter2", "98765432101"];

fn secret(number: usize) -> String {
    // In base64 or plain, with the end of line that `echo` writes.
    let encoded = ["Y29ycmVjdC1ob3JzZQo=", "YmF0dGVyeTpzdGFwbGUvMQ=="];
    let (field, value) = match encoded.get(number) {
        Some(value) => ("data", *value),
        None => ("stringData", VALUES[number]),
    };
    format!(
        "apiVersion: v1\nkind: Secret\nmetadata: {{name: s{number}}}\n{field}: {{word: '{value}', short: 'YWRtaW4='}}\n"
    )
}

/// Objects that repeat a value in many ways; `{more}` is what differs beside it.
fn others(value: &str, more: &str) -> String {
    let (url, json) = (value.replace(':', "%3A").replace('/', "%2F"), value);
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  annotations: {{note: 'it is {value}'}}\n\
         data:\n  whole: '{value}'\n  url: 'postgres://admin:{url}@db/{more}'\n  \
         file: |\n    user=admin\n    password={value}\n    more={more}\n  \
         json: '{{\"password\": \"{json}\", \"more\": \"{more}\"}}'\n\
         ---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p-{more}}}\n\
         spec: {{containers: [{{name: main, image: web, args: ['--word={value}'], env: [{{name: W, value: '{value}'}}, {{name: M, value: '{more}'}}]}}]}}\n"
    )
}

fn is_hidden(directory: &Path, arguments: &[&str]) {
    for form in ["human", "json", "markdown"] {
        let found = run(directory, &[arguments, &["-o", form]].concat());
        assert!(found.code < 2 && found.out.contains("admin"), "{}{}", found.out, found.err);
        for value in VALUES.iter().copied().chain(["%3Astaple", "Y29ycmVjdC1ob3JzZ", "\u{FDD2}"]) {
            let said = format!("{}{}", found.out, found.err);
            assert!(!said.contains(value), "{form}: `{value}` is shown\n{said}");
        }
        let hidden = found.out.contains("(hidden)");
        assert!(hidden && found.out.contains("second"), "{form}: {}", found.out);
    }
}

#[test]
fn they_are_hidden_there_in_every_form() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    for (number, value) in VALUES.iter().enumerate() {
        // The Secret itself did not change, or is in one of the two states alone.
        for (old, new) in [(true, true), (true, false), (false, true)] {
            for (side, has_it, more) in [("old", old, "first"), ("new", new, "second")] {
                write(path, &format!("{side}/a.yaml"), others(value, more));
                let text = if has_it { secret(number) } else { String::new() };
                write(path, &format!("{side}/secret.yaml"), text);
            }
            is_hidden(path, &["old", "new"]);
        }
    }
}

#[test]
fn a_revision_is_searched_for_secrets_that_did_not_change() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    git(path, &["init", "-q", "-b", "main"]);
    write(path, "deep/down/secret.yaml", secret(0));
    write(path, "a.yaml", others(VALUES[0], "first"));
    commit(path, "first");
    write(path, "a.yaml", others(VALUES[0], "second"));
    is_hidden(path, &[]);
    commit(path, "second");
    is_hidden(path, &["HEAD~1..HEAD"]);
}

#[test]
fn short_values_names_and_placeholders_hide_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n\
                  stringData: {a: 'true', b: admin, c: '<path:kv#word>', d: database}\n";
    let config = |x: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: database, namespace: database}}\n\
             data: {{x: '{x}', y: 'admin, true'}}\n"
        )
    };
    for (side, x) in [("old", "admin"), ("new", "<path:kv#word>")] {
        write(path, &format!("{side}/secret.yaml"), secret);
        write(path, &format!("{side}/a.yaml"), config(x));
    }
    let found = run(path, &["old", "new"]);
    assert!(found.out.contains("data.x: admin → <path:kv#word>"), "{}", found.out);
    assert!(found.out.contains("ConfigMap/database in database"), "{}", found.out);
}

#[test]
fn a_key_is_hidden_further_in_and_a_number_is_a_value() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
    let secret = format!(
        "apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\nstringData:\n  number: 1234567890\n  key: |\n    \
         -----BEGIN KEY-----\n    {line}\n    -----END KEY-----\n"
    );
    let config = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata:\n  number: 1234567890\n  file: |\n    tls:\n      key: |\n        \
         -----BEGIN KEY-----\n        {line}\n        -----END KEY-----\n"
    );
    write(path, "old/secret.yaml", &secret);
    write(path, "new/secret.yaml", &secret);
    write(path, "new/a.yaml", config);
    for form in ["human", "json", "markdown"] {
        let found = run(path, &["old", "new", "-o", form]);
        assert!(found.out.contains("(hidden)"), "{}{}", found.out, found.err);
        assert!(!found.out.contains(line) && !found.out.contains("1234567890"), "{}", found.out);
    }
}

#[test]
fn secrets_within_other_objects_and_passwords_of_addresses_are_hidden() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    // `u:correct-horse` and `u:hunter2-hunter2` in base64, and without padding.
    let secret = |value: &str| {
        format!(
            "{{apiVersion: v1, kind: Secret, metadata: {{name: s}}, stringData: {{w: '{value}'}}}}"
        )
    };
    let texts = |value: &str, encoded: &str, url: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata:\n  text: \"{}\"\n  basic: '{encoded}'\n  \
             url: 'https://admin:{url}@host/path'\n  open: 'https://host/{}@x'\n\
             ---\napiVersion: example.com/v1\nkind: Foo\nmetadata: {{name: f}}\nspec: {{template: {}}}\n",
            secret(value),
            &url[..3],
            secret(value)
        )
    };
    write(path, "old/a.yaml", texts("correct-horse", "dTpjb3JyZWN0LWhvcnNl", "one-pass"));
    write(path, "new/a.yaml", texts("hunter2-hunter2", "dTpodW50ZXIyLWh1bnRlcjI", "two-pass"));
    for form in ["human", "json", "markdown", "patch"] {
        let found = run(path, &["old", "new", "-o", form]);
        let said = format!("{}{}", found.out, found.err);
        assert!(found.code < 2 && said.contains("hidden"), "{form}: {said}");
        for value in ["correct-horse", "hunter2", "jb3JyZWN0", "odW50ZXIy", "one-pass", "two-pass"]
        {
            assert!(!said.contains(value), "{form}: `{value}` is shown\n{said}");
        }
        assert!(said.contains("https://host/two@x"), "{form}: {said}");
    }
}

/// A value, a text that repeats it in another way, and words of the value that nobody may see.
const WRITTEN: [(&str, &str, &[&str]); 10] = [
    // Further in, as a text within a text.
    (
        "-----BEGIN KEY-----\nshort-line-one\nshort-line-two\n-----END KEY-----\n",
        "tls:\n  key: |\n    -----BEGIN KEY-----\n    short-line-one\n    short-line-two\n    -----END KEY-----\n",
        &["BEGIN KEY", "short-line"],
    ),
    // In JSON, once and twice.
    ("short-line-one\nshort-\"two\"\n", r#"{"a": "short-line-one\nshort-\"two\"\n"}"#, &["short-"]),
    (
        "short-line-one\nshort-\"two\"\n",
        r#"{\"a\": \"short-line-one\\nshort-\\\"two\"}"#,
        &["short-"],
    ),
    ("left<middle&right", r#"{"a": "left\u003cmiddle\u0026right"}"#, &["left", "middle", "right"]),
    // Line ends of another system.
    (
        "first-line-aaa\r\nsecond-line\r\n",
        "first-line-aaa\nsecond-line\n",
        &["first-line", "second-line"],
    ),
    // As YAML quotes and folds.
    ("it's a \"word\"", "p: 'it''s a \"word\"'\n", &["it's", "it''s", "word"]),
    (
        "part-number-one part-number-two",
        "p: part-number-one\n  part-number-two\n",
        &["part-number"],
    ),
    (
        "part-number-one-and-two",
        "p: \"part-number-\\\n  one-and-two\"\n",
        &["part-number", "one-and"],
    ),
    // Base64 of `part-number-one-and-two-and-three` on several lines.
    (
        "part-number-one-and-two-and-three",
        "p: |\n  cGFydC1udW1iZXIt\n  b25lLWFuZC10d28t\n  YW5kLXRocmVl\n",
        &["cGFydC1udW1i", "b25lLWFuZC10", "YW5kLXRocmVl"],
    ),
    // What looks like a line end is none.
    ("new-password", "login: HOST\\new-password\n", &["password"]),
];

#[test]
fn a_value_is_found_where_it_is_written_in_another_way() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    for (value, text, words) in WRITTEN {
        let object = |kind: &str, field: &str, text: &str| {
            let text = serde_json::Value::from(text);
            format!("apiVersion: v1\nkind: {kind}\nmetadata: {{name: o}}\n{field}: {{x: {text}}}\n")
        };
        let states = [None, Some("other: first\n"), Some("other: second\n")];
        for (old, new) in [(0, 1), (1, 2), (1, 0)] {
            for (side, state) in [("old", states[old]), ("new", states[new])] {
                write(path, &format!("{side}/s.yaml"), object("Secret", "stringData", value));
                let config =
                    state.map(|more| object("ConfigMap", "data", &format!("{more}{text}")));
                write(path, &format!("{side}/c.yaml"), config.unwrap_or_default());
            }
            for form in ["human", "json", "markdown", "patch", "html"] {
                let found = run(path, &["old", "new", "-o", form]);
                let said = format!("{}{}", found.out, found.err);
                assert!(found.code < 2 && said.contains("ConfigMap"), "{form}: {said}");
                for word in words {
                    assert!(!said.contains(word), "{form}: `{word}` is shown\n{said}");
                }
            }
        }
    }
}

#[test]
fn words_that_only_resemble_a_value_are_shown() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n\
                  stringData: {a: username, b: 'a b c d e'}\n";
    for (side, text) in [("old", "before"), ("new", "user name, abcde")] {
        write(path, &format!("{side}/s.yaml"), secret);
        let config = format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata: {{x: '{text}'}}\n"
        );
        write(path, &format!("{side}/a.yaml"), config);
    }
    let found = run(path, &["old", "new"]);
    assert!(found.out.contains("data.x: before → user name, abcde"), "{}", found.out);
}

#[test]
fn the_values_of_a_secret_in_another_case_are_hidden() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    for kind in ["Secret", "secret", "SECRET"] {
        for (side, value) in [("old", "dG9wc2VjcmV0MQ=="), ("new", "dG9wc2VjcmV0Mg==")] {
            let text = format!(
                "apiVersion: v1\nkind: {kind}\nmetadata: {{name: s}}\ndata: {{a: {value}}}\n"
            );
            write(path, &format!("{side}/s.yaml"), text);
        }
        for form in ["human", "json", "markdown", "patch"] {
            let found = run(path, &["old", "new", "-o", form]);
            let said = format!("{}{}", found.out, found.err);
            assert!(said.contains("hidden") && !said.contains("dG9wc2"), "{kind}, {form}: {said}");
        }
    }
}
