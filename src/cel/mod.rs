//! CEL as the Kubernetes API server compiles and evaluates it.
//!
//! The parser is that of the crate `cel`, which has the grammar of cel-go. Types are found out and
//! expressions evaluated here, as the server does with cel-go 0.26 and the libraries of
//! `k8s.io/apiserver/pkg/cel` 0.36 (`environment/base.go` says which Kubernetes has which library;
//! here all of them are known). A caller describes data by a [`Type`], compiles each expression
//! once to a [`Program`], and evaluates it with nodes, which are read where they lie.

mod clock;
mod code;
mod compare;
mod compile;
mod data;
mod declarations;
mod escape;
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

pub use program::{CompileError, Outcome, Program, Returns, Variables};
pub use types::{List, ListKind, Object, Slot, Type};
pub use value::Failure;
