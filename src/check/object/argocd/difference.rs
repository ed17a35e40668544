//! Entries of `spec.ignoreDifferences`: `NewIgnoreNormalizer` in
//! `util/argo/normalizers/diff_normalizer.go` of Argo CD, `findObject` in `patch.go` of
//! evanphx/json-patch, which take what they cannot find for nothing to ignore.

use super::kind_list;
use crate::argocd::jq::{Refused, refused};
use crate::check::object::fault::Faults;
use crate::load::manifest::is_placeholder;
use crate::model::Field;

const ID: &str = "ignore-difference-invalid";

/// Checks entries that can match no field of any object.
pub(super) fn check(spec: &Field<'_>, faults: &mut Faults) {
    let Some(list) = spec.get("ignoreDifferences") else { return };
    for entry in list.items() {
        let fields = ["jsonPointers", "jqPathExpressions", "managedFieldsManagers"];
        if entry.node.as_map().is_some() && fields.iter().all(|it| entry.get(it).is_none()) {
            faults
                .warn(ID, &entry, "the entry names no field, and so ignores none")
                .help(format!("add one of {}", fields.join(", ")));
        }
        if let Some(group) = entry.get("group")
            && let Some(text) = group.node.as_str()
            && let Some(right) = kind_list::unversioned(text)
        {
            let message = format!("no group is called `{text}`, which has a version");
            faults.warn(ID, &group, message).help(format!("write `group: {right:?}`"));
        }
        let pointers = entry.get("jsonPointers");
        for pointer in pointers.iter().flat_map(Field::items) {
            let Some(text) = pointer.node.as_str().filter(|it| !is_placeholder(it)) else {
                continue;
            };
            if let Some((message, help)) = wrong(text) {
                faults.warn(ID, &pointer, message).help(help);
            }
        }
        let expressions = entry.get("jqPathExpressions");
        for expression in expressions.iter().flat_map(Field::items) {
            let Some(text) = expression.node.as_str().filter(|it| !is_placeholder(it)) else {
                continue;
            };
            let Some(refused) = refused(text) else { continue };
            let message = match &refused {
                Refused::Syntax => format!("`{text}` is no expression of jq"),
                Refused::Function(name) => {
                    format!("in `{text}`, jq has no function `{name}` with these arguments")
                }
                Refused::Name(name) => format!("in `{text}`, nothing is called `{name}`"),
            };
            let fault = faults.warn(ID, &expression, message);
            fault.note = Some(
                "then Argo CD compares nothing of the Application, and syncs nothing by itself",
            );
            if let Some(help) = meant(text, &refused) {
                fault.help(help);
            }
        }
    }
}

/// What somebody means with a wrong expression.
fn meant(text: &str, refused: &Refused) -> Option<String> {
    if let Some(path) = text.strip_prefix('/') {
        let path = path.replace('/', ".");
        return Some(format!("write `.{path}`, or `{text}` under `jsonPointers`"));
    }
    let digit = |letter: char| letter.is_ascii_digit();
    match refused {
        Refused::Function(name) if text.starts_with(name.as_str()) => {
            Some(format!("write `.{text}`"))
        }
        Refused::Function(_) if text.contains(['/', '-']) => Some(
            "a key with other characters than letters, digits and `_` is written `[\"…\"]`"
                .to_owned(),
        ),
        Refused::Syntax if text.split('.').skip(1).any(|it| it.starts_with(digit)) => Some(
            "the number of an item is written `[0]`, a key that begins with a digit `[\"0a\"]`"
                .to_owned(),
        ),
        _ => None,
    }
}

/// Why a JSON pointer leads nowhere, and what would.
fn wrong(pointer: &str) -> Option<(String, String)> {
    let Some(path) = pointer.strip_prefix('/') else {
        let path = pointer.trim_start_matches(['$', '.']).replace('.', "/");
        let message = format!("the JSON pointer `{pointer}` does not begin with `/`");
        return Some((message, format!("write `/{path}`")));
    };
    let parts: Vec<&str> = path.split('/').collect();
    if parts.contains(&"*") {
        let path = parts.join(".").replace(".*", "[]");
        let message = format!("in the JSON pointer `{pointer}`, `*` is no wildcard");
        return Some((message, format!("write `.{path}` under `jqPathExpressions`")));
    }
    // The values of these maps are texts, in which there is no field.
    let is_texts = |at: usize| {
        let above = at.checked_sub(1).map(|above| parts[above]);
        parts[at] == "matchLabels"
            || (above == Some("metadata") && ["annotations", "labels"].contains(&parts[at]))
    };
    let at = (0..parts.len()).find(|&at| is_texts(at))?;
    let (map, key) = parts.split_at(at + 1);
    (key.len() > 1).then(|| {
        let message = format!("the JSON pointer `{pointer}` looks for a field in a text");
        let right = format!("/{}/{}", map.join("/"), key.join("~1"));
        (message, format!("a `/` in a key is `~1`: write `{right}`"))
    })
}

#[cfg(test)]
mod tests {
    use super::wrong;

    #[test]
    fn pointers() {
        let right = [
            "/spec/replicas",
            "/metadata/annotations",
            "/metadata/annotations/example.com~1key",
            "/spec/template/metadata/labels/app",
            "/spec/labels/one/two",
            "/data/a.b",
        ];
        for pointer in right {
            assert_eq!(wrong(pointer), None);
        }
        let cases = [
            ("spec/replicas", "write `/spec/replicas`"),
            (".spec.replicas", "write `/spec/replicas`"),
            (
                "/spec/containers/*/image",
                "write `.spec.containers[].image` under `jqPathExpressions`",
            ),
            (
                "/metadata/labels/example.com/key",
                "a `/` in a key is `~1`: write `/metadata/labels/example.com~1key`",
            ),
            (
                "/spec/selector/matchLabels/app.kubernetes.io/name",
                "a `/` in a key is `~1`: write `/spec/selector/matchLabels/app.kubernetes.io~1name`",
            ),
        ];
        for (pointer, help) in cases {
            assert_eq!(wrong(pointer).unwrap().1, help);
        }
    }
}
