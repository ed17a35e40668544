//! Pods that say which operating system they are for.

use crate::check::object::fault::{Faults, Reason};
use crate::check::object::pod::container::each;
use crate::check::object::value;
use crate::check::object::value::name;
use crate::model::Field;

const ID: &str = "windows-options-invalid";
const OTHER: &str = "other-system-field";

/// `validateOS`, `validateLinux`, `validateWindows` and `validateWindowsHostProcessPod` of
/// `pkg/apis/core/validation/validation.go`
pub(crate) fn check(spec: &Field<'_>, faults: &mut Faults) {
    host_process(spec, faults);
    let Some(os) = spec.get("os") else { return };
    value::required_word("os-missing", &os, "name", &["linux", "windows"], faults);
    match os.text("name") {
        "linux" => {
            forbid_in_context(spec, &["windowsOptions"], "linux", faults);
            each(spec, |container| {
                forbid_in_context(container, &["windowsOptions"], "linux", faults);
            });
        }
        "windows" => of_windows(spec, faults),
        _ => {}
    }
}

/// What pods of Windows do not have.
fn of_windows(spec: &Field<'_>, faults: &mut Faults) {
    forbid(spec, &["hostUsers", "shareProcessNamespace", "resources"], "windows", faults);
    for name in ["hostPID", "hostIPC"] {
        if value::is_true(spec, name) {
            forbid(spec, &[name], "windows", faults);
        }
    }
    let names = [
        "appArmorProfile",
        "seLinuxOptions",
        "seccompProfile",
        "fsGroup",
        "fsGroupChangePolicy",
        "sysctls",
        "runAsUser",
        "runAsGroup",
        "supplementalGroups",
        "supplementalGroupsPolicy",
        "seLinuxChangePolicy",
    ];
    forbid_in_context(spec, &names, "windows", faults);
    each(spec, |container| {
        let names = [
            "appArmorProfile",
            "seLinuxOptions",
            "seccompProfile",
            "capabilities",
            "readOnlyRootFilesystem",
            "privileged",
            "allowPrivilegeEscalation",
            "procMount",
            "runAsUser",
            "runAsGroup",
        ];
        forbid_in_context(container, &names, "windows", faults);
    });
}

fn forbid_in_context(parent: &Field<'_>, names: &[&str], os: &str, faults: &mut Faults) {
    if let Some(context) = parent.get("securityContext") {
        forbid(&context, names, os, faults);
    }
}

fn forbid(parent: &Field<'_>, names: &[&str], os: &str, faults: &mut Faults) {
    for name in names {
        let Some(field) = parent.get(name) else { continue };
        // An empty list is nothing.
        if field.node.as_seq().is_none_or(|items| !items.is_empty()) {
            let message = format!("a pod for {os} has no `{name}`");
            faults.at_key(OTHER, Reason::Forbidden, &field, message).help("remove it");
        }
    }
}

/// `validateWindowsHostProcessPod`
fn host_process(spec: &Field<'_>, faults: &mut Faults) {
    let of = |parent: &Field<'_>| {
        let context = parent.get("securityContext")?;
        let options = context.get("windowsOptions")?;
        value::boolean(&options, "hostProcess")
    };
    let pod = of(spec);
    let (mut all, mut on_host, mut differ) = (0, 0, false);
    each(spec, |container| {
        let own = of(container);
        all += 1;
        on_host += usize::from(own.or(pod) == Some(true));
        differ |= matches!((own, pod), (Some(own), Some(pod)) if own != pod);
    });
    if differ || (on_host > 0 && on_host != all) {
        let message = "either all containers of a pod are host processes, or none";
        faults
            .at_key(ID, Reason::Invalid, spec, message)
            .help("set `hostProcess` once, in the `securityContext` of the pod");
    }
    if on_host > 0 && !value::is_true(spec, "hostNetwork") {
        let message = "host processes need `hostNetwork: true`";
        let fault = match spec.get("hostNetwork") {
            Some(field) => faults.at(ID, Reason::Invalid, &field, message),
            None => faults.missing(ID, spec, "hostNetwork", message),
        };
        fault.reason = Some(Reason::Invalid);
    }
}

/// `validateWindowsSecurityContextOptions`
pub(crate) fn options(options: &Field<'_>, faults: &mut Faults) {
    value::form(ID, options, "gmsaCredentialSpecName", name::dns_subdomain, faults);
    for (name, most) in [("gmsaCredentialSpecName", usize::MAX), ("gmsaCredentialSpec", 64 << 10)] {
        let Some(field) = options.get(name) else { continue };
        let text = options.text(name);
        if text.is_empty() || text.len() > most {
            let message = format!("`{name}` must not be empty, nor have more than 64 KiB");
            faults.at(ID, Reason::Invalid, &field, message);
        }
    }
    let Some(field) = options.get("runAsUserName") else { return };
    let text = options.text("runAsUserName");
    if let Some(wrong) = user_name(text) {
        faults.at(ID, Reason::Invalid, &field, format!("`runAsUserName: {text}` {wrong}"));
    }
}

/// A user of Windows, with a domain before a backslash or without.
fn user_name(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        return Some("must not be empty");
    }
    if name.bytes().any(|byte| byte.is_ascii_control()) {
        return Some("must have no control characters");
    }
    let (domain, user) = match name.split_once('\\') {
        Some((_, user)) if user.contains('\\') => return Some("must have at most one backslash"),
        Some((domain, user)) => (Some(domain), user),
        None => (None, name),
    };
    if domain.is_some_and(|domain| !is_domain(domain)) {
        return Some("must have a domain of NetBIOS or DNS before the backslash");
    }
    let forbidden = |c: char| "\"/\\:;|=,+*?<>@[]".contains(c);
    if user.is_empty() || user.len() > 104 || user.contains(forbidden) {
        return Some("must have a user of 1 to 104 characters without `\"/:;|=,+*?<>@[]`");
    }
    user.chars().all(|c| c == '.' || c == ' ').then_some("must not be dots and blanks alone")
}

fn is_domain(domain: &str) -> bool {
    let forbidden = |c: char| "\\/:*?\"<>|".contains(c);
    let characters = domain.chars().count();
    let net_bios =
        (1..=15).contains(&characters) && !domain.contains(forbidden) && !domain.starts_with('.');
    let part = |part: &str| name::dns_label(&part.to_lowercase()).is_none();
    net_bios || (domain.len() < 256 && domain.split('.').all(part))
}

#[cfg(test)]
mod tests {
    use super::user_name;

    #[test]
    fn users_of_windows() {
        for good in ["ContainerUser", "NT AUTHORITY\\SYSTEM", "a.example.com\\me", "a b"] {
            assert!(user_name(good).is_none(), "{good}");
        }
        for bad in ["", "a\\b\\c", ".a\\b", "a\\", "me@x", ". .", "a\tb", &"u".repeat(105)] {
            assert!(user_name(bad).is_some(), "{bad}");
        }
    }
}
