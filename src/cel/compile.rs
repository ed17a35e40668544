//! Finds out the types of an expression and compiles it, as `checker/checker.go` of cel-go does.

use cel::common::ast::operators;
use cel::common::ast::{
    CallExpr, EntryExpr, Expr, IdedEntryExpr, IdedExpr, ListExpr, LiteralValue,
};
use std::sync::Arc;

use super::code::{Code, Literal, Search};
use super::declarations;
use super::kind::Kind;
use super::library;
use super::program::CompileError;
use super::regexp::Pattern;
use super::unify::{Mapping, most_general};

/// An expression with its type.
pub(crate) type Typed = (Code, Kind);
pub(crate) type Compiled = Result<Typed, CompileError>;

/// What is known while an expression is compiled.
pub(crate) struct Compiler<'v> {
    variables: &'v [(Box<str>, Kind)],
    pub(crate) mapping: Mapping,
    /// Variables of the loops around.
    pub(crate) locals: Vec<(Box<str>, Kind)>,
    /// Variables that the expression reads.
    pub(crate) reads: Vec<bool>,
    /// Types that must turn out to be the same: those of the elements of a list.
    alike: Vec<Vec<Kind>>,
    /// How many calls of `format` are around: their lists may be mixed.
    formats: usize,
}

impl<'v> Compiler<'v> {
    pub(crate) fn new(variables: &'v [(Box<str>, Kind)]) -> Self {
        Self {
            variables,
            mapping: Mapping::default(),
            locals: Vec::new(),
            reads: vec![false; variables.len()],
            alike: Vec::new(),
            formats: 0,
        }
    }

    /// The whole expression.
    pub(crate) fn whole(&mut self, expression: &IdedExpr) -> Compiled {
        let (code, kind) = self.expression(expression)?;
        for kinds in &self.alike {
            let mut kinds = kinds.iter().map(|kind| self.mapping.resolve(kind, true));
            if let Some(first) = kinds.next()
                && let Some(other) = kinds.find(|kind| *kind != first)
            {
                return Err(mismatch(&first, &other));
            }
        }
        Ok((code, self.mapping.resolve(&kind, true)))
    }

    pub(crate) fn expression(&mut self, expression: &IdedExpr) -> Compiled {
        match &expression.expr {
            Expr::Literal(literal) => Ok(self::literal(literal)),
            Expr::Ident(name) => self.identifier(name),
            Expr::Select(select) => self.select(expression, select),
            Expr::Call(call) => self.call(call),
            Expr::List(list) => self.list(list),
            Expr::Map(map) => self.map(&map.entries),
            Expr::Struct(object) => {
                Err(CompileError::unknown(format!("makes an object `{}`", object.type_name)))
            }
            Expr::Comprehension(_) | Expr::Unspecified => {
                Err(CompileError::unknown("has a form that is not known"))
            }
        }
    }

    fn identifier(&mut self, name: &str) -> Compiled {
        // cel-go 0.26 takes `.name` for `name`, even where a loop around has it.
        let name = name.strip_prefix('.').unwrap_or(name);
        if let Some(depth) = self.locals.iter().rposition(|(local, _)| &**local == name) {
            let kind = self.locals.get(depth).map_or(Kind::Dyn, |(_, kind)| kind.clone());
            return Ok((Code::Local(depth), kind));
        }
        if let Some(at) = self.variables.iter().position(|(known, _)| &**known == name) {
            if let Some(read) = self.reads.get_mut(at) {
                *read = true;
            }
            let kind = self.variables.get(at).map_or(Kind::Dyn, |(_, kind)| kind.clone());
            return Ok((Code::Variable(at), kind));
        }
        if let Some((name, kind)) = declarations::type_name(name) {
            return Ok((Code::TypeName(name), kind.clone()));
        }
        if name == "google" {
            return Err(CompileError::unknown("names a type of protocol buffers"));
        }
        Err(CompileError::refused(format!("undeclared reference to `{name}`")))
    }

    fn call(&mut self, call: &CallExpr) -> Compiled {
        let name = call.func_name.as_str();
        if let Some(expanded) = self.expand(call) {
            return expanded;
        }
        if name == operators::OPT_SELECT {
            return self.optional_select(call);
        }
        let is_format = usize::from(name == "format");
        self.formats += is_format;
        let compiled = self.plain_call(call, name);
        self.formats -= is_format;
        compiled
    }

