//! Which rules of the Pod Security Standards a pod breaks, whatever its namespace enforces.
//!
//! The rules, the versions that they hold from and what each replaces are those of
//! `k8s.io/pod-security-admission/policy` (`check_*.go`, `registry.go`).

mod capability;

use std::borrow::Cow;

pub use capability::is_default_capability;

use super::quota::Level;
use super::{Place, Reading};
use crate::model::Field;
use crate::yaml::Node;

/// A rule that a pod breaks.
#[derive(Debug, Clone, PartialEq)]
pub struct Breach {
    /// The name of the rule upstream.
    pub rule: &'static str,
    /// The level that has the rule.
    pub level: Level,
    /// The first minor version whose rules have it.
    pub since: u32,
    /// The first minor version whose rules have it no more.
    pub until: u32,
    /// The first minor version in which the restricted level has a rule of its own instead.
    pub replaced: u32,
    /// What must be otherwise.
    pub must: Cow<'static, str>,
    /// Where.
    pub place: Place,
}

impl Breach {
    /// Whether a namespace of a level refuses the pod for it, by the rules of a minor version.
    #[must_use]
    pub fn counts(&self, level: Level, minor: u32) -> bool {
        let is_replaced = level == Level::Restricted && minor >= self.replaced;
        level >= self.level && (self.since..self.until).contains(&minor) && !is_replaced
    }
}

const EVER: u32 = u32::MAX;

/// Collects breaches: the first place of each rule, with the names of all that break it.
struct Found<'r> {
    reading: &'r Reading<'r>,
    breaches: Vec<Breach>,
}

/// When a rule holds.
#[derive(Clone, Copy)]
struct Rule {
    name: &'static str,
    level: Level,
    since: u32,
    until: u32,
    replaced: u32,
}

const fn baseline(name: &'static str) -> Rule {
    Rule { name, level: Level::Baseline, since: 0, until: EVER, replaced: EVER }
}

const fn restricted(name: &'static str, since: u32) -> Rule {
    Rule { name, level: Level::Restricted, since, until: EVER, replaced: EVER }
}

impl Found<'_> {
    fn add(&mut self, rule: Rule, field: &Field<'_>, must: impl Into<Cow<'static, str>>) {
        let known = |breach: &&mut Breach| {
            (breach.rule, breach.since, breach.until) == (rule.name, rule.since, rule.until)
        };
        if self.breaches.iter_mut().find(known).is_some() {
            return;
        }
        let Rule { name: rule, level, since, until, replaced } = rule;
        let (must, place) = (must.into(), self.reading.place(field));
        self.breaches.push(Breach { rule, level, since, until, replaced, must, place });
    }
}

/// Every rule that the pod of a template breaks.
pub(super) fn breaches(
    reading: &Reading<'_>,
    template: &Field<'_>,
    spec: &Field<'_>,
) -> Box<[Breach]> {
    let mut found = Found { reading, breaches: Vec::new() };
    let context = spec.get("securityContext");
    if let Some(context) = &context {
        profiles(context, &mut found);
        sysctls(context, &mut found);
    }
    of_pod(spec, &mut found);
    volumes(spec, &mut found);
    annotations(template, &mut found);
    let pod = PodContext::of(spec);
    for list in ["initContainers", "containers", "ephemeralContainers"] {
        let Some(list) = spec.get(list) else { continue };
        for container in list.items() {
            of_container(&container, &pod, &mut found);
        }
    }
    if let Some(context) = &context {
        users(context, &pod, &mut found);
    }
    found.breaches.into()
}

/// What the containers of a pod take over from it.
struct PodContext {
    non_root: bool,
    seccomp: bool,
    is_windows: bool,
    has_own_users: bool,
    shares_network: bool,
}

