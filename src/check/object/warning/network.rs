//! Services, Ingresses and EndpointSlices.

use super::{address, annotations, within};
use crate::check::object::fault::Faults;
use crate::check::object::network::service_address::is_headless;
use crate::model::Field;

const IGNORED: &str = "field-ignored";

/// `GetWarningsForService` of `pkg/api/service/warnings.go`
pub(super) fn service(object: &Field<'_>, faults: &mut Faults) {
    let hints = "service.kubernetes.io/topology-aware-hints";
    annotations(object, &[(hints, "use `service.kubernetes.io/topology-mode`")], faults);
    let Some(spec) = object.get("spec") else { return };
    let external = spec.text("type") == "ExternalName";
    match spec.get("clusterIPs") {
        Some(addresses) => address::all_canonical(&addresses, faults),
        None => within(&spec, "clusterIP", address::canonical, faults),
    }
    within(&spec, "externalIPs", address::all_canonical, faults);
    within(&spec, "loadBalancerIP", address::canonical, faults);
    within(&spec, "loadBalancerSourceRanges", address::all_canonical, faults);
    let is_set = |name: &str| {
        spec.get(name).filter(|field| match field.node.as_seq() {
            Some(items) => !items.is_empty(),
            None => !spec.text(name).is_empty(),
        })
    };
    let mut ignored = |name: &str, why: &str| {
        if let Some(field) = is_set(name) {
            let message = format!("`{name}` does nothing: {why}");
            faults.warn(IGNORED, &field, message).help(format!("leave `{name}` out"));
        }
    };
    let headless = matches!(spec.text("type"), "" | "ClusterIP") && is_headless(&spec);
    if headless {
        let why = "the Service is headless";
        ignored("loadBalancerIP", why);
        ignored("externalIPs", why);
        if spec.text("sessionAffinity") != "None" {
            ignored("sessionAffinity", why);
        }
    }
    if external {
        ignored("externalIPs", "the Service is a name");
    } else {
        ignored("externalName", "the Service is not of type ExternalName");
    }
    if faults.since(36)
        && !headless
        && !external
        && let Some(field) = is_set("externalIPs")
    {
        let message = "`externalIPs` is deprecated, and not every cluster follows it";
        faults
            .warn("value-deprecated", &field, message)
            .help("let a load balancer give the address: `type: LoadBalancer`");
    }
    if faults.since(35)
        && let Some(field) = spec.get("trafficDistribution")
        && spec.text("trafficDistribution") == "PreferClose"
    {
        let message = "`trafficDistribution: PreferClose` is deprecated";
        faults.warn("value-deprecated", &field, message).help("write `PreferSameZone`");
    }
}

/// `networkPolicyWarnings` of `pkg/registry/networking/networkpolicy/strategy.go`, since 1.33
pub(super) fn network_policy(object: &Field<'_>, faults: &mut Faults) {
    let Some(spec) = object.get("spec").filter(|_| faults.since(33)) else { return };
    for (rules, peers) in [("ingress", "from"), ("egress", "to")] {
        let Some(rules) = spec.get(rules) else { continue };
        for rule in rules.items() {
            let Some(peers) = rule.get(peers) else { continue };
            for peer in peers.items() {
                let Some(block) = peer.get("ipBlock") else { continue };
                within(&block, "cidr", address::canonical, faults);
                within(&block, "except", address::all_canonical, faults);
            }
        }
    }
}

/// Endpoints, which give way to EndpointSlices: `endpointsWarnings` of
/// `pkg/registry/core/endpoint/strategy.go`.
pub(super) fn endpoints(object: &Field<'_>, faults: &mut Faults) {
    if let Some(field) = object.get("apiVersion").filter(|_| faults.since(33)) {
        let message = "`Endpoints` as `v1` is deprecated since Kubernetes 1.33";
        faults
            .warn("api-version-deprecated", &field, message)
            .help("write an EndpointSlice of `apiVersion: discovery.k8s.io/v1`");
    }
}

/// `WarningsOnCreate` of `pkg/registry/networking/ingress/strategy.go`
pub(super) fn ingress(object: &Field<'_>, faults: &mut Faults) {
    if object.node.pointer("/spec/ingressClassName").is_none() {
        let advice = "use `spec.ingressClassName`";
        annotations(object, &[("kubernetes.io/ingress.class", advice)], faults);
    }
}

/// `warnOnDeprecatedAddressType` of `pkg/registry/discovery/endpointslice/strategy.go`
pub(super) fn endpoint_slice(object: &Field<'_>, faults: &mut Faults) {
    if let Some(field) = object.get("addressType")
        && object.text("addressType") == "FQDN"
    {
        let message = "endpoints of `addressType: FQDN` are deprecated";
        faults
            .warn("value-deprecated", &field, message)
            .help("use a Service of type ExternalName, or addresses");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::check::object::Judge;
    use crate::schema::Definitions;
    use crate::source::{Sources, Span};
    use crate::yaml;

    #[test]
    fn addresses_in_another_form() {
        let said = |object: &Value, minor: u32| -> Vec<String> {
            let span = Span::new(Sources::default().add("x", ""), 0..0);
            let definitions = Definitions::default();
            let verdict = Judge::new(minor, &definitions).object(&yaml::from_json(object, span));
            let ours = verdict.faults.into_iter().filter(|one| one.id == "address-not-canonical");
            ours.map(|fault| fault.path).collect()
        };
        let policy = json!({
            "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "a"},
            "spec": {"podSelector": {}, "ingress": [{"from": [{"ipBlock": {"cidr": "FD00::/8"}}]}]},
        });
        let service = json!({
            "apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"},
            "spec": {"ports": [{"port": 1}], "clusterIP": "fd00:0::1"},
        });
        assert_eq!(said(&policy, 36), ["spec.ingress[0].from[0].ipBlock.cidr"]);
        assert_eq!(said(&service, 36), ["spec.clusterIP"]);
        assert!(said(&policy, 32).is_empty());
    }
}
