//! What the subresource `scale` looks at: `ValidateScaleSpec` and `ValidateScaleStatus` of
//! `pkg/registry/customresource/validator.go`.

use crate::check::object::fault::{Faults, Reason};
use crate::model::Field;
use crate::schema::Scale;
use crate::yaml::{Node, Value};

const ID: &str = "replicas-invalid";

/// Checks what the paths of the subresource lead to.
pub(crate) fn check(paths: &Scale, object: &Field<'_>, faults: &mut Faults) {
    for path in [&paths.spec_replicas, &paths.status_replicas] {
        let Some((path, node)) = follow(path, object, faults) else { continue };
        let wrong = match node.value {
            Value::Int(number) if number < 0 => "may not be negative",
            Value::Int(number) if i32::try_from(number).is_err() => "must fit into 32 bits",
            Value::Int(_) => continue,
            _ => "must be a whole number",
        };
        faults.at_path(
            ID,
            Reason::Invalid,
            path.to_owned(),
            node.span,
            format!("`{path}` {wrong}"),
        );
    }
    let selector = paths.selector.as_ref().and_then(|path| follow(path, object, faults));
    if let Some((path, node)) = selector.filter(|(_, node)| node.as_str().is_none()) {
        let message = format!("`{path}` must be text");
        faults.at_path(ID, Reason::Invalid, path.to_owned(), node.span, message);
    }
}

/// What a path such as `.spec.replicas` leads to. On the way there may be maps only.
fn follow<'a, 'p>(
    path: &'p str,
    object: &Field<'a>,
    faults: &mut Faults,
) -> Option<(&'p str, &'a Node)> {
    let path = path.strip_prefix('.').unwrap_or(path);
    let mut node = object.node;
    for name in path.split('.') {
        let Some(map) = node.as_map() else {
            let message = format!("`{path}` cannot be reached");
            faults.at_path(ID, Reason::Invalid, path.to_owned(), node.span, message);
            return None;
        };
        node = map.get(name)?;
    }
    Some((path, node))
}
