//! The macros, typed as what cel-go expands them to.

use cel::common::ast::{CallExpr, Expr, IdedExpr, operators};

use super::code::{Code, Loop, LoopKind};
use super::compile::{Compiled, Compiler};
use super::kind::Kind;
use super::program::CompileError;

impl Compiler<'_> {
    /// The expression of a macro; nothing where the call is none.
    pub(crate) fn expand(&mut self, call: &CallExpr) -> Option<Compiled> {
        let Some(target) = &call.target else {
            return match (call.func_name.as_str(), call.args.as_slice()) {
                ("has", [argument]) => Some(self.has(argument)),
                _ => None,
            };
        };
        let compiled = match (call.func_name.as_str(), call.args.as_slice()) {
            ("all", [name, body]) => self.quantifier(LoopKind::All, target, &[name], body),
            ("exists", [name, body]) => self.quantifier(LoopKind::Exists, target, &[name], body),
            ("exists_one", [name, body]) => {
                self.quantifier(LoopKind::ExistsOne, target, &[name], body)
            }
            ("all", [key, name, body]) => {
                self.quantifier(LoopKind::All, target, &[key, name], body)
            }
            ("exists", [key, name, body]) => {
                self.quantifier(LoopKind::Exists, target, &[key, name], body)
            }
            ("exists_one" | "existsOne", [key, name, body]) => {
                self.quantifier(LoopKind::ExistsOne, target, &[key, name], body)
            }
            ("map", [name, body]) => self.transform(LoopKind::List, target, &[name], None, body),
            ("map", [name, filter, body]) => {
                self.transform(LoopKind::List, target, &[name], Some(filter), body)
            }
            ("filter", [name, filter]) => {
                self.transform(LoopKind::List, target, &[name], Some(filter), name)
            }
            ("transformList", [key, name, rest @ ..]) => {
                return self.transform_two(LoopKind::List, target, &[key, name], rest);
            }
            ("transformMap", [key, name, rest @ ..]) => {
                return self.transform_two(LoopKind::Map, target, &[key, name], rest);
            }
            ("transformMapEntry", [key, name, rest @ ..]) => {
                return self.transform_two(LoopKind::MapEntry, target, &[key, name], rest);
            }
            ("optMap", [name, body]) => self.opt_map(target, name, body, false),
            ("optFlatMap", [name, body]) => self.opt_map(target, name, body, true),
            ("sortBy", [name, key]) => self.sort_by(target, name, key),
            _ => return None,
        };
        Some(compiled)
    }

    fn transform_two(
        &mut self,
        kind: LoopKind,
        target: &IdedExpr,
        names: &[&IdedExpr],
        rest: &[IdedExpr],
    ) -> Option<Compiled> {
        match rest {
            [body] => Some(self.transform(kind, target, names, None, body)),
            [filter, body] => Some(self.transform(kind, target, names, Some(filter), body)),
            _ => None,
        }
    }

    /// Compiles a range and puts the variables of its turns around what follows.
    fn enter(&mut self, target: &IdedExpr, names: &[&IdedExpr]) -> Result<Code, CompileError> {
        let names = names.iter().map(|name| variable(name)).collect::<Result<Vec<_>, _>>()?;
        if let [one, other] = names.as_slice()
            && one == other
        {
            return Err(CompileError::refused(format!("duplicate variable name `{one}`")));
        }
        let (range, kind) = self.expression(target)?;
        let kind = self.mapping.resolve(&kind, false);
        let (first, second) = match &kind {
            Kind::List(items) if names.len() == 2 => (Kind::Int, (**items).clone()),
            Kind::List(items) => ((**items).clone(), Kind::Dyn),
            Kind::Map(entry) => (entry.0.clone(), entry.1.clone()),
            Kind::Dyn => (Kind::Dyn, Kind::Dyn),
            Kind::Param(_) => {
                self.mapping.assign(&Kind::Dyn, &kind);
                (Kind::Dyn, Kind::Dyn)
            }
            other => {
                let message = format!(
                    "a value of type `{other}` cannot be gone through (a list or a map can)"
                );
                return Err(CompileError::refused(message));
            }
        };
        for (name, kind) in names.into_iter().zip([first, second]) {
            self.locals.push((name.into(), kind));
        }
        Ok(range)
    }

    fn leave(&mut self, names: &[&IdedExpr]) {
        self.locals.truncate(self.locals.len().saturating_sub(names.len()));
    }

    fn quantifier(
        &mut self,
        kind: LoopKind,
        target: &IdedExpr,
        names: &[&IdedExpr],
        body: &IdedExpr,
    ) -> Compiled {
        let range = self.enter(target, names)?;
        let (body, body_kind) = self.expression(body)?;
        self.leave(names);
        if kind == LoopKind::ExistsOne {
            self.resolve(operators::CONDITIONAL, false, &[body_kind, Kind::Int, Kind::Int])?;
        } else {
            self.want(&Kind::Bool, &body_kind)?;
        }
        let two = names.len() == 2;
        Ok((Code::Loop(Box::new(Loop { kind, range, two, filter: None, body })), Kind::Bool))
    }

    fn transform(
        &mut self,
        kind: LoopKind,
        target: &IdedExpr,
        names: &[&IdedExpr],
        filter: Option<&IdedExpr>,
        body: &IdedExpr,
    ) -> Compiled {
        let range = self.enter(target, names)?;
        let sum = if kind == LoopKind::List {
            Kind::list(self.mapping.fresh())
        } else {
            let key = self.mapping.fresh();
            Kind::map(key, self.mapping.fresh())
        };
        let filter = filter.map(|filter| self.expression(filter)).transpose()?;
        let (body, body_kind) = self.expression(body)?;
        let mut step = match kind {
            LoopKind::List => {
                self.resolve(operators::ADD, false, &[sum.clone(), Kind::list(body_kind)])?
            }
            LoopKind::Map => {
                let first = self.locals.len().saturating_sub(2);
                let key = self.locals.get(first).map_or(Kind::Dyn, |(_, kind)| kind.clone());
                self.resolve("cel.@mapInsert", false, &[sum.clone(), key, body_kind])?
            }
            _ => self.resolve("cel.@mapInsert", false, &[sum.clone(), body_kind])?,
        };
        self.leave(names);
        let filter = match filter {
            Some((filter, filter_kind)) => {
                let kinds = [filter_kind, step, sum.clone()];
                step = self.resolve(operators::CONDITIONAL, false, &kinds)?;
                Some(filter)
            }
            None => None,
        };
        self.want(&step, &sum)?;
        let kind_of_sum = self.mapping.resolve(&sum, false);
        let two = names.len() == 2;
        Ok((Code::Loop(Box::new(Loop { kind, range, two, filter, body })), kind_of_sum))
    }

    fn opt_map(
        &mut self,
        target: &IdedExpr,
        name: &IdedExpr,
        body: &IdedExpr,
        flat: bool,
    ) -> Compiled {
        let name = variable(name)?;
        let (target, kind) = self.expression(target)?;
        let condition = self.resolve("hasValue", true, std::slice::from_ref(&kind))?;
        let value = self.resolve("value", true, std::slice::from_ref(&kind))?;
        self.locals.push((name.into(), value));
        let (body, body_kind) = self.expression(body)?;
        self.locals.pop();
        let some = if flat { body_kind } else { self.resolve("optional.of", false, &[body_kind])? };
        let none = self.resolve("optional.none", false, &[])?;
        let kind = self.resolve(operators::CONDITIONAL, false, &[condition, some, none])?;
        Ok((Code::OptMap { target: Box::new(target), body: Box::new(body), flat }, kind))
    }

    fn sort_by(&mut self, target: &IdedExpr, name: &IdedExpr, key: &IdedExpr) -> Compiled {
        let names = [name];
        let list = self.enter(target, &names)?;
        let items = self.locals.last().map_or(Kind::Dyn, |(_, kind)| kind.clone());
        let (key, key_kind) = self.expression(key)?;
        self.leave(&names);
        let kinds = [Kind::list(items), Kind::list(key_kind)];
        let kind = self.resolve("@sortByAssociatedKeys", true, &kinds)?;
        Ok((Code::SortBy { list: Box::new(list), key: Box::new(key) }, kind))
    }
}

/// The name of a variable that a macro introduces.
fn variable(name: &IdedExpr) -> Result<&str, CompileError> {
    match &name.expr {
        Expr::Ident(name) if name == "__result__" || name == "@result" => {
            Err(CompileError::refused("the variable of a macro has a name that is taken"))
        }
        Expr::Ident(name) if !name.starts_with('.') => Ok(name),
        _ => Err(CompileError::refused("the variable of a macro must be a simple name")),
    }
}
