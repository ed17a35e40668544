//! Ports of the network: numbers, names and protocols.

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::value;
use crate::check::object::value::name;
use crate::model::Field;
use crate::yaml::Value;

const ID: &str = "port-invalid";

/// The protocols that the server knows.
pub(crate) const PROTOCOLS: [&str; 3] = ["TCP", "UDP", "SCTP"];

/// `IsValidPortNum` of `k8s.io/apimachinery/pkg/util/validation`; a number that is not there is 0.
pub(crate) fn number(parent: &Field<'_>, name: &str, faults: &mut Faults) {
    let number = value::number(parent, name).unwrap_or(0);
    if !(1..=65535).contains(&number) {
        let message = format!("`{name}` must be between 1 and 65535, not {number}");
        value::at_or_under(ID, Reason::Invalid, parent, name, message, faults);
    }
}

/// What ports of Services and of their end points share; of several each needs a name.
pub(crate) fn named(field: &Field<'_>, several: bool, faults: &mut Faults) {
    if several && field.text("name").is_empty() {
        let message = "with more than one port every port needs `name`";
        faults.missing("port-name-missing", field, "name", message);
    }
    value::form("name-invalid", field, "name", name::dns_label, faults);
    number(field, "port", faults);
    value::word_or_empty(value::UNKNOWN, field, "protocol", &PROTOCOLS, faults);
}

/// `ValidatePortNumOrName` of `pkg/apis/core/validation/validation.go`
pub(crate) fn number_or_name(field: &Field<'_>, faults: &mut Faults) {
    match &field.node.value {
        Value::Int(1..=65535) => {}
        Value::Int(number) => {
            let message = format!("port must be between 1 and 65535, not {number}");
            faults.at(ID, Reason::Invalid, field, message);
        }
        Value::String(text) => {
            if let Some(wrong) = name::port_name(text) {
                let fault =
                    faults.at(ID, Reason::Invalid, field, format!("port name `{text}` {wrong}"));
                if text.parse::<u16>().is_ok() {
                    fault.help("write the number without quotes");
                }
            }
        }
        _ => {}
    }
}
