//! What an ApplicationSet must say, because an ordinary commit would otherwise delete something
//! that runs, or leave it running with no owner.

use serde_json::{Value, json};

use crate::diagnostic::Finding;
use crate::resolve::Environment;
use crate::source::Span;
use crate::yaml::{self, Node, Value as YamlValue};

const CONFIRMATION: &str = "argocd.argoproj.io/deletion-approved";
const PATCH: &str = "/spec/templatePatch";
const OF_LIB: &str = "write `templatePatch: ${{ fragment(\"patch.yaml\").templatePatch }}`";

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
        name(environment, set),
        finalizers(set),
        retry(set),
        emptiness(releases, set),
    ];
    for fault in faults.into_iter().flatten().chain(options(releases, set)) {
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

/// The whole of `generators`: a `template` beside the list would win over `spec.template`, a
/// `selector` leave releases out, `elementsYaml` add others.
fn list(releases: &[Value], set: &Node) -> Option<Fault> {
    let wanted = json!([{"list": {"elements": releases}}]);
    (set.pointer("/spec/generators").map(yaml::to_json) != Some(wanted)).then(|| Fault {
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

/// Two environments may share one Argo CD.
fn name(environment: &Environment, set: &Node) -> Option<Fault> {
    let pointer = "/spec/template/metadata/name";
    let name = text(set, pointer).unwrap_or_default().replace(' ', "");
    let own = matches!(name.as_str(), "{{.application}}" | "{{application}}")
        || name.starts_with(&format!("{}-", environment.name));
    (!own).then(|| Fault {
        pointer,
        message: format!("must name its Applications `{}-…`", environment.name),
        why: "another environment's Application of the same name would be taken over",
        help: "write `name: '{{ .application }}'` under `spec.template.metadata`".to_owned(),
    })
}

fn finalizers(set: &Node) -> Option<Fault> {
    let template = "/spec/template/metadata/finalizers";
    let pointer = if set.pointer(template).is_some() {
        template
    } else if patch(set).contains("finalizers") {
        PATCH
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

fn retry(set: &Node) -> Option<Fault> {
    let template = "/spec/template/spec/syncPolicy/retry";
    let field = |name| set.pointer(template)?.get(name).map(yaml::to_json);
    let for_ever = field("limit") == Some(json!(-1)) && field("refresh") == Some(json!(true));
    let pointer = match (for_ever, patch(set).contains("retry")) {
        (true, false) => return None,
        (true, true) => PATCH,
        (false, _) => template,
    };
    Some(Fault {
        pointer,
        message: "does not try its Applications again for ever".to_owned(),
        why: "nothing orders layers: what comes before its namespace or its CRD fails at first, \
              and would stay so",
        help: "write `retry: {limit: -1, refresh: true}` under `spec.template.spec.syncPolicy`, \
               and nothing of it in `templatePatch`"
            .to_owned(),
    })
}

/// What an Application without any object needs to prune what it ran.
fn emptiness(releases: &[Value], set: &Node) -> Option<Fault> {
    let pointer = "/spec/template/spec/syncPolicy/automated/allowEmpty";
    let allowed = set.pointer(pointer).map(yaml::to_json) == Some(json!(true));
    let needed = releases.iter().any(|release| release["empty"] == true);
    (needed && !allowed && !patch(set).contains("allowEmpty")).then(|| Fault {
        pointer: PATCH,
        message: "does not set `allowEmpty`".to_owned(),
        why: "a release of the layer has no object, and Argo CD refuses to prune an Application \
              down to nothing",
        help: format!("set `automated: {{allowEmpty: true}}` where `.empty` is true, or {OF_LIB}"),
    })
}

/// The sync options of Applications. A patch replaces the template's list as a whole.
fn options(releases: &[Value], set: &Node) -> Vec<Fault> {
    let template = "/spec/template/spec/syncPolicy/syncOptions";
    let stated = set.pointer(template).map(yaml::to_json).unwrap_or_default().to_string();
    let (pointer, options) = match patch(set) {
        patch if patch.contains("syncOptions") => (PATCH, patch),
        _ => (template, stated.as_str()),
    };
    let fault = |message: String, why, help: String| Fault { pointer, message, why, help };
    let any = |field: &str| {
        releases.iter().any(|release| release[field].as_array().is_some_and(|all| !all.is_empty()))
    };
    let mut faults = Vec::new();
    if patch(set).contains("CreateNamespace") || stated.contains("CreateNamespace") {
        faults.push(fault(
            "sets `CreateNamespace`".to_owned(),
            "a pod could start in a namespace before its quota and limits are there",
            "take it out: namespaces are declared in environment.yaml".to_owned(),
        ));
    }
    let missing = |option: &str| !options.contains(option);
    if missing("ServerSideApply=true") {
        faults.push(fault(
            "does not set `ServerSideApply=true`".to_owned(),
            "fields that controllers own would be taken from them, and large CRDs do not fit",
            format!("add it to `syncOptions`, or {OF_LIB}"),
        ));
    }
    if any("ignoreDifferences") && missing("RespectIgnoreDifferences=true") {
        faults.push(fault(
            "does not set `RespectIgnoreDifferences=true`".to_owned(),
            "a release ignores differences; each sync would overwrite the fields all the same",
            format!("add it to `syncOptions`, or {OF_LIB}"),
        ));
    }
    if any("syncOptions") && missing(".syncOptions") {
        faults.push(fault(
            "leaves out the sync options of its releases".to_owned(),
            "one of them asks a person before it prunes, or states another option in its app.yaml",
            format!("add each of `.syncOptions` in `templatePatch`, or {OF_LIB}"),
        ));
    }
    faults
}

/// The text that Argo CD renders for each Application and merges into it. It is no YAML before
/// that, so only its words can be judged.
fn patch(set: &Node) -> &str {
    text(set, PATCH).unwrap_or_default()
}