impl PodContext {
    fn of(spec: &Field<'_>) -> Self {
        let at = |pointer| spec.node.pointer(pointer);
        let profile = at("/securityContext/seccompProfile/type").and_then(Node::as_str);
        let is_false = |node: &Node| matches!(node.value, crate::yaml::Value::Bool(false));
        Self {
            non_root: at("/securityContext/runAsNonRoot").is_some_and(Node::is_true),
            seccomp: profile.is_some_and(is_valid_profile),
            is_windows: at("/os/name").and_then(Node::as_str) == Some("windows"),
            has_own_users: at("/hostUsers").is_some_and(is_false),
            shares_network: at("/hostNetwork").is_some_and(Node::is_true),
        }
    }
}

fn is_valid_profile(profile: &str) -> bool {
    matches!(profile, "Localhost" | "RuntimeDefault")
}

fn of_pod(spec: &Field<'_>, found: &mut Found<'_>) {
    for name in ["hostNetwork", "hostPID", "hostIPC"] {
        if let Some(field) = spec.get(name).filter(|field| field.node.is_true()) {
            found.add(baseline("hostNamespaces"), &field, format!("{name} must not be true"));
        }
    }
}

/// The rules on `securityContext` that a pod and its containers share.
fn profiles(context: &Field<'_>, found: &mut Found<'_>) {
    if let Some(profile) = context.get("appArmorProfile")
        && !is_valid_profile(profile.text("type"))
    {
        let must = "the AppArmor profile must be RuntimeDefault or Localhost";
        found.add(baseline("appArmorProfile"), &profile, must);
    }
    if let Some(profile) = context.get("seccompProfile")
        && !is_valid_profile(profile.text("type"))
    {
        let must = "the seccomp profile must be RuntimeDefault or Localhost";
        let rule = Rule { since: 19, replaced: 19, ..baseline("seccompProfile_baseline") };
        found.add(rule, &profile, must);
        found.add(restricted("seccompProfile_restricted", 19), &profile, must);
    }
    if let Some(options) = context.get("seLinuxOptions") {
        se_linux(&options, found);
    }
    let windows = context.get("windowsOptions");
    let process = windows.as_ref().and_then(|windows| windows.get("hostProcess"));
    if let Some(process) = process.filter(|process| process.node.is_true()) {
        found.add(baseline("windowsHostProcess"), &process, "hostProcess must not be true");
    }
}

fn se_linux(options: &Field<'_>, found: &mut Found<'_>) {
    const TYPES: [&str; 4] = ["", "container_t", "container_init_t", "container_kvm_t"];
    let kind = options.text("type");
    let sets_other = ["user", "role"].iter().any(|name| !options.text(name).is_empty());
    if sets_other || !(TYPES.contains(&kind) || kind == "container_engine_t") {
        let must = "seLinuxOptions may set a type of containers alone";
        return found.add(baseline("seLinuxOptions"), options, must);
    }
    if !TYPES.contains(&kind) {
        let must = "the type of seLinuxOptions is allowed since 1.31 only";
        found.add(Rule { until: 31, ..baseline("seLinuxOptions") }, options, must);
    }
}

/// The first minor version whose level `baseline` lets pods set a sysctl; nothing where none does.
#[must_use]
pub fn sysctl_since(name: &str) -> Option<u32> {
    const ALLOWED: [(&str, u32); 12] = [
        ("kernel.shm_rmid_forced", 0),
        ("net.ipv4.ip_local_port_range", 0),
        ("net.ipv4.tcp_syncookies", 0),
        ("net.ipv4.ping_group_range", 0),
        ("net.ipv4.ip_unprivileged_port_start", 0),
        ("net.ipv4.ip_local_reserved_ports", 27),
        ("net.ipv4.tcp_keepalive_time", 29),
        ("net.ipv4.tcp_fin_timeout", 29),
        ("net.ipv4.tcp_keepalive_intvl", 29),
        ("net.ipv4.tcp_keepalive_probes", 29),
        ("net.ipv4.tcp_rmem", 32),
        ("net.ipv4.tcp_wmem", 32),
    ];
    ALLOWED.iter().find(|(known, _)| *known == name).map(|(_, since)| *since)
}

