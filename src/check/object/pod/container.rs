//! Containers of pods: those that run, those that run before them, and those beside them.

use std::collections::{HashMap, HashSet};

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::pod::env;
use crate::check::object::pod::mount;
use crate::check::object::pod::probe;
use crate::check::object::pod::resource;
use crate::check::object::pod::security;
use crate::check::object::pod::volume::Kind;
use crate::check::object::value;
use crate::check::object::value::name;
use crate::model::Field;

const NAME: &str = "container-name-invalid";
const IMAGE: &str = "image-invalid";
const PORT: &str = "port-invalid";
const TAKEN: &str = "port-taken";
const RESTART: &str = "restart-rule-invalid";
const RESIZE: &str = "resize-policy-invalid";

/// The resize policy that restarts a container.
const RESTARTS: &str = "RestartContainer";

/// What the rules of a container must know of its pod.
pub(crate) struct Pod<'a> {
    /// A pod itself, not the template of pods.
    pub(crate) itself: bool,
    pub(crate) volumes: HashMap<&'a str, Kind>,
    /// The names in `resourceClaims`.
    pub(crate) claims: HashSet<&'a str>,
    /// Seconds between the order to stop and the end.
    pub(crate) grace: i64,
    pub(crate) restart_policy: &'a str,
    pub(crate) host_network: bool,
    pub(crate) host_users: bool,
}

/// `validateContainers`, `validateInitContainers` and `validateEphemeralContainers` of
/// `pkg/apis/core/validation/validation.go`
pub(crate) fn check(spec: &Field<'_>, pod: &Pod<'_>, faults: &mut Faults) {
    let (containers, before) = (spec.get("containers"), spec.get("initContainers"));
    let (mut names, mut ports) = (HashSet::new(), HashSet::new());
    if value::list(spec, "containers").is_empty() {
        value::missing("container-missing", spec, "containers", faults);
    }
    for container in containers.iter().flat_map(|list| list.items()) {
        common(&container, pod, faults);
        probe::check(&container, pod, faults);
        restart_policy(&container, false, faults);
        unique_name(container.text("name"), &container, &mut names, faults);
        host_ports(&container, pod, &mut ports, faults);
        host_network(&container, pod, faults);
    }
    for container in before.iter().flat_map(|list| list.items()) {
        common(&container, pod, faults);
        restart_policy(&container, true, faults);
        init(&container, pod, faults);
        unique_name(container.text("name"), &container, &mut names, faults);
        // They run one by one, so only their own ports count.
        host_ports(&container, pod, &mut HashSet::new(), faults);
    }
    if let Some(field) = spec.get("ephemeralContainers")
        && !value::list(spec, "ephemeralContainers").is_empty()
    {
        let message = "a pod cannot begin with ephemeral containers";
        faults
            .at_key("ephemeral-container-refused", Reason::Forbidden, &field, message)
            .help("write them under `containers`, or add them with `kubectl debug`");
    }
}

/// Calls a function for each container of any sort.
pub(crate) fn each(spec: &Field<'_>, mut call: impl FnMut(&Field<'_>)) {
    for name in ["initContainers", "containers", "ephemeralContainers"] {
        if let Some(containers) = spec.get(name) {
            containers.items().for_each(|container| call(&container));
        }
    }
}

/// Whether an init container goes on running beside the others.
pub(crate) fn is_sidecar(container: &Field<'_>) -> bool {
    container.text("restartPolicy") == "Always"
}

/// `validateContainerCommon`
fn common(container: &Field<'_>, pod: &Pod<'_>, faults: &mut Faults) {
    value::text_of_form(NAME, container, "name", name::dns_label, faults);
    image(container, pod, faults);
    value::word_or_empty(
        value::UNKNOWN,
        container,
        "terminationMessagePolicy",
        &["File", "FallbackToLogsOnError"],
        faults,
    );
    let policies = ["Always", "IfNotPresent", "Never"];
    value::word_or_empty(value::UNKNOWN, container, "imagePullPolicy", &policies, faults);
    ports(container, faults);
    env::check(container, faults);
    mount::check(container, pod, faults);
    if let Some(resources) = container.get("resources") {
        resource::of_container(&resources, &pod.claims, faults);
    }
    resize_policies(container, pod, faults);
    if let Some(context) = container.get("securityContext") {
        security::of_container(&context, pod.host_users, faults);
    }
}

