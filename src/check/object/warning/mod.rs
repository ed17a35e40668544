//! What the server takes and warns of: the `Warning` headers of its answers, which kubectl shows
//! and Argo CD does not.

mod address;
mod config;
mod definition;
mod network;
mod pod;
mod port;
mod storage;
mod volume;

use crate::check::object::fault::Faults;
use crate::check::object::pod::resource::amount;
use crate::check::object::value::{name, number};
use crate::model::Field;
use crate::schema::Resource;

/// The `WarningsOnCreate` of the strategies under `pkg/registry`.
pub(crate) fn check(object: &Field<'_>, resource: &Resource, faults: &mut Faults) {
    let templates = |owner: &Field<'_>, faults: &mut Faults| {
        within(owner, "template", |pod, faults| pod::check(pod, true, faults), faults);
    };
    match (&*resource.group, &*resource.kind) {
        ("", "Pod") => {
            named(object, "the hostname of the pod", faults);
            pod::check(object, false, faults);
        }
        ("", "PodTemplate") => templates(object, faults),
        ("apps", "DaemonSet") => within(object, "spec", templates, faults),
        ("apps", "StatefulSet") => {
            within(object, "spec", templates, faults);
            within(object, "spec", storage::claim_templates, faults);
            within(object, "spec", history, faults);
        }
        ("apps", "Deployment" | "ReplicaSet")
        | ("", "ReplicationController")
        | ("batch", "Job") => {
            named(object, "the names of its pods and their hostnames", faults);
            within(object, "spec", templates, faults);
        }
        ("batch", "CronJob") => {
            named(object, "the names of its pods and their hostnames", faults);
            let job = |spec: &Field<'_>, faults: &mut Faults| {
                within(
                    spec,
                    "jobTemplate",
                    |job, faults| within(job, "spec", templates, faults),
                    faults,
                );
            };
            within(object, "spec", job, faults);
        }
        ("", "Service") => network::service(object, faults),
        ("networking.k8s.io", "Ingress") => network::ingress(object, faults),
        ("networking.k8s.io", "NetworkPolicy") => network::network_policy(object, faults),
        ("discovery.k8s.io", "EndpointSlice") => network::endpoint_slice(object, faults),
        ("", "PersistentVolume") => storage::volume(object, faults),
        ("", "PersistentVolumeClaim") => {
            annotations(object, storage::CLAIM_ANNOTATIONS, faults);
            within(object, "spec", storage::claim, faults);
        }
        ("storage.k8s.io", "StorageClass") => storage::class(object, faults),
        ("storage.k8s.io", "CSIStorageCapacity") => {
            within(object, "nodeTopology", node_selector, faults);
        }
        ("node.k8s.io", "RuntimeClass") => {
            let selector = |scheduling: &Field<'_>, faults: &mut Faults| {
                within(scheduling, "nodeSelector", node_labels, faults);
            };
            within(object, "scheduling", selector, faults);
        }
        ("", "Endpoints") => network::endpoints(object, faults),
        ("", "Secret") => config::secret(object, faults),
        ("", "ServiceAccount") => config::service_account(object, faults),
        ("apiextensions.k8s.io", "CustomResourceDefinition") => {
            definition::check(object, faults);
        }
        ("", "ResourceQuota") => within(object, "spec", quota, faults),
        _ => {}
    }
}

