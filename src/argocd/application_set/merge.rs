//! The merge generator: the parameter sets of the first child, filled and changed by those of the
//! others that have the same values under the merge keys.
//!
//! Source: `generators/merge.go`, `TestMergeGenerate`, `TestParamSetsAreUniqueByMergeKeys`.

use std::collections::HashMap;

use crate::source::Span;
use crate::yaml::Node;

use super::deep_merge;
use super::fault::{Fault, FaultKind};
use super::generator::{Generators, ParameterSet};
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
    let mut written = Vec::new();
    for (sets, child) in all {
        index(&sets, &keys, child)?;
        for set in sets {
            let Some(&at) = by_key.get(&key_of(&set.parameters, &keys)) else { continue };
            let base = &mut merged[at];
            if generators.renderer.is_go() {
                if let Some(lent) = &mut base.lent {
                    lent.maps.retain(|path| !replaces(&set.parameters, path));
                    let into = lent.maps.iter().filter(|path| is_map(&set.parameters, path));
                    written.extend(into.map(|path| (lent.by, path.clone(), child.span)));
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
    warn_of_shared(&merged, &written, &mut generators.warnings);
    Ok(merged)
}

/// Tells of maps that differ between parameter sets here, and that are one map in Argo CD: what is merged into
/// it for one set is in all of them.
fn warn_of_shared(
    merged: &[ParameterSet],
    written: &[(usize, Vec<String>, Span)],
    warnings: &mut Vec<Fault>,
) {
    for (by, path, span) in written {
        let have = |set: &&ParameterSet| {
            let lent = set.lent.as_ref().filter(|lent| lent.by == *by);
            lent.is_some_and(|lent| lent.maps.contains(path))
        };
        let mut values = merged.iter().filter(have).map(|set| at(&set.parameters, path));
        let first = values.next();
        if !values.any(|value| Some(value) != first) {
            continue;
        }
        let message = format!(
            "`{}` is one map in several parameter sets of the matrix, and what is merged into it for one of them is in all",
            path.join(".")
        );
        let fault = Fault::ignored(FaultKind::SharedMap, *span, message);
        if !warnings.contains(&fault) {
            warnings.push(fault);
        }
    }
}

fn at<'p>(parameters: &'p Parameters, path: &[String]) -> Option<&'p Parameter> {
    let (last, above) = path.split_last()?;
    let mut map = parameters;
    for key in above {
        let Some(Parameter::Map(_, entries)) = map.get(key) else { return None };
        map = entries;
    }
    map.get(last)
}

fn is_map(parameters: &Parameters, path: &[String]) -> bool {
    matches!(at(parameters, path), Some(Parameter::Map(..)))
}

/// Whether something else takes the place of a map, or of one that it is in.
fn replaces(parameters: &Parameters, path: &[String]) -> bool {
    let mut beginnings = (1..=path.len()).filter_map(|depth| at(parameters, &path[..depth]));
    beginnings.any(|value| !matches!(value, Parameter::Map(..)))
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
