//! What an ApplicationSet must say, because an ordinary commit would otherwise delete something
//! that runs, or leave it running with no owner.

use serde_json::Value;

use crate::diagnostic::Finding;
use crate::resolve::Environment;
use crate::source::Span;
use crate::yaml::{Node, Value as YamlValue};

const CONFIRMATION: &str = "argocd.argoproj.io/deletion-approved";

/// One rule that a set breaks.
struct Fault {
    /// Where it does, or where the field would be.
    pointer: &'static str,
    message: String,
    why: &'static str,
    help: String,
}

/// Holds a rendered set against the rules; each that it breaks is an error.
pub(super) fn check(
    environment: &Environment,
    layer: &str,
    releases: &[Value],
    set: &Node,
    findings: &mut Vec<Finding>,
) {
    let faults = [
        identity(environment, set),
        list(releases, set),
        deletion(set),
        confirmation(set),
        project(environment, layer, set),
        finalizers(set),
    ];
    for fault in faults.into_iter().flatten() {
        let message = format!("the ApplicationSet of layer `{layer}` {}", fault.message);
        findings.push(
            Finding::error("application-set-unsafe", message)
                .at(place(set, fault.pointer), "")
                .note(fault.why)
                .help(fault.help),
        );
    }
}

/// The field, or the nearest that is there and no map; a map's span would be all of it.
fn place(set: &Node, pointer: &str) -> Span {
    let field = set.pointer(pointer).filter(|node| node.as_map().is_none());
    field.or_else(|| set.get("kind")).map_or(set.span, |node| node.span)
}

fn text<'n>(set: &'n Node, pointer: &str) -> Option<&'n str> {
    set.pointer(pointer).and_then(Node::as_str)
}

fn identity(environment: &Environment, set: &Node) -> Option<Fault> {
    let namespace = environment.argocd_namespace();
    let (pointer, message, help) = if text(set, "/kind") != Some("ApplicationSet") {
        ("/kind", "is none".to_owned(), "write `kind: ApplicationSet`".to_owned())
    } else if !text(set, "/apiVersion").is_some_and(|version| version.starts_with("argoproj.io/")) {
        let help = "write `apiVersion: argoproj.io/v1alpha1`".to_owned();
        ("/apiVersion", "is none of Argo CD's".to_owned(), help)
    // Without a namespace it goes to the root's destination, which is Argo CD's.
    } else if text(set, "/metadata/namespace").is_some_and(|stated| stated != namespace) {
        let help = "write `namespace: ${{ env.gitops.argocd.namespace }}`, or leave it out";
        ("/metadata/namespace", format!("must be in namespace `{namespace}`"), help.to_owned())
    } else {
        return None;
    };
    let why = "the root's project permits ApplicationSets in Argo CD's namespace only";
    Some(Fault { pointer, message, why, help })
}

fn list(releases: &[Value], set: &Node) -> Option<Fault> {
    let elements = match set.pointer("/spec/generators").and_then(Node::as_seq) {
        Some([generator]) => generator.pointer("/list/elements").and_then(Node::as_seq),
        _ => None,
    };
    let names = elements.map(|elements| {
        elements.iter().map(|element| element.get("name").and_then(Node::as_str)).collect()
    });
    let wanted: Vec<Option<&str>> =
        releases.iter().map(|release| release.get("name").and_then(Value::as_str)).collect();
    (names.as_ref() != Some(&wanted)).then(|| Fault {
        pointer: "/spec/generators",
        message: "must have one generator, the list of the layer's releases".to_owned(),
        why: "with any other generator an ordinary commit could make Applications vanish, and \
              nothing is left to see what they ran",
        help: "write `- list: {elements: \"${{ layer.releases }}\"}` and nothing else under \
               `generators`"
            .to_owned(),
    })
}

fn deletion(set: &Node) -> Option<Fault> {
    let field = set.pointer("/spec/syncPolicy/preserveResourcesOnDeletion");
    let kept = field.is_some_and(|field| matches!(field.value, YamlValue::Bool(true)));
    (!kept).then(|| Fault {
        pointer: "/spec/syncPolicy/preserveResourcesOnDeletion",
        message: "deletes what its Applications run".to_owned(),
        why: "an Application that leaves the set, or the set itself, would take all objects along",
        help: "write `preserveResourcesOnDeletion: true` under `spec.syncPolicy`, or \
               `syncPolicy: ${{ fragment(\"set.yaml\").syncPolicy }}`"
            .to_owned(),
    })
}

fn confirmation(set: &Node) -> Option<Fault> {
    let kept = set.pointer("/spec/preservedFields/annotations").and_then(Node::as_seq);
    let kept = kept.into_iter().flatten().any(|name| name.as_str() == Some(CONFIRMATION));
    (!kept).then(|| Fault {
        pointer: "/spec/preservedFields/annotations",
        message: format!("does not preserve `{CONFIRMATION}`"),
        why: "the annotation is how a person confirms that data goes; the set's controller would \
              take it off at once",
        help: format!("write `preservedFields: {{annotations: [{CONFIRMATION}]}}` under `spec`"),
    })
}

fn project(environment: &Environment, layer: &str, set: &Node) -> Option<Fault> {
    let pointer = "/spec/template/spec/project";
    let wanted = format!("{}-{layer}", environment.name);
    (text(set, pointer) != Some(&wanted)).then(|| Fault {
        pointer,
        message: format!("must have the project `{wanted}`"),
        why: "the project is what keeps a layer to its own namespaces and kinds",
        help: "write `project: ${{ layer.project }}` under `spec.template.spec`".to_owned(),
    })
}

fn finalizers(set: &Node) -> Option<Fault> {
    let (template, patch) = ("/spec/template/metadata/finalizers", "/spec/templatePatch");
    let pointer = if set.pointer(template).is_some() {
        template
    } else if text(set, patch).is_some_and(|text| text.contains("finalizers:")) {
        patch
    } else {
        return None;
    };
    Some(Fault {
        pointer,
        message: "gives its Applications finalizers".to_owned(),
        why: "an Application with one takes all its objects along when it is deleted",
        help: "take `finalizers` out".to_owned(),
    })
}
