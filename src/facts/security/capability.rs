//! Capabilities of containers.
//!
//! Source: `check_capabilities_baseline.go` in `k8s.io/pod-security-admission/policy`.

/// The capabilities that containers of level `baseline` may add: those that they have anyhow.
const DEFAULT_CAPABILITIES: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// Whether level `baseline` lets containers add a capability.
#[must_use]
pub fn is_default_capability(name: &str) -> bool {
    DEFAULT_CAPABILITIES.contains(&name)
}
