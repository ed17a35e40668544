//! `json` and `jsonl`, by the schema that is shipped.

use serde_json::{Value, json};

use crate::{NASTY, PATH, Run, WINDOWS, nasty_run, support, written};

/// The schema with every object closed, so that a field that it does not name is a fault; `part`
/// is a definition in it.
fn validator(part: Option<&str>) -> jsonschema::Validator {
    let path = support::root().join("schemas/output.json");
    let mut schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    if let Some(part) = part {
        let definitions = schema["$defs"].take();
        schema = json!({
            "$schema": schema["$schema"],
            "$ref": format!("#/$defs/{part}"),
            "$defs": definitions,
        });
    }
    close(&mut schema);
    if part.is_some() {
        // The lines add their type to these: the line is what is closed.
        for inner in ["Judged", "Finding", "Skipped", "Closing"] {
            schema["$defs"][inner]["unevaluatedProperties"] = json!(true);
        }
    }
    jsonschema::validator_for(&schema).unwrap()
}

fn close(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            fields.values_mut().for_each(close);
            if fields.get("type") == Some(&json!("object")) {
                fields.insert("unevaluatedProperties".to_owned(), json!(false));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

fn assert_valid(validator: &jsonschema::Validator, value: &Value) {
    let errors: Vec<_> = validator.iter_errors(value).map(|error| format!("{error}")).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{value:#}");
}

fn document(run: &Run) -> Value {
    serde_json::from_str(&written("json", &run.report())).unwrap()
}

#[test]
fn the_document_follows_its_schema_and_loses_nothing() {
    let run = nasty_run();
    let document = document(&run);
    let validator = validator(None);
    assert_valid(&validator, &document);
    let first = &document["findings"][0];
    assert_eq!(first["message"], NASTY);
    assert_eq!(first["help"], NASTY);
    assert_eq!(
        (&first["file"], &first["line"], &first["column"]),
        (&json!(PATH), &json!(2), &json!(9))
    );
    assert_eq!(first["origins"].as_array().unwrap().len(), 1);
    assert_eq!(first["origins"][0]["file"], WINDOWS);
    assert_eq!(first["environments"], json!(["k3s", "iris"]));
    assert_eq!(document["findings"][4]["place"], json!({"file": "some dir/a\nb.yaml"}));
    assert_eq!(document["findings"][4]["line"], Value::Null);
    assert_eq!(document["findings"][5]["place"], Value::Null);
    assert_eq!(
        document["summary"],
        json!({
            "errors": 6, "warnings": 1, "notes": 1, "objects": 4, "valid": 2, "invalid": 1,
            "withoutSchema": 1, "unknownRules": 4, "placeholders": 0, "unknownReferences": 0, "files": 0, "skipped": {"files": 1, "documents": 2},
            "silenced": 0, "baseline": 0,
        })
    );
    let empty = json!({"file": PATH, "reason": "empty", "documents": 2, "line": 7});
    assert_eq!(document["skipped"][1], empty);
    // A schema that takes all would prove nothing.
    let mut wrong = document.clone();
    wrong["findings"][0]["level"] = json!("fatal");
    assert!(!validator.is_valid(&wrong));
    let mut wrong = document;
    wrong["findings"][0]["surprise"] = json!(1);
    assert!(!validator.is_valid(&wrong));
}

#[test]
fn each_line_follows_the_schema() {
    let run = nasty_run();
    let text = written("jsonl", &run.report());
    let validator = validator(Some("Line"));
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    lines.iter().for_each(|line| assert_valid(&validator, line));
    let types: Vec<_> = lines.iter().map(|line| line["type"].as_str().unwrap()).collect();
    let expected =
        [vec!["object"; 4], vec!["finding"; 8], vec!["skipped"; 2], vec!["summary"]].concat();
    assert_eq!(types, expected);
    assert_eq!(
        lines[0],
        json!({
            "type": "object", "key": "Deployment/web in shop", "group": "apps",
            "kind": "Deployment", "namespace": "shop", "name": "web", "file": PATH, "line": 1,
            "column": 1, "environment": "k3s", "verdict": "invalid",
        })
    );
    let verdicts: Vec<_> =
        lines[..4].iter().map(|line| line["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["invalid", "valid", "without-schema", "valid"]);
    // The finding and the numbers are those of the document.
    let mut finding = document(&run)["findings"][0].clone();
    finding["type"] = json!("finding");
    assert_eq!(lines[4], finding);
    let mut summary = document(&run)["summary"].clone();
    summary["type"] = json!("summary");
    summary["version"] = json!(1);
    assert_eq!(lines[14], summary);
    assert!(!validator.is_valid(&json!({"type": "object", "key": "x"})));
}

#[test]
fn what_the_commands_print_follows_the_schema() {
    let fixture = support::root().join("tests/cmd/fixture");
    for arguments in [&["check"][..], &["build", "--check"]] {
        let run = |format| support::gitopsc(&fixture, &[arguments, &["-o", format]].concat());
        assert_valid(&validator(None), &run("json").json());
        for line in run("jsonl").out.lines() {
            assert_valid(&validator(Some("Line")), &serde_json::from_str(line).unwrap());
        }
    }
}
