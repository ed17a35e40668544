//! Functions of Rust as templates call them: their parameters say what they accept.

use std::rc::Rc;

use super::super::clock::Time;
use super::super::container::{Element, Map};
use super::super::failure::Failure;
use super::super::tree::{Operand, OperandKind};
use super::super::value::{IntKind, Value};

/// What a parameter accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::gotemplate) enum Type {
    /// `interface {}`
    Any,
    /// `reflect.Value`, which differs in that null is not an argument like others.
    Reflect,
    String,
    Bool,
    Int,
    Uint32,
    Float,
    /// `map[string]interface {}`
    Map,
    /// `time.Time`
    Time,
}

impl Type {
    fn name(self) -> &'static str {
        match self {
            Self::Any => "interface {}",
            Self::Reflect => "reflect.Value",
            Self::String => "string",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Uint32 => "uint32",
            Self::Float => "float64",
            Self::Map => "map[string]interface {}",
            Self::Time => "time.Time",
        }
    }

    /// `validateType`: a value that the type takes.
    pub(in crate::gotemplate) fn accept(self, value: Value) -> Result<Value, String> {
        match (self, &value) {
            (Self::Any, Value::Nothing) => Ok(Value::Nil),
            (Self::Any | Self::Reflect, _) => Ok(value),
            (Self::Map, Value::Nothing) => Ok(Value::Map(Map::nil())),
            (_, Value::Nothing) => Err(format!("invalid value; expected {}", self.name())),
            _ if self.takes(&value) => Ok(value),
            (_, Value::Nil) => {
                Err(format!("wrong type for value; expected {}; got interface {{}}", self.name()))
            }
            _ => Err(format!(
                "wrong type for value; expected {}; got {}",
                self.name(),
                value.type_name()
            )),
        }
    }

    fn takes(self, value: &Value) -> bool {
        match self {
            Self::Any | Self::Reflect => true,
            Self::String => matches!(value, Value::String(_)),
            Self::Bool => matches!(value, Value::Bool(_)),
            Self::Int => matches!(value, Value::Int(IntKind::Int, _)),
            // Nothing but a literal makes one.
            Self::Uint32 => false,
            Self::Float => matches!(value, Value::Float(_)),
            Self::Map => {
                matches!(value, Value::Map(map) if map.element() == Element::Any)
            }
            Self::Time => matches!(value, Value::Time(_)),
        }
    }
}

/// A Rust type that a parameter can have.
pub(super) trait Argument: Sized {
    const TYPE: Type;
    fn take(value: &Value) -> Option<Self>;
}

impl Argument for Value {
    const TYPE: Type = Type::Any;
    fn take(value: &Value) -> Option<Self> {
        Some(value.clone())
    }
}

/// An argument of a function of `text/template` itself.
pub(super) struct Reflect(pub(super) Value);

impl Argument for Reflect {
    const TYPE: Type = Type::Reflect;
    fn take(value: &Value) -> Option<Self> {
        Some(Self(value.clone()))
    }
}

impl Argument for Rc<str> {
    const TYPE: Type = Type::String;
    fn take(value: &Value) -> Option<Self> {
        match value {
            Value::String(text) => Some(Self::clone(text)),
            _ => None,
        }
    }
}

impl Argument for bool {
    const TYPE: Type = Type::Bool;
    fn take(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }
}

impl Argument for i64 {
    const TYPE: Type = Type::Int;
    fn take(value: &Value) -> Option<Self> {
        match value {
            Value::Int(_, value) => Some(*value),
            _ => None,
        }
    }
}

impl Argument for u32 {
    const TYPE: Type = Type::Uint32;
    fn take(value: &Value) -> Option<Self> {
        match value {
            Value::Int(_, value) => Self::try_from(*value).ok(),
            _ => None,
        }
    }
}

impl Argument for f64 {
    const TYPE: Type = Type::Float;
    fn take(value: &Value) -> Option<Self> {
        match value {
            Value::Float(value) => Some(*value),
            _ => None,
        }
    }
}

impl Argument for Map {
    const TYPE: Type = Type::Map;
    fn take(value: &Value) -> Option<Self> {
        match value {
            Value::Map(map) => Some(map.clone()),
            _ => None,
        }
    }
}

impl Argument for Time {
    const TYPE: Type = Type::Time;
    fn take(value: &Value) -> Option<Self> {
        match value {
            Value::Time(time) => Some(*time),
            _ => None,
        }
    }
}

/// All arguments from here on.
pub(super) struct Rest<T>(pub(super) Vec<T>);

/// What a function gives.
pub(super) trait Reply {
    fn reply(self) -> Result<Value, Failure>;
}

impl<T: Into<Value>> Reply for T {
    fn reply(self) -> Result<Value, Failure> {
        Ok(self.into())
    }
}

impl<T: Into<Value>> Reply for Result<T, Failure> {
    fn reply(self) -> Result<Value, Failure> {
        self.map(Into::into)
    }
}

type Body = Box<dyn Fn(&[Value]) -> Result<Value, Failure> + Send + Sync>;

/// A function with the types that it wants.
pub(in crate::gotemplate) struct Function {
    parameters: Vec<Type>,
    rest: Option<Type>,
    /// `and` and `or` look at no more arguments than they need: what ends them.
    decides: Option<bool>,
    body: Body,
}

impl std::fmt::Debug for Function {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Function").field(&self.parameters).field(&self.rest).finish()
    }
}

