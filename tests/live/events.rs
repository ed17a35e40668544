//! Why something does not get on: the warnings that the controllers wrote down.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{
    plane::ControlPlane,
    state::{Key, State, text},
};

/// Each fault with what the controllers say of it, one to a line.
pub(crate) fn explain(
    plane: &ControlPlane,
    state: &State,
    lacks: &BTreeMap<Key, Vec<String>>,
) -> Vec<String> {
    if lacks.is_empty() {
        return Vec::new();
    }
    let printed = plane.must([
        "get",
        "events",
        "--all-namespaces",
        "--field-selector=type=Warning",
        "--sort-by=.metadata.creationTimestamp",
        "--output=json",
    ]);
    let list: Value = serde_json::from_str(&printed).expect("kubectl prints JSON");
    let mut reasons: BTreeMap<Key, Vec<&Value>> = BTreeMap::new();
    for event in list["items"].as_array().into_iter().flatten() {
        let part = |name: &str| text(event, &format!("/involvedObject/{name}")).to_owned();
        let about = (part("kind"), part("namespace"), part("name"));
        reasons.entry(state.owner(&about)).or_default().push(event);
    }
    let fault = |(key, what): (&Key, &Vec<String>)| {
        let mut fault = format!("{}: {}", crate::state::title(key), what.join("; "));
        let mut said = BTreeSet::new();
        // The last ones tell what is still so.
        for event in reasons.get(key).into_iter().flatten().rev() {
            let reason = text(event, "/reason");
            if said.len() < 3 && said.insert((reason, general(event))) {
                fault.push_str(&format!("\n    {reason}: {}", message(event)));
            }
        }
        fault
    };
    lacks.iter().map(fault).collect()
}

/// An event's message without the pod's random name.
fn general(event: &Value) -> String {
    let words = message(event).split_whitespace();
    words.filter(|word| !word.starts_with('"')).collect::<Vec<_>>().join(" ")
}

fn message(event: &Value) -> &str {
    let message = text(event, "/message").trim();
    message.strip_prefix("(combined from similar events): ").unwrap_or(message)
}
