//! PodDisruptionBudgets.

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::value;
use crate::check::object::value::amount;
use crate::check::object::value::selector;
use crate::model::Field;

/// `ValidatePodDisruptionBudgetSpec` of `pkg/apis/policy/validation/validation.go`
pub(crate) fn check(object: &Field<'_>, faults: &mut Faults) {
    let Some(spec) = object.get("spec") else { return };
    let least = spec.get("minAvailable");
    let most = spec.get("maxUnavailable");
    if let (Some(_), Some(most)) = (&least, &most) {
        let message = "a budget has `minAvailable` or `maxUnavailable`, not both";
        faults
            .entry("budget-ambiguous", Reason::Invalid, &spec, most, message)
            .help("remove one of the two");
    }
    for field in least.iter().chain(&most) {
        amount::check(field, faults);
        amount::not_over_all(field, faults);
    }
    if let Some(selector) = spec.get("selector") {
        selector::check(&selector, faults);
    }
    let known = ["IfHealthyBudget", "AlwaysAllow"];
    value::word(value::UNKNOWN, &spec, "unhealthyPodEvictionPolicy", &known, faults);
}
