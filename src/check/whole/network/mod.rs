//! Addresses, ports and ways in: what two objects cannot both have, what nobody gives, and where
//! the way from outside ends.

mod address;
mod bundled;
mod cluster_ip;
mod entry;
mod exhausted;
mod host_port;
mod ingress;
mod node_port;
mod own;
mod pool;
mod public_name;
mod route;
mod service_lb;
mod taken;
mod view;

use super::{Whole, at};
use crate::diagnostic::Finding;
use crate::facts::{Cluster, Extent, Object, Place};
use crate::source::Span;
use view::View;

/// Every check of the network.
const CHECKS: [fn(&View<'_>, &mut Vec<Finding>); 13] = [
    own::check,
    pool::check,
    address::check,
    taken::check,
    exhausted::check,
    node_port::check,
    cluster_ip::check,
    host_port::check,
    service_lb::check,
    ingress::check,
    entry::check,
    public_name::check,
    bundled::check,
];

/// Looks at what the objects, and their environment, say of the network.
pub(super) fn check(cluster: &Cluster) -> Whole {
    let view = View::of(cluster);
    let mut whole = Whole::default();
    for check in CHECKS {
        check(&view, &mut whole.findings);
    }
    whole
}

/// Where a finding points.
#[derive(Debug, Clone, Copy)]
enum Spot<'c> {
    /// At a field of an object.
    Field(&'c Object, &'c Place),
    /// At an object as a whole.
    Object(&'c Object),
    /// At what is stated outside of objects.
    Stated(Span),
}

impl<'c> Spot<'c> {
    /// Points a finding to it.
    fn on(self, finding: Finding) -> Finding {
        match self {
            Self::Field(object, place) => at(finding, object, place),
            Self::Object(object) => finding.at(object.span, "").about(object.key.to_string()),
            Self::Stated(span) => finding.at(span, ""),
        }
    }

    fn span(self) -> Span {
        match self {
            Self::Field(_, place) => place.span,
            Self::Object(object) => object.span,
            Self::Stated(span) => span,
        }
    }

    fn object(self) -> Option<&'c Object> {
        match self {
            Self::Field(object, _) | Self::Object(object) => Some(object),
            Self::Stated(_) => None,
        }
    }

    /// Whether both are in one cluster for sure. What is stated is so in the file of a cluster.
    fn surely_with(self, other: Self, view: &View<'_>) -> bool {
        match (self.object(), other.object()) {
            (Some(one), Some(other)) => view.cluster.surely_share(one, other),
            _ => true,
        }
    }
}

/// Whether a text is to be filled in by somebody else before it is applied.
fn is_marked(text: &str) -> bool {
    text.contains(['$', '{', '<', '%', '#'])
}

/// Whether that may be so where addresses are meant: in files, of whatever does not look like
/// addresses at all (`IP_START`, `x.x.x.x`).
fn is_placeholder(cluster: &Cluster, text: &str) -> bool {
    let is_of_address = |c: char| c.is_ascii_hexdigit() || ".:/-, ".contains(c);
    is_marked(text) || (cluster.extent() != Extent::Whole && !text.chars().all(is_of_address))
}