    fn plain_call(&mut self, call: &CallExpr, name: &str) -> Compiled {
        let mut codes = Vec::new();
        let mut kinds = Vec::new();
        for argument in &call.args {
            let (code, kind) = self.expression(argument)?;
            codes.push(code);
            kinds.push(kind);
        }
        let Some(target) = &call.target else {
            let name = name.strip_prefix('.').unwrap_or(name);
            let kind = self.resolve(name, false, &kinds)?;
            return self.finish(name, false, codes, kind);
        };
        if let Some(prefix) = qualified(target) {
            let whole = format!("{prefix}.{name}");
            if declarations::function(&whole).is_some() {
                let kind = self.resolve(&whole, false, &kinds)?;
                return self.finish(&whole, false, codes, kind);
            }
        }
        let (code, kind) = self.expression(target)?;
        codes.insert(0, code);
        kinds.insert(0, kind);
        let kind = self.resolve(name, true, &kinds)?;
        self.finish(name, true, codes, kind)
    }

    /// The code of a call whose types fit.
    fn finish(&self, name: &str, member: bool, mut codes: Vec<Code>, kind: Kind) -> Compiled {
        let search = match (name, member, codes.len()) {
            ("matches", _, 2) => Some(Search::Matches),
            ("find", true, 2) => Some(Search::Find),
            ("findAll", true, 2 | 3) => Some(Search::FindAll),
            _ => None,
        };
        if let (Some(search), Some(Code::Literal(Literal::String(pattern)))) =
            (search, codes.get(1))
        {
            let pattern = Pattern::new(pattern).map_err(|wrong| {
                CompileError::refused(format!("the regular expression `{pattern}` {wrong}"))
            })?;
            let pattern = Arc::new(pattern);
            return Ok((Code::Search { pattern, search, arguments: codes }, kind));
        }
        let mut two = || {
            let second = codes.pop();
            Some((codes.pop()?, second?))
        };
        let code = match name {
            operators::LOGICAL_AND => two().map(|pair| Code::And(Box::new(pair))),
            operators::LOGICAL_OR => two().map(|pair| Code::Or(Box::new(pair))),
            operators::CONDITIONAL => {
                two().and_then(|(yes, no)| Some(Code::Choice(Box::new((codes.pop()?, yes, no)))))
            }
            operators::INDEX | operators::OPT_INDEX => two().map(|(operand, index)| Code::Index {
                operand: Box::new(operand),
                index: Box::new(index),
                optional: name == operators::OPT_INDEX,
            }),
            // Nothing is in an empty list, whatever is wrong with what is looked for.
            operators::IN if matches!(codes.get(1), Some(Code::List(items)) if items.is_empty()) => {
                Some(Code::Literal(Literal::Bool(false)))
            }
            "sum" => library::sum_of(&self.mapping.resolve(&kind, false))
                .map(|run| Code::Call { run, arguments: codes }),
            _ => match library::function(name, codes.len()) {
                Some(run) => {
                    library::check_literal(name, run, &codes)?;
                    Some(Code::Call { run, arguments: codes })
                }
                None => None,
            },
        };
        Ok((code.unwrap_or_else(|| Code::Unsupported(name.into())), kind))
    }

    /// The type that a call has.
    pub(crate) fn resolve(
        &mut self,
        name: &str,
        member: bool,
        kinds: &[Kind],
    ) -> Result<Kind, CompileError> {
        let Some((_, overloads)) = declarations::function(name) else {
            return Err(CompileError::refused(format!("undeclared reference to `{name}`")));
        };
        if name == operators::LOGICAL_AND || name == operators::LOGICAL_OR {
            for kind in kinds {
                self.want(&Kind::Bool, kind)?;
            }
            return Ok(Kind::Bool);
        }
        let mut result: Option<Kind> = None;
        for overload in overloads.iter().filter(|overload| overload.member == member) {
            let signature = self.mapping.instantiate(&overload.signature);
            let Some((returns, arguments)) = signature.split_first() else { continue };
            if self.mapping.assign_all(kinds, arguments) {
                let found = self.mapping.resolve(returns, false);
                result = Some(match result {
                    Some(first) if first != Kind::Dyn && first != found => Kind::Dyn,
                    Some(first) => first,
                    None => found,
                });
            }
        }
        result.ok_or_else(|| {
            let kinds: Vec<String> =
                kinds.iter().map(|kind| self.mapping.resolve(kind, true).to_string()).collect();
            let applied = match (member, kinds.split_first()) {
                (true, Some((target, rest))) => format!("{target}.({})", rest.join(", ")),
                _ => format!("({})", kinds.join(", ")),
            };
            let name = readable(name);
            CompileError::refused(format!(
                "no matching overload for `{name}` applied to `{applied}`"
            ))
        })
    }

