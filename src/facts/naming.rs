//! Names in DNS that pods have behind a headless Service.

use crate::model::Field;
use crate::yaml::Node;

/// Names in DNS that the pods of a workload have behind a headless Service: `addEndpointSubset` of
/// `pkg/controller/endpoint/endpoints_controller.go` hands on the `hostname` of pods whose
/// `subdomain` is the Service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Naming {
    /// The Service.
    pub service: Box<str>,
    /// The name of the pods, or what stands before their numbers.
    pub host: Box<str>,
    /// Which numbers follow; nothing where all pods have the one name.
    pub numbers: Option<Numbers>,
}

/// The numbers of pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers {
    /// The first.
    pub from: u32,
    /// How many; nothing where nobody says so, or none are wanted for now.
    pub count: Option<u32>,
}

/// Reads how the pods of a workload are named; nothing where they have no names, or such that nobody
/// knows before they are there.
pub(super) fn read(kind: (&str, &str), root: &Field<'_>, pod: &Field<'_>) -> Option<Naming> {
    let spec = root.get("spec");
    let at = |pointer: &str| spec.as_ref().and_then(|spec| spec.node.pointer(pointer));
    let whole = |pointer: &str| {
        at(pointer).and_then(Node::as_int).and_then(|number| u32::try_from(number).ok())
    };
    let name = root.node.pointer("/metadata/name").and_then(Node::as_str).unwrap_or_default();
    let count = |count: Option<u32>| count.filter(|count| *count > 0);
    let (service, host, numbers) = match kind {
        // `updateIdentity` of `pkg/controller/statefulset/stateful_set_utils.go`
        ("apps", "StatefulSet") => {
            let service = at("/serviceName").and_then(Node::as_str).unwrap_or_default();
            let from = whole("/ordinals/start").unwrap_or(0);
            (service, name, Some(Numbers { from, count: count(whole("/replicas")) }))
        }
        // `manageJob` of `pkg/controller/job/job_controller.go`
        ("batch", "Job") if at("/completionMode").and_then(Node::as_str) == Some("Indexed") => {
            let count = count(whole("/completions"));
            (pod.text("subdomain"), name, Some(Numbers { from: 0, count }))
        }
        _ => (pod.text("subdomain"), pod.text("hostname"), None),
    };
    let has_both = !service.is_empty() && !host.is_empty();
    has_both.then(|| Naming { service: service.into(), host: host.into(), numbers })
}

impl Naming {
    /// The number of a pod that would have a name; nothing where it is no such name.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<u32> {
        self.numbers?;
        let digits = name.strip_prefix(&*self.host)?.strip_prefix('-')?;
        let number: u32 = digits.parse().ok()?;
        (number.to_string() == digits).then_some(number)
    }
}
