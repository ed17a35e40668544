//! The spec of an Application, also in the template of an ApplicationSet: `ValidatePermissions` and
//! `GetDestinationServer` in `util/argo/argo.go` of Argo CD, `ExplicitType` in
//! `pkg/apis/application/v1alpha1/types.go`.

use super::{difference, option, retry};
use crate::check::object::fault::{Faults, Reason};
use crate::model::Field;
use crate::yaml::{Node, Value};

const DESTINATION: &str = "application-destination-invalid";
const SOURCE: &str = "application-source-invalid";
const IGNORED: &str = "application-source-ignored";
const MISSING: &str = "application-source-missing";

/// The blocks of a source that name its tool.
const TOOLS: [&str; 4] = ["kustomize", "helm", "directory", "plugin"];

/// Whether all of an ApplicationSet's template stands in the template: a patch may add to it, and so may
/// the template of a generator.
pub(super) fn is_whole(set: &Field<'_>) -> bool {
    let own = |generator: &Node| {
        let kinds = generator.as_map().into_iter().flat_map(|map| map.iter());
        kinds.into_iter().any(|(_, kind)| kind.get("template").is_some())
    };
    let generators = set.node.get("generators").and_then(Node::as_seq).unwrap_or_default();
    set.get("templatePatch").is_none() && !generators.iter().any(own)
}

/// Checks a spec. What is missing is told only where nothing adds to it.
pub(super) fn check(spec: &Field<'_>, whole: bool, faults: &mut Faults) {
    option::of_application(spec, faults);
    difference::check(spec, faults);
    retry::check(spec, faults);
    // A patch of kustomize has neither.
    let whole = whole && spec.get("project").is_some();
    if let Some(destination) = spec.get("destination") {
        place(&destination, whole, faults);
    }
    // A hydrator brings its own.
    if let Some(hydrator) = spec.get("sourceHydrator") {
        hydrates(&hydrator, whole, faults);
        return;
    }
    let single = spec.get("source");
    let several = spec.get("sources");
    let items: Vec<Field<'_>> = several.iter().flat_map(Field::items).collect();
    for item in &items {
        source(item, true, whole, faults);
    }
    match single {
        Some(field) if !items.is_empty() => {
            let message = "beside `sources`, `source` counts for nothing";
            let fault = faults.warn(IGNORED, &field, message);
            fault.span = field.key_span();
            fault.help("leave one of them");
        }
        Some(field) => source(&field, false, whole, faults),
        // A patch may have a project; what has a destination as well is an Application.
        None if whole && items.is_empty() && spec.get("destination").is_some() => {
            let message = "the Application has no source";
            let fault = faults.missing(MISSING, spec, "source", message);
            if let Some(empty) = &several {
                fault.span = empty.key_span();
            }
            fault.note = Some("Argo CD refuses it, and compares and syncs nothing");
            fault.help("write `source` with `repoURL` and `path` or `chart`");
        }
        None => {}
    }
}

fn place(destination: &Field<'_>, whole: bool, faults: &mut Faults) {
    let has = |field: &str| !destination.text(field).is_empty();
    let message = match (has("server"), has("name")) {
        (true, true) => "a destination has either `server` or `name`, not both",
        (false, false) if whole && destination.node.as_map().is_some() => {
            "the destination names no cluster"
        }
        _ => return,
    };
    let fault = faults.at_key(DESTINATION, Reason::Invalid, destination, message);
    fault.help("write either `server`, the cluster's address, or `name`");
}

/// Checks one source; of several, one may be there for others to refer to.
fn source(source: &Field<'_>, of_several: bool, whole: bool, faults: &mut Faults) {
    if source.node.as_map().is_none() {
        return;
    }
    let of = |field: &str| source.node.get(field);
    let types = TOOLS.into_iter();
    // Argo CD takes away those that say nothing, but for a plugin's.
    let says = |field: &&str| match of(field) {
        Some(node) if *field == "plugin" => !node.is_null(),
        Some(node) => !is_zero(node),
        None => false,
    };
    of_one_kind(source, &types.filter(says).collect::<Vec<_>>(), faults);
    if let Some(url) = source.get("repoURL").filter(|url| whole && url.node.as_str() == Some("")) {
        faults
            .at(SOURCE, Reason::Required, &url, "a source needs `repoURL`")
            .help("write the address of the repository");
    }
    let has = |field: &str| !source.text(field).is_empty();
    if !whole || !has("repoURL") {
        return;
    }
    let says_what = has("path") || has("chart") || (of_several && has("ref"));
    if !says_what {
        let message = "a source needs `path` or `chart`";
        faults
            .missing(SOURCE, source, "path", message)
            .help("write `path: .` for the whole repository");
    }
    if has("chart") && !has("targetRevision") {
        let message = "a source with `chart` needs `targetRevision`";
        faults
            .missing(SOURCE, source, "targetRevision", message)
            .help("write the version of the chart");
    }
}

fn of_one_kind(source: &Field<'_>, tools: &[&str], faults: &mut Faults) {
    if let [first, second, ..] = tools {
        let message = format!("a source is of one kind, not both `{first}` and `{second}`");
        faults.at_key(SOURCE, Reason::Invalid, source, message).help("leave one of them");
    }
}

/// What a hydrator reads and writes: `GetDrySource` and `validateSourceHydrator`. A field that is not
/// there at all the schema tells.
fn hydrates(hydrator: &Field<'_>, whole: bool, faults: &mut Faults) {
    if let Some(dry) = hydrator.get("drySource") {
        // `NormalizeApplicationSpec` takes no block out here, even if it says nothing.
        let is_there = |tool: &&str| dry.node.get(tool).is_some_and(|node| !node.is_null());
        of_one_kind(&dry, &TOOLS.into_iter().filter(is_there).collect::<Vec<_>>(), faults);
    }
    let needed = [
        ("drySource", "repoURL", "the address of the repository"),
        ("syncSource", "targetBranch", "the branch that is synced"),
        ("hydrateTo", "targetBranch", "the branch to write, or take `hydrateTo` out"),
    ];
    for (block, name, what) in needed.into_iter().filter(|_| whole) {
        let Some(part) = hydrator.get(block) else { continue };
        let field = part.get(name).filter(|field| field.node.as_str() == Some(""));
        let Some(field) = field else { continue };
        let fault = faults.warn(SOURCE, &field, format!("`{block}` needs `{name}`"));
        fault.note = Some("Argo CD refuses the Application, and hydrates and syncs nothing");
        fault.help(format!("write {what}"));
    }
}

/// `IsZero`: nothing that says something.
fn is_zero(node: &Node) -> bool {
    match &node.value {
        Value::Map(map) => map.iter().all(|(_, child)| is_zero(child)),
        Value::Seq(items) => items.is_empty(),
        Value::String(text) => text.is_empty(),
        Value::Null => true,
        Value::Bool(is) => !is,
        _ => false,
    }
}
