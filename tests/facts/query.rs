//! The small language of the table's columns "in", "where" and "is".
//!
//! | in | where | found |
//! |---|---|---|
//! | tree | `KIND NAMESPACE/NAME /POINTER` | a field of an object; without a pointer, whether it is there |
//! | tree | `all KIND NAMESPACE /POINTER` | the different values of a field in all objects of a kind |
//! | tree | `names KIND NAMESPACE` | the names of all objects of a kind |
//! | tree | `sum KIND NAMESPACE /POINTER` | the sum of a field that holds quantities |
//! | tree | `pods requests.cpu NAMESPACE` | the sum over all pods at rest: workloads times replicas |
//! | tree | `addresses NAMESPACE/NAME` | how many addresses a MetalLB pool has |
//! | tree | `file PATH /POINTER` | a field of another YAML file of the tree |
//! | tree | `line PATH TEXT` | the first line of a file that contains a text |
//! | list | `/POINTER` | a field of the compiled environment, which `gitopsc list -o json` prints |
//! | list | `count /POINTER` | how many fields a pointer with `*` leads to |
//! | list | `sum /POINTER /POINTER …` | the sum of fields that hold quantities |
//! | list | `reserve cpu` | capacity of the nodes less what pods may have of it |
//! | both | `spare cpu` | what pods may have less what all pods at rest request |
//! | notes | `TEXT` | the first note of a build that contains a text |
//!
//! A namespace, a name or a step of a pointer may be `*`; a list's element may be named by its `name` too. What has to
//! be found is YAML, or `absent`, `present`, `contains TEXT`, `≤ QUANTITY`, `≥ QUANTITY`, `> QUANTITY`.

use std::net::Ipv4Addr;

use gitopsc::model::Quantity;
use serde_json::{Value, json};

use crate::tree::{Seen, documents};

/// What a row's query finds.
pub(crate) fn ask(seen: &Seen, source: &str, query: &str) -> Result<Value, String> {
    let words: Vec<&str> = query.split(' ').collect();
    match (source, words.as_slice()) {
        ("tree", ["all", kind, namespace, pointer]) => {
            let objects = seen.objects(kind, namespace, "*");
            let mut values: Vec<Value> =
                objects.flat_map(|object| several(object, pointer)).collect();
            values.sort_by_key(Value::to_string);
            values.dedup();
            Ok(values.into())
        }
        ("tree", ["names", kind, namespace]) => {
            let objects = seen.objects(kind, namespace, "*");
            let mut names: Vec<_> =
                objects.filter_map(|object| object["metadata"]["name"].as_str()).collect();
            names.sort_unstable();
            Ok(json!(names))
        }
        ("tree", ["sum", kind, namespace, pointer]) => {
            let objects = seen.objects(kind, namespace, "*");
            total(objects.flat_map(|object| several(object, pointer)))
        }
        ("tree", ["pods", resource, namespace]) => Ok(json!(pods(seen, resource, namespace)?)),
        ("tree", ["addresses", name]) => addresses(&object(seen, "IPAddressPool", name)?),
        ("tree", ["file", path, pointer]) => {
            let text = seen.files.get(*path).ok_or_else(|| format!("there is no {path}"))?;
            let documents = documents(path, text);
            Ok(documents.first().map_or(Value::Null, |document| one(document, pointer)))
        }
        ("tree", ["line", path, ..]) => {
            let text = seen.files.get(*path).ok_or_else(|| format!("there is no {path}"))?;
            let part = query.splitn(3, ' ').nth(2).unwrap_or_default();
            let line = text.lines().find(|line| line.contains(part));
            Ok(line.map_or(Value::Null, |line| json!(line.trim())))
        }
        ("tree", [kind, name]) => {
            Ok(object(seen, kind, name).map_or(Value::Null, |_| json!("an object")))
        }
        ("tree", [kind, name, pointer]) => {
            let object = object(seen, kind, name)?;
            let found = one(&object, pointer);
            // The API server's default.
            let plain = found.is_null() && *kind == "Service" && *pointer == "/spec/type";
            Ok(if plain { json!("ClusterIP") } else { found })
        }
        ("list", ["count", pointer]) => Ok(json!(several(&seen.environment, pointer).len())),
        ("list", ["sum", pointers @ ..]) => {
            total(pointers.iter().flat_map(|pointer| several(&seen.environment, pointer)))
        }
        ("list", ["reserve", resource]) => {
            let capacity = sum(several(&seen.environment, &format!("/nodes/*/{resource}")))?;
            Ok(json!(less(capacity, allocatable(seen, resource)?)))
        }
        ("list", [pointer]) => Ok(one(&seen.environment, pointer)),
        ("both", ["spare", resource]) => {
            let requested = pods(seen, &format!("requests.{resource}"), "*")?;
            Ok(json!(less(allocatable(seen, resource)?, requested)))
        }
        ("notes", _) => {
            let note = seen.notes.iter().find(|note| note.contains(query));
            Ok(note.map_or(Value::Null, |note| json!(note)))
        }
        _ => Err(format!("no such query in {source}")),
    }
}

