//! Conversations that a NetworkPolicy forbids: `k8s.io/api/networking/v1/types.go` says what a
//! policy permits.

use std::collections::BTreeSet;

use super::{at, title};
use crate::diagnostic::{Finding, Severity};
use crate::facts::{
    Body, Cluster, ContainerPort, Conversation, Host, NetworkPolicy, Object, Pod, PolicyRule,
    RunKind, Service, Side, TargetPort, Unseen,
};
use crate::model::Labels;

/// A conversation that policies forbid.
struct Forbidden<'c> {
    receiver: &'c Object,
    port: i64,
    policy: &'c Object,
    direction: &'static str,
    /// The Service, where it selects pods that are there for a while beside its own.
    passing: Option<&'c Object>,
}

impl Forbidden<'_> {
    /// Who may not talk to whom, as they are called.
    fn message(&self, from: &str, to: &str) -> String {
        let port = self.port;
        match self.passing {
            Some(service) => format!(
                "while {} runs, a share of what {from} asks of {} goes to it and is dropped on port {port}",
                title(self.receiver),
                title(service),
            ),
            None => format!("{from} may not talk to {to} on port {port}"),
        }
    }

    /// Adds what forbids it.
    fn explain(&self, finding: Finding) -> Finding {
        let says = format!("{} has no {} rule for it", self.policy.key, self.direction);
        let finding = finding.at(self.policy.span, says);
        let Some(service) = self.passing else {
            return finding
                .note("what a policy governs and none permits is dropped without an answer")
                .help("add a rule with these labels and this port to the policy");
        };
        let (service, title) = (title(service), title(self.receiver));
        let finding = Finding { severity: Severity::Warning, ..finding };
        finding
            .note(format!("{service} selects the pods of {title} too, while these run"))
            .note("what a policy governs and none permits is dropped without an answer")
            .help(format!("let {service} select by a label that the pods of {title} do not have"))
    }
}

/// Asks whether a workload may talk to the pods of a Service that an object names: it itself, or what
/// it reads.
pub(super) fn check(
    cluster: &Cluster,
    (object, from): (&Object, &Object),
    host: &Host,
    to: (&Object, &Service),
) -> Option<Finding> {
    if !cluster.surely_share(object, from) {
        return None;
    }
    let forbidden = forbidden(cluster, from, host.port, to)?;
    let message = forbidden.message(&from.key.to_string(), &forbidden.receiver.key.to_string());
    let finding = at(Finding::error("conversation-forbidden", message), object, &host.place);
    let finding = match std::ptr::eq(object, from) {
        true => finding,
        false => finding.at(from.span, "this one reads it"),
    };
    Some(forbidden.explain(finding))
}

/// Asks the same of what apps declare; `told` holds both ends of what was told already.
pub(super) fn declared(cluster: &Cluster, told: &BTreeSet<(&str, &str)>) -> Vec<Finding> {
    let all = cluster.surroundings().conversations.iter();
    let new = all.filter(|one| !told.contains(&(&*one.from, &*one.to)));
    new.filter_map(|conversation| one(cluster, conversation)).collect()
}

/// Tells of a conversation where none of the pods on one side may talk to the other: which of them
/// does is not declared.
fn one(cluster: &Cluster, conversation: &Conversation) -> Option<Finding> {
    if let Some(namespace) = &conversation.chart {
        return to_chart(cluster, conversation, namespace);
    }
    let of = |unit: &str| {
        let unit: Box<str> = unit.into();
        cluster.objects().iter().filter(move |object| *object.unit == *unit)
    };
    let mut first = None;
    for to in of(&conversation.to) {
        let Body::Service(service) = &to.body else { continue };
        let serves = |port: u16| service.ports.iter().any(|it| it.number == i64::from(port));
        let Some(selecting) = &service.selector else { continue };
        if !conversation.port.is_none_or(serves) {
            continue;
        }
        for from in of(&conversation.from) {
            let Body::Workload(pod) = &from.body else { continue };
            let is_other_side =
                from.key.namespace == to.key.namespace && selecting.selector.matches(&pod.labels);
            if is_other_side {
                continue;
            }
            let forbidden = forbidden(cluster, from, conversation.port, (to, service))?;
            first = first.or(Some((from, forbidden)));
        }
    }
    let (from, forbidden) = first?;
    let Conversation { from: one, to: other, span, .. } = conversation;
    let receiver = forbidden.receiver;
    let message = forbidden.message(&format!("`{one}`"), &format!("`{other}`"));
    let finding = Finding::error("conversation-forbidden", message).at(*span, "declared here");
    let finding = finding.note(format!("{} may not talk to {}", from.key, receiver.key));
    Some(forbidden.explain(finding))
}

