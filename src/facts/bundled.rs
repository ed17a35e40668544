//! Parts of a distribution that can be switched off, and what may stand in for them.

use super::{Body, Cluster, Object};
use crate::config::Distribution;

/// A part of a distribution that objects rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bundled {
    /// The storage class of claims that name none.
    Storage,
    /// What pods use of CPU and memory.
    Metrics,
    /// Who takes Ingresses.
    Ingress,
    /// Addresses of Services from outside.
    Balancer,
}

impl Bundled {
    /// The part that a name switches off.
    pub(super) fn named(distribution: Option<Distribution>, name: &str) -> Option<Self> {
        match (distribution?, name) {
            (Distribution::K3s, "local-storage")
            | (Distribution::Minikube, "default-storageclass") => Some(Self::Storage),
            (Distribution::K3s | Distribution::Minikube, "metrics-server") => Some(Self::Metrics),
            (Distribution::K3s, "traefik") => Some(Self::Ingress),
            (Distribution::K3s, "servicelb") => Some(Self::Balancer),
            _ => None,
        }
    }

    /// Parts of the names that others have who do the same.
    fn others(self) -> &'static [&'static str] {
        match self {
            Self::Storage => &[],
            Self::Metrics => &["metric", "monitor", "prometheus"],
            Self::Ingress => &[
                "alb",
                "apisix",
                "caddy",
                "cilium",
                "cloudflare",
                "contour",
                "emissary",
                "envoy",
                "gateway",
                "haproxy",
                "ingress",
                "istio",
                "kong",
                "nginx",
                "ngrok",
                "proxy",
                "tailscale",
                "traefik",
                "tunnel",
            ],
            Self::Balancer => &[
                "antrea",
                "balancer",
                "calico",
                "ccm",
                "cilium",
                "cloud",
                "inlets",
                "keepalived",
                "kube-router",
                "kube-vip",
                "kubevip",
                "loxilb",
                "metallb",
                "openelb",
                "purelb",
                "tailscale",
                "tigera",
            ],
        }
    }
}

impl Cluster {
    /// Whether something runs, or brings what runs, that may do the same as a part by its name.
    #[must_use]
    pub fn may_stand_in(&self, part: Bundled) -> bool {
        const KINDS: [&str; 5] =
            ["APIService", "Application", "HelmChart", "HelmRelease", "Kustomization"];
        let is_it = |name: &str| part.others().iter().any(|part| name.contains(part));
        let surroundings = self.surroundings();
        let objects = self.objects().iter().chain(&surroundings.workloads);
        let has_image = |it: &Object| match &it.body {
            Body::Workload(pod) => {
                let images = pod.containers.iter().filter_map(|it| it.image.as_ref());
                part == Bundled::Balancer && { images }.any(|(image, _)| is_it(image))
            }
            _ => false,
        };
        // What is set of a program is there for it: pools, settings.
        let is_settings =
            |it: &Object| part == Bundled::Balancer && is_it(&it.key.group_kind.group);
        let is_program = |it: &Object| {
            matches!(it.body, Body::Workload(_)) || KINDS.contains(&it.key.group_kind.kind.as_str())
        };
        let mut objects = objects.map(|it| {
            let is_named = is_program(it) && (is_it(&it.key.name) || is_it(&it.unit));
            is_named || has_image(it) || is_settings(it)
        });
        let mut releases = surroundings.network.releases.iter();
        objects.any(|it| it) || releases.any(|release| is_it(&release.value))
    }
}
