//! What one document is: an object for a cluster, or something else.

use super::foreign;
use super::placeholder::is_placeholder;
use super::reason::Reason;
use crate::source::Sources;
use crate::yaml::{self, Node, Value};

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// An object that can be judged.
    Object,
    /// An object that lacks this field, and is near enough to one to be meant as one.
    Lacks(&'static str),
    /// Not judged.
    Skip(Reason),
}

/// Tells what a value is.
#[must_use]
pub fn classify(node: &Node) -> Content {
    if let Some(items) = node.as_seq() {
        return Content::Skip(sequence(items));
    }
    match node.as_map() {
        None => return Content::Skip(Reason::NoManifest),
        Some(map) if map.is_empty() => return Content::Skip(Reason::Empty),
        Some(_) if is_report(node) => return Content::Skip(Reason::Report),
        Some(_) => {}
    }
    if is_encrypted(node) {
        return Content::Skip(Reason::Encrypted);
    }
    let text = |name| node.get(name).and_then(Node::as_str).filter(|text| !text.is_empty());
    let named = || node.pointer("/metadata/name").and_then(Node::as_str).is_some();
    match (text("apiVersion"), text("kind")) {
        (Some(version), Some(kind)) if is_placeholder(version) || is_placeholder(kind) => {
            Content::Skip(Reason::Template)
        }
        (Some(version), Some(kind)) => object(node, version, kind),
        (Some(version), None) if named() && !foreign::is_foreign(version, "") => {
            Content::Lacks("kind")
        }
        (None, Some(kind)) if named() && is_kind(kind) && is_capital(kind) => {
            Content::Lacks("apiVersion")
        }
        _ => Content::Skip(Reason::NoManifest),
    }
}

fn sequence(items: &[Node]) -> Reason {
    let have = |names: [&str; 2]| {
        items.iter().all(|item| names.iter().all(|name| item.get(name).is_some()))
    };
    if items.is_empty() {
        Reason::Empty
    } else if have(["op", "path"]) {
        Reason::Patch
    } else if have(["check_name", "fingerprint"]) {
        // A report of code quality.
        Reason::Report
    } else if items.iter().any(|item| classify(item) == Content::Object) {
        Reason::Sequence
    } else {
        Reason::NoManifest
    }
}

/// Whether a value is a report or baseline of a checker: ours, or SARIF.
fn is_report(node: &Node) -> bool {
    let has_list = |name| node.get(name).is_some_and(|list| list.as_seq().is_some());
    if node.get("apiVersion").is_some() {
        return false;
    }
    // Lines of the streamed form tell which they are.
    let line = match node.get("type").and_then(Node::as_str) {
        Some("object") => ["key", "verdict"],
        Some("finding") => ["id", "level"],
        Some("skipped") => ["file", "reason"],
        Some("summary") => ["version", "objects"],
        _ => return node.get("version").is_some() && (has_list("findings") || has_list("runs")),
    };
    line.iter().all(|name| node.get(name).is_some())
}

fn object(node: &Node, version: &str, kind: &str) -> Content {
    if foreign::is_foreign(version, kind) {
        return Content::Skip(Reason::OtherTool);
    }
    // Too many slashes in the version of a kind of Kubernetes' own are a mistake in it.
    let overdoes = || version.matches('/').count() > 1 && foreign::is_native_kind(kind);
    if !is_kind(kind) || !(is_version(version) || overdoes()) {
        return Content::Skip(Reason::NoManifest);
    }
    if has_patch_directive(node) {
        return Content::Skip(Reason::Patch);
    }
    Content::Object
}

/// Whether text can be the name of a kind.
fn is_kind(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric())
}

/// Whether a name begins as those of Kubernetes' kinds do, and few of other tools'.
fn is_capital(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase())
}

/// Whether text can be `version` or `group/version`.
fn is_version(text: &str) -> bool {
    let mut parts = text.split('/');
    let is_name = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c))
    };
    parts.clone().count() <= 2 && parts.all(is_name)
}

/// What SOPS leaves in a document that it has encrypted.
fn is_encrypted(node: &Node) -> bool {
    let Some(sops) = node.get("sops") else { return false };
    sops.get("mac").is_some()
        && (sops.get("version").is_some() || sops.get("lastmodified").is_some())
}

