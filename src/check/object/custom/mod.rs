//! Objects of custom kinds, as `k8s.io/apiextensions-apiserver` judges them: `apply` of
//! `pkg/apiserver/customresource_handler.go`, then `Validate` of
//! `pkg/registry/customresource/strategy.go`.

mod default;
mod embedded;
pub(crate) mod format;
mod list;
mod number;
mod plain;
mod prune;
mod rule;
mod scale;
mod value;

use crate::check::object::Verdict;
use crate::check::object::decode;
use crate::check::object::fault::{Fault, Faults, Reason};
use crate::check::object::metadata;
use crate::check::object::stranger;
use crate::check::object::unread;
use crate::check::object::value::name;
use crate::model::Field;
use crate::schema::{Definition, Known, OLDEST, Others, Structural, Version, pack};
use crate::yaml::Node;

/// Judges an object by what is known of its kind, for a minor version of Kubernetes 1.
pub(crate) fn check(known: Known<'_>, minor: u32, object: &Node) -> Verdict {
    let mut verdict = Verdict { has_schema: true, ..Verdict::default() };
    let mut faults = Faults::new(minor);
    match known {
        Known::Plain(schema) => plain::check(schema, &Field::root(object), minor, &mut faults),
        Known::Unserved(definition) => {
            unserved(definition, &Field::root(object), &mut faults);
            // Another release may have it, with a schema that is not known.
            verdict.has_schema = definition.release.is_none();
            stranger::check(object, &mut faults);
        }
        Known::Version(definition, version) => {
            if !version.served {
                unserved(definition, &Field::root(object), &mut faults);
            }
            if version.served || definition.release.is_some() {
                served(definition, version, object, minor, &mut faults, &mut verdict.unknown);
            }
        }
    }
    verdict.faults = faults.found;
    verdict
}

fn unserved(definition: &Definition, object: &Field<'_>, faults: &mut Faults) {
    let (stated, kind) = (object.text("apiVersion"), object.text("kind"));
    let field = object.get("apiVersion").unwrap_or(*object);
    let (who, reason) = match &definition.release {
        Some(release) => (&**release, None),
        None => ("the definition of the kind", Some(Reason::NotFound)),
    };
    let message = format!("{who} serves no `{kind}` as `{stated}`");
    let fault = faults.at("api-version-unserved", Reason::NotFound, &field, message);
    fault.reason = reason;
    let group = stated.rsplit_once('/').map_or("", |(group, _)| group);
    let served = definition.versions.iter().rfind(|version| version.served);
    if let Some(version) = served {
        fault.help(format!("write `apiVersion: {group}/{}`", version.name));
    }
}

/// The server warns of a version that is to go.
fn deprecated(version: &Version, object: &Field<'_>, faults: &mut Faults) {
    let Some(warning) = &version.deprecated else { return };
    let field = object.get("apiVersion").unwrap_or(*object);
    let (kind, stated) = (object.text("kind"), object.text("apiVersion"));
    let fault = faults.warn(
        "api-version-deprecated",
        &field,
        format!("`{kind}` as `{stated}` is deprecated"),
    );
    if !warning.is_empty() {
        fault.help(&**warning);
    }
}

fn served(
    definition: &Definition,
    version: &Version,
    object: &Node,
    minor: u32,
    faults: &mut Faults,
    unknown: &mut Vec<String>,
) {
    let schema = &*version.schema;
    deprecated(version, &Field::root(object), faults);
    let mut object = object.clone();
    let before = faults.found.len();
    prune::unknown_fields(schema, &mut object, faults);
    prune::nulls(schema, &mut object);
    if let Some(release) = &definition.release {
        faults.found[before..].iter_mut().for_each(|fault| of_release(fault, release));
    }
    let unread = decode::object_meta(pack(minor), &Field::root(&object), faults);
    let of_metadata = faults.found.len();
    embedded::decode(schema, &Field::root(&object), minor, faults);
    // Objects in it that cannot be read are too much of it.
    if faults.found.len() > of_metadata {
        return;
    }
    default::fill(schema, &mut object);
    if version.has_status
        && let Some(map) = object.as_map_mut()
    {
        map.remove("status");
    }
    if unread.is_empty() {
        return rules(definition, version, &object, faults, unknown);
    }
    let (mut found, _) = unread::judge(&object, &unread, false, |object| {
        let mut faults = Faults::new(minor);
        rules(definition, version, object, &mut faults, &mut Vec::new());
        faults.found
    });
    faults.found.append(&mut found);
}

/// What there is beside types and fields that nobody knows: the server would look at it once these
/// are mended.
fn rules(
    definition: &Definition,
    version: &Version,
    object: &Node,
    faults: &mut Faults,
    unknown: &mut Vec<String>,
) {
    let schema = &*version.schema;
    let root = Field::root(object);
    metadata::check(&root, definition.namespaced, false, name::dns_subdomain, faults);
    validate(schema, &root, faults.minor(), faults, unknown);
    if let Some(paths) = &version.scale {
        scale::check(paths, &root, faults);
    }
    embedded::check(schema, &root, faults);
    list::check(schema, &root, faults);
    rule::check(schema, &root, faults, unknown);
}

fn validate(
    schema: &Structural,
    root: &Field<'_>,
    minor: u32,
    faults: &mut Faults,
    unknown: &mut Vec<String>,
) {
    let mut validator = value::Validator { minor, unknown: Vec::new() };
    validator.value(schema, root, faults);
    unknown.append(&mut validator.unknown);
}

/// Takes out of a default what its schema does not know, and nulls; whether there was the former.
pub(crate) fn takes_away(schema: &Structural, is_object: bool, value: &mut Node) -> bool {
    let mut faults = Faults::new(OLDEST);
    prune::of_value(schema, is_object, value, &mut faults);
    prune::nulls(schema, value);
    !faults.found.is_empty()
}

/// What is wrong with a default. What depends on the version of Kubernetes is left out.
pub(crate) fn fits(schema: &Structural, value: &Field<'_>, faults: &mut Faults) {
    validate(schema, value, OLDEST, faults, &mut Vec::new());
}

/// The cluster may run another release than the one that the embedded definition is of, so that a
/// field which this one does not know is no fault for sure.
fn of_release(fault: &mut Fault, release: &str) {
    fault.reason = None;
    let more = format!("{release} has no such field, which is what it is judged by here");
    fault.help = Some(match fault.help.take() {
        Some(help) => format!("{help}; {more}"),
        None => more,
    });
}

/// What is in a map with the schema of each: fields, and entries of maps with free keys.
fn children<'a>(
    schema: &'a Structural,
    field: &'a Field<'a>,
) -> impl Iterator<Item = (&'a Structural, Field<'a>)> {
    let others = match &schema.others {
        Others::Any(Some(others)) => Some(&**others),
        _ => None,
    };
    field.fields().zip(field.entries()).filter_map(move |((name, child), (_, entry))| match schema
        .properties
        .get(name)
    {
        Some(known) => Some((&**known, child)),
        None => Some((others?, entry)),
    })
}
