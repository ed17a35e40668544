//! Values while an expression is evaluated. Data is read where it lies.

use core::net::IpAddr;
use std::ops::Deref;
use std::rc::Rc;

use super::clock::Time;
use super::library::semver::Semver;
use super::library::url::Url;
use super::types::{List as ListType, Object, Slot};
use crate::model::Quantity;
use crate::yaml;
use crate::yaml::Node;

/// Why an expression has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The server fails too, and says something like this.
    #[error("{0}")]
    Error(String),
    /// This implementation cannot tell, for this reason.
    #[error("{0}")]
    Unknown(String),
}

impl Failure {
    pub(crate) fn error(message: impl Into<String>) -> Self {
        Self::Error(message.into())
    }

    pub(crate) fn unknown(reason: impl Into<String>) -> Self {
        Self::Unknown(reason.into())
    }

    /// Types that no overload is for, found out late.
    pub(crate) fn overload() -> Self {
        Self::error("no such overload")
    }
}

/// What evaluating gives.
pub(crate) type Evaluated<'a> = Result<Value<'a>, Failure>;

#[derive(Debug, Clone)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    String(Text<'a>),
    Bytes(Rc<[u8]>),
    /// In nanoseconds.
    Duration(i64),
    Timestamp(Time),
    List(List<'a>),
    Map(Map<'a>),
    Optional(Option<Rc<Value<'a>>>),
    Type(&'static str),
    Quantity(Quantity),
    Ip(IpAddr),
    Cidr(IpAddr, u8),
    Semver(Rc<Semver>),
    Url(Rc<Url>),
    /// A named format.
    Format(&'static str),
    /// Data without a type, which can be compared and no more.
    Hidden(&'a Node),
    /// What is there, but not known, for this reason.
    Opaque(&'static str),
}

#[derive(Debug, Clone)]
pub(crate) enum Text<'a> {
    Borrowed(&'a str),
    Owned(Rc<str>),
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Text::Borrowed(text) => text,
            Text::Owned(text) => text,
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) enum List<'a> {
    /// A list of the data, with its type.
    Data(&'a [Node], &'a ListType),
    /// A list of the data whose type is open.
    Open(&'a [Node]),
    /// A list that the expression made; of the kind of the data that it began with.
    Made(Rc<Vec<Value<'a>>>, Option<&'a ListType>),
}

#[derive(Debug, Clone)]
pub(crate) enum Map<'a> {
    Object(&'a yaml::Map, &'a Object),
    /// A map with free keys.
    Free(&'a yaml::Map, &'a Slot),
    /// An object or map of the data whose type is open.
    Open(&'a yaml::Map),
    /// A map that the expression made; its keys differ.
    Made(Rc<Vec<(Value<'a>, Value<'a>)>>),
}

impl<'a> Value<'a> {
    pub(crate) fn text(text: impl Into<Rc<str>>) -> Self {
        Self::String(Text::Owned(text.into()))
    }

    pub(crate) fn list(items: Vec<Value<'a>>) -> Self {
        Self::List(List::Made(Rc::new(items), None))
    }

    pub(crate) fn some(value: Value<'a>) -> Self {
        Self::Optional(Some(Rc::new(value)))
    }

    pub(crate) fn size(size: usize) -> Self {
        Self::Int(i64::try_from(size).unwrap_or(i64::MAX))
    }

    /// The name of the type, as `type()` gives it.
    pub(crate) fn type_name(&self) -> Result<&'static str, Failure> {
        Ok(match self {
            Self::Null => "null_type",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Uint(_) => "uint",
            Self::Double(_) => "double",
            Self::String(_) => "string",
            Self::Bytes(_) => "bytes",
            Self::Duration(_) => "google.protobuf.Duration",
            Self::Timestamp(_) => "google.protobuf.Timestamp",
            Self::List(_) => "list",
            Self::Map(_) => "map",
            Self::Optional(_) => "optional_type",
            Self::Type(_) => "type",
            Self::Quantity(_) => "kubernetes.Quantity",
            Self::Ip(_) => "net.IP",
            Self::Cidr(..) => "net.CIDR",
            Self::Semver(_) => "kubernetes.Semver",
            Self::Url(_) => "kubernetes.URL",
            Self::Format(_) => "kubernetes.NamedFormat",
            Self::Hidden(_) => return Err(Failure::unknown("data without a type")),
            Self::Opaque(reason) => return Err(Failure::unknown(*reason)),
        })
    }
}
