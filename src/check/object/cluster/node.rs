//! Nodes that are written by hand, and what their pods get.

use std::collections::HashSet;

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::value::address::{self, Reading};
use crate::check::object::value::name;
use crate::check::object::value::{self};
use crate::model::Field;

const TAINT: &str = "taint-invalid";
const BLOCKS: &str = "pod-blocks-invalid";

/// `ValidateNode` of `pkg/apis/core/validation/validation.go`
pub(crate) fn check(object: &Field<'_>, faults: &mut Faults) {
    let Some(spec) = object.get("spec") else { return };
    if let Some(taints) = spec.get("taints") {
        let before = faults.found.len();
        self::taints(&taints, faults);
        // The server looks for them under `metadata`.
        for fault in &mut faults.found[before..] {
            fault.path = fault.path.replacen("spec.", "metadata.", 1);
        }
    }
    pod_blocks(&spec, Reading::of(faults.minor()), faults);
}

/// `validateNodeTaints`
fn taints(taints: &Field<'_>, faults: &mut Faults) {
    let mut seen = HashSet::new();
    for taint in taints.items() {
        value::form_needed(TAINT, &taint, "key", name::qualified_name, faults);
        value::form(TAINT, &taint, "value", name::label_value, faults);
        let effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
        value::required_word(TAINT, &taint, "effect", &effects, faults);
        let said = [taint.text("key"), taint.text("effect")];
        if seen.contains(&said) {
            let message = format!("`{}` taints twice with the same effect", taint.text("key"));
            faults.at(TAINT, Reason::Duplicate, &taint, message).help("keep one of them");
        }
        seen.insert(said);
    }
}

/// One block of addresses for each family. `Convert_v1_NodeSpec_To_core_NodeSpec` of
/// `pkg/apis/core/v1/conversion.go` lets `podCIDR` rule.
fn pod_blocks(spec: &Field<'_>, reading: Reading, faults: &mut Faults) {
    let alone = spec.text("podCIDR");
    let listed = value::texts(spec, "podCIDRs");
    if !alone.is_empty() && listed.first() != Some(&alone) {
        if let Some(field) = spec.get("podCIDR")
            && address::check_block(&field, alone, reading, faults).is_none()
            && let Some(fault) = faults.found.last_mut()
        {
            fault.path = format!("{spec}.podCIDRs[0]");
        }
        return;
    }
    let Some(list) = spec.get("podCIDRs") else { return };
    let checked = |item: Field<'_>| {
        let text = item.node.as_str().unwrap_or_default();
        address::check_block(&item, text, reading, faults).map(|_| text.contains(':'))
    };
    let families: Vec<Option<bool>> = list.items().map(checked).collect();
    let differ = matches!(families[..], [Some(one), Some(two)] if one != two);
    if families.len() > 1 && !differ && families.iter().all(Option::is_some) {
        let message = "`podCIDRs` may hold one block of each address family";
        faults.at(BLOCKS, Reason::Invalid, &list, message);
    }
}
