//! What is wrong with an ApplicationSet, and what Argo CD does about it.

use crate::source::Span;

/// A fault and its consequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which rule it breaks.
    pub kind: FaultKind,
    /// What is wrong, as one sentence without a final period.
    pub message: String,
    /// The place in the ApplicationSet that someone has to change.
    pub span: Span,
    /// What Argo CD does.
    pub effect: Effect,
}

/// What Argo CD does about a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// No Application of the set is made, changed or deleted until the fault is mended.
    SetStops,
    /// One Application is neither made nor changed; the others are.
    ApplicationDropped,
    /// What is written here counts for nothing; all else goes on.
    Ignored,
    /// Nobody can say without asking a server.
    Unknown,
}

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $name:ident => $id:literal,)+) => {
        /// The rules that an ApplicationSet can break.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum FaultKind { $($(#[doc = $doc])+ $name,)+ }

        impl FaultKind {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The name in kebab-case.
            #[must_use]
            pub fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)+ }
            }
        }
    };
}

kinds! {
    /// A value has another type than its field.
    InvalidField => "invalid-field",
    /// A field that the kind does not have.
    UnknownField => "unknown-field",
    /// A generator that has no kind, or a combination with the wrong number of children.
    InvalidGenerator => "invalid-generator",
    /// An element of a list generator cannot be parameters.
    InvalidElement => "invalid-element",
    /// A file that a git generator reads cannot be parameters.
    InvalidFile => "invalid-file",
    /// A pattern of a git generator that cannot be used.
    InvalidPattern => "invalid-pattern",
    /// Patterns of a git generator of which none matches anything.
    NothingMatched => "nothing-matched",
    /// A selector that Argo CD refuses.
    InvalidSelector => "invalid-selector",
    /// Both children of a matrix give one parameter different values.
    ParameterConflict => "parameter-conflict",
    /// A merge without keys, or two parameter sets of one child that have the same keys.
    MergeKeyNotUnique => "merge-key-not-unique",
    /// Argo CD's controller fails when it merges these maps (argo-cd#16417, #23014).
    UnmergeableMaps => "unmergeable-maps",
    /// Argo CD may mix parameter sets that share a nested map (argo-cd#15444).
    SharedMap => "shared-map",
    /// A template that cannot be rendered.
    InvalidTemplate => "invalid-template",
    /// An option of Go templates that makes the controller fail.
    InvalidTemplateOption => "invalid-template-option",
    /// A patch that is no patch of an Application.
    InvalidPatch => "invalid-patch",
    /// Two Applications of one set have the same name.
    DuplicateName => "duplicate-name",
    /// A name or label that the API server refuses.
    InvalidMetadata => "invalid-metadata",
    /// The AppProject does not exist.
    MissingProject => "missing-project",
    /// The destination names no cluster, two, or one that does not exist.
    InvalidDestination => "invalid-destination",
    /// The parameters come from a server, or from a repository that is not at hand.
    NotEvaluable => "not-evaluable",
}

impl Fault {
    /// A fault that stops the whole set.
    pub(super) fn stops(kind: FaultKind, span: Span, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), span, effect: Effect::SetStops }
    }

    /// A fault that Argo CD passes over in silence.
    pub(super) fn ignored(kind: FaultKind, span: Span, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), span, effect: Effect::Ignored }
    }

    /// A fault of one Application.
    pub(super) fn drops(kind: FaultKind, span: Span, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), span, effect: Effect::ApplicationDropped }
    }

    /// What cannot be known here.
    pub(super) fn unknown(span: Span, message: impl Into<String>) -> Self {
        let kind = FaultKind::NotEvaluable;
        Self { kind, message: message.into(), span, effect: Effect::Unknown }
    }
}
