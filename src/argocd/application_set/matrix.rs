//! The matrix generator: each parameter set of the first child with each of the second.
//!
//! Source: `generators/matrix.go`, `TestMatrixGenerate`, `TestMatrixGenerateGoTemplate`,
//! `TestInterpolatedMatrixGenerate`.

use crate::yaml::Node;

use super::deep_merge;
use super::fault::{Fault, FaultKind};
use super::generator::{Generators, Lent, ParameterSet};
use super::parameter::{Parameter, Parameters};

/// The second child is made anew for each parameter set of the first, which is put into it.
pub(super) fn sets(
    generators: &mut Generators<'_>,
    body: &Node,
) -> Result<Vec<ParameterSet>, Fault> {
    let children = body.get("generators").and_then(Node::as_seq).unwrap_or_default();
    let [first, second] = children else {
        let message = format!("a matrix has two generators, and this has {}", children.len());
        return Err(Fault::stops(FaultKind::InvalidGenerator, body.span, message));
    };
    let mut sets = Vec::new();
    for (number, one) in generators.child(first, None)?.into_iter().enumerate() {
        for other in generators.child(second, Some(&one.parameters))? {
            let mut maps = Vec::new();
            if generators.renderer.is_go() {
                lent(&one.parameters, &other.parameters, &mut Vec::new(), &mut maps);
            }
            let parameters = match generators.renderer.is_go() {
                true => deep_merge::parameters(other.parameters, &one.parameters)
                    .map_err(|key| deep_merge::unmergeable(&key, body.span))?,
                false => texts(&one.parameters, &other.parameters, body)?,
            };
            let origins = one.origins.iter().chain(&other.origins).copied().collect();
            sets.push(ParameterSet { parameters, origins, lent: Some(Lent { by: number, maps }) });
        }
    }
    Ok(sets)
}

/// The maps of the first child that mergo puts into what a matrix makes as they are, without copying them:
/// those for which the second child has none, or for which both have an empty one.
fn lent(one: &Parameters, other: &Parameters, at: &mut Vec<String>, maps: &mut Vec<Vec<String>>) {
    for (key, value) in one {
        let Parameter::Map(_, own) = value else { continue };
        at.push(key.clone());
        match other.get(key) {
            Some(Parameter::Map(_, its)) if !(own.is_empty() && its.is_empty()) => {
                lent(own, its, at, maps);
            }
            _ => maps.push(at.clone()),
        }
        at.pop();
    }
}

/// `CombineStringMaps`: everything becomes text, and what both have must be the same.
fn texts(one: &Parameters, other: &Parameters, body: &Node) -> Result<Parameters, Fault> {
    let mut all = Parameters::new();
    for (key, value) in one.iter().chain(other) {
        let text = value.to_string();
        match all.get(key).and_then(Parameter::as_str) {
            Some(known) if known != text => {
                let message =
                    format!("both generators of the matrix give `{key}`: `{known}` and `{text}`");
                return Err(Fault::stops(FaultKind::ParameterConflict, body.span, message));
            }
            _ => all.insert(key.clone(), Parameter::Text(text)),
        };
    }
    Ok(all)
}
