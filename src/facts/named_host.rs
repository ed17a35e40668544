//! A name of a host, with what is known of it.

use super::Place;
use super::host_name::is_service_name;
use super::variables::PortBeside;

/// A name of a host inside the cluster, or one that may be.
#[derive(Debug, Clone, PartialEq)]
pub struct Host {
    /// Where the text is.
    pub place: Place,
    /// The name, in lower case and without a final dot.
    pub name: Box<str>,
    /// The port that is asked for, by number or by the scheme before it.
    pub port: Option<u16>,
    /// Whether the scheme before it is one that is spoken to servers of one's own, as that of a
    /// database is.
    pub is_backend: bool,
    /// The key of a ConfigMap whose value it is, where it counts only for containers that have the
    /// value in their environment; in a file the variable that it is of, where it counts only for
    /// pods whose environment has another one from nowhere.
    pub variable: Option<Box<str>>,
    /// The variable beside it that the port is of, of which the same is so.
    pub port_variable: Option<Box<str>>,
    /// Whether it is one by itself without a port, which may then stand in the variable beside it.
    pub takes_port: bool,
    /// Whether its port stands beside it where both may be the program's own, by which it listens.
    pub may_be_own: bool,
    /// Whether it stands in a file of a ConfigMap, and is for the pods that have the file.
    pub is_of_file: bool,
}

impl Host {
    /// The same without a port.
    #[must_use]
    pub fn without_port(&self) -> Self {
        Self { port: None, port_variable: None, ..self.clone() }
    }

    /// The same with the port that whoever reads it has beside it.
    #[must_use]
    pub fn with_port(&self, PortBeside { port, may_be_own }: PortBeside) -> Self {
        Self { port: Some(port), port_variable: None, may_be_own, ..self.clone() }
    }

    /// Whether the name says itself that it is a Service's; others count only where they stand as
    /// an address.
    #[must_use]
    pub fn is_service_name(&self) -> bool {
        is_service_name(&self.name)
    }

    /// Whether it is a word without dots, which may be anything.
    #[must_use]
    pub fn is_word(&self) -> bool {
        !self.name.contains('.')
    }
}
