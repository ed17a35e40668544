//! The matrix generator: each parameter set of the first child with each of the second.
//!
//! Source: `generators/matrix.go`, `TestMatrixGenerate`, `TestMatrixGenerateGoTemplate`,
//! `TestInterpolatedMatrixGenerate`.

use crate::yaml::Node;

use super::deep_merge;
use super::fault::{Fault, FaultKind};
use super::generator::{Generators, ParameterSet};
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
    for one in generators.child(first, None)? {
        for other in generators.child(second, Some(&one.parameters))? {
            let parameters = match generators.renderer.is_go() {
                true => deep_merge::parameters(other.parameters, &one.parameters)
                    .map_err(|key| deep_merge::unmergeable(&key, body.span))?,
                false => texts(&one.parameters, &other.parameters, body)?,
            };
            let origins = one.origins.iter().chain(&other.origins).copied().collect();
            sets.push(ParameterSet { parameters, origins });
        }
    }
    Ok(sets)
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
