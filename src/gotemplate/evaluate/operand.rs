//! Values of pipelines, commands and operands.

use std::ops::Range;

use super::super::MissingKey;
use super::super::failure::{ErrorKind, Failure};
use super::super::functions::{self, Function, Type};
use super::super::tree::{Command, Number, Operand, OperandKind, Pipeline};
use super::super::value::Value;
use super::{Evaluated, Run, Scope};

/// Pieces in which results count as work, so that they cannot fill the memory.
const PIECE: usize = 16;

impl<'t> Run<'t> {
    /// The result of the last command; null becomes no value.
    pub(super) fn pipeline(
        &mut self,
        scope: &mut Scope<'t>,
        dot: &Value,
        pipeline: &'t Pipeline,
    ) -> Evaluated {
        let mut last = None;
        for command in &pipeline.commands {
            last = Some(match self.command(scope, dot, command, last)? {
                Value::Nil => Value::Nothing,
                value => value,
            });
        }
        let value = last.unwrap_or_default();
        for name in &pipeline.variables {
            if pipeline.assigns {
                self.set(scope, &pipeline.span, name, &value)?;
            } else {
                scope.variables.push((name, value.clone()));
            }
        }
        Ok(value)
    }

    fn command(
        &mut self,
        scope: &mut Scope<'t>,
        dot: &Value,
        command: &'t Command,
        last: Option<Value>,
    ) -> Evaluated {
        let Command { span, first, arguments } = command;
        match &first.kind {
            OperandKind::Function(name) => {
                return self.call(scope, dot, span, name, arguments, last);
            }
            OperandKind::Field(names) => {
                return self.fields(scope, dot, dot.clone(), first, names, arguments, last);
            }
            OperandKind::Variable(name, names) if !names.is_empty() => {
                let value = scope.variable(name).cloned().unwrap_or_default();
                return self.fields(scope, dot, value, first, names, arguments, last);
            }
            OperandKind::Chain(operand, names) => {
                let value = self.operand(scope, dot, operand)?;
                return self.fields(scope, dot, value, first, names, arguments, last);
            }
            _ => {}
        }
        if last.is_some() || !arguments.is_empty() {
            let shown = self.template.text.get(first.span.clone()).unwrap_or_default();
            let message = format!("can't give argument to non-function {shown}");
            return self.wrong(scope, &first.span, message);
        }
        if matches!(first.kind, OperandKind::Nil) {
            return self.wrong(scope, &first.span, "nil is not a command");
        }
        self.operand(scope, dot, first)
    }

    /// The value of an operand on its own.
    fn operand(&mut self, scope: &mut Scope<'t>, dot: &Value, operand: &'t Operand) -> Evaluated {
        match &operand.kind {
            OperandKind::Dot => Ok(dot.clone()),
            OperandKind::Nil => Ok(Value::Nil),
            OperandKind::Bool(value) => Ok((*value).into()),
            OperandKind::Number(number) => self.ideal(scope, operand, *number),
            OperandKind::String(text) => Ok((&**text).into()),
            OperandKind::Pipeline(pipeline) => self.pipeline(scope, dot, pipeline),
            OperandKind::Function(name) => self.call(scope, dot, &operand.span, name, &[], None),
            OperandKind::Field(names) => {
                self.fields(scope, dot, dot.clone(), operand, names, &[], None)
            }
            OperandKind::Variable(name, names) => {
                let value = scope.variable(name).cloned().unwrap_or_default();
                self.fields(scope, dot, value, operand, names, &[], None)
            }
            OperandKind::Chain(inner, names) => {
                let value = self.operand(scope, dot, inner)?;
                self.fields(scope, dot, value, operand, names, &[], None)
            }
        }
    }

    /// `idealConstant`: the type of a number that nothing asks a type of.
    fn ideal(&self, scope: &Scope<'_>, operand: &Operand, number: Number) -> Evaluated {
        match number {
            Number { float: Some(float), looks_float: true, .. } => Ok(float.into()),
            Number { int: Some(int), .. } => Ok(Value::int(int)),
            _ => {
                let shown = self.template.text.get(operand.span.clone()).unwrap_or_default();
                self.wrong(scope, &operand.span, format!("{shown} overflows int"))
            }
        }
    }