    /// Holds a type against one that is wanted.
    pub(crate) fn want(&mut self, wanted: &Kind, kind: &Kind) -> Result<(), CompileError> {
        if self.mapping.assign(kind, wanted) {
            return Ok(());
        }
        Err(mismatch(wanted, &self.mapping.resolve(kind, true)))
    }

    fn list(&mut self, list: &ListExpr) -> Compiled {
        let mut codes = Vec::new();
        let mut kinds = Vec::new();
        let mut joined = None;
        for (index, element) in list.elements.iter().enumerate() {
            let (code, kind) = self.expression(element)?;
            let optional = list.optional_indices.contains(&index);
            let kind = self.entry(kind, optional)?;
            joined = Some(self.join(joined, &kind));
            kinds.push(kind);
            codes.push((code, optional));
        }
        self.must_be_alike(kinds);
        let items = joined.unwrap_or_else(|| self.mapping.fresh());
        Ok((Code::List(codes), Kind::list(items)))
    }

    fn map(&mut self, entries: &[IdedEntryExpr]) -> Compiled {
        let mut codes = Vec::new();
        let (mut keys, mut values) = (Vec::new(), Vec::new());
        let (mut key_kind, mut value_kind) = (None, None);
        for entry in entries {
            let EntryExpr::MapEntry(entry) = &entry.expr else {
                return Err(CompileError::unknown("has a form that is not known"));
            };
            let (key, kind) = self.expression(&entry.key)?;
            key_kind = Some(self.join(key_kind, &kind));
            keys.push(kind);
            let (value, kind) = self.expression(&entry.value)?;
            let kind = self.entry(kind, entry.optional)?;
            value_kind = Some(self.join(value_kind, &kind));
            values.push(kind);
            codes.push((key, value, entry.optional));
        }
        self.must_be_alike(keys);
        self.must_be_alike(values);
        let key = key_kind.unwrap_or_else(|| self.mapping.fresh());
        let value = value_kind.unwrap_or_else(|| self.mapping.fresh());
        Ok((Code::Map(codes), Kind::map(key, value)))
    }

    /// The type of an element, which is wrapped where it is optional.
    fn entry(&self, kind: Kind, optional: bool) -> Result<Kind, CompileError> {
        if !optional {
            return Ok(kind);
        }
        match self.mapping.resolve(&kind, false) {
            Kind::Dyn => Err(CompileError::unknown("has an optional entry whose type is open")),
            kind => match kind.unwrapped() {
                Some(inner) => Ok(inner.clone()),
                None => Err(mismatch(&Kind::optional(kind.clone()), &kind)),
            },
        }
    }

    fn join(&mut self, before: Option<Kind>, kind: &Kind) -> Kind {
        match before {
            None => kind.clone(),
            Some(before) if self.mapping.assign(&before, kind) => most_general(&before, kind),
            Some(_) => Kind::Dyn,
        }
    }

    fn must_be_alike(&mut self, kinds: Vec<Kind>) {
        if self.formats == 0 && kinds.len() > 1 {
            self.alike.push(kinds);
        }
    }
}

fn mismatch(wanted: &Kind, found: &Kind) -> CompileError {
    CompileError::refused(format!("expected type `{wanted}` but found `{found}`"))
}

/// An operator as people write it.
fn readable(name: &str) -> &str {
    match name {
        operators::IN => "in",
        operators::CONDITIONAL => "?:",
        operators::INDEX => "[]",
        _ => name.trim_matches('_'),
    }
}

/// `a.b.c` where an expression is such a name.
pub(crate) fn qualified(expression: &IdedExpr) -> Option<String> {
    match &expression.expr {
        Expr::Ident(name) => Some(name.trim_start_matches('.').to_owned()),
        Expr::Select(select) if !select.test => {
            Some(format!("{}.{}", qualified(&select.operand)?, select.field))
        }
        _ => None,
    }
}

fn literal(literal: &LiteralValue) -> Typed {
    match literal {
        LiteralValue::Null => (Code::Literal(Literal::Null), Kind::Null),
        LiteralValue::Boolean(value) => (Code::Literal(Literal::Bool(**value)), Kind::Bool),
        LiteralValue::Int(value) => (Code::Literal(Literal::Int(**value)), Kind::Int),
        LiteralValue::UInt(value) => (Code::Literal(Literal::Uint(**value)), Kind::Uint),
        LiteralValue::Double(value) => (Code::Literal(Literal::Double(**value)), Kind::Double),
        LiteralValue::String(value) => {
            (Code::Literal(Literal::String(value.inner().into())), Kind::String)
        }
        LiteralValue::Bytes(value) => {
            (Code::Literal(Literal::Bytes(value.inner().into())), Kind::Bytes)
        }
    }
}
