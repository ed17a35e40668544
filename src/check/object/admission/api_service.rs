//! APIServices: `ValidateAPIService` of
//! `k8s.io/kube-aggregator/pkg/apis/apiregistration/validation/validation.go`.

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::value::name;
use crate::check::object::value::{self, is_true, number, required};
use crate::model::Field;

const NAME: &str = "api-service-name-mismatch";
const GROUP: &str = "api-group-invalid";
const VERSION: &str = "api-version-invalid";
const PRIORITY: &str = "api-priority-invalid";
const SERVICE: &str = "api-service-target-invalid";

/// `ValidateAPIService`
pub(crate) fn check(object: &Field<'_>, faults: &mut Faults) {
    let Some(spec) = object.get("spec") else {
        faults.missing("spec-missing", object, "spec.group", "`spec` is missing");
        return;
    };
    own_name(object, &spec, faults);
    group_and_version(&spec, faults);
    for (name, most) in [("groupPriorityMinimum", 20_000), ("versionPriority", 1000)] {
        let value = number(&spec, name).unwrap_or(0);
        if !(1..=most).contains(&value) {
            let message = format!("`{name}` must be between 1 and {most}, not {value}");
            value::at_or_under(PRIORITY, Reason::Invalid, &spec, name, message, faults);
        }
    }
    target(&spec, faults);
}

fn own_name(object: &Field<'_>, spec: &Field<'_>, faults: &mut Faults) {
    let Some(metadata) = object.get("metadata") else { return };
    let name = metadata.text("name");
    let wanted = format!("{}.{}", spec.text("version"), spec.text("group"));
    if let Some(field) = metadata.get("generateName")
        && !["", &wanted].contains(&metadata.text("generateName"))
    {
        let message = "an APIService is named by its version and group, so no name is generated";
        faults.at(NAME, Reason::Invalid, &field, message).help("remove `generateName`");
    }
    if let Some(field) = metadata.get("name")
        && name != wanted
        && !name.is_empty()
        && name::path_segment(name).is_none()
    {
        let message = format!("an APIService is named by its version and group, not `{name}`");
        faults.at(NAME, Reason::Invalid, &field, message).help(format!("write `{wanted}`"));
    }
}

fn group_and_version(spec: &Field<'_>, faults: &mut Faults) {
    let version = spec.text("version");
    if spec.text("group").is_empty() && version != "v1" {
        faults.missing(GROUP, spec, "group", value::needs(spec, "group"));
    }
    value::form(GROUP, spec, "group", name::dns_subdomain, faults);
    if let Some(wrong) = name::dns_1035_label(version) {
        let message = format!("version `{version}` {wrong}");
        value::at_or_under(VERSION, Reason::Invalid, spec, "version", message, faults);
    }
}

fn target(spec: &Field<'_>, faults: &mut Faults) {
    let bundle = !spec.text("caBundle").is_empty();
    let insecure = is_true(spec, "insecureSkipTLSVerify");
    let Some(service) = spec.get("service") else {
        for (name, is_set) in [("caBundle", bundle), ("insecureSkipTLSVerify", insecure)] {
            if let Some(field) = spec.get(name).filter(|_| is_set) {
                let message = format!("`{name}` needs a `service`");
                faults.at(SERVICE, Reason::Invalid, &field, message);
            }
        }
        return;
    };
    required(SERVICE, &service, "namespace", faults);
    required(SERVICE, &service, "name", faults);
    value::range(SERVICE, &service, "port", 1..=65535, faults);
    if let Some(field) = spec.get("insecureSkipTLSVerify").filter(|_| insecure && bundle) {
        let message = "`insecureSkipTLSVerify` and `caBundle` exclude each other";
        faults.at(SERVICE, Reason::Invalid, &field, message).help("keep `caBundle`");
    }
}