    /// `evalFieldChain`: the keys one by one; only the last may be a method with arguments.
    #[expect(clippy::too_many_arguments, reason = "what a command is made of")]
    fn fields(
        &mut self,
        scope: &mut Scope<'t>,
        dot: &Value,
        mut value: Value,
        operand: &'t Operand,
        names: &[String],
        arguments: &'t [Operand],
        last: Option<Value>,
    ) -> Evaluated {
        let mut given = Vec::new();
        if names.is_empty() && (last.is_some() || !arguments.is_empty()) {
            return self.wrong(scope, &operand.span, "can't give argument to non-function");
        }
        for argument in arguments {
            given.push(self.operand(scope, dot, argument)?);
        }
        given.extend(last);
        for (at, name) in names.iter().enumerate() {
            let given: &[Value] = if at + 1 == names.len() { &given } else { &[] };
            let found = self.field(&value, name, given);
            value = found.or_else(|failure| self.fail(scope, &operand.span, failure))?;
        }
        Ok(value)
    }

    /// `evalField`
    fn field(&self, value: &Value, name: &str, given: &[Value]) -> Result<Value, Failure> {
        let missing = self.settings.missing_key;
        let map = match value {
            Value::Nothing if missing == MissingKey::Error => {
                return Err(Failure::wrong(format!("nil data; no entry for key {name:?}")));
            }
            Value::Nothing => return Ok(Value::Nothing),
            Value::Nil => {
                let message = format!("nil pointer evaluating interface {{}}.{name}");
                return Err(Failure::wrong(message));
            }
            Value::Map(map) => map,
            Value::Version(version) => return functions::version_method(version, name, given),
            Value::Time(time) => return functions::time_method(time, name, given),
            _ => {
                let kind = value.type_name();
                return Err(Failure::wrong(format!("can't evaluate field {name} in type {kind}")));
            }
        };
        if !given.is_empty() {
            return Err(Failure::wrong(format!("{name} is not a method but has arguments")));
        }
        match (map.get(name), missing) {
            (Some(value), _) => Ok(value),
            (None, MissingKey::Invalid) => Ok(Value::Nothing),
            (None, MissingKey::Zero) => Ok(map.element().zero()),
            (None, MissingKey::Error) => {
                Err(Failure::wrong(format!("map has no entry for key {name:?}")))
            }
        }
    }

    /// `evalCall`
    fn call(
        &mut self,
        scope: &mut Scope<'t>,
        dot: &Value,
        span: &Range<usize>,
        name: &str,
        arguments: &'t [Operand],
        last: Option<Value>,
    ) -> Evaluated {
        self.spend(scope, span, 1)?;
        let Some(function) = self.template.functions.get(name) else {
            return self.wrong(scope, span, format!("{name:?} is not a defined function"));
        };
        let given = arguments.len() + usize::from(last.is_some());
        if let Err(message) = function.check_count(name, given) {
            return self.wrong(scope, span, message);
        }
        if let Some(decides) = function.decides() {
            return self.decide(scope, dot, decides, arguments, last);
        }
        let mut values = Vec::with_capacity(given);
        for (at, argument) in arguments.iter().enumerate() {
            values.push(self.argument(scope, dot, function.parameter(at), argument)?);
        }
        if let Some(last) = last {
            let accepted = function.parameter(arguments.len()).accept(last);
            values.push(accepted.or_else(|message| self.wrong(scope, span, message))?);
        }
        let result = function.call(&values).or_else(|mut failure| {
            if failure.kind == ErrorKind::Evaluate {
                failure.message = format!("error calling {name}: {}", failure.message);
            }
            self.fail(scope, span, failure)
        })?;
        let size = match &result {
            Value::String(text) => text.len() / PIECE,
            Value::List(list) => list.len(),
            Value::Map(map) => map.len(),
            _ => 0,
        };
        self.spend(scope, span, size)?;
        Ok(result)
    }

    /// `and` and `or`: the first argument whose truth decides, or the last one.
    fn decide(
        &mut self,
        scope: &mut Scope<'t>,
        dot: &Value,
        decides: bool,
        arguments: &'t [Operand],
        last: Option<Value>,
    ) -> Evaluated {
        let mut value = Value::Nothing;
        for argument in arguments {
            value = self.operand(scope, dot, argument)?;
            if value.truth() == decides {
                return Ok(value);
            }
        }
        Ok(last.unwrap_or(value))
    }

    /// `evalArg`: an argument of the type that the function wants.
    fn argument(
        &mut self,
        scope: &mut Scope<'t>,
        dot: &Value,
        wanted: Type,
        operand: &'t Operand,
    ) -> Evaluated {
        if let Some(literal) = Function::literal(wanted, operand) {
            return literal.or_else(|message| {
                let shown = self.template.text.get(operand.span.clone()).unwrap_or_default();
                self.wrong(scope, &operand.span, message.replace("%s", shown))
            });
        }
        let value = self.operand(scope, dot, operand)?;
        wanted.accept(value).or_else(|message| self.wrong(scope, &operand.span, message))
    }
}
