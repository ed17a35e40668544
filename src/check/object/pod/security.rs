//! Security contexts of pods and containers, and what pods share with their host.

use std::collections::HashSet;

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::pod::container::each;
use crate::check::object::pod::file_path;
use crate::check::object::pod::windows;
use crate::check::object::value;
use crate::model::Field;

const CONTEXT: &str = "security-context-invalid";
const PROFILE: &str = "security-profile-invalid";
const SYSCTL: &str = "sysctl-invalid";
const HOST: &str = "host-sharing-conflict";

/// Numbers of users and groups: `IsValidUserID` and `IsValidGroupID`.
const ID: std::ops::RangeInclusive<i64> = 0..=i32::MAX as i64;

/// `validatePodSpecSecurityContext` and `validateHostUsers` of
/// `pkg/apis/core/validation/validation.go`
pub(crate) fn of_pod(spec: &Field<'_>, faults: &mut Faults) {
    shared_processes(spec, faults);
    host_users(spec, faults);
    let Some(context) = spec.get("securityContext") else { return };
    for name in ["fsGroup", "runAsUser", "runAsGroup"] {
        value::range(CONTEXT, &context, name, ID, faults);
    }
    supplemental_groups(&context, faults);
    sysctls(&context, spec, faults);
    // `SELinuxMount`
    let labels: &[&str] = match faults.since(37) {
        true => &["Recursive", "MountOption"],
        false => &["Recursive"],
    };
    for (name, choices) in [
        ("fsGroupChangePolicy", &["OnRootMismatch", "Always"] as &[_]),
        ("supplementalGroupsPolicy", &["Merge", "Strict"]),
        ("seLinuxChangePolicy", labels),
    ] {
        value::word(value::UNKNOWN, &context, name, choices, faults);
    }
    profiles(&context, faults);
}

/// `ValidateSecurityContext`
pub(crate) fn of_container(context: &Field<'_>, host_users: bool, faults: &mut Faults) {
    for name in ["runAsUser", "runAsGroup"] {
        value::range(CONTEXT, context, name, ID, faults);
    }
    value::word(value::UNKNOWN, context, "procMount", &["Default", "Unmasked"], faults);
    if let Some(field) = context.get("procMount")
        && host_users
        && context.text("procMount") == "Unmasked"
    {
        faults
            .at(CONTEXT, Reason::Invalid, &field, "`procMount: Unmasked` needs users of its own")
            .help("set `hostUsers: false` for the pod");
    }
    escalation(context, faults);
    profiles(context, faults);
}

fn escalation(context: &Field<'_>, faults: &mut Faults) {
    const NAME: &str = "allowPrivilegeEscalation";
    let Some(field) = context.get(NAME).filter(|_| value::boolean(context, NAME) == Some(false))
    else {
        return;
    };
    let admin = context.get("capabilities").is_some_and(|capabilities| {
        let add = value::list(&capabilities, "add");
        add.iter().any(|capability| capability.as_str() == Some("CAP_SYS_ADMIN"))
    });
    for (given, other) in
        [(value::is_true(context, "privileged"), "privileged: true"), (admin, "CAP_SYS_ADMIN")]
    {
        if given {
            let message = format!("`{NAME}: false` does not go with `{other}`");
            faults
                .entry(CONTEXT, Reason::Invalid, context, &field, message)
                .help("keep one of the two");
        }
    }
}

fn supplemental_groups(context: &Field<'_>, faults: &mut Faults) {
    let Some(groups) = context.get("supplementalGroups") else { return };
    for group in groups.items() {
        if let crate::yaml::Value::Int(number) = group.node.value
            && !ID.contains(&number)
        {
            let message = format!("group {number} {}", value::out_of(&ID));
            faults.at(CONTEXT, Reason::Invalid, &group, message);
        }
    }
}

fn shared_processes(spec: &Field<'_>, faults: &mut Faults) {
    if let Some(field) = spec.get("shareProcessNamespace")
        && value::is_true(spec, "shareProcessNamespace")
        && value::is_true(spec, "hostPID")
    {
        let message = "`shareProcessNamespace` does not go with `hostPID`";
        faults.at(HOST, Reason::Invalid, &field, message).help("keep one of the two");
    }
}

fn host_users(spec: &Field<'_>, faults: &mut Faults) {
    if value::boolean(spec, "hostUsers") != Some(false) {
        return;
    }
    for name in ["hostNetwork", "hostPID", "hostIPC"] {
        if let Some(field) = spec.get(name).filter(|_| value::is_true(spec, name)) {
            let message = format!("`{name}` does not go with `hostUsers: false`");
            faults.at(HOST, Reason::Forbidden, &field, message).help("keep one of the two");
        }
    }
    // Not looked at before 1.34.
    if !faults.since(34) {
        return;
    }
    each(spec, |container| {
        if let Some(devices) = container.get("volumeDevices")
            && devices.items().next().is_some()
        {
            let message = "`volumeDevices` do not go with `hostUsers: false`";
            faults.at_key(HOST, Reason::Forbidden, &devices, message);
        }
    });
}

