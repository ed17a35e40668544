//! SARIF 2.1.0, the OASIS standard that code scanning reads.
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html>

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::Report;
use super::fingerprint::Fingerprints;
use super::place::{Place, Unit, further, normal};
use super::rule::rule;
use crate::diagnostic::Finding;

/// What stands in a path of a URI as it is (RFC 3986, 2.3), and the slash.
const IN_PATH: AsciiSet =
    NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// The name of the directory that relative paths begin at.
const ROOT: &str = "SRCROOT";

/// Where the standard publishes the form of the document.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// One run with its rules and results.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write, _color: bool) -> io::Result<()> {
    let mut ids: Vec<_> = report.findings.iter().map(|finding| finding.id).collect();
    ids.sort_unstable();
    ids.dedup();
    let index: BTreeMap<_, _> = ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
    let mut fingerprints = Fingerprints::default();
    let results: Vec<_> = report
        .findings
        .iter()
        .map(|finding| {
            let fingerprint = fingerprints.next(report, finding);
            result(report, finding, index[finding.id], &fingerprint)
        })
        .collect();
    let log = json!({
        "version": "2.1.0",
        "$schema": SCHEMA,
        "runs": [{
            "tool": {"driver": {
                "name": "gitopsc",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": ids.iter().map(|id| descriptor(id)).collect::<Vec<_>>(),
            }},
            "columnKind": "utf16CodeUnits",
            "originalUriBaseIds": {
                ROOT: {"description": {"text": "The root of the repository, or where files were named the directory that they were named from."}},
            },
            "results": results,
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    out.write_all(b"\n")
}

fn descriptor(id: &str) -> Value {
    let rule = rule(id);
    let mut descriptor = json!({
        "id": id,
        "shortDescription": {"text": escape(&rule.title)},
        "fullDescription": {"text": escape(&rule.text)},
        "help": {"text": escape(&rule.text), "markdown": escape(&rule.text)},
    });
    if let Some(severity) = rule.severity {
        descriptor["defaultConfiguration"] = json!({"level": severity.as_str()});
    }
    descriptor
}

fn result(report: &Report<'_>, finding: &Finding, rule: usize, fingerprint: &str) -> Value {
    let mut result = json!({
        "ruleId": finding.id,
        "ruleIndex": rule,
        "level": finding.severity.as_str(),
        "message": {"text": text(finding)},
        "locations": [location(report, finding)],
        "partialFingerprints": {"gitopsc/v1": fingerprint},
    });
    let related: Vec<_> = further(finding)
        .iter()
        .enumerate()
        .map(|(at, label)| {
            let place = report.place(label.span, Unit::Utf16);
            let mut location = json!({
                "id": at,
                "physicalLocation": physical(report, place.file, Some(&place)),
            });
            if !label.text.is_empty() {
                location["message"] = json!({"text": escape(&label.text)});
            }
            location
        })
        .collect();
    if !related.is_empty() {
        result["relatedLocations"] = Value::from(related);
    }
    let properties = properties(finding);
    if !properties.is_empty() {
        result["properties"] = Value::Object(properties);
    }
    result
}

/// What is wrong, why, and what to do next.
fn text(finding: &Finding) -> String {
    let mut lines = vec![finding.message.clone()];
    lines.extend(finding.notes.iter().cloned());
    lines.extend(finding.help.iter().map(|help| format!("Help: {help}")));
    escape(&lines.join("\n"))
}

/// Braces are placeholders (3.11.5), and a bracket before a parenthesis ends a link (3.11.6).
fn escape(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}").replace("](", "] (")
}

/// What SARIF has no word for.
fn properties(finding: &Finding) -> Map<String, Value> {
    let mut properties = Map::new();
    if let Some(object) = &finding.object {
        properties.insert("object".to_owned(), json!(object));
    }
    if let Some(field) = &finding.field {
        properties.insert("field".to_owned(), json!(field));
    }
    if !finding.environments.is_empty() {
        properties.insert("environments".to_owned(), json!(finding.environments));
    }
    properties
}

fn location(report: &Report<'_>, finding: &Finding) -> Value {
    let place = report.first_place(finding, Unit::Utf16);
    let mut location =
        json!({"physicalLocation": physical(report, &report.some_file(finding), place.as_ref())});
    if let Some(object) = &finding.object {
        let name = match &finding.field {
            Some(field) => format!("{object}: {field}"),
            None => object.clone(),
        };
        location["logicalLocations"] =
            json!([{"name": object, "fullyQualifiedName": name, "kind": "object"}]);
    }
    location
}

fn physical(report: &Report<'_>, file: &str, place: Option<&Place<'_>>) -> Value {
    let mut physical = json!({"artifactLocation": artifact(report, file)});
    if let Some(place) = place {
        physical["region"] = json!({
            "startLine": place.line,
            "startColumn": place.column,
            "endLine": place.end_line,
            "endColumn": place.end_column,
        });
    }
    physical
}

/// A path as a URI: relative to the directory that was judged, where it lies in it.
fn artifact(report: &Report<'_>, file: &str) -> Value {
    let file = report.plain(file);
    let whole = match report.directory {
        Some(directory) if file.starts_with("../") => Some(normal(&directory.join(&*file))),
        _ => file.starts_with('/').then(|| normal(Path::new(&*file))),
    };
    match whole {
        Some(whole) => {
            let whole = whole.to_string_lossy().replace('\\', "/");
            let slash = if whole.starts_with('/') { "" } else { "/" };
            json!({"uri": format!("file://{slash}{}", utf8_percent_encode(&whole, &IN_PATH))})
        }
        None => json!({"uri": utf8_percent_encode(&file, &IN_PATH).to_string(), "uriBaseId": ROOT}),
    }
}
