//! Files of volumes that are in each other's way: `warningsForOverlappingVirtualPaths` of
//! `pkg/api/pod/warnings.go`.

use std::collections::HashMap;

use crate::check::object::fault::Faults;
use crate::model::Field;
use crate::yaml::Node;

/// The files of each volume.
pub(super) fn overlapping(volume: &Field<'_>, faults: &mut Faults) {
    for name in ["configMap", "secret", "downwardAPI"] {
        if let Some(source) = volume.get(name) {
            files(&source, &mut Taken::default(), faults);
        }
    }
    let Some(projected) = volume.get("projected") else { return };
    let Some(sources) = projected.get("sources") else { return };
    let mut taken = Taken::default();
    for source in sources.items() {
        if source.node.as_map().is_some_and(|map| map.iter().all(|(_, node)| node.is_null())) {
            let message = format!("`{source}` names no source, so nothing comes of it");
            faults.warn("field-ignored", &source, message).help("remove it, or name its source");
        }
        for name in ["configMap", "secret", "downwardAPI"] {
            if let Some(inner) = source.get(name) {
                files(&inner, &mut taken, faults);
            }
        }
        if let Some(token) = source.get("serviceAccountToken") {
            file(&token, &mut taken, faults);
        }
    }
}

/// Which paths a volume has, by file and by folder, each with the first file that is there.
#[derive(Default)]
struct Taken {
    files: HashMap<String, String>,
    folders: HashMap<String, String>,
}

fn files(source: &Field<'_>, taken: &mut Taken, faults: &mut Faults) {
    if let Some(items) = source.get("items") {
        items.items().for_each(|item| file(&item, taken, faults));
    }
}

/// One file, which may be neither another file nor its folder, nor lie below one.
fn file(item: &Field<'_>, taken: &mut Taken, faults: &mut Faults) {
    let written = item.node.get("path").and_then(Node::as_str).unwrap_or_default();
    let path = written.trim_end_matches('/');
    let Some(field) = item.get("path").filter(|_| !path.is_empty()) else { return };
    let above = || path.match_indices('/').map(|(end, _)| &path[..end]);
    let other = above()
        .chain([path])
        .find_map(|part| taken.files.get(part))
        .or_else(|| taken.folders.get(path));
    if let Some(other) = other {
        let message = if other == path {
            format!("two items of the volume write the file `{path}`")
        } else {
            format!("`{path}` and `{other}` of the volume cannot both be files")
        };
        faults
            .warn("volume-paths-overlapping", &field, message)
            .help("give each item a path of its own, outside of the others");
    }
    for folder in above() {
        taken.folders.entry(folder.to_owned()).or_insert_with(|| path.to_owned());
    }
    taken.files.entry(path.to_owned()).or_insert_with(|| path.to_owned());
}
