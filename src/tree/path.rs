//! File names of manifests.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::model::ObjectKey;

/// File systems take 255 bytes; this leaves room for what a person or a tool may append.
const LONGEST: usize = 200;

/// `<kind>[.<group>]-<name>[.<namespace>].yaml`: the group where it is not the core group, the
/// namespace where it is not the release's own. Everything but lower-case letters, digits, `-` and
/// `.` is written as `%` and its bytes in hexadecimal, so that names are unique on disks that
/// ignore case and valid on Windows, and no file can look like a chart or a kustomization. Names of
/// what lives in a namespace have their dots written so as well: one dot more is the namespace.
#[must_use]
pub fn manifest_file(key: &ObjectKey, namespace: &str) -> String {
    // The kind is told apart by its letters alone; what may still share a name, kinds that differ
    // in case and groups with a dash, is found when the tree is put together.
    let mut name = encode(&key.group_kind.kind.to_ascii_lowercase(), "");
    if !key.group_kind.group.is_empty() {
        name.push('.');
        name.push_str(&encode(&key.group_kind.group, "-."));
    }
    name.push('-');
    name.push_str(&encode(&key.name, if key.namespace.is_empty() { "-." } else { "-" }));
    if !key.namespace.is_empty() && key.namespace != namespace {
        name.push('.');
        name.push_str(&encode(&key.namespace, "-"));
    }
    if name.len() > LONGEST {
        name = shorten(&name);
    }
    name.push_str(".yaml");
    name
}

fn encode(text: &str, also: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' => encoded.push(char::from(byte)),
            _ if also.as_bytes().contains(&byte) => encoded.push(char::from(byte)),
            _ => {
                let _ = write!(encoded, "%{byte:02x}");
            }
        }
    }
    encoded
}

/// The beginning of a name, and 16 digits that stand for the whole of it.
fn shorten(name: &str) -> String {
    let digest = Sha256::digest(name.as_bytes());
    let mut short: String = name.chars().take(LONGEST - 17).collect();
    short.push('-');
    for byte in digest.iter().take(8) {
        let _ = write!(short, "{byte:02x}");
    }
    short
}

#[cfg(test)]
mod tests {
    use std::path::{Component, Path};

    use proptest::prelude::*;

    use super::manifest_file;
    use crate::model::{GroupKind, ObjectKey};

    fn key(group: &str, kind: &str, namespace: &str, name: &str) -> ObjectKey {
        ObjectKey {
            group_kind: GroupKind::new(group, kind),
            namespace: namespace.into(),
            name: name.into(),
        }
    }

    fn name(key: ObjectKey) -> String {
        manifest_file(&key, "own")
    }

    #[test]
    fn names_are_unique_and_portable() {
        assert_eq!(name(key("", "Service", "own", "web")), "service-web.yaml");
        assert_eq!(name(key("", "Service", "other", "web")), "service-web.other.yaml");
        assert_eq!(name(key("", "Service", "own", "web.other")), "service-web%2eother.yaml");
        assert_eq!(name(key("apps", "Deployment", "own", "web")), "deployment.apps-web.yaml");
        let role = key("rbac.authorization.k8s.io", "ClusterRole", "", "system:Reader");
        assert_eq!(name(role), "clusterrole.rbac.authorization.k8s.io-system%3a%52eader.yaml");
        let crd = key("apiextensions.k8s.io", "CustomResourceDefinition", "", "a.b.io");
        assert_eq!(name(crd), "customresourcedefinition.apiextensions.k8s.io-a.b.io.yaml");
    }

    #[test]
    fn long_names_are_shortened_and_still_differ() {
        let long = |end: &str| name(key("", "ConfigMap", "own", &("a".repeat(252) + end)));
        assert_ne!(long("a"), long("b"));
        assert!(long("a").len() < 210, "{}", long("a"));
    }

    /// Names that are apt to be mistaken for each other.
    fn part() -> impl Strategy<Value = String> {
        "[aA]{0,1}[b.%/-]{0,2}[aB]{1}"
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        /// Objects of one kind and scope share no file name, also where a disk ignores case.
        #[test]
        fn one_object_one_file(
            kind in part(),
            group in prop_oneof![Just(String::new()), part()],
            names in (part(), part()),
            namespaces in prop_oneof![
                Just((String::new(), String::new())),
                (part(), part()),
                part().prop_map(|part| (part, "own".to_owned())),
            ],
        ) {
            let first = key(&group, &kind, &namespaces.0, &names.0);
            let second = key(&group, &kind, &namespaces.1, &names.1);
            prop_assume!(first != second);
            prop_assert_ne!(name(first).to_lowercase(), name(second).to_lowercase());
        }

        /// Whatever an object is called, its file lies in the directory of its release.
        #[test]
        fn one_name_one_component(kind in ".*", group in ".*", namespace in ".*", object in ".*") {
            let file = name(key(&group, &kind, &namespace, &object));
            let components: Vec<_> = Path::new(&file).components().collect();
            prop_assert!(matches!(components.as_slice(), [Component::Normal(_)]), "{}", file);
        }
    }
}
