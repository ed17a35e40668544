//! Whether a Kubernetes version serves a kind in the version that an object states.

use crate::check::fault::{Faults, Reason};
use crate::check::field::Field;
use crate::diagnostic::suggest;
use crate::schema::{NEWEST, OLDEST, Pack, pack};

/// A group that Kubernetes gave up before the oldest version that is known here.
const GONE: &str = "extensions";

/// Judges an object whose kind is not served as it is stated. Gives `false` where the group is not
/// Kubernetes' own: then a definition decides, and it is not known here.
pub(crate) fn check(object: &Field<'_>, group: &str, minor: u32, faults: &mut Faults) -> bool {
    let known = |minor| pack(minor).resources().any(|resource| &*resource.group == group);
    let (stated, kind) = (object.text("apiVersion"), object.text("kind"));
    // A list is no object: its items are.
    if kind.ends_with("List") || (group != GONE && !(OLDEST..=NEWEST).any(known)) {
        return false;
    }
    let field = object.get("apiVersion").unwrap_or(*object);
    let message = format!("Kubernetes 1.{minor} serves no `{kind}` as `{stated}`");
    let version = stated.rsplit('/').next().unwrap_or_default();
    let any = |is: &dyn Fn(&'static Pack) -> bool| (OLDEST..=NEWEST).any(|minor| is(pack(minor)));
    let is_early = version.contains("alpha") || version.contains("beta");
    let was_served = any(&|pack| pack.resource(group, version, kind).is_some());
    let of_group = any(&|pack| pack.versions(group, kind).next().is_some());
    // An early version is off where nobody switches it on.
    let may_be_on = is_early && of_group && !was_served && is_defined(group, version, kind);
    let fault = faults.at("api-version-unserved", Reason::NotFound, &field, message);
    if may_be_on {
        fault.reason = None;
    }
    fault.help = instead(pack(minor), kind);
    true
}

/// Early versions that a server of one of the known minor versions can have switched on and does
/// not by itself: `k8s.io/api/*/register.go`.
fn is_defined(group: &str, version: &str, kind: &str) -> bool {
    let kinds: &[&str] = match (group, version) {
        ("admissionregistration.k8s.io", "v1alpha1" | "v1beta1") => &[
            "MutatingAdmissionPolicy",
            "MutatingAdmissionPolicyBinding",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
        ],
        ("authentication.k8s.io", "v1alpha1" | "v1beta1") => &["SelfSubjectReview"],
        ("certificates.k8s.io", "v1alpha1" | "v1beta1") => {
            &["ClusterTrustBundle", "PodCertificateRequest"]
        }
        ("coordination.k8s.io", _) => &["LeaseCandidate"],
        ("networking.k8s.io", "v1alpha1") => &["ClusterCIDR", "IPAddress", "ServiceCIDR"],
        ("networking.k8s.io", "v1beta1") => &["IPAddress", "ServiceCIDR"],
        ("resource.k8s.io", _) => &[
            "DeviceClass",
            "DeviceTaintRule",
            "PodSchedulingContext",
            "ResourceClaim",
            "ResourceClaimTemplate",
            "ResourceSlice",
        ],
        ("storage.k8s.io", "v1alpha1" | "v1beta1") => &["VolumeAttributesClass"],
        _ => &[],
    };
    kinds.contains(&kind)
}

/// What to write for a kind.
fn instead(pack: &Pack, kind: &str) -> Option<String> {
    let served = pack.resources().find(|resource| &*resource.kind == kind);
    match served {
        Some(found) if found.group.is_empty() => {
            Some(format!("write `apiVersion: {}`", found.version))
        }
        Some(found) => Some(format!("write `apiVersion: {}/{}`", found.group, found.version)),
        None => {
            let mut kinds: Vec<&str> = pack.resources().map(|resource| &*resource.kind).collect();
            kinds.sort_unstable();
            kinds.dedup();
            suggest(kind, kinds)
        }
    }
}