/// The image, with `validateContainerOnlyForPod`.
fn image(container: &Field<'_>, pod: &Pod<'_>, faults: &mut Faults) {
    let Some(image) = value::required(IMAGE, container, "image", faults) else { return };
    if let Some(field) = container.get("image")
        && pod.itself
        && image.trim() != image
    {
        let message = format!("image `{image}` has blanks around it");
        faults.at(IMAGE, Reason::Invalid, &field, message).help("remove the blanks");
    }
}

fn unique_name<'a>(
    name: &'a str,
    container: &Field<'_>,
    names: &mut HashSet<&'a str>,
    faults: &mut Faults,
) {
    if let (false, Some(field)) = (name.is_empty() || names.insert(name), container.get("name")) {
        let message = format!("two containers of the pod are named `{name}`");
        faults
            .at("container-name-taken", Reason::Duplicate, &field, message)
            .help("rename one of them");
    }
}

/// `validateContainerPorts`
fn ports(container: &Field<'_>, faults: &mut Faults) {
    let Some(ports) = container.get("ports") else { return };
    let mut names = HashSet::new();
    for port in ports.items() {
        value::form(PORT, &port, "name", name::port_name, faults);
        let name = port.text("name");
        if let (false, Some(field)) = (name.is_empty() || names.insert(name), port.get("name")) {
            let message = format!("two ports of the container are named `{name}`");
            faults.at(TAKEN, Reason::Duplicate, &field, message).help("rename one of the two");
        }
        if value::number(&port, "containerPort").unwrap_or_default() == 0 {
            value::missing(PORT, &port, "containerPort", faults);
        }
        for number in ["containerPort", "hostPort"] {
            // Zero is no port.
            if value::number(&port, number).is_some_and(|number| number != 0) {
                value::range(PORT, &port, number, 1..=65535, faults);
            }
        }
        value::word_or_empty(value::UNKNOWN, &port, "protocol", &["TCP", "UDP", "SCTP"], faults);
    }
}

/// A port of the host: protocol, address and number.
type HostPort<'a> = (&'a str, &'a str, i64);

/// `AccumulateUniqueHostPorts`, with the default that `SetDefaults_Pod` gives the ports of a pod in
/// the host's network.
fn host_ports<'a>(
    container: &Field<'a>,
    pod: &Pod<'_>,
    taken: &mut HashSet<HostPort<'a>>,
    faults: &mut Faults,
) {
    let Some(ports) = container.get("ports") else { return };
    for (port, node) in ports.items().zip(value::list(container, "ports")) {
        let inner = value::number(&port, "containerPort").unwrap_or_default();
        let said = value::number(&port, "hostPort").filter(|number| *number != 0);
        let Some(number) = said.or((pod.itself && pod.host_network).then_some(inner)) else {
            continue;
        };
        let field = port.get("hostPort").or_else(|| port.get("containerPort"));
        let Some(field) = field else { continue };
        let text = |name: &str| node.get(name).and_then(crate::yaml::Node::as_str);
        let protocol = text("protocol").filter(|text| !text.is_empty()).unwrap_or("TCP");
        if number != 0 && !taken.insert((protocol, text("hostIP").unwrap_or_default(), number)) {
            let message = format!("port {number} ({protocol}) of the host is taken twice");
            faults
                .at(TAKEN, Reason::Duplicate, &field, message)
                .help("give one of the two another port, or reach it through a Service");
        }
    }
}

/// `validatePodHostNetworkDeps`
fn host_network(container: &Field<'_>, pod: &Pod<'_>, faults: &mut Faults) {
    let Some(ports) = container.get("ports").filter(|_| pod.host_network) else { return };
    for port in ports.items() {
        let inner = value::number(&port, "containerPort").unwrap_or_default();
        let outer = value::number(&port, "hostPort").unwrap_or_default();
        if let (true, Some(field)) = (outer != 0 && outer != inner, port.get("hostPort")) {
            let message = format!("`hostPort: {outer}` is not the container's port {inner}");
            faults
                .at(PORT, Reason::Invalid, &field, message)
                .help("with `hostNetwork` both are one: leave out `hostPort`");
        }
    }
}