/// Keys by which strategic merge patches say what to do:
/// `k8s.io/apimachinery/pkg/util/strategicpatch/patch.go`.
fn has_patch_directive(node: &Node) -> bool {
    match &node.value {
        Value::Map(map) => map.iter().any(|(key, child)| {
            let is_directive = key.name.starts_with('$')
                && (matches!(&*key.name, "$patch" | "$retainKeys")
                    || key.name.starts_with("$setElementOrder/")
                    || key.name.starts_with("$deleteFromPrimitiveList/"));
            is_directive || has_patch_directive(child)
        }),
        Value::Seq(items) => items.iter().any(has_patch_directive),
        _ => false,
    }
}

/// What a text that YAML cannot read is: nothing where it was meant as an object for a cluster, and
/// the fault at this offset is its author's.
#[must_use]
pub fn classify_broken(text: &str, at: usize) -> Option<Reason> {
    if text.contains("$ANSIBLE_VAULT;") || text.starts_with("\0GITCRYPT") {
        return Some(Reason::Encrypted);
    }
    if is_on_separator(text) {
        return None;
    }
    let Some((version, kind)) = stated(text) else {
        return Some(if is_template(text, at) { Reason::Template } else { Reason::NotYaml });
    };
    if is_placeholder(version) || is_placeholder(kind) || is_template(text, at) {
        return Some(Reason::Template);
    }
    if foreign::is_foreign(version, kind) {
        return Some(Reason::OtherTool);
    }
    (!is_kind(kind) || !is_version(version)).then_some(Reason::NotYaml)
}

/// Whether an object begins on the line of its separator, where Kubernetes refuses it.
fn is_on_separator(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}');
    let Some(rest) = text.strip_prefix("---").filter(|rest| rest.starts_with([' ', '\t'])) else {
        return false;
    };
    if rest.lines().next().is_none_or(|line| line.trim().is_empty()) {
        return false;
    }
    let rest = rest.trim_start();
    let read = yaml::read(Sources::default().add("", ""), rest);
    let is_meant = |node| matches!(classify(node), Content::Object | Content::Lacks(_));
    read.documents.iter().filter_map(|document| document.node.as_ref()).any(is_meant)
}

/// `apiVersion` and `kind` at the left margin of a text, or the first of these names in JSON.
fn stated(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start_matches('\u{feff}');
    let is_json = ["{", "//", "/*"].iter().any(|start| text.trim_start().starts_with(start));
    let field = |name| if is_json { in_json(text, name) } else { at_margin(text, name) };
    Some((field("apiVersion")?, field("kind")?))
}

fn at_margin<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.lines().find_map(|line| {
        let value = line.strip_prefix(name)?.trim_start().strip_prefix(':')?;
        let value = value.split(" #").next().unwrap_or_default();
        Some(value.trim().trim_matches(['"', '\'']))
    })
}

fn in_json<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.match_indices(name).find_map(|(at, _)| {
        let before = text[..at].ends_with('"');
        let rest = text[at + name.len()..].strip_prefix('"').filter(|_| before)?;
        let value = rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
        value.split('"').next()
    })
}

/// Whether a template engine would have to read a text before YAML can: a marker stands near the
/// fault, or a line holds nothing but one.
fn is_template(text: &str, at: usize) -> bool {
    const MARKS: [&str; 6] = ["{{", "{%", "{#", "%{", "<%", "#@"];
    let bytes = &text.as_bytes()[..at.min(text.len())];
    let start = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
    let (before, after) = text.split_at(start);
    let near = before.lines().rev().take(1).chain(after.lines().take(2));
    let mut near = near.map(str::trim);
    if near.any(|line| MARKS.iter().any(|mark| line.contains(mark)) || is_placeholder(line)) {
        return true;
    }
    text.lines().map(str::trim).any(|line| {
        MARKS.iter().any(|mark| line.starts_with(mark))
            || (line.starts_with("${") && line.ends_with('}'))
            || (line.starts_with('<') && line.ends_with('>') && is_placeholder(line))
    })
}