/// Tells of a conversation with a chart, where none of the pods that may begin it may reach anything
/// in its namespace: the labels and the ports of its pods are not known.
fn to_chart(cluster: &Cluster, conversation: &Conversation, chart: &str) -> Option<Finding> {
    let labels = cluster.namespace_labels(chart);
    let networks = cluster.surroundings().network.of_pods();
    let mut first = None;
    let all = cluster.objects().iter().filter(|object| *object.unit == *conversation.from);
    for from in all {
        let Body::Workload(sender) = &from.body else { continue };
        let is_open = cluster.may_hold(Unseen::Beside(from)) || cluster.has_other_policies();
        if is_open || sender.open.labels || sender.host_network {
            return None;
        }
        let permits = |rule: &PolicyRule| {
            rule.has_peer(Side {
                pod: None,
                namespace: labels.as_ref(),
                is_own: from.key.namespace == chart,
                networks: networks.as_deref(),
            })
        };
        let policy = refuses(cluster, (from, sender), |policy| policy.egress.as_deref(), permits)?;
        first = first.or(Some((from, policy)));
    }
    let (from, policy) = first?;
    let Conversation { from: one, to: other, span, .. } = conversation;
    let message = format!("`{one}` may not talk to `{other}`");
    let finding = Finding::error("conversation-forbidden", message).at(*span, "declared here");
    let says = format!("{} has no egress rule for the namespace `{chart}`", policy.key);
    Some(
        finding
            .at(policy.span, says)
            .note(format!("{} may reach nothing in `{chart}`, where the chart is", from.key))
            .note("what a policy governs and none permits is dropped without an answer")
            .help(format!("permit egress to the namespace `{chart}` in the policy")),
    )
}

fn forbidden<'c>(
    cluster: &'c Cluster,
    from: &'c Object,
    port: Option<u16>,
    (to, service): (&'c Object, &'c Service),
) -> Option<Forbidden<'c>> {
    let Body::Workload(sender) = &from.body else { return None };
    let selecting = service.selector.as_ref()?;
    let is_open = [from, to].into_iter().any(|object| cluster.may_hold(Unseen::Beside(object)))
        || !cluster.surely_share(from, to);
    if is_open || sender.open.labels || sender.host_network || cluster.has_other_policies() {
        return None;
    }
    let (mut passing, mut is_served) = (None, false);
    for receiver in cluster.selected(to, &selecting.selector) {
        let Body::Workload(pod) = &receiver.body else { continue };
        // Policies select no pods that have their node's address.
        if pod.host_network || receiver.key == from.key || pod.open.labels {
            continue;
        }
        let Some(port) = port_of(service, port, pod) else { continue };
        let ends = Ends { from, sender, to: receiver, receiver: pod, port };
        if let Some((policy, direction)) = ends.forbidden(cluster) {
            let port = ends.port.number;
            let told = Forbidden { receiver, port, policy, direction, passing: None };
            if !ends_by_itself(pod) {
                return Some(told);
            }
            passing = passing.or(Some(told));
        } else {
            is_served |= !ends_by_itself(pod);
        }
    }
    passing.map(|told| Forbidden { passing: is_served.then_some(to), ..told })
}

/// Whether its pods run to their end.
fn ends_by_itself(pod: &Pod) -> bool {
    matches!(
        pod.run.kind,
        RunKind::Job | RunKind::Schedule | RunKind::OnDemand { .. } | RunKind::Hook
    )
}

/// Asks whether a workload that names a Service may ask for its address: the policy that forbids it,
/// and what is wrong.
pub(super) fn dns<'c>(
    cluster: &'c Cluster,
    from: &'c Object,
    host: &Host,
) -> Option<(&'c Object, Finding)> {
    let Body::Workload(sender) = &from.body else { return None };
    let is_elsewhere = sender.host_network || !sender.asks_cluster;
    if is_elsewhere || cluster.may_hold(Unseen::Beside(from)) || cluster.has_other_policies() {
        return None;
    }
    let name = ("kubernetes.io/metadata.name", "kube-system");
    let system = cluster.namespace_labels(name.1).unwrap_or_else(|| [name].into_iter().collect());
    let networks = cluster.surroundings().network.of_pods();
    let namespace = &*from.key.namespace;
    let permits = |rule: &PolicyRule| rule.may_reach_dns(namespace, &system, networks.as_deref());
    let policy = refuses(cluster, (from, sender), |policy| policy.egress.as_deref(), permits)?;
    let Body::NetworkPolicy(body) = &policy.body else { return None };
    let message = format!("{} may not ask the DNS of the cluster", from.key);
    let finding = Finding::error("dns-forbidden", message)
        .at(body.span, "it has no egress rule for port 53 of UDP")
        .about(policy.key.to_string())
        .field("spec.egress")
        .at(host.place.span, format!("`{}` is named here", host.name))
        .note("names do not resolve, and every connection by name fails")
        .help("permit egress to pods of the namespace `kube-system` on port 53 of UDP and TCP");
    Some((policy, finding))
}

/// The port of the pods that is reached.
fn port_of(service: &Service, asked: Option<u16>, pod: &Pod) -> Option<ContainerPort> {
    let asked = asked.map(i64::from);
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
        let networks = cluster.surroundings().network.of_pods();
        let permits = |rule: &PolicyRule, pod: &Pod, namespace: Option<&Labels>| {
            rule.has_port(&self.port, self.receiver)
                && rule.has_peer(Side {
                    pod: Some(pod),
                    namespace,
                    is_own: is_local,
                    networks: networks.as_deref(),
                })
        };
        let ingress = |rule: &PolicyRule| permits(rule, self.sender, senders.as_ref());
        let egress = |rule: &PolicyRule| permits(rule, self.receiver, receivers.as_ref());
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
        if !policy.selecting.selector.matches(&pod.labels) {
            continue;
        }
        let Some(rules) = rules(policy) else { continue };
        if rules.iter().any(&permits) {
            return None;
        }
        // One of another cluster forbids nothing here.
        first = first.or(cluster.surely_share(other, object).then_some(other));
    }
    first
}
