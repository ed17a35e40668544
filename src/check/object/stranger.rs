//! Objects of kinds that nothing is known of: what the API server asks of the metadata of any.

use crate::check::object::decode;
use crate::check::object::fault::{Fault, Faults};
use crate::check::object::metadata::{self, NameRule};
use crate::check::object::unread;
use crate::check::object::value::name;
use crate::model::Field;
use crate::schema::pack;
use crate::yaml::Node;

/// Groups below these are served by servers of their own, which name objects by rules of their own.
const OTHER_SERVERS: [&str; 3] = ["openshift.io", "grafana.app", "projectcalico.org"];

/// Judges the metadata of an object.
///
/// Whether it has a namespace is not known, nor whether it is kept at all: reviews need no name.
/// Tools that write their files as Kubernetes does have fields of their own in metadata.
pub(crate) fn check(object: &Node, faults: &mut Faults) {
    let root = Field::root(object);
    let kind = root.text("kind");
    if root.get("metadata").is_none() || kind.ends_with("List") {
        return;
    }
    let group = root.text("apiVersion").split('/').next().unwrap_or_default();
    let is_below = |parent: &&str| {
        group.strip_suffix(*parent).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    let rule: NameRule = match OTHER_SERVERS.iter().any(is_below) {
        true => name::path_segment,
        false => name::dns_subdomain,
    };
    let minor = faults.minor();
    let mut read = Faults::new(minor);
    let unread = decode::object_meta(pack(minor), &root, &mut read);
    let is_wrong = |fault: &Fault| fault.id != "field-unknown";
    faults.found.extend(read.found.into_iter().filter(is_wrong));
    let rules = |object: &Node| {
        let mut faults = Faults::new(minor);
        metadata::check(&Field::root(object), true, false, rule, &mut faults);
        faults.found.retain(|fault| fault.id != "name-missing");
        faults.found
    };
    let (mut found, _) = unread::judge(object, &unread, false, rules);
    faults.found.append(&mut found);
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::check::object::Judge;
    use crate::schema::Definitions;
    use crate::source::{Sources, Span};
    use crate::yaml;

    /// The paths of what is said of an object with this metadata.
    fn said(group: &str, metadata: &Value) -> Vec<String> {
        let span = Span::new(Sources::default().add("x", ""), 0..0);
        let object =
            json!({"apiVersion": format!("{group}/v1"), "kind": "Thing", "metadata": metadata});
        let definitions = Definitions::default();
        let verdict = Judge::new(36, &definitions).object(&yaml::from_json(&object, span));
        assert!(!verdict.has_schema);
        verdict.faults.into_iter().map(|fault| fault.path).collect()
    }

    #[test]
    fn metadata_of_anything() {
        for (metadata, path) in [
            (json!({"name": "Upper"}), "metadata.name"),
            (json!({"name": "a_b"}), "metadata.name"),
            (json!({"name": "a", "namespace": "A"}), "metadata.namespace"),
            (json!({"name": "a", "labels": {"a b": "c"}}), "metadata.labels"),
            (json!({"name": "a", "labels": {"a": 1}}), "metadata.labels[a]"),
            (json!({"name": "a", "annotations": {"a": true}}), "metadata.annotations[a]"),
            (json!({"name": "a", "finalizers": ["a b"]}), "metadata.finalizers"),
        ] {
            assert!(said("example.com", &metadata).contains(&path.to_owned()), "{metadata}");
        }
        let owner =
            json!({"name": "a", "ownerReferences": [{"kind": "Thing", "name": "b", "uid": "c"}]});
        assert_eq!(said("example.com", &owner), ["metadata.ownerReferences.apiVersion"]);
    }

    #[test]
    fn what_others_may_have() {
        for metadata in
            [json!({}), json!({"title": "A thing", "name": "a"}), json!({"name": "a.b-c"})]
        {
            assert_eq!(said("example.com", &metadata), Vec::<String>::new(), "{metadata}");
        }
        let name = json!({"name": "system:admin"});
        assert_eq!(said("user.openshift.io", &name), Vec::<String>::new());
        assert_eq!(said("example.com", &name).len(), 1);
    }
}