#[cfg(test)]
mod tests {
    use super::{Content, Reason, classify, classify_broken};
    use crate::source::Sources;
    use crate::yaml;

    fn of(text: &str) -> Content {
        let file = Sources::default().add("x", "");
        let read = yaml::read(file, text);
        assert!(read.faults.is_empty(), "{:?}", read.faults);
        classify(read.documents[0].node.as_ref().unwrap())
    }

    #[test]
    fn documents() {
        let skip = |reason| Content::Skip(reason);
        for (text, expected) in [
            ("apiVersion: v1\nkind: Pod\n", Content::Object),
            ("apiVersion: x.test/v1\nkind: Thing\n", Content::Object),
            ("kind: Pod\nmetadata: {name: a}\n", Content::Lacks("apiVersion")),
            ("apiVersion: v1\nmetadata: {name: a}\n", Content::Lacks("kind")),
            ("kind: Pod\n", skip(Reason::NoManifest)),
            ("kind: pipeline\nmetadata: {name: a}\n", skip(Reason::NoManifest)),
            ("apiVersion: v1\nkind: pod\n", Content::Object),
            ("apiVersion: v2\nname: chart\n", skip(Reason::NoManifest)),
            ("apiVersion: v1\nkind: 'youtube#video'\n", skip(Reason::NoManifest)),
            ("apiVersion: v1\nkind: ${KIND}\n", skip(Reason::Template)),
            ("a: 1\n", skip(Reason::NoManifest)),
            ("- {op: add, path: /a, value: 1}\n", skip(Reason::Patch)),
            ("[]\n", skip(Reason::Empty)),
            ("{}\n", skip(Reason::Empty)),
            ("[a, b]\n", skip(Reason::NoManifest)),
            ("- {apiVersion: v1, kind: Pod}\n", skip(Reason::Sequence)),
            ("- {check_name: a, fingerprint: b}\n", skip(Reason::Report)),
            ("version: 1\nfindings: []\n", skip(Reason::Report)),
            ("version: 2.1.0\nruns: []\n", skip(Reason::Report)),
            ("apiVersion: v1\nkind: Pod\nspec: {$patch: delete}\n", skip(Reason::Patch)),
            ("apiVersion: v1\nkind: Pod\nspec: {patch: delete}\n", Content::Object),
            ("apiVersion: v1\nkind: Secret\nsops: {mac: x, version: 3}\n", skip(Reason::Encrypted)),
            ("apiVersion: v1\nkind: Secret\nsops: {}\n", Content::Object),
            ("apiVersion: v1\nkind: Config\n", skip(Reason::OtherTool)),
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
    }

    #[test]
    fn broken_documents() {
        let of = |text: &str| classify_broken(text, text.find('!').unwrap_or(0));
        assert_eq!(of("apiVersion: v1\nkind: Pod\na: [!\n"), None);
        assert_eq!(of("{\"apiVersion\": \"v1\",\n\"kind\": \"Pod\", !\n"), None);
        assert_eq!(of("  apiVersion: v1\n  kind: Pod\n!: [\n"), Some(Reason::NotYaml));
        assert_eq!(of("a: [!"), Some(Reason::NotYaml));
        assert_eq!(of("apiVersion: v1\nkind: Pod\nname: {{ x }}!\n"), Some(Reason::Template));
        assert_eq!(
            of("apiVersion: v1\nkind: Pod\n{{- if x }}\na: 1\n\n\n\n\nb: !x\n"),
            Some(Reason::Template)
        );
        assert_eq!(of("--- {apiVersion: v1, kind: Pod}\n"), None);
        assert_eq!(of("--- apiVersion: v1\nkind: Pod\n"), None);
        assert_eq!(of("--- {a: 1}\n"), Some(Reason::NotYaml));
        assert_eq!(
            of("apiVersion: v1\nkind: Pod\n%{ if x ~}\na: b\n\n\n\n!: [\n"),
            Some(Reason::Template)
        );
        assert_eq!(of("apiVersion: kind.x-k8s.io/v1\nkind: Cluster\n!\n"), Some(Reason::OtherTool));
    }
}
