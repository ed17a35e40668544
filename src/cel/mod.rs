//! CEL as the Kubernetes API server compiles and evaluates it.
//!
//! The parser is that of the crate `cel`, which has the grammar of cel-go. Types are found out and
//! expressions evaluated here, as the server does with cel-go 0.26 and the libraries of
//! `k8s.io/apiserver/pkg/cel` 0.36 (`environment/base.go` says which Kubernetes has which library;
//! here all of them are known). A caller describes data by a [`Type`], compiles each expression
//! once to a [`Program`], and evaluates it with nodes, which are read where they lie.
//!
//! `tests/cel_differential.rs` holds all this against the server's own code: expressions of ours,
//! others made of them, and the rules of real definitions. What this implementation refuses, the
//! server refuses; what it evaluates, the server evaluates to the same; the rest is unknown, and
//! says so ([`CompileError::refused`], [`Failure::Unknown`]). Unknown are:
//!
//! - while compiling: objects (`Object{}` and `JSONPatch{}` of patches aside) and types of protocol
//!   buffers; expressions nested deeper than 120 levels; and whether the arguments of `format` fit
//!   its text, which is then found out while evaluating;
//! - while evaluating: `authorizer` and `variables`; time zones by name, and times with an offset
//!   as text; hexadecimal floats; quantities beyond 64 bits, those with a fraction as a float, and those without a digit;
//!   `%e`, `%f`, maps, and lists of other than simple values in `format`; what a named format says
//!   of a fault (that there is one is known), and `byte`, `date` and `datetime` that do not fit;
//!   URLs with odd hosts, and escapes in their parts; the zero of lists and maps; a map literal
//!   with a key twice; the order of items with the same key in `sortBy`; equality of URLs, of
//!   formats, of different data without a type, and of objects with `__` in the name of a field;
//!   regular expressions with flags on text beyond ASCII; data that does not fit its schema.
//!
//! What expressions cost is not looked at, neither beforehand nor while they are evaluated.

pub(crate) mod clock;
mod code;
mod compare;
mod compile;
mod data;
mod declarations;
mod escape;
pub(crate) use escape::is_identifier;
mod evaluate;
pub(crate) mod go_regexp;
mod kind;
mod library;
mod macros;
mod program;
pub(crate) mod regexp;
mod select;
mod types;
mod unify;
mod value;
mod variables;

pub use program::{CompileError, Outcome, Program, Returns};
pub use types::{List, ListKind, Object, Slot, Type};
pub use value::Failure;
pub use variables::Variables;
