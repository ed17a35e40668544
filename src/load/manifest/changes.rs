//! What kustomize changes of the objects that it lists.

use std::ops::BitOrAssign;

use crate::yaml::Node;

/// Kinds of fields that kustomize sets in objects; together they are a set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Changes(u8);

impl Changes {
    /// Labels, and the selectors that go with them.
    const SELECTORS: Self = Self(1);
    /// Names, and what refers to them.
    const NAMES: Self = Self(1 << 1);
    /// Namespaces.
    const NAMESPACE: Self = Self(1 << 2);
    /// Images.
    const IMAGES: Self = Self(1 << 3);
    /// Numbers of replicas.
    const REPLICAS: Self = Self(1 << 4);
    /// Anything.
    pub(super) const ALL: Self = Self(u8::MAX);

    /// What a field of a kustomization changes: `builtinpluginconsts` of
    /// `sigs.k8s.io/kustomize/api/internal/plugins` says which fields its transformers set.
    pub(super) fn of(field: &str) -> Self {
        match field {
            // Those that list objects or make some, and those that no rule looks at.
            "apiVersion"
            | "kind"
            | "metadata"
            | "resources"
            | "bases"
            | "commonAnnotations"
            | "configMapGenerator"
            | "secretGenerator"
            | "generatorOptions"
            | "generators"
            | "helmChartInflationGenerator"
            | "helmCharts"
            | "helmGlobals"
            | "crds"
            | "openapi"
            | "validators"
            | "buildMetadata"
            | "sortOptions" => Self::default(),
            "labels" | "commonLabels" => Self::SELECTORS,
            "namePrefix" | "nameSuffix" => Self::NAMES,
            "namespace" => Self::NAMESPACE,
            "images" | "imageTags" => Self::IMAGES,
            "replicas" => Self::REPLICAS,
            _ => Self::ALL,
        }
    }

    /// Whether some of these are among them.
    fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether a fault at a field of an object may be gone once it is built. A key that should not
    /// be there stays.
    #[must_use]
    pub fn may_mend(self, id: &str, path: &str) -> bool {
        if self == Self::default() || matches!(id, "label-invalid" | "field-unknown") {
            return false;
        }
        let mut steps = path.rsplit('.');
        let last = steps.next().unwrap_or_default();
        let parent = steps.next().unwrap_or_default().split('[').next().unwrap_or_default();
        let is_selector =
            matches!(last, "selector" | "matchLabels" | "podSelector" | "labelSelector" | "labels");
        let is_own = matches!(
            parent,
            "containers" | "initContainers" | "ephemeralContainers" | "ports" | "volumes" | "env"
        );
        (self.has(Self::SELECTORS) && is_selector)
            || (self.has(Self::NAMES) && (last == "name" || last.ends_with("Name")) && !is_own)
            || (self.has(Self::NAMESPACE) && last == "namespace")
            || (self.has(Self::IMAGES) && last == "image")
            || (self.has(Self::REPLICAS) && last == "replicas")
    }
}

impl BitOrAssign for Changes {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// Fields by which a kustomization neither makes nor changes objects, but for labels and images.
const PLAIN: [&str; 13] = [
    "apiVersion",
    "bases",
    "buildMetadata",
    "commonAnnotations",
    "crds",
    "images",
    "kind",
    "labels",
    "metadata",
    "openapi",
    "replicas",
    "resources",
    "sortOptions",
];

/// Whether objects come out of a kustomization that are not among the files that it lists as they
/// stand: generated ones, remote ones, those under other names or in other namespaces.
pub(super) fn makes_objects(kustomization: &Node) -> bool {
    let Some(map) = kustomization.as_map() else { return true };
    let lists = ["resources", "bases"].into_iter().filter_map(|name| map.get(name)?.as_seq());
    let mut listed = lists.flatten().filter_map(Node::as_str);
    let is_remote = |path: &str| {
        path.contains("://") || path.contains("?ref=") || path.starts_with("github.com")
    };
    map.iter().any(|(key, _)| !PLAIN.contains(&&*key.name)) || listed.any(is_remote)
}

#[cfg(test)]
mod tests {
    use super::Changes;

    #[test]
    fn only_its_own_fields() {
        for (field, id, path) in [
            ("labels", "selector-missing", "spec.selector"),
            ("commonLabels", "selector-mismatch", "spec.template.metadata.labels"),
            ("namePrefix", "name-invalid", "metadata.name"),
            ("namespace", "subject-invalid", "subjects[0].namespace"),
            ("images", "image-invalid", "spec.containers[0].image"),
            ("replicas", "replicas-invalid", "spec.replicas"),
        ] {
            assert!(Changes::of(field).may_mend(id, path), "{field} {path}");
            assert!(!Changes::of("resources").may_mend(id, path), "{field} {path}");
            assert!(!Changes::of(field).may_mend(id, "spec.ports[0].port"), "{field}");
        }
        assert_eq!(Changes::of("patches"), Changes::ALL);
        assert!(!Changes::of("namePrefix").may_mend("name-invalid", "spec.containers[0].name"));
        assert!(!Changes::of("labels").may_mend("label-invalid", "metadata.labels"));
    }
}
