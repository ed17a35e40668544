//! Directories whose files are not all of one cluster: where the same object stands in two children
//! of one, as in `dev/` and `prod/`, these are of different clusters; where it stands twice in one,
//! there is a choice.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use super::Object;

/// The directories whose children are of different clusters. In the order of the objects those of
/// one key stand together.
pub(super) fn forks<'o>(objects: impl Iterator<Item = &'o Object>) -> BTreeSet<Box<str>> {
    let mut forks = BTreeSet::new();
    let mut before: Option<&Object> = None;
    for object in objects {
        // Each app may bring the namespace that it goes to.
        if let Some(first) = before.filter(|first| first.key == object.key)
            && first.unit != object.unit
            && object.key.group_kind.kind != "Namespace"
        {
            forks.insert(common(&first.unit, &object.unit).into());
        }
        before = before.filter(|first| first.key == object.key).or(Some(object));
    }
    forks
}

/// The directories in which the same object stands twice: their files are there to choose from.
pub(super) fn choices<'o>(objects: impl Iterator<Item = &'o Object>) -> HashSet<Arc<str>> {
    let mut choices = HashSet::new();
    let mut units: Vec<&Arc<str>> = Vec::new();
    let mut before = None;
    for object in objects {
        if before != Some(&object.key) {
            units.clear();
            before = Some(&object.key);
        }
        if units.contains(&&object.unit) {
            choices.insert(Arc::clone(&object.unit));
        }
        units.push(&object.unit);
    }
    choices
}

/// The directory that both lie below, or are.
pub(super) fn common<'u>(one: &'u str, other: &str) -> &'u str {
    if one == other {
        return one;
    }
    let mut end = 0;
    let mut parts = one.split_inclusive('/').zip(other.split_inclusive('/'));
    for (part, _) in parts.by_ref().take_while(|(one, other)| name(one) == name(other)) {
        end += part.len();
    }
    one[..end].trim_end_matches('/')
}

fn name(part: &str) -> &str {
    part.trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::common;

    #[test]
    fn common_directory() {
        assert_eq!(common("a/dev/web", "a/prod/web"), "a");
        assert_eq!(common("a/dev", "a/dev/web"), "a/dev");
        assert_eq!(common("dev", "prod"), "");
        assert_eq!(common("a/b", "a/b"), "a/b");
        assert_eq!(common("a/bc", "a/b"), "a");
    }
}