/// Calls a function for a field that is there.
fn within(
    parent: &Field<'_>,
    name: &str,
    check: impl Fn(&Field<'_>, &mut Faults),
    faults: &mut Faults,
) {
    if let Some(field) = parent.get(name) {
        check(&field, faults);
    }
}

/// Names that become hostnames should be one label of DNS.
fn named(object: &Field<'_>, what: &str, faults: &mut Faults) {
    let Some(metadata) = object.get("metadata") else { return };
    let Some(field) = metadata.get("name") else { return };
    let name = metadata.text("name");
    if !name.is_empty() && name::dns_label(name).is_some() {
        let message = format!("the name `{name}` makes {what}, and is no label of DNS");
        faults
            .warn("name-no-hostname", &field, message)
            .help("use lower-case letters, digits and `-`, at most 63 of them");
    }
}

/// Annotations that do nothing, or for which there is a field.
fn annotations(object: &Field<'_>, known: &[(&str, &str)], faults: &mut Faults) {
    let Some(metadata) = object.get("metadata") else { return };
    let Some(annotations) = metadata.get("annotations") else { return };
    for (key, advice) in known {
        if let Some(field) = annotations.get(key) {
            let message = format!("annotation `{key}` is deprecated");
            faults.warn("annotation-deprecated", &field, message).help(*advice);
        }
    }
}

/// Labels of nodes that have got other names; `deprecatedNodeLabels` of `pkg/api/node/util.go`.
fn node_label(key: &str, field: &Field<'_>, faults: &mut Faults) {
    let advice = match key {
        "beta.kubernetes.io/arch" => "write `kubernetes.io/arch`",
        "beta.kubernetes.io/os" => "write `kubernetes.io/os`",
        "failure-domain.beta.kubernetes.io/region" => "write `topology.kubernetes.io/region`",
        "failure-domain.beta.kubernetes.io/zone" => "write `topology.kubernetes.io/zone`",
        "beta.kubernetes.io/instance-type" => "write `node.kubernetes.io/instance-type`",
        "node-role.kubernetes.io/master" => "write `node-role.kubernetes.io/control-plane`",
        "scheduler.alpha.kubernetes.io/preferAvoidPods" => "use taints and tolerations",
        "app.kubernetes.io/created-by" => "use a label of your own",
        _ => return,
    };
    let message = format!("nodes are no longer labelled `{key}`");
    faults.warn("node-label-deprecated", field, message).help(advice);
}

/// Labels that a node must have.
fn node_labels(labels: &Field<'_>, faults: &mut Faults) {
    labels.entries().for_each(|(key, field)| node_label(key, &field, faults));
}

/// `GetWarningsForNodeSelector` of `pkg/api/node/util.go`
fn node_selector(selector: &Field<'_>, faults: &mut Faults) {
    node_term(selector, faults);
    within(selector, "matchLabels", node_labels, faults);
}

/// Keys of a term of node affinity.
fn node_terms(terms: &Field<'_>, faults: &mut Faults) {
    for term in terms.items() {
        node_term(&term, faults);
    }
}

fn node_term(term: &Field<'_>, faults: &mut Faults) {
    let Some(expressions) = term.get("matchExpressions") else { return };
    for expression in expressions.items() {
        if let Some(key) = expression.get("key") {
            node_label(expression.text("key"), &key, faults);
        }
    }
}

/// How many revisions a StatefulSet keeps.
fn history(spec: &Field<'_>, faults: &mut Faults) {
    const NAME: &str = "revisionHistoryLimit";
    if let Some(field) = spec.get(NAME)
        && number(spec, NAME).is_some_and(|limit| limit < 0)
    {
        let message = format!("with a negative `{NAME}` every revision is kept");
        faults.warn("history-limit-negative", &field, message).help("write 0 or more");
    }
}

/// Memory and storage are counted in whole bytes.
fn whole_bytes(amounts: &Field<'_>, names: &[&str], faults: &mut Faults) {
    for name in names {
        let Some(field) = amounts.get(name) else { continue };
        if amount(field.node).is_some_and(|amount| amount.milli_value() % 1000 != 0) {
            let written = field.node.as_str().unwrap_or_default();
            let message = format!("`{written}` of {name} is a fraction of a byte");
            let help = match written.strip_suffix('m') {
                Some(number) => format!("`m` is a thousandth; write `{number}Mi` for mebibytes"),
                None => "write whole bytes, or a unit such as `Mi`".to_owned(),
            };
            faults.warn("bytes-fractional", &field, message).help(help);
        }
    }
}

/// Requests of a quota above its limits.
fn quota(spec: &Field<'_>, faults: &mut Faults) {
    let Some(hard) = spec.get("hard") else { return };
    for name in ["cpu", "memory", "storage", "ephemeral-storage"] {
        let bare = matches!(name, "cpu" | "memory").then(|| hard.get(name)).flatten();
        let request = hard.get(&format!("requests.{name}")).or(bare);
        let limit = hard.get(&format!("limits.{name}"));
        let (Some(request), Some(limit)) = (request, limit) else { continue };
        if amount(request.node) > amount(limit.node) {
            let message = format!("the quota for requests of {name} is above that for limits");
            faults
                .warn("quota-unreachable", &request, message)
                .help("limits are at least requests, so the quota for limits is met first");
        }
    }
}
