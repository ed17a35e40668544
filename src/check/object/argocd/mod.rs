//! What Argo CD 3.5.7 reads of an object: annotations of all, and the fields of Applications.
//!
//! Most of what it cannot read it passes over without a word, so that the object does something else
//! than it says.

mod annotation;
mod application;
mod hook;
mod key;
mod option;
mod wave;

use crate::check::object::fault::Faults;
use crate::model::{Field, GroupKind};

/// Checks an object of any kind.
pub(crate) fn check(object: &Field<'_>, faults: &mut Faults) {
    let (group, kind) = GroupKind::stated(object.node);
    let is_application = (group, kind) == ("argoproj.io", "Application");
    let is_set = (group, kind) == ("argoproj.io", "ApplicationSet");
    if let Some(metadata) = object.get("metadata") {
        key::check(&metadata, is_application || is_set, faults);
        hook::check(&metadata, faults);
        if let Some(annotations) = metadata.get("annotations") {
            wave::check(&annotations, faults);
            option::of_object(&annotations, faults);
            option::of_comparison(&annotations, is_application, faults);
        }
    }
    let Some(spec) = object.get("spec") else { return };
    if is_application {
        application::check(&spec, true, faults);
    }
    if is_set && let Some(template) = spec.get("template") {
        if let Some(metadata) = template.get("metadata") {
            key::check(&metadata, true, faults);
            if let Some(annotations) = metadata.get("annotations") {
                option::of_comparison(&annotations, true, faults);
            }
        }
        if let Some(inner) = template.get("spec") {
            application::check(&inner, application::is_whole(&spec), faults);
        }
    }
}
