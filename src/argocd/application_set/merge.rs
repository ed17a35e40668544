//! The merge generator: the parameter sets of the first child, filled and changed by those of the
//! others that have the same values under the merge keys.
//!
//! Source: `generators/merge.go`, `TestMergeGenerate`, `TestParamSetsAreUniqueByMergeKeys`.

use std::collections::HashMap;

use crate::yaml::Node;

use super::deep_merge;
use super::fault::{Fault, FaultKind};
use super::generator::{Generators, Kind, ParameterSet, kinds};
use super::parameter::{Parameter, Parameters};

/// Keys are looked up at the top of the parameters only. Argo CD gives the result in a random order,
/// this in the order of the first child.
pub(super) fn sets(
    generators: &mut Generators<'_>,
    body: &Node,
) -> Result<Vec<ParameterSet>, Fault> {
    let items = |field| body.get(field).and_then(Node::as_seq).unwrap_or_default();
    let children = items("generators");
    let [first, _, ..] = children else {
        let message = "a merge needs two generators or more";
        return Err(Fault::stops(FaultKind::InvalidGenerator, body.span, message));
    };
    let keys: Vec<&str> = items("mergeKeys").iter().filter_map(Node::as_str).collect();
    let mut all = Vec::new();
    for child in children {
        all.push(generators.child(child, None)?);
    }
    let mut all = all.into_iter().zip(children);
    let mut merged = all.next().map(|(sets, _)| sets).unwrap_or_default();
    let by_key = index(&merged, &keys, first)?;
    let from_matrix = kinds(first).iter().any(|(kind, _)| *kind == Kind::Matrix);
    for (sets, child) in all {
        index(&sets, &keys, child)?;
        for set in sets {
            let Some(&at) = by_key.get(&key_of(&set.parameters, &keys)) else { continue };
            let base = &mut merged[at];
            if generators.renderer.is_go() {
                if from_matrix && let Some(key) = shared(&base.parameters, &set.parameters) {
                    let message = format!(
                        "`{key}` is a map in both, and Argo CD may write what is merged into it into other parameter sets of the matrix, too"
                    );
                    generators.warnings.push(Fault::ignored(
                        FaultKind::SharedMap,
                        child.span,
                        message,
                    ));
                }
                let parameters = std::mem::take(&mut base.parameters);
                base.parameters = deep_merge::parameters(parameters, &set.parameters)
                    .map_err(|key| deep_merge::unmergeable(&key, child.span))?;
            } else {
                base.parameters.extend(set.parameters);
            }
            base.origins.extend(set.origins);
        }
    }
    Ok(merged)
}

/// The values of the merge keys as JSON; a key that is not there counts as null.
fn key_of(parameters: &Parameters, keys: &[&str]) -> String {
    let value = |key: &&str| {
        let value = parameters.get(*key).map_or(serde_json::Value::Null, Parameter::to_json);
        ((*key).to_owned(), value)
    };
    serde_json::Value::Object(keys.iter().map(value).collect()).to_string()
}

/// Where each set is, by its keys, which no other may have.
fn index(
    sets: &[ParameterSet],
    keys: &[&str],
    child: &Node,
) -> Result<HashMap<String, usize>, Fault> {
    let wrong =
        |message: String| Err(Fault::stops(FaultKind::MergeKeyNotUnique, child.span, message));
    if keys.is_empty() {
        return wrong("a merge needs `mergeKeys`".into());
    }
    let mut found = HashMap::new();
    for (at, set) in sets.iter().enumerate() {
        let key = key_of(&set.parameters, keys);
        if found.contains_key(&key) {
            return wrong(format!(
                "two parameter sets of this generator have the same merge keys: {key}"
            ));
        }
        found.insert(key, at);
    }
    Ok(found)
}

/// A key under which both have a map.
fn shared<'p>(base: &'p Parameters, other: &Parameters) -> Option<&'p str> {
    let is_map = |value: &Parameter| matches!(value, Parameter::Map(..));
    let both = |key: &String| is_map(&base[key]) && other.get(key).is_some_and(is_map);
    base.keys().find(|key| both(key)).map(String::as_str)
}