/// `validateSysctls` and `ValidateHostSysctl`
fn sysctls(context: &Field<'_>, spec: &Field<'_>, faults: &mut Faults) {
    let Some(sysctls) = context.get("sysctls") else { return };
    let mut names = HashSet::new();
    for sysctl in sysctls.items() {
        let Some(name) = value::required(SYSCTL, &sysctl, "name", faults) else { continue };
        value::form(SYSCTL, &sysctl, "name", sysctl_name, faults);
        let Some(field) = sysctl.get("name") else { continue };
        if !names.insert(name.to_owned()) {
            let message = format!("sysctl `{name}` is set twice");
            faults.at(SYSCTL, Reason::Duplicate, &field, message);
        }
        // Not looked at before 1.29.
        let host = sysctl_host(name).filter(|host| value::is_true(spec, host));
        if let Some(host) = host.filter(|_| faults.since(29)) {
            let message = format!("sysctl `{name}` would be set for the host, with `{host}`");
            faults.at(SYSCTL, Reason::Invalid, &field, message).help("keep one of the two");
        }
    }
}

/// `IsValidSysctlName`
fn sysctl_name(name: &str) -> Option<&'static str> {
    let end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let inner = |c: char| end(c) || c == '-' || c == '_';
    let good = |part: &str| part.starts_with(end) && part.ends_with(end) && part.chars().all(inner);
    (name.len() > 253 || !name.split(['.', '/']).all(good))
        .then_some("must be lower-case letters, digits, `-` and `_`, in parts between dots")
}

/// The field of a pod that gives a sysctl to the host: `GetNamespace` of
/// `k8s.io/component-helpers/node/util/sysctl`.
fn sysctl_host(name: &str) -> Option<&'static str> {
    let swapped: String;
    let name = match name.find(['.', '/']) {
        Some(at) if name[at..].starts_with('/') => {
            let swap = |c| match c {
                '.' => '/',
                '/' => '.',
                c => c,
            };
            swapped = name.chars().map(swap).collect();
            &*swapped
        }
        _ => name,
    };
    match name {
        "kernel.sem"
        | "kernel.shmall"
        | "kernel.shmmax"
        | "kernel.shmmni"
        | "kernel.shm_rmid_forced"
        | "kernel.shm"
        | "kernel.msgmax"
        | "kernel.msgmnb"
        | "kernel.msgmni"
        | "kernel.msg" => Some("hostIPC"),
        _ if name.starts_with("fs.mqueue.") => Some("hostIPC"),
        _ if name.starts_with("net.") => Some("hostNetwork"),
        _ => None,
    }
}

/// The profiles that pods and containers alike may have.
fn profiles(context: &Field<'_>, faults: &mut Faults) {
    for name in ["seccompProfile", "appArmorProfile"] {
        if let Some(profile) = context.get(name) {
            self::profile(&profile, name, faults);
        }
    }
    if let Some(options) = context.get("windowsOptions") {
        windows::options(&options, faults);
    }
}

/// `validateSeccompProfileField` and `ValidateAppArmorProfileField`
fn profile(profile: &Field<'_>, name: &str, faults: &mut Faults) {
    const LOCAL: &str = "localhostProfile";
    let kinds = ["RuntimeDefault", "Localhost", "Unconfined"];
    value::required_word(PROFILE, profile, "type", &kinds, faults);
    let kind = profile.text("type");
    let local = profile.get(LOCAL);
    match (kind, local) {
        ("Localhost", None) => {
            value::missing(PROFILE, profile, LOCAL, faults);
        }
        ("Localhost", Some(_)) if name == "seccompProfile" => {
            value::form(PROFILE, profile, LOCAL, file_path::descending, faults);
        }
        ("Localhost", Some(_)) => {
            value::text_of_form(PROFILE, profile, LOCAL, app_armor_name, faults);
        }
        (_, Some(field)) if kinds.contains(&kind) => {
            let message = format!("only `type: Localhost` has a `{LOCAL}`");
            faults
                .at(PROFILE, Reason::Invalid, &field, message)
                .help("write `type: Localhost`, or remove it");
        }
        _ => {}
    }
}

fn app_armor_name(name: &str) -> Option<&'static str> {
    if name.trim() != name {
        return Some("must have no blanks around it");
    }
    (name.len() > 4095).then_some("is longer than 4095 characters")
}

#[cfg(test)]
mod tests {
    use super::{sysctl_host, sysctl_name};

    #[test]
    fn sysctls() {
        for good in ["kernel.sem", "net/ipv4/ip_forward", "net.ipv4.conf.eno2/100.rp_filter"] {
            assert!(sysctl_name(good).is_none(), "{good}");
        }
        for bad in ["", "a..b", "a.-b", "A.b", "a b"] {
            assert!(sysctl_name(bad).is_some(), "{bad}");
        }
        for (name, host) in [
            ("kernel.sem", Some("hostIPC")),
            ("fs/mqueue/queues_max", Some("hostIPC")),
            ("net/ipv4/ip_forward", Some("hostNetwork")),
            ("network.x", None),
            ("vm.overcommit_memory", None),
        ] {
            assert_eq!(sysctl_host(name), host, "{name}");
        }
    }
}
