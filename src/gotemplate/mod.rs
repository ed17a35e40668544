//! Go's `text/template` with the functions that Argo CD's ApplicationSets have.
//!
//! A [`Template`] is parsed once, with a table of [`Functions`], and rendered for many data. It reads
//! no environment, no file, no network and no clock, and its work, depth and output are bounded.
//! Rules are those of Go 1.26 (`text/template`, `fmt`, `strconv`, `encoding/json`), sprig 3.3 and
//! Argo CD 3.5 (`applicationset/utils`); each file names the source of what it does.
//! `tests/gotemplate_differential.rs` holds it against them.
//!
//! What Go would evaluate and this does not is never guessed: the error says so
//! ([`ErrorKind::NotEvaluable`]). This is
//!
//! - functions whose result changes from call to call: the time, chance, keys and certificates;
//!   also `derivePassword` and `decryptAES`, whose algorithms nothing else here needs;
//! - text that is not UTF-8, such as a letter of several bytes that `trunc` cuts in two, and
//!   `nospace` and `initials` of letters beyond ASCII, which Go takes apart;
//! - complex numbers, `%b`, `%x` and `#` of floats, addresses (`%p`), decimal numbers of more than
//!   38 digits;
//! - time zones other than UTC, dates that do not fit their layout, and methods of times and
//!   versions that templates hardly call;
//! - YAML with old line breaks or a byte order mark, with keys whose order is random in Go, and
//!   text after a document; what [`crate::yaml`] refuses and Kubernetes reads is an error.
//!
//! `keys` and `values`, whose order is random in Go, follow the order of the keys here. Errors have
//! Go's words where a person reads them, their columns are those of the whole expression.

mod clock;
mod compare;
mod container;
mod escape;
mod evaluate;
mod failure;
mod float;
mod format;
mod functions;
mod json;
mod letters;
mod lex;
mod literal;
mod parse;
mod place;
mod scalar;
mod tree;
mod value;
mod verb;
mod version;
mod yaml;

use std::collections::BTreeMap;

pub use container::{Element, List, Map};
pub use failure::{Error, ErrorKind};
pub use functions::{Functions, VersionRange, is_version};
pub use value::{IntKind, Value};

use tree::Node;

/// What a key that a map does not have gives: the option `missingkey` of `text/template`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MissingKey {
    /// No value, which prints as `<no value>`: `missingkey=default` and `missingkey=invalid`.
    #[default]
    Invalid,
    /// The zero of the map's values; of `interface {}` that is nil, which prints the same.
    Zero,
    /// An error.
    Error,
}

impl MissingKey {
    /// An option as ApplicationSets list it in `goTemplateOptions`. Go panics at all others.
    #[must_use]
    pub fn from_option(option: &str) -> Option<Self> {
        match option {
            "missingkey=default" | "missingkey=invalid" => Some(Self::Invalid),
            "missingkey=zero" => Some(Self::Zero),
            "missingkey=error" => Some(Self::Error),
            _ => None,
        }
    }
}

/// How a template is rendered.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What a key that is not there gives.
    pub missing_key: MissingKey,
    /// The most bytes that may be written.
    pub max_output: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { missing_key: MissingKey::default(), max_output: 1 << 20 }
    }
}

/// A text that was parsed, with all templates that it defines.
#[derive(Debug)]
pub struct Template {
    name: String,
    text: String,
    functions: &'static Functions,
    defined: BTreeMap<String, Vec<Node>>,
}

impl Template {
    /// Reads a text. Errors name the template by `name`.
    ///
    /// # Errors
    ///
    /// What Go refuses, too, and what is nested too deep.
    pub fn parse(name: &str, text: &str, functions: &'static Functions) -> Result<Self, Error> {
        let defined = parse::parse(name, text, functions)?;
        Ok(Self { name: name.to_owned(), text: text.to_owned(), functions, defined })
    }

    /// What the template writes for the data, which is its `.` and `$`.
    ///
    /// Functions such as `set` change the data that they are given, as in Go.
    ///
    /// # Errors
    ///
    /// The first failure; [`Error::kind`] tells whether Go would fail as well.
    pub fn render(&self, data: &Value, settings: &Settings) -> Result<String, Error> {
        evaluate::evaluate(self, data, settings)
    }
}
