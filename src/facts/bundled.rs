//! Parts of a distribution that can be switched off, and what may stand in for them.

use super::{Cluster, Object};
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
                "balancer",
                "ccm",
                "cilium",
                "cloud",
                "inlets",
                "kube-vip",
                "loxilb",
                "metallb",
                "openelb",
                "purelb",
                "tailscale",
            ],
        }
    }
}

impl Cluster {
    /// Whether something runs, or brings what runs, that may do the same as a part by its name.
    #[must_use]
    pub fn may_stand_in(&self, part: Bundled) -> bool {
        const KINDS: [&str; 7] = [
            "APIService",
            "Application",
            "DaemonSet",
            "Deployment",
            "HelmChart",
            "HelmRelease",
            "Kustomization",
        ];
        let is_it = |name: &str| part.others().iter().any(|part| name.contains(part));
        let surroundings = self.surroundings();
        let objects = self.objects().iter().chain(&surroundings.workloads);
        let is_program = |it: &&Object| KINDS.contains(&it.key.group_kind.kind.as_str());
        let mut objects = objects.filter(is_program);
        let mut releases = surroundings.network.releases.iter();
        objects.any(|it| is_it(&it.key.name) || is_it(&it.unit))
            || releases.any(|release| is_it(&release.value))
    }
}