/// Whether what was found is what a row expects.
pub(crate) fn holds(found: &Value, expected: &str) -> bool {
    let (word, rest) = expected.split_once(' ').unwrap_or((expected, ""));
    let compare = || Some((quantity(found)?, rest.parse::<Quantity>().ok()?));
    match word {
        "absent" => found.is_null(),
        "present" => !found.is_null(),
        "contains" => match found {
            Value::String(text) => text.contains(rest),
            Value::Array(items) => items.iter().any(|item| item == rest),
            _ => false,
        },
        "≤" => compare().is_some_and(|(found, bound)| less(bound, found) >= Quantity::ZERO),
        "≥" => compare().is_some_and(|(found, bound)| less(found, bound) >= Quantity::ZERO),
        ">" => compare().is_some_and(|(found, bound)| less(found, bound) > Quantity::ZERO),
        _ => documents("a table", expected).first() == Some(found),
    }
}

/// The one object of this kind and name.
fn object(seen: &Seen, kind: &str, name: &str) -> Result<Value, String> {
    let (namespace, name) = name.split_once('/').unwrap_or(("", name));
    let mut found = seen.objects(kind, namespace, name);
    let object = found.next().ok_or_else(|| format!("there is no {kind} {namespace}/{name}"))?;
    match found.next() {
        Some(_) => Err(format!("there are several {kind} {namespace}/{name}")),
        None => Ok(object.clone()),
    }
}

/// The value at a pointer; a list of values where the pointer has a `*`, null where there is nothing.
fn one(value: &Value, pointer: &str) -> Value {
    let mut found = several(value, pointer);
    if pointer.split('/').any(|step| step == "*") {
        return found.into();
    }
    if found.is_empty() { Value::Null } else { found.remove(0) }
}

/// The values that a pointer with `*` leads to.
fn several(value: &Value, pointer: &str) -> Vec<Value> {
    let mut values = vec![value];
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        values = values.into_iter().flat_map(|value| below(value, &step)).collect();
    }
    values.into_iter().cloned().collect()
}

fn below<'v>(value: &'v Value, step: &str) -> Vec<&'v Value> {
    match value {
        Value::Object(fields) if step == "*" => fields.values().collect(),
        Value::Object(fields) => fields.get(step).into_iter().collect(),
        Value::Array(items) if step == "*" => items.iter().collect(),
        Value::Array(items) => match step.parse::<usize>() {
            Ok(index) => items.get(index).into_iter().collect(),
            Err(_) => items.iter().filter(|item| item["name"] == step).collect(),
        },
        _ => Vec::new(),
    }
}

fn quantity(value: &Value) -> Option<Quantity> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.to_string().parse().ok(),
        _ => None,
    }
}

fn sum(values: impl IntoIterator<Item = Value>) -> Result<Quantity, String> {
    values.into_iter().try_fold(Quantity::ZERO, |sum, value| {
        let amount = quantity(&value).ok_or_else(|| format!("{value} is no quantity"))?;
        sum.checked_add(amount).ok_or_else(|| "too large".to_owned())
    })
}

fn total(values: impl IntoIterator<Item = Value>) -> Result<Value, String> {
    Ok(json!(sum(values)?))
}

fn less(from: Quantity, what: Quantity) -> Quantity {
    from.checked_sub(what).expect("a difference of ordinary size")
}

fn allocatable(seen: &Seen, resource: &str) -> Result<Quantity, String> {
    sum(several(&seen.environment, &format!("/nodes/*/allocatable/{resource}")))
}

/// What all pods of the workloads ask for: `requests.cpu` or `limits.memory`, say.
fn pods(seen: &Seen, resource: &str, namespace: &str) -> Result<Quantity, String> {
    let (list, name) = resource.split_once('.').ok_or("write requests.cpu")?;
    let pointer = format!("/spec/template/spec/containers/*/resources/{list}/{name}");
    let kinds = ["Deployment", "StatefulSet", "DaemonSet"];
    let workloads = kinds.iter().flat_map(|kind| seen.objects(kind, namespace, "*"));
    workloads.into_iter().try_fold(Quantity::ZERO, |total, workload| {
        // Where an autoscaler decides there is no number; one pod of each on a single node otherwise.
        let replicas = workload.pointer("/spec/replicas").and_then(Value::as_f64).unwrap_or(1.0);
        let pod = sum(several(workload, &pointer))?;
        let all = pod.checked_mul(replicas).and_then(|all| total.checked_add(all));
        all.ok_or_else(|| "too large".to_owned())
    })
}

/// The number of addresses of a pool, written as ranges.
fn addresses(pool: &Value) -> Result<Value, String> {
    let mut count = 0;
    for range in several(pool, "/spec/addresses/*") {
        let text = range.as_str().unwrap_or_default();
        let ends = text.split_once('-').map(|(from, to)| (from.parse(), to.parse()));
        let Some((Ok(from), Ok(to))): Option<(Result<Ipv4Addr, _>, Result<Ipv4Addr, _>)> = ends
        else {
            return Err(format!("`{text}` is no range of addresses"));
        };
        count += i64::from(to.to_bits()) - i64::from(from.to_bits()) + 1;
    }
    Ok(json!(count))
}
