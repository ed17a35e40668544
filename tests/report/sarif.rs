//! `sarif`, by the schema of the standard and by the reader of the crate that brings it along.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use serde_sarif::sarif::{ResultLevel, Sarif};

use crate::{PATH, WINDOWS, nasty_run, support, written};

/// The schema of SARIF 2.1.0 as the package `serde-sarif` holds it.
fn schema() -> Value {
    // Only what this machine builds is sure to be there.
    let rustc = Command::new("rustc").arg("-vV").output().unwrap();
    let about = String::from_utf8(rustc.stdout).unwrap();
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--filter-platform", host])
        .arg("--manifest-path")
        .arg(support::root().join("Cargo.toml"))
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|package| package["name"] == "serde-sarif").unwrap();
    let manifest = PathBuf::from(package["manifest_path"].as_str().unwrap());
    let text = fs::read_to_string(manifest.with_file_name("src").join("schema.json")).unwrap();
    let mut schema: Value = serde_json::from_str(&text).unwrap();
    // Has a bracket too many to be a regular expression; we write no language.
    for component in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][component]["properties"]["language"];
        assert!(language.as_object_mut().unwrap().remove("pattern").is_some());
    }
    schema
}

fn validator() -> jsonschema::Validator {
    jsonschema::options().should_validate_formats(true).build(&schema()).unwrap()
}

#[test]
fn the_log_follows_the_schema_of_the_standard() {
    let validator = validator();
    let log: Value = serde_json::from_str(&written("sarif", &nasty_run().report())).unwrap();
    let errors: Vec<_> = validator
        .iter_errors(&log)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let mut wrong = log;
    wrong["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] =
        json!("a path.yaml");
    assert!(!validator.is_valid(&wrong), "the schema looks at URIs");
}

#[test]
fn what_commands_print_follows_it_too() {
    let validator = validator();
    let fixture = support::root().join("tests/cmd/fixture");
    for command in ["check", "build"] {
        let check = if command == "build" { vec!["--check"] } else { vec![] };
        let run = support::gitopsc(&fixture, &[vec![command, "-o", "sarif"], check].concat());
        let log = run.json();
        assert!(validator.is_valid(&log), "{log:#}");
        assert_eq!(log["runs"][0]["results"][0]["ruleId"], "scope-unknown");
    }
}

#[test]
fn a_reader_finds_rules_places_and_levels() {
    let run = nasty_run();
    let log: Sarif = serde_json::from_str(&written("sarif", &run.report())).unwrap();
    let run = &log.runs[0];
    assert_eq!(run.column_kind, Some(json!("utf16CodeUnits")));
    let rules = run.tool.driver.rules.as_ref().unwrap();
    let results = run.results.as_ref().unwrap();
    assert_eq!(results.len(), 8);
    for result in results {
        let rule = &rules[usize::try_from(result.rule_index.unwrap()).unwrap()];
        assert_eq!(Some(&rule.id), result.rule_id.as_ref());
        assert!(!rule.help.as_ref().unwrap().text.is_empty());
        assert!(!rule.short_description.as_ref().unwrap().text.is_empty());
    }
    let ids: Vec<_> = rules.iter().map(|rule| &*rule.id).collect();
    assert_eq!(ids, ["file-missing", "made-up", "no-place", "soft-fault", "soft-note"]);
    assert!(
        rules[0].short_description.as_ref().unwrap().text.starts_with("A file that must exist")
    );
    let levels: Vec<_> = results.iter().map(|result| result.level.unwrap()).collect();
    assert_eq!(levels[3..5], [ResultLevel::Error, ResultLevel::Warning]);
    assert_eq!(levels[7], ResultLevel::Note);

    let place = |at: usize| {
        let location = &results[at].locations.as_ref().unwrap()[0];
        location.physical_location.as_ref().unwrap()
    };
    let uri = |at: usize| place(at).artifact_location.as_ref().unwrap().uri.clone().unwrap();
    let decoded = |uri: &str| percent_decode_str(uri).decode_utf8().unwrap().into_owned();
    assert_eq!(decoded(&uri(0)), PATH);
    assert!(uri(0).bytes().all(|byte| byte.is_ascii_graphic() && !b":?#,".contains(&byte)));
    assert_eq!(decoded(&uri(4)), "some dir/a\nb.yaml");
    assert!(place(4).region.is_none());
    // No place at all: the environment's file, else the directory, since readers need a file.
    assert_eq!(uri(6), "environments/k3s/environment.yaml");
    assert_eq!(uri(5), ".");
    // The column counts the two UTF-16 code units of the emoji before it.
    let region = place(0).region.as_ref().unwrap();
    assert_eq!((region.start_line, region.start_column), (Some(2), Some(10)));
    assert_eq!((region.end_line, region.end_column), (Some(2), Some(12)));
    let region = place(3).region.as_ref().unwrap();
    assert_eq!((region.start_line, region.end_line), (Some(3), Some(4)));

    let related = &results[0].related_locations.as_ref().unwrap()[0];
    let artifact = related.physical_location.as_ref().unwrap().artifact_location.as_ref().unwrap();
    assert_eq!(decoded(artifact.uri.as_ref().unwrap()), WINDOWS);
    assert!(related.message.is_some());
    let logical = &results[0].locations.as_ref().unwrap()[0].logical_locations.as_ref().unwrap()[0];
    assert_eq!(
        logical.fully_qualified_name.as_deref(),
        Some("Deployment/web in shop: spec.replicas")
    );
    // A message is no template and holds no links.
    let message = results[0].message.text.as_ref().unwrap();
    assert!(message.contains("{{0}}") && !message.contains("](1)"), "{message}");

    let mut prints: Vec<_> = results
        .iter()
        .map(|result| &result.partial_fingerprints.as_ref().unwrap()["gitopsc/v1"])
        .collect();
    prints.sort();
    prints.dedup();
    assert_eq!(prints.len(), 8, "each finding has a fingerprint of its own");
}
