//! Programs: expressions that are compiled once and evaluated often.

use std::collections::BTreeMap;

use super::code::Code;
use super::compile::Compiler;
use super::data::read;
use super::evaluate::Machine;
use super::kind::{Kind, ObjectKind};
use super::types::{Slot, Type};
use super::value::{Failure, Value};
use crate::yaml::Node;

/// How long an expression may be, in characters (cel-go's default).
const LONGEST: usize = 100_000;

/// How deep the tree of an expression may be here; the server allows 250.
const DEEPEST: usize = 120;

/// How deep it may be without a stack of its own, and the size of that stack in bytes.
const SHALLOW: usize = 16;
const STACK: usize = 128 << 20;

/// Why an expression is no program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CompileError {
    /// What is wrong, as the end of a sentence that begins with the expression.
    pub message: String,
    /// Whether the server surely refuses the expression; else this implementation cannot tell.
    pub refused: bool,
}

impl CompileError {
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self { message: message.into(), refused: true }
    }

    pub(crate) fn unknown(message: impl Into<String>) -> Self {
        Self { message: message.into(), refused: false }
    }
}

/// What an expression must give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returns {
    /// `true` or `false`: rules and conditions.
    Bool,
    /// Text: `messageExpression`.
    Text,
    /// A value of any type: variables.
    Anything,
}

/// The variables that an expression may read.
#[derive(Debug, Clone, Default)]
pub struct Variables {
    kinds: Vec<(Box<str>, Kind)>,
    /// The types of those that data is bound to.
    slots: Vec<Option<Slot>>,
}

impl Variables {
    /// `self` and `oldSelf` of a rule in a schema (`x-kubernetes-validations`). With
    /// `optionalOldSelf`, `oldSelf` is an optional value.
    #[must_use]
    pub fn rule(ty: &Type, optional_old_self: bool) -> Self {
        let kind = Kind::of(ty, "self");
        let old = if optional_old_self { Kind::optional(kind.clone()) } else { kind.clone() };
        let slot = Slot::new(ty.clone());
        let old_slot = (!optional_old_self).then(|| slot.clone());
        Self {
            kinds: vec![("self".into(), kind), ("oldSelf".into(), old)],
            slots: vec![Some(slot), old_slot],
        }
    }

    /// One more variable that data is bound to.
    #[must_use]
    pub fn with(mut self, name: &str, ty: &Type) -> Self {
        self.kinds.push((name.into(), Kind::of(ty, name)));
        self.slots.push(Some(Slot::new(ty.clone())));
        self
    }

    /// `authorizer`, and where there is one, `authorizer.requestResource`: known while compiling,
    /// never while evaluating.
    #[must_use]
    pub fn with_authorizer(mut self, request_resource: bool) -> Self {
        let authorizer = Kind::opaque("kubernetes.authorization.Authorizer");
        self.kinds.push(("authorizer".into(), authorizer));
        self.slots.push(None);
        if request_resource {
            let check = Kind::opaque("kubernetes.authorization.ResourceCheck");
            self.kinds.push(("authorizer.requestResource".into(), check));
            self.slots.push(None);
        }
        self
    }

    /// `variables`, an object whose fields are what these programs give; nothing for a program
    /// whose type is not known.
    #[must_use]
    pub fn with_variables<'p>(
        mut self,
        programs: impl IntoIterator<Item = (&'p str, Option<&'p Program>)>,
    ) -> Self {
        let fields: BTreeMap<Box<str>, Kind> = programs
            .into_iter()
            .map(|(name, program)| (name.into(), program.map_or(Kind::Dyn, |p| p.kind.clone())))
            .collect();
        let kind = Kind::Object(ObjectKind::known("kubernetes.variables", fields));
        self.kinds.push(("variables".into(), kind));
        self.slots.push(None);
        self
    }
}

/// What evaluating gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Whether the rule holds.
    Bool(bool),
    /// The text of a message.
    Text(String),
}

/// A compiled expression.
#[derive(Debug)]
pub struct Program {
    code: Code,
    kind: Kind,
    variables: Variables,
    reads: Vec<bool>,
}

impl Program {
    /// Compiles an expression.
    ///
    /// # Errors
    ///
    /// Where the server refuses the expression, or this implementation does not know it.
    pub fn compile(
        text: &str,
        variables: &Variables,
        returns: Returns,
    ) -> Result<Self, CompileError> {
        if text.chars().count() > LONGEST {
            return Err(CompileError::unknown("is longer than an expression may be"));
        }
        let too_deep = || CompileError::unknown("is nested too deeply");
        match depth(text) {
            // Parsing takes much of the stack for each level.
            depth if depth <= SHALLOW => Self::compile_here(text, variables, returns),
            depth if depth <= DEEPEST => std::thread::scope(|scope| {
                let builder = std::thread::Builder::new().stack_size(STACK);
                let compile = || Self::compile_here(text, variables, returns);
                let thread = builder.spawn_scoped(scope, compile).map_err(|_| too_deep())?;
                thread.join().map_err(|_| too_deep())?
            }),
            _ => Err(too_deep()),
        }
    }