fn sysctls(context: &Field<'_>, found: &mut Found<'_>) {
    let Some(list) = context.get("sysctls") else { return };
    for sysctl in list.items() {
        let name = sysctl.text("name");
        let until = sysctl_since(name).unwrap_or(EVER);
        if until > 0 {
            let rule = Rule { until, ..baseline("sysctls") };
            found.add(rule, &sysctl, format!("the sysctl `{name}` must not be set"));
        }
    }
}

fn volumes(spec: &Field<'_>, found: &mut Found<'_>) {
    const ALLOWED: [&str; 9] = [
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "image",
        "persistentVolumeClaim",
        "projected",
        "secret",
    ];
    let Some(list) = spec.get("volumes") else { return };
    for volume in list.items() {
        let sources =
            volume.fields().filter(|(name, field)| *name != "name" && !field.node.is_null());
        let sources: Vec<&str> = sources.map(|(name, _)| name).collect();
        if sources.contains(&"hostPath") {
            let rule = Rule { replaced: 0, ..baseline("hostPathVolumes") };
            found.add(rule, &volume, "there must be no hostPath volume");
        }
        // One without a source is an emptyDir for the server.
        if !sources.is_empty() && !sources.iter().any(|source| ALLOWED.contains(source)) {
            let must = format!("there must be no {} volume", sources[0]);
            found.add(restricted("restrictedVolumes", 0), &volume, must);
        }
    }
}

fn annotations(template: &Field<'_>, found: &mut Found<'_>) {
    const APP_ARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";
    const SECCOMP: [&str; 2] = [
        "seccomp.security.alpha.kubernetes.io/pod",
        "container.seccomp.security.alpha.kubernetes.io/",
    ];
    let Some(metadata) = template.get("metadata") else { return };
    let Some(annotations) = metadata.get("annotations") else { return };
    for (key, field) in annotations.entries() {
        let value = field.node.as_str().unwrap_or_default();
        let is_allowed =
            value.is_empty() || value == "runtime/default" || value.starts_with("localhost/");
        if key.starts_with(APP_ARMOR) && !is_allowed {
            let must = "the AppArmor profile must be runtime/default or localhost/…";
            found.add(baseline("appArmorProfile"), &field, must);
        }
        let is_allowed = matches!(value, "runtime/default" | "docker/default")
            || value.starts_with("localhost/");
        if (key == SECCOMP[0] || key.starts_with(SECCOMP[1])) && !is_allowed {
            let rule = Rule { until: 19, ..baseline("seccompProfile_baseline") };
            found.add(rule, &field, "the seccomp profile must be runtime/default or localhost/…");
        }
    }
}

/// The rules on who runs that `securityContext` of the pod itself can break.
fn users(context: &Field<'_>, pod: &PodContext, found: &mut Found<'_>) {
    if let Some(field) = context.get("runAsNonRoot").filter(|field| !field.node.is_true()) {
        found.add(non_root(pod), &field, "runAsNonRoot must not be false");
    }
    if let Some(field) = context.get("runAsUser").filter(|field| field.node.as_int() == Some(0)) {
        found.add(user(pod), &field, "runAsUser must not be 0");
    }
}

/// Pods with users of their own may run as root, since 1.35.
fn non_root(pod: &PodContext) -> Rule {
    Rule { until: if pod.has_own_users { 35 } else { EVER }, ..restricted("runAsNonRoot", 0) }
}

fn user(pod: &PodContext) -> Rule {
    Rule { until: if pod.has_own_users { 35 } else { EVER }, ..restricted("runAsUser", 23) }
}

