//! Objects as they are compared: without what the server writes for itself.

use serde_json::Value as Json;

use crate::model::secret::{LAST_APPLIED, hide};
use crate::source::Span;
use crate::yaml::{Node, from_json};

/// Fields of `metadata` that the server alone writes.
const OWN: [&str; 6] =
    ["creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid"];

/// An object that a server gave. Values of Secrets are hidden.
pub(super) struct Quiet {
    /// What it says, without what the server keeps for itself.
    pub(super) node: Node,
    /// Whose its fields are.
    pub(super) managed: Option<Node>,
    /// What it was made of, where that was applied client-side.
    pub(super) applied: Option<Node>,
}

impl Quiet {
    pub(super) fn of(mut object: Json, span: Span) -> Self {
        let hidden = |json: &Json| {
            let mut node = from_json(json, span);
            hide(&mut node);
            node
        };
        let (mut managed, mut applied) = (None, None);
        if let Some(map) = object.as_object_mut() {
            map.remove("status");
            if let Some(metadata) = map.get_mut("metadata").and_then(Json::as_object_mut) {
                managed = metadata.get("managedFields").map(|fields| from_json(fields, span));
                let copy =
                    metadata.get("annotations").and_then(|all| all.get(LAST_APPLIED)?.as_str());
                let copy: Option<Json> = copy.and_then(|text| serde_json::from_str(text).ok());
                applied = copy.map(|copy| hidden(&copy));
                OWN.iter().for_each(|name| drop(metadata.remove(*name)));
            }
        }
        Self { node: hidden(&object), managed, applied }
    }
}
