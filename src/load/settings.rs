//! `gitopsc.yaml`, read for a repository or found from a directory upwards.

use std::path::Path;

use super::config_file::read_config;
use crate::config::{ConfigKind, Settings, decode};
use crate::diagnostic::Finding;
use crate::source::{FileId, Sources};
use crate::world::{Disk, World};

const FILE: &str = "gitopsc.yaml";

/// The settings in a file; none where it is broken.
pub(super) fn read(sources: &Sources, id: FileId, findings: &mut Vec<Finding>) -> Settings {
    let Some(node) = read_config(sources, id, ConfigKind::Settings, findings) else {
        return Settings::default();
    };
    match decode(&node) {
        Ok(settings) => Settings { node: Some(node), ..settings },
        Err(error) => {
            let finding = Finding::error("config-wrong", "the settings cannot be read");
            findings.push(finding.at(node.span, error));
            Settings::default()
        }
    }
}

/// The settings that hold where there is no repository: the nearest `gitopsc.yaml` from a directory
/// upwards, or none. What is wrong with it becomes findings.
pub fn nearest_settings(
    directory: &Path,
    sources: &mut Sources,
    findings: &mut Vec<Finding>,
) -> Settings {
    let above = directory.ancestors().map(Disk::new).enumerate();
    let Some((steps, world)) = above.into_iter().find(|(_, world)| world.exists(FILE)) else {
        return Settings::default();
    };
    let path = format!("{}{FILE}", "../".repeat(steps));
    let unreadable = |why: String| {
        Finding::error("file-unreadable", format!("`{path}` cannot be read"))
            .in_file(path.as_str())
            .note(why)
    };
    match world.read(FILE).map(String::from_utf8) {
        Ok(Ok(text)) => {
            let id = sources.add(path.as_str(), text);
            read(sources, id, findings)
        }
        Ok(Err(error)) => {
            findings.push(unreadable(error.to_string()));
            Settings::default()
        }
        Err(error) => {
            findings.push(unreadable(error.to_string()));
            Settings::default()
        }
    }
}
