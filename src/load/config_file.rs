//! One configuration file: read, then held against the schema of its kind.

use crate::config::ConfigKind;
use crate::diagnostic::{Finding, Severity};
use crate::source::{FileId, Sources, Span};
use crate::yaml::{self, Fault, FaultKind, Node};

/// The content of a configuration file. What is wrong in it becomes findings; then nothing comes
/// back, since half a file would only bring further findings that are not its fault.
pub(super) fn read_config(
    sources: &Sources,
    id: FileId,
    kind: ConfigKind,
    findings: &mut Vec<Finding>,
) -> Option<Node> {
    let start = findings.len();
    let node = read_single(sources, id, findings)?;
    findings.extend(kind.validator().validate(&node, "config-wrong"));
    let broken = findings[start..].iter().any(|finding| finding.severity == Severity::Error);
    (!broken).then_some(node)
}

/// The one document of a file.
pub(super) fn read_single(
    sources: &Sources,
    id: FileId,
    findings: &mut Vec<Finding>,
) -> Option<Node> {
    let source = sources.get(id);
    let read = yaml::read(id, &source.text);
    let broken = read.faults.iter().any(|fault| fault.kind.is_fatal());
    findings.extend(read.faults.iter().map(yaml_finding));
    if broken {
        return None;
    }
    let mut documents = read.documents.into_iter().filter_map(|document| document.node);
    let Some(first) = documents.next() else {
        findings.push(
            Finding::error("config-wrong", format!("`{}` is empty", source.path))
                .at(Span::new(id, 0..0), ""),
        );
        return None;
    };
    if let Some(second) = documents.next() {
        findings.push(
            Finding::error("config-wrong", "a configuration file holds one document")
                .at(second.span, "a second one begins here"),
        );
    }
    Some(first)
}

/// A fault of the YAML reader as a finding.
pub(crate) fn yaml_finding(fault: &Fault) -> Finding {
    let id = match fault.kind {
        FaultKind::DuplicateKey => "yaml-duplicate-key",
        FaultKind::Limit => "yaml-limit",
        _ => "yaml-syntax",
    };
    let mut finding = Finding::error(id, fault.message.clone()).at(fault.span, "");
    if let Some((span, text)) = &fault.related {
        finding = finding.at(*span, text.clone());
    }
    if let Some(help) = &fault.help {
        finding = finding.help(help.clone());
    }
    finding
}
