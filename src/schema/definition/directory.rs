//! Directories of schemas that someone keeps beside the manifests.

use super::{Definitions, Found};
use crate::diagnostic::Finding;
use crate::source::Span;
use crate::yaml::{self, Document, Node};

/// Takes one file of a directory of schemas, of which the documents were read: any number of
/// CustomResourceDefinitions, or one JSON Schema whose path ends with `{group}/{kind}_{version}.json`
/// (the kind in lower case, as catalogues name it). Gives a finding where it is neither. Other
/// objects beside definitions, as in a file that installs an operator, are passed over.
///
/// `place` is where the file begins.
pub fn directory(
    definitions: &mut Definitions,
    path: &str,
    place: Span,
    documents: &[Document],
) -> Option<Finding> {
    let nodes: Vec<&Node> =
        documents.iter().filter_map(|document| document.node.as_ref()).collect();
    let mut crds = 0;
    for node in &nodes {
        let is_list = node.get("kind").and_then(Node::as_str).is_some_and(|kind| kind == "List");
        let items = node.get("items").and_then(Node::as_seq).filter(|_| is_list);
        let objects = items.unwrap_or(std::slice::from_ref(*node));
        crds += objects.iter().filter(|crd| definitions.add_crd(crd, Found::Directory)).count();
    }
    if crds > 0 {
        return None;
    }
    let wrong = match (catalogue_name(path), nodes.as_slice()) {
        (Some((group, kind, version)), [schema]) => {
            let json = yaml::to_json(schema);
            match definitions.add_json_schema(group, kind, version, &json) {
                Ok(()) => return None,
                Err(why) => format!("`{path}` is no JSON Schema: {why}"),
            }
        }
        _ => format!("`{path}` holds no schema"),
    };
    let help = "put CustomResourceDefinitions there, or JSON Schemas named \
                `{group}/{kind}_{version}.json`";
    Some(Finding::error("schema-file-wrong", wrong).at(place, "").help(help))
}

/// Group, kind and version of a path such as `cert-manager.io/certificate_v1.json`.
fn catalogue_name(path: &str) -> Option<(&str, &str, &str)> {
    let (above, file) = path.rsplit_once('/')?;
    let (kind, version) = file.strip_suffix(".json")?.rsplit_once('_')?;
    let group = above.rsplit('/').next()?;
    (!group.is_empty() && !kind.is_empty() && !version.is_empty()).then_some((group, kind, version))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Known;
    use crate::source::Sources;

    fn add(definitions: &mut Definitions, path: &str, text: &str) -> Option<Finding> {
        let mut sources = Sources::default();
        let file = sources.add(path, text);
        let read = yaml::read(file, text);
        directory(definitions, path, Span::new(file, 0..0), &read.documents)
    }

    #[test]
    fn files_of_a_directory() {
        let mut definitions = Definitions::default();
        let crd = "\
apiVersion: v1
kind: Namespace
metadata: {name: x}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.com}
spec:
  group: example.com
  scope: Cluster
  names: {kind: Thing, plural: things}
  versions: [{name: v1, served: true, storage: true}]
";
        assert_eq!(add(&mut definitions, "schemas/crd.yaml", crd), None);
        assert_eq!(definitions.is_namespaced("example.com", "Thing"), Some(false));
        let known = |version| definitions.known("example.com", version, "Thing");
        assert!(matches!(known("v1"), Some(Known::Version(..))));
        assert!(matches!(known("v2"), Some(Known::Unserved(_))));
        let json = r#"{"type": "object"}"#;
        assert_eq!(add(&mut definitions, "schemas/example.org/other_v1.json", json), None);
        assert!(matches!(definitions.known("example.org", "v1", "Other"), Some(Known::Plain(_))));
        for (path, text) in [
            ("schemas/values.yaml", "a: 1"),
            ("schemas/other.json", json),
            ("schemas/example.org/other_v2.json", r#"{"type": 1}"#),
            ("schemas/empty.yaml", ""),
        ] {
            let finding = add(&mut definitions, path, text).unwrap();
            assert_eq!(finding.id, "schema-file-wrong", "{path}");
        }
    }
}
