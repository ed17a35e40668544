//! File names of manifests.

use std::fmt::Write as _;

use crate::model::ObjectKey;

/// `<kind>[.<group>]-<name>[.<namespace>].yaml`: the group where it is not the core group, the
/// namespace where it is not the release's own. Everything but lower-case letters, digits, `-` and
/// `.` is written as `%` and its bytes in hexadecimal, so that names are unique on disks that
/// ignore case and valid on Windows, and no file can look like a chart or a kustomization.
#[must_use]
pub fn manifest_file(key: &ObjectKey, namespace: &str) -> String {
    let mut name = key.group_kind.kind.to_lowercase();
    if !key.group_kind.group.is_empty() {
        name.push('.');
        name.push_str(&encode(&key.group_kind.group));
    }
    name.push('-');
    name.push_str(&encode(&key.name));
    if !key.namespace.is_empty() && key.namespace != namespace {
        name.push('.');
        name.push_str(&encode(&key.namespace));
    }
    name.push_str(".yaml");
    name
}

fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' => encoded.push(char::from(byte)),
            _ => {
                let _ = write!(encoded, "%{byte:02x}");
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::manifest_file;
    use crate::model::{GroupKind, ObjectKey};

    fn key(group: &str, kind: &str, namespace: &str, name: &str) -> ObjectKey {
        ObjectKey {
            group_kind: GroupKind { group: group.into(), kind: kind.into() },
            namespace: namespace.into(),
            name: name.into(),
        }
    }

    #[test]
    fn names_are_unique_and_portable() {
        let name = |key| manifest_file(&key, "own");
        assert_eq!(name(key("", "Service", "own", "web")), "service-web.yaml");
        assert_eq!(name(key("", "Service", "other", "web")), "service-web.other.yaml");
        assert_eq!(name(key("apps", "Deployment", "own", "web")), "deployment.apps-web.yaml");
        let role = key("rbac.authorization.k8s.io", "ClusterRole", "", "system:Reader");
        assert_eq!(name(role), "clusterrole.rbac.authorization.k8s.io-system%3a%52eader.yaml");
    }
}
