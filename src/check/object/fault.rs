//! What is wrong with one object, before it is a finding.

use crate::diagnostic::{Finding, ORIGIN};
use crate::load::manifest::{Refused, concerns};
use crate::model::Field;
use crate::source::{Sources, Span};
use crate::yaml::{Node, surprise};

/// Why the server refuses a value: the causes of its answer, from
/// `k8s.io/apimachinery/pkg/util/validation/field/errors.go`, and what its decoder says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The decoder knows no such field.
    Unknown,
    /// The decoder cannot read the value as the field's type.
    Type,
    /// `FieldValueRequired`
    Required,
    /// `FieldValueInvalid`
    Invalid,
    /// `FieldValueNotFound`
    NotFound,
    /// `FieldValueNotSupported`
    NotSupported,
    /// `FieldValueDuplicate`
    Duplicate,
    /// `FieldValueForbidden`
    Forbidden,
    /// `FieldValueTooLong`
    TooLong,
    /// `FieldValueTooMany`
    TooMany,
}

/// One fault of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The check that found it.
    pub id: &'static str,
    /// Why the server, or Argo CD, refuses it; nothing where it is accepted, with a warning or
    /// without.
    pub reason: Option<Reason>,
    /// The path of the field, as the server writes it.
    pub path: String,
    /// The line that someone must change.
    pub span: Span,
    /// Where the values are written that filled it in.
    pub origins: Box<[Span]>,
    /// The headline, without a final period.
    pub message: String,
    /// What comes of it, where the headline does not say so.
    pub note: Option<&'static str>,
    /// The next step.
    pub help: Option<String>,
}

/// The faults that were found so far in one object, and the version that it is judged for.
#[derive(Debug)]
pub(crate) struct Faults {
    minor: u32,
    pub(crate) found: Vec<Fault>,
}

impl Faults {
    /// No faults yet, for a minor version of Kubernetes 1.
    pub(crate) fn new(minor: u32) -> Self {
        Self { minor, found: Vec::new() }
    }

    /// The minor version of Kubernetes 1.
    pub(crate) fn minor(&self) -> u32 {
        self.minor
    }

    /// Whether the version is that minor one or a later one.
    pub(crate) fn since(&self, minor: u32) -> bool {
        self.minor >= minor
    }

    /// A fault at a value; what it gives back takes the help.
    pub(crate) fn at(
        &mut self,
        id: &'static str,
        reason: Reason,
        field: &Field<'_>,
        message: impl Into<String>,
    ) -> &mut Fault {
        self.entry(id, reason, field, field, message)
    }

    /// A fault at a key that should not be there, or not be so.
    pub(crate) fn at_key(
        &mut self,
        id: &'static str,
        reason: Reason,
        field: &Field<'_>,
        message: impl Into<String>,
    ) -> &mut Fault {
        self.push(id, reason, field.to_string(), field.key_span(), message.into())
    }

    /// A fault at an entry of a map, which the server ascribes to the map as a whole.
    pub(crate) fn entry(
        &mut self,
        id: &'static str,
        reason: Reason,
        map: &Field<'_>,
        entry: &Field<'_>,
        message: impl Into<String>,
    ) -> &mut Fault {
        let fault = self.push(id, reason, map.to_string(), entry.span(), message.into());
        fault.origins = entry.node.origins.clone();
        fault
    }

    /// What the server accepts, with a warning or to no avail.
    pub(crate) fn warn(
        &mut self,
        id: &'static str,
        field: &Field<'_>,
        message: impl Into<String>,
    ) -> &mut Fault {
        let fault = self.at(id, Reason::Invalid, field, message);
        fault.reason = None;
        fault
    }

    /// A fault for a field that is not there.
    pub(crate) fn missing(
        &mut self,
        id: &'static str,
        parent: &Field<'_>,
        name: &str,
        message: impl Into<String>,
    ) -> &mut Fault {
        let above = parent.to_string();
        let dot = if above.is_empty() { "" } else { "." };
        let path = format!("{above}{dot}{name}");
        self.push(id, Reason::Required, path, parent.key_span(), message.into())
    }

    /// A fault at a path that is no field any more.
    pub(crate) fn at_path(
        &mut self,
        id: &'static str,
        reason: Reason,
        path: String,
        span: Span,
        message: impl Into<String>,
    ) -> &mut Fault {
        self.push(id, reason, path, span, message.into())
    }

    fn push(
        &mut self,
        id: &'static str,
        reason: Reason,
        path: String,
        span: Span,
        message: String,
    ) -> &mut Fault {
        let (reason, origins) = (Some(reason), Box::default());
        self.found.push(Fault { id, reason, path, span, origins, message, note: None, help: None });
        let last = self.found.len() - 1;
        &mut self.found[last]
    }
}

impl Fault {
    /// Whether it may be gone from this object once somebody fills in its placeholders.
    #[must_use]
    pub fn is_open(&self, object: &Node) -> bool {
        let refused = match self.reason {
            Some(Reason::Unknown) => Refused::Key,
            Some(Reason::Type) => Refused::Type,
            Some(Reason::NotSupported) => Refused::Choice(self.help.as_deref().unwrap_or_default()),
            _ => Refused::Value,
        };
        concerns(object, &self.path, refused)
    }

    /// The fault as a finding; `sources` are what its places lie in.
    #[must_use]
    pub fn into_finding(self, sources: &Sources) -> Finding {
        let mut finding = match self.reason {
            Some(_) => Finding::error(self.id, self.message),
            None => Finding::warning(self.id, self.message),
        };
        // A value of the wrong type is often written as what it is not.
        let written = self.origins.iter().chain([&self.span]).map(|&span| sources.slice(span));
        let cause = match self.reason {
            Some(Reason::Type) => written.filter_map(surprise).next(),
            _ => None,
        };
        finding = finding.at(self.span, "");
        for origin in &self.origins {
            finding = finding.at(*origin, ORIGIN);
        }
        if !self.path.is_empty() {
            finding = finding.field(self.path);
        }
        if let Some(cause) = cause {
            finding = finding.note(cause);
        }
        if let Some(note) = self.note {
            finding = finding.note(note);
        }
        match self.help {
            Some(help) => finding.help(help),
            None => finding,
        }
    }

    /// Sets the next step.
    pub(crate) fn help(&mut self, text: impl Into<String>) {
        self.help = Some(text.into());
    }
}
