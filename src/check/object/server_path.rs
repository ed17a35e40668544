//! Where the API server names another path than that of the field: a finding says what the server
//! says, so that both can be told to be the same.

use crate::check::object::fault::{Fault, Reason};

/// Rewrites the paths of faults as `pkg/apis/core/validation/validation.go` writes them.
pub(crate) fn rewrite(faults: &mut [Fault]) {
    for fault in faults {
        if let Some(path) = of_pod(fault).or_else(|| of_template(fault)).or_else(|| other(fault)) {
            fault.path = path;
        }
    }
}

/// Fields of pods.
fn of_pod(fault: &Fault) -> Option<String> {
    let path = &*fault.path;
    // `ValidateVolumeMounts` leaves out which mount.
    if let Some((list, _, rest)) = item_of(path, ".volumeMounts") {
        let loose = matches!(
            rest,
            ".subPath" | ".subPathExpr" | ".mountPropagation" | ".recursiveReadOnly"
        );
        return (loose && !fault.message.contains("both")).then(|| format!("{list}{rest}"));
    }
    // `validateResizePolicy` names the list, but for what is there twice.
    if let Some((list, _, rest)) = item_of(path, ".resizePolicy") {
        let of_init = fault.message.starts_with("an init container");
        return (!rest.is_empty() && !of_init).then(|| list.to_owned());
    }
    // `validateTopologySpreadConstraints`
    if let Some((_, _, "")) = item_of(path, ".topologySpreadConstraints") {
        let twice = fault.reason == Some(Reason::Duplicate);
        return twice.then(|| format!("{path}.{{topologyKey, whenUnsatisfiable}}"));
    }
    // `validateSchedulingGates` names the gate.
    if let Some((list, index, ".name")) = item_of(path, ".schedulingGates") {
        return Some(format!("{list}{index}"));
    }
    // `validatePodAffinityTerm`
    if let Some((list, ..)) = item_of(path, ".namespaces")
        && path.contains("ffinity")
    {
        return list.strip_suffix('s').map(str::to_owned);
    }
    // `ValidateTolerations`
    if let Some((list, index, ".value")) = item_of(path, "tolerations") {
        let beside = fault.message.contains("beside `operator");
        return beside.then(|| format!("{list}{index}.operator"));
    }
    // `validateProjectionSources`
    if let Some((list, ..)) = item_of(path, ".projected.sources")
        && fault.message.starts_with("two sources of the volume")
    {
        return list.strip_suffix(".sources").map(str::to_owned);
    }
    // `validateDownwardAPIVolumeFile`
    if let Some((list, _, rest)) = item_of(path, ".downwardAPI.items") {
        let both = rest == ".resourceFieldRef" && fault.id == "volume-source-invalid";
        return Some(format!("{}{}", list.strip_suffix(".items")?, if both { "" } else { rest }));
    }
    // `validateOverhead` takes it for the limits of a container.
    if let Some((before, name)) = path.split_once(".overhead[") {
        return Some(format!("{before}.overhead.limits[{name}"));
    }
    // `SetDefaults_PodSpec` has given it its newer name.
    if let Some(before) = path.strip_suffix("spec.serviceAccount") {
        return Some(format!("{before}spec.serviceAccountName"));
    }
    // `ValidatePodSecurityContext` and `validateHostUsers`
    if fault.id == "host-sharing-conflict" || fault.message.contains("hostUsers") {
        let (before, name) = path.rsplit_once('.')?;
        let name = match name {
            "shareProcessNamespace" => "securityContext.shareProcessNamespace",
            "hostPID" => "HostPID",
            "hostIPC" => "HostIPC",
            _ => return None,
        };
        return Some(format!("{before}.{name}"));
    }
    // `validateOS`
    let unknown_os = fault.reason == Some(Reason::NotSupported) && path.ends_with(".os.name");
    unknown_os.then(|| path.strip_suffix(".name").unwrap_or(path).to_owned())
}

/// `ValidatePodTemplateSpec` leaves `metadata` out.
fn of_template(fault: &Fault) -> Option<String> {
    let (before, rest) = fault.path.split_once("template.metadata.")?;
    let own = before.is_empty() || before.ends_with('.');
    let known = fault.id == "label-invalid" || rest.starts_with("annotations");
    (own && known).then(|| format!("{before}template.{rest}"))
}

fn other(fault: &Fault) -> Option<String> {
    let path = &*fault.path;
    if fault.id == "volume-sources-many" {
        let (before, source) = path.rsplit_once('.')?;
        let source = match source {
            "cephfs" => "cephFS",
            "downwardAPI" => "downwarAPI",
            _ => return None,
        };
        return Some(format!("{before}.{source}"));
    }
    // `ValidateService`
    if let Some(rest) = path.strip_prefix("spec.loadBalancerSourceRanges") {
        return Some(format!("spec.LoadBalancerSourceRanges{rest}"));
    }
    // `ValidatePersistentVolumeClaimSpec`
    let claim =
        fault.reason == Some(Reason::Required) && path.ends_with("volumeClaimTemplate.spec");
    claim.then(|| format!("{path}.accessModes"))
}

/// The path of a list up to its last item, the item's index, and the rest.
fn item_of<'p>(path: &'p str, list: &str) -> Option<(&'p str, &'p str, &'p str)> {
    let start = path.rfind(&format!("{list}["))? + list.len();
    let end = start + path[start..].find(']')? + 1;
    Some((&path[..start], &path[start..end], &path[end..]))
}

#[cfg(test)]
mod tests {
    use super::item_of;

    #[test]
    fn items() {
        let path = "spec.containers[2].volumeMounts[0].subPath";
        let expected = ("spec.containers[2].volumeMounts", "[0]", ".subPath");
        assert_eq!(item_of(path, ".volumeMounts"), Some(expected));
        assert_eq!(item_of(path, ".volumes"), None);
    }
}