fn of_container(container: &Field<'_>, pod: &PodContext, found: &mut Found<'_>) {
    let name = container.get("name");
    let name = name.as_ref().unwrap_or(container);
    let context = container.get("securityContext");
    let of = |field: &str| context.as_ref().and_then(|context| context.node.get(field));
    let is_given = |field: &str| of(field).is_some_and(|node| !node.is_null());
    // Where nothing is written, the container is what should have it.
    let place = context.as_ref().unwrap_or(name);
    if let Some(context) = &context {
        profiles(context, found);
        users(context, pod, found);
        if let Some(field) = context.get("privileged").filter(|field| field.node.is_true()) {
            found.add(baseline("privileged"), &field, "privileged must not be true");
        }
        if let Some(field) = context.get("procMount")
            && field.node.as_str() != Some("Default")
        {
            let until = if pod.has_own_users { 35 } else { EVER };
            let rule = Rule { until, replaced: 35, ..baseline("procMount") };
            found.add(rule, &field, "procMount must be Default");
            found.add(restricted("procMount_restricted", 35), &field, "procMount must be Default");
        }
    }
    capabilities(context.as_ref(), place, pod, found);
    let may_escalate = of("allowPrivilegeEscalation").is_none_or(|it| it.is_null() || it.is_true());
    let windows = if pod.is_windows { 25 } else { EVER };
    if may_escalate {
        let rule = Rule { until: windows, ..restricted("allowPrivilegeEscalation", 8) };
        found.add(rule, place, "allowPrivilegeEscalation must be false");
    }
    if !is_given("runAsNonRoot") && !pod.non_root {
        found.add(non_root(pod), place, "runAsNonRoot must be true");
    }
    if !is_given("seccompProfile") && !pod.seccomp {
        let rule = Rule { until: windows, ..restricted("seccompProfile_restricted", 19) };
        found.add(rule, place, "seccompProfile must be RuntimeDefault or Localhost");
    }
    host_ports(container, pod, found);
    hosts(container, found);
}

fn capabilities(
    context: Option<&Field<'_>>,
    place: &Field<'_>,
    pod: &PodContext,
    found: &mut Found<'_>,
) {
    let until = if pod.is_windows { 25 } else { EVER };
    let strict = Rule { until, ..restricted("capabilities_restricted", 22) };
    let stated = context.and_then(|context| context.get("capabilities"));
    let names = |list: &str| {
        let list = stated.as_ref().and_then(|stated| stated.node.get(list));
        list.and_then(Node::as_seq).unwrap_or_default().iter().filter_map(Node::as_str)
    };
    let place = stated.as_ref().unwrap_or(place);
    let mut added = names("add");
    if let Some(other) = added.find(|name| !is_default_capability(name)) {
        let rule = Rule { replaced: 22, ..baseline("capabilities_baseline") };
        found.add(rule, place, format!("the capability {other} must not be added"));
    }
    let other = names("add").find(|name| *name != "NET_BIND_SERVICE");
    if let Some(other) = other {
        found.add(strict, place, format!("the capability {other} must not be added"));
    }
    if !names("drop").any(|name| name == "ALL") {
        found.add(strict, place, "capabilities.drop must have ALL");
    }
}

fn host_ports(container: &Field<'_>, pod: &PodContext, found: &mut Found<'_>) {
    let Some(ports) = container.get("ports") else { return };
    for port in ports.items() {
        let host = port.node.get("hostPort").and_then(Node::as_int).unwrap_or(0);
        // On the node's network each port of a container is one of the node.
        if host != 0 || pod.shares_network {
            found.add(baseline("hostPorts"), &port, "there must be no host port");
        }
    }
}

fn hosts(container: &Field<'_>, found: &mut Found<'_>) {
    let mut look = |handler: Option<Field<'_>>| {
        let Some(handler) = handler else { return };
        for kind in ["httpGet", "tcpSocket"] {
            let Some(action) = handler.get(kind) else { continue };
            if !action.text("host").is_empty() {
                let rule = Rule { since: 34, ..baseline("hostProbesAndHostLifecycle") };
                found.add(rule, &action, "probes and hooks must not name a host");
            }
        }
    };
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        look(container.get(probe));
    }
    if let Some(lifecycle) = container.get("lifecycle") {
        for hook in ["postStart", "preStop"] {
            look(lifecycle.get(hook));
        }
    }
}
