//! Manifests in any files, told apart from everything else that is YAML or JSON.

mod changes;
mod directory;
mod document;
mod foreign;
mod json;
mod kustomization;
mod overlays;
mod pieces;
mod placeholder;
mod reason;
mod walk;

pub use changes::Changes;
pub use document::{Content, classify, classify_broken};
pub use kustomization::findings as kustomization_findings;
pub use pieces::{PIECE_BYTES, Piece, Pieces};
pub use placeholder::{Refused, concerns, is_open, is_placeholder};
pub use reason::Reason;
pub use walk::{File, Found, find, shown};

use std::ops::Range;

use crate::source::FileId;
use crate::yaml::{self, Read};

/// Whether a text is a template that looks like YAML: one of gitopsc, in which a line begins with
/// `#% `, or one with places to fill in that YAML takes for comments, as `#{NAME}#` and `##NAME##`.
#[must_use]
pub fn is_template(text: &str) -> bool {
    const MARK: &str = "#% ";
    text.contains(MARK) && text.lines().any(|line| line.trim_start().starts_with(MARK))
        || ["#{", "##"].iter().any(|mark| text.contains(mark)) && text.lines().any(is_value_hidden)
}

/// Whether a line has such a place where its value begins.
fn is_value_hidden(line: &str) -> bool {
    let value = [": ", "- "].iter().find_map(|lead| Some(line.split_once(lead)?.1.trim_start()));
    let Some(value) = value else { return false };
    let name = |start, end| value.strip_prefix(start).and_then(|rest: &str| rest.split_once(end));
    let name = name("#{", "}#").or_else(|| name("##", "##"));
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    name.is_some_and(|(name, _)| !name.is_empty() && name.chars().all(is_name))
}

/// Reads the documents of a text one after the other, where JSON values follow each other these
/// too, and hands over what came of each with its place.
pub fn read_each(file: FileId, text: &str, mut take: impl FnMut(Range<usize>, Read)) {
    let several = json::values(text).filter(|values| values.len() > 1);
    match several {
        Some(values) => {
            for value in values {
                let read = yaml::read_at(file, text, value.clone());
                take(value, read);
            }
        }
        None => yaml::read_each(file, text, take),
    }
}

/// Whether a file holds patches by its name.
#[must_use]
pub fn is_patch_file(path: &str) -> bool {
    foreign::is_patch_file(path)
}

/// What a file is, of which nothing is a manifest.
#[must_use]
pub fn nature(path: &str, reason: Reason) -> Reason {
    match reason {
        Reason::NoManifest | Reason::NotYaml | Reason::Empty if foreign::is_tool_file(path) => {
            Reason::OtherTool
        }
        Reason::NoManifest if foreign::is_values_file(path) => Reason::HelmChart,
        other => other,
    }
}