    fn compile_here(
        text: &str,
        variables: &Variables,
        returns: Returns,
    ) -> Result<Self, CompileError> {
        let parser = cel::Env::default().parser().max_recursion_depth(250);
        let expression = parser.parse(text).map_err(|errors| {
            let first = errors.errors.first();
            let message = first.map_or_else(String::new, |error| error.msg.clone());
            if message.contains("recursion") || message.contains("limit exceeded") {
                return CompileError::unknown("is nested too deeply");
            }
            CompileError::refused(message.replace("Syntax error: ", "syntax error: "))
        })?;
        let mut compiler = Compiler::new(&variables.kinds);
        let (code, kind) = compiler.whole(&expression)?;
        let wrong = match returns {
            Returns::Bool if kind != Kind::Bool => Some("a bool"),
            Returns::Text if kind != Kind::String => Some("a string"),
            _ => None,
        };
        if let Some(wanted) = wrong {
            let message = format!("gives a value of type `{kind}`, where {wanted} is wanted");
            return Err(CompileError::refused(message));
        }
        let reads = compiler.reads;
        Ok(Self { code, kind, variables: variables.clone(), reads })
    }

    /// Whether the expression reads a variable.
    #[must_use]
    pub fn reads(&self, name: &str) -> bool {
        let mut known = self.variables.kinds.iter().zip(&self.reads);
        known.any(|((known, _), read)| *read && &**known == name)
    }

    /// Whether the expression compares with the object before: such a rule is only evaluated where
    /// there is one, unless it has `optionalOldSelf`.
    #[must_use]
    pub fn reads_old_self(&self) -> bool {
        self.reads("oldSelf")
    }

    /// Evaluates a program with the data of its variables. A variable without data is
    /// unknown, or nothing where it is optional.
    ///
    /// # Errors
    ///
    /// Where evaluating fails on the server too, or cannot be told.
    pub fn evaluate<'a>(&'a self, data: &[(&str, &'a Node)]) -> Result<Outcome, Failure> {
        let mut values = Vec::with_capacity(self.reads.len());
        let variables = self.variables.kinds.iter().zip(&self.variables.slots).zip(&self.reads);
        for (((name, kind), slot), read_it) in variables {
            let node = data.iter().find(|(known, _)| *known == &**name).map(|(_, node)| *node);
            values.push(match (node, slot) {
                (Some(node), Some(slot)) if *read_it => Some(read(node, slot)?),
                // An object that is new has no old self.
                (None, _) if kind.unwrapped().is_some() => Some(Value::Optional(None)),
                _ => None,
            });
        }
        match Machine::new(&values).evaluate(&self.code)? {
            Value::Bool(value) => Ok(Outcome::Bool(value)),
            Value::String(text) => Ok(Outcome::Text((*text).to_owned())),
            Value::Opaque(reason) => Err(Failure::unknown(reason)),
            _ => Err(Failure::unknown("a result that is neither a bool nor text")),
        }
    }
}

/// How deep the tree of an expression can become at most: brackets within brackets, and links of a
/// chain (`a.b.c`, `1 + 1 + 1`, `!!!a`) between the signs that part them. Text counts as if it were
/// code.
fn depth(text: &str) -> usize {
    // Links, and conditions with `?`, which nest to the right.
    let mut levels = vec![(0_usize, 0_usize)];
    let mut deepest = 0;
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => {
                if let Some((links, _)) = levels.last_mut() {
                    *links += 1;
                }
                levels.push((0, 0));
            }
            b')' | b']' | b'}' if levels.len() > 1 => {
                levels.pop();
            }
            b'.' | b'+' | b'-' | b'*' | b'/' | b'%' | b'!' | b'<' | b'>' | b'=' => {
                if let Some((links, _)) = levels.last_mut() {
                    *links += 1;
                }
            }
            b'?' => {
                if let Some((links, choices)) = levels.last_mut() {
                    (*links, *choices) = (0, *choices + 1);
                }
            }
            b'&' | b'|' | b':' => {
                if let Some((links, _)) = levels.last_mut() {
                    *links = 0;
                }
            }
            b',' => {
                if let Some(level) = levels.last_mut() {
                    *level = (0, 0);
                }
            }
            _ => {}
        }
        let sum: usize = levels.iter().map(|(links, choices)| links + choices).sum();
        deepest = deepest.max(sum);
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::{Program, Returns, Variables};

    /// On the stack of a thread as it is by default.
    #[test]
    fn deep_expressions_end_well() {
        let twice = |text: &str, count: usize| text.repeat(count);
        for text in [
            format!("{}true{}", twice("(", 90), twice(")", 90)),
            format!("{}true{}", twice("(", 500), twice(")", 500)),
            format!("{}true", twice("!", 5001)),
            format!("{}1 == 1", twice("- ", 5001)),
            format!("1{} == 1", twice(" + 1", 3000)),
            format!("true{}", twice(" && true", 3000)),
            format!("true{}", twice(" || true && true", 1000)),
            format!("true{}", twice(" ? true : true", 1000)),
            format!("self{} == 1", twice(".a", 3000)),
            format!("self{} == 1", twice("[0]", 3000)),
            format!("self{} == 1", twice(".f()", 3000)),
            format!("{}1{} == []", twice("[", 90), twice("]", 90)),
            format!("{}1{} == []", twice("size(", 90), twice(")", 90)),
            format!("{}", twice("[", 5000)),
            format!("1{}", twice(" < 1", 3000)),
        ] {
            let _ =
                Program::compile(&text, &Variables::default(), Returns::Bool).and_then(|program| {
                    program.evaluate(&[]).map_err(|_| super::CompileError::unknown(""))
                });
        }
    }
}