/// What only a container that goes on running may have.
fn init(container: &Field<'_>, pod: &Pod<'_>, faults: &mut Faults) {
    if is_sidecar(container) {
        return probe::check(container, pod, faults);
    }
    let names = probe::PROBES.iter().map(|(name, _)| *name).chain(["lifecycle"]);
    for name in names {
        let Some(field) = container.get(name) else { continue };
        let message = format!("an init container that ends has no `{name}`");
        faults
            .at_key("init-container-handler", Reason::Forbidden, &field, message)
            .help("remove it, or make a sidecar of it with `restartPolicy: Always`");
    }
    // Not looked at before 1.36.
    let policies = container.get("resizePolicy").filter(|_| faults.since(36));
    let Some(policies) = policies else { return };
    for policy in policies.items().filter(|policy| policy.text("restartPolicy") == RESTARTS) {
        let message = format!("an init container that ends cannot have `{RESTARTS}`");
        let field = policy.get("restartPolicy").unwrap_or(policy);
        faults.at(RESIZE, Reason::Invalid, &field, message).help("write `NotRequired`");
    }
}

/// `validateContainerRestartPolicy` and `validateInitContainerRestartPolicy`
fn restart_policy(container: &Field<'_>, init: bool, faults: &mut Faults) {
    // `ContainerRestartRules`: before, it makes sidecars of init containers and nothing else.
    if faults.since(34) {
        value::word(
            value::UNKNOWN,
            container,
            "restartPolicy",
            &["Always", "Never", "OnFailure"],
            faults,
        );
    } else if init {
        value::word(value::UNKNOWN, container, "restartPolicy", &["Always"], faults);
    } else if let Some(field) = container.get("restartPolicy") {
        let message = "only an init container has a `restartPolicy` before Kubernetes 1.34";
        faults
            .at_key("restart-policy-invalid", Reason::Forbidden, &field, message)
            .help("write the `restartPolicy` of the pod");
    }
    let Some(rules) = container.get("restartPolicyRules") else { return };
    let count = rules.items().count();
    if count > 0 && !value::has(container, "restartPolicy") {
        value::missing(RESTART, container, "restartPolicy", faults);
    }
    if count > 20 {
        let message = format!("{count} restart rules are more than 20");
        faults.at_key(RESTART, Reason::TooMany, &rules, message);
    }
    for rule in rules.items() {
        // `RestartAllContainersOnContainerExits`
        let actions: &[&str] = match faults.since(36) {
            true => &["Restart", "RestartAllContainers"],
            false => &["Restart"],
        };
        value::word_always(RESTART, &rule, "action", actions, faults);
        let Some(codes) = rule.get("exitCodes") else {
            value::missing(RESTART, &rule, "exitCodes", faults);
            continue;
        };
        value::word_always(RESTART, &codes, "operator", &["In", "NotIn"], faults);
        let values = value::list(&codes, "values").len();
        if values > 255 {
            let message = format!("{values} exit codes are more than 255");
            faults.at_key(RESTART, Reason::TooMany, &codes, message);
        }
    }
}

/// `validateResizePolicy`
fn resize_policies(container: &Field<'_>, pod: &Pod<'_>, faults: &mut Faults) {
    let Some(policies) = container.get("resizePolicy") else { return };
    let mut names = HashSet::new();
    for policy in policies.items() {
        value::required_word(RESIZE, &policy, "resourceName", &["cpu", "memory"], faults);
        let known = ["NotRequired", RESTARTS];
        value::required_word(RESIZE, &policy, "restartPolicy", &known, faults);
        let name = policy.text("resourceName");
        if !names.insert(name) {
            let message = format!("`{name}` has two resize policies");
            faults.at(RESIZE, Reason::Duplicate, &policy, message);
        }
        if let Some(field) = policy.get("restartPolicy")
            && policy.text("restartPolicy") == RESTARTS
            && pod.restart_policy == "Never"
        {
            let message = "a pod that never restarts cannot restart a container to resize it";
            faults
                .at(RESIZE, Reason::Invalid, &field, message)
                .help("write `NotRequired`, or another `restartPolicy` for the pod");
        }
    }
}
