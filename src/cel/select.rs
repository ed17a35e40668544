//! Selecting fields, tested for and optional ones too.

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, SelectExpr};

use super::code::{Code, Select};
use super::compile::{Compiled, Compiler, qualified};
use super::declarations;
use super::kind::Kind;
use super::program::CompileError;

impl Compiler<'_> {
    pub(crate) fn select(&mut self, expression: &IdedExpr, select: &SelectExpr) -> Compiled {
        if let Some(name) = qualified(expression)
            && let Some((name, kind)) = declarations::type_name(&name)
        {
            return Ok((Code::TypeName(name), kind.clone()));
        }
        let (operand, kind) = self.expression(&select.operand)?;
        let kind = self.field(&kind, &select.field, false)?;
        let select = Select { operand, field: select.field.as_str().into(), optional: false };
        Ok((Code::Select(Box::new(select)), kind))
    }

    /// `has(operand.field)`
    pub(crate) fn has(&mut self, argument: &IdedExpr) -> Compiled {
        let Expr::Select(select) = &argument.expr else {
            return Err(CompileError::refused("`has()` wants the selection of a field"));
        };
        let (operand, kind) = self.expression(&select.operand)?;
        self.field(&kind, &select.field, false)?;
        let select = Select { operand, field: select.field.as_str().into(), optional: false };
        Ok((Code::Has(Box::new(select)), Kind::Bool))
    }

    /// The type of a field.
    fn field(&mut self, operand: &Kind, field: &str, optional: bool) -> Result<Kind, CompileError> {
        let operand = self.mapping.resolve(operand, false);
        let (target, wrapped) = match operand.unwrapped() {
            Some(inner) => (inner.clone(), true),
            None => (operand, false),
        };
        let kind = match &target {
            Kind::Map(entry) => entry.1.clone(),
            Kind::Object(object) => object
                .field(field)
                .ok_or_else(|| CompileError::refused(format!("undefined field `{field}`")))?,
            Kind::Param(_) => {
                self.mapping.assign(&Kind::Dyn, &target);
                Kind::Dyn
            }
            Kind::Dyn => Kind::Dyn,
            other => {
                let message = format!("type `{other}` does not support field selection");
                return Err(CompileError::refused(message));
            }
        };
        Ok(if wrapped || optional { Kind::optional(kind) } else { kind })
    }

    pub(crate) fn optional_select(&mut self, call: &CallExpr) -> Compiled {
        let (Some(operand), Some(field)) = (call.args.first(), call.args.get(1)) else {
            return Err(CompileError::unknown("has a form that is not known"));
        };
        let Expr::Literal(LiteralValue::String(field)) = &field.expr else {
            return Err(CompileError::unknown("has a form that is not known"));
        };
        let (operand, kind) = self.expression(operand)?;
        let kind = self.field(&kind, field.inner(), true)?;
        let select = Select { operand, field: field.inner().into(), optional: true };
        Ok((Code::Select(Box::new(select)), kind))
    }
}