impl Function {
    /// A function that looks at its arguments itself: any one, and more.
    pub(super) fn deciding(decides: bool) -> Self {
        let body = Box::new(|_: &[Value]| Ok(Value::Nothing));
        let rest = Some(Type::Reflect);
        Self { parameters: vec![Type::Reflect], rest, decides: Some(decides), body }
    }

    /// A function that is never called.
    pub(super) fn refused(why: &'static str) -> Self {
        let body = Box::new(move |_: &[Value]| Err(Failure::unknown(why)));
        Self { parameters: Vec::new(), rest: Some(Type::Any), decides: None, body }
    }

    pub(in crate::gotemplate) fn decides(&self) -> Option<bool> {
        self.decides
    }

    pub(in crate::gotemplate) fn check_count(
        &self,
        name: &str,
        given: usize,
    ) -> Result<(), String> {
        let wanted = self.parameters.len();
        match self.rest {
            Some(_) if given < wanted => {
                Err(format!("wrong number of args for {name}: want at least {wanted} got {given}"))
            }
            None if given != wanted => {
                Err(format!("wrong number of args for {name}: want {wanted} got {given}"))
            }
            _ => Ok(()),
        }
    }

    /// The type of the parameter at a place.
    pub(in crate::gotemplate) fn parameter(&self, at: usize) -> Type {
        self.parameters.get(at).copied().or(self.rest).unwrap_or(Type::Any)
    }

    /// A literal as a type has it, if the operand is one; `%s` in the error is the literal.
    pub(in crate::gotemplate) fn literal(
        wanted: Type,
        operand: &Operand,
    ) -> Option<Result<Value, String>> {
        let expected = |what: &str| Err(format!("expected {what}; found %s"));
        let name = wanted.name();
        let number = match &operand.kind {
            OperandKind::Number(number) => Some(number),
            OperandKind::Nil => {
                return match wanted {
                    Type::Any => Some(Ok(Value::Nil)),
                    Type::Reflect => Some(Ok(Value::Nothing)),
                    Type::Map => Some(Ok(Value::Map(Map::nil()))),
                    _ => Some(Err(format!("cannot assign nil to {name}"))),
                };
            }
            OperandKind::Bool(_) | OperandKind::String(_) => None,
            _ => return None,
        };
        Some(match (wanted, &operand.kind) {
            (Type::Any | Type::Reflect, _) => return None,
            (Type::String, _) => match operand.text() {
                Some(text) => Ok(Value::String(text)),
                None => expected("string"),
            },
            (Type::Bool, OperandKind::Bool(value)) => Ok((*value).into()),
            (Type::Bool, _) => expected("bool"),
            (Type::Int, _) => match number.and_then(|number| number.int) {
                Some(int) => Ok(Value::int(int)),
                None => expected("integer"),
            },
            (Type::Uint32, _) => match number.and_then(|number| number.uint) {
                // Go keeps the lowest bits.
                Some(uint) => Ok(Value::int((uint & 0xffff_ffff).try_into().unwrap_or(0))),
                None => expected("unsigned integer"),
            },
            (Type::Float, _) => match number.and_then(|number| number.float) {
                Some(float) => Ok(float.into()),
                None => expected("float"),
            },
            (Type::Map | Type::Time, _) => Err(format!("can't handle %s for arg of type {name}")),
        })
    }

    pub(in crate::gotemplate) fn call(&self, values: &[Value]) -> Result<Value, Failure> {
        (self.body)(values)
    }
}

/// Rust functions that can be called; `M` tells the shapes of parameters apart.
pub(super) trait Callable<M>: Send + Sync + 'static {
    fn function(self) -> Function;
}

/// The shapes: these parameters, and these with more of one type.
pub(super) struct Fixed<P>(std::marker::PhantomData<P>);
pub(super) struct Open<P, T>(std::marker::PhantomData<(P, T)>);

/// Types were checked before the call, so this does not happen.
fn mismatch() -> Failure {
    Failure::wrong("an argument of the wrong type")
}

macro_rules! callable {
    ($count:literal $($name:ident $at:literal)*) => {
        impl<F, R, $($name),*> Callable<Fixed<fn($($name),*) -> R>> for F
        where
            F: Fn($($name),*) -> R + Send + Sync + 'static,
            R: Reply,
            $($name: Argument,)*
        {
            fn function(self) -> Function {
                let body = move |values: &[Value]| {
                    let _ = values;
                    self($(values.get($at).and_then($name::take).ok_or_else(mismatch)?),*).reply()
                };
                let parameters = vec![$($name::TYPE),*];
                Function { parameters, rest: None, decides: None, body: Box::new(body) }
            }
        }

        impl<F, R, T, $($name),*> Callable<Open<fn($($name),*) -> R, T>> for F
        where
            F: Fn($($name,)* Rest<T>) -> R + Send + Sync + 'static,
            R: Reply,
            T: Argument,
            $($name: Argument,)*
        {
            fn function(self) -> Function {
                let body = move |values: &[Value]| {
                    let rest: Option<Vec<T>> = values.iter().skip($count).map(T::take).collect();
                    self(
                        $(values.get($at).and_then($name::take).ok_or_else(mismatch)?,)*
                        Rest(rest.ok_or_else(mismatch)?),
                    )
                    .reply()
                };
                let parameters = vec![$($name::TYPE),*];
                let rest = Some(T::TYPE);
                Function { parameters, rest, decides: None, body: Box::new(body) }
            }
        }
    };
}

callable!(0);
callable!(1 A 0);
callable!(2 A 0 B 1);
callable!(3 A 0 B 1 C 2);
callable!(5 A 0 B 1 C 2 D 3 E 4);
