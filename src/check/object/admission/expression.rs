//! Expressions of admission policies and webhooks: what `CompileCELExpression` of
//! `k8s.io/apiserver/pkg/admission/plugin/cel/compile.go` refuses.

use crate::cel::{Program, Returns, Variables};
use crate::check::object::fault::{Faults, Reason};
use crate::check::object::value;
use crate::model::Field;

/// Whether an expression is there, with more than blanks in it.
pub(crate) fn there(id: &'static str, parent: &Field<'_>, name: &str, faults: &mut Faults) -> bool {
    let there = !parent.text(name).trim().is_empty();
    if !there {
        let message = value::needs(parent, name);
        value::at_or_under(id, Reason::Required, parent, name, message, faults);
    }
    there
}

/// Compiles the expression of a field, where there is one.
pub(crate) fn compile(
    id: &'static str,
    parent: &Field<'_>,
    name: &str,
    (variables, returns): (&Variables, Returns),
    faults: &mut Faults,
) -> Option<Program> {
    let field = parent.get(name)?;
    let text = parent.text(name);
    if text.trim().is_empty() {
        return None;
    }
    match Program::compile(text, variables, returns) {
        Ok(program) => Some(program),
        Err(error) => {
            if error.refused {
                faults.at(id, Reason::Invalid, &field, format!("`{field}`: {error}"));
            }
            None
        }
    }
}

/// An expression that must be there, and compile.
pub(crate) fn check(
    id: &'static str,
    parent: &Field<'_>,
    name: &str,
    wanted: (&Variables, Returns),
    faults: &mut Faults,
) {
    if there(id, parent, name, faults) {
        compile(id, parent, name, wanted, faults);
    }
}
