//! Conversations that a NetworkPolicy forbids: `k8s.io/api/networking/v1/types.go` says what a
//! policy permits.

use super::{Whole, at};
use crate::diagnostic::Finding;
use crate::facts::{
    Body, Cluster, ContainerPort, Host, NetworkPolicy, Object, Pod, PolicyRule, Service, TargetPort,
};

/// Asks whether a workload may talk to the pods of a Service that it names.
pub(super) fn check(
    cluster: &Cluster,
    from: &Object,
    host: &Host,
    (to, service): (&Object, &Service),
    whole: &mut Whole,
) {
    let Body::Workload(sender) = &from.body else { return };
    let Some(selecting) = &service.selector else { return };
    let is_open = [from, to].into_iter().any(|object| cluster.may_hold_more(object));
    if is_open || sender.host_network || cluster.has_other_policies() {
        return;
    }
    for receiver in cluster.selected(to, &selecting.selector) {
        let Body::Workload(pod) = &receiver.body else { continue };
        // Policies select no pods that have their node's address.
        if pod.host_network || receiver.key == from.key {
            continue;
        }
        let Some(port) = port_of(service, host, pod) else { continue };
        let ends = Ends { from, sender, to: receiver, receiver: pod, port };
        if let Some((policy, direction)) = ends.forbidden(cluster) {
            let message = format!(
                "{} may not talk to {} on port {}",
                from.key, receiver.key, ends.port.number
            );
            let finding = at(Finding::error("conversation-forbidden", message), from, &host.place);
            let says = format!("{} has no {direction} rule for it", policy.key);
            whole.findings.push(
                finding
                    .at(policy.span, says)
                    .note("what a policy governs and none permits is dropped without an answer")
                    .help("add a rule with these labels and this port to the policy"),
            );
            return;
        }
    }
}

/// The port of the pods that is reached.
fn port_of(service: &Service, host: &Host, pod: &Pod) -> Option<ContainerPort> {
    let asked = host.port.map(i64::from);
    let port = match (asked, service.ports.as_slice()) {
        (Some(number), ports) => ports.iter().find(|port| port.number == number)?,
        (None, [only]) => only,
        (None, _) => return None,
    };
    let mut declared = pod.ports().filter(|it| it.protocol == port.protocol);
    match &port.target {
        TargetPort::Name(name) => declared.find(|it| it.name == *name).cloned(),
        TargetPort::Number(number) => {
            let known = declared.find(|it| it.number == *number).cloned();
            let bare = || ContainerPort {
                name: "".into(),
                number: *number,
                protocol: port.protocol.clone(),
                host: None,
            };
            Some(known.unwrap_or_else(bare))
        }
    }
}

/// Both ends of a conversation.
struct Ends<'c> {
    from: &'c Object,
    sender: &'c Pod,
    to: &'c Object,
    receiver: &'c Pod,
    port: ContainerPort,
}

impl<'c> Ends<'c> {
    /// A policy that governs the conversation, where none permits it.
    fn forbidden(&self, cluster: &'c Cluster) -> Option<(&'c Object, &'static str)> {
        let is_local = self.from.key.namespace == self.to.key.namespace;
        let of = |object: &Object| cluster.namespace_labels(&object.key.namespace);
        let (senders, receivers) = (of(self.from), of(self.to));
        let into = |policy: &'c NetworkPolicy| policy.ingress.as_deref();
        let out_of = |policy: &'c NetworkPolicy| policy.egress.as_deref();
        let ingress = |rule: &PolicyRule| {
            rule.has_port(&self.port) && rule.has_peer(self.sender, senders.as_ref(), is_local)
        };
        let egress = |rule: &PolicyRule| {
            rule.has_port(&self.port) && rule.has_peer(self.receiver, receivers.as_ref(), is_local)
        };
        let refused = refuses(cluster, (self.to, self.receiver), into, ingress);
        refused.map(|policy| (policy, "ingress")).or_else(|| {
            let refused = refuses(cluster, (self.from, self.sender), out_of, egress);
            refused.map(|policy| (policy, "egress"))
        })
    }
}

/// The first of the policies that govern pods, where no rule of any permits what is asked.
fn refuses<'c>(
    cluster: &'c Cluster,
    (object, pod): (&Object, &Pod),
    rules: impl Fn(&'c NetworkPolicy) -> Option<&'c [PolicyRule]>,
    permits: impl Fn(&PolicyRule) -> bool,
) -> Option<&'c Object> {
    let mut first = None;
    for other in cluster.policies(object) {
        let Body::NetworkPolicy(policy) = &other.body else { continue };
        if !policy.selector.matches(&pod.labels) {
            continue;
        }
        let Some(rules) = rules(policy) else { continue };
        if rules.iter().any(&permits) {
            return None;
        }
        first = first.or(Some(other));
    }
    first
}
