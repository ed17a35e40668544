//! Carries out the differences of two values on the first of them.

use gitopsc::diff::{Edit, Step, What};
use gitopsc::yaml::to_json;
use serde_json::{Map, Value};

pub(crate) fn apply(before: &Value, edits: &[Edit]) -> Value {
    let edits: Vec<(&[Step], &What)> = edits.iter().map(|edit| (&*edit.at, &edit.what)).collect();
    value(before, &edits)
}

type Below<'e> = (&'e [Step], &'e What);

fn value(before: &Value, edits: &[Below<'_>]) -> Value {
    if let [([], What::Replaced(_, after))] = edits {
        return to_json(after);
    }
    match before {
        Value::Object(fields) => Value::Object(object(fields, edits)),
        Value::Array(items) => Value::Array(list(items, edits)),
        other => {
            assert!(edits.is_empty(), "{edits:?} within {other}");
            other.clone()
        }
    }
}

fn object(before: &Map<String, Value>, edits: &[Below<'_>]) -> Map<String, Value> {
    let of = |name: &str| -> Vec<Below<'_>> {
        let is_here = |step: &Step| matches!(step, Step::Field(field) if **field == *name);
        edits.iter().filter(|(at, _)| is_here(&at[0])).map(|(at, what)| (&at[1..], *what)).collect()
    };
    let mut after = Map::new();
    for (name, old) in before {
        match of(name).as_slice() {
            // What is to be there may stand there as nothing: an empty list, a zero.
            [([], What::Removed(_) | What::Added(_))] => {}
            edits => {
                after.insert(name.clone(), value(old, edits));
            }
        }
    }
    for (at, what) in edits {
        if let ([Step::Field(name)], What::Added(new)) = (at, what) {
            assert!(after.insert(name.to_string(), to_json(new)).is_none(), "`{name}` is there");
        }
    }
    after
}

fn list(before: &[Value], edits: &[Below<'_>]) -> Vec<Value> {
    let mut gone = vec![false; before.len()];
    let mut inner: Vec<Vec<Below<'_>>> = vec![Vec::new(); before.len()];
    let mut added = Vec::new();
    let mut order: Option<&[usize]> = None;
    for (at, what) in edits {
        match (at.first(), what) {
            (None, What::Reordered(places)) => order = Some(places),
            (Some(Step::Item { before: Some(place), after: None, .. }), What::Removed(_)) => {
                gone[*place] = true;
            }
            (Some(Step::Item { before: None, after: Some(place), .. }), What::Added(new)) => {
                added.push((*place, to_json(new)));
            }
            (Some(Step::Item { before: Some(place), .. }), _) => {
                inner[*place].push((&at[1..], what));
            }
            other => panic!("{other:?} in a list"),
        }
    }
    let staying: Vec<usize> = (0..before.len()).filter(|place| !gone[*place]).collect();
    let order = order.unwrap_or(&staying);
    assert_eq!(order.len(), staying.len(), "an order is that of all that stay");
    let mut after: Vec<Value> =
        order.iter().map(|place| value(&before[*place], &inner[*place])).collect();
    added.sort_by_key(|(place, _)| *place);
    for (place, new) in added {
        after.insert(place, new);
    }
    after
}
