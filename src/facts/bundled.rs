//! Parts of a distribution that can be switched off, and what may stand in for them.

use super::{Body, Cluster, Object, delivery};
use crate::config::Distribution;
use crate::model::GroupKind;

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

    /// Whether what has this name, and holds objects that are not seen, may bring another one.
    fn is_around(self, name: &str) -> bool {
        if self != Self::Metrics {
            return self.others().iter().any(|part| name.contains(part));
        }
        // These serve neither CPU nor memory: `external.metrics.k8s.io`, and metrics for Prometheus.
        let name = name.replace("kube-state-metrics", "");
        let words = ["metric", "monitor", "prometheus"];
        !name.contains("keda") && words.iter().any(|part| name.contains(part))
    }

    /// Parts of the names that others have who do the same.
    fn others(self) -> &'static [&'static str] {
        match self {
            Self::Storage => &[],
            Self::Metrics => &["metrics-server", "prometheus-adapter"],
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
    /// Whether something runs, or brings what runs, that may do the same as a part: by its name, or
    /// by that of the chart that is brought.
    #[must_use]
    pub fn may_stand_in(&self, part: Bundled) -> bool {
        let is_it = |name: &str| part.others().iter().any(|part| name.contains(part));
        let surroundings = self.surroundings();
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
        let serves = |it: &Object| {
            let GroupKind { kind, .. } = &it.key.group_kind;
            let of_group = it.key.name.split_once('.').map(|(_, group)| group);
            part == Bundled::Metrics && kind == "APIService" && of_group == Some("metrics.k8s.io")
        };
        // What brings something else than charts of known names may bring anything.
        let holds = |it: &Object| {
            let has_it = || match &it.body {
                Body::Charts(charts) => charts.iter().any(|chart| part.is_around(chart)),
                _ => true,
            };
            delivery::brings(&it.key.group_kind)
                && (part.is_around(&it.key.name) || part.is_around(&it.unit) || has_it())
        };
        let mut objects = self.objects().iter().map(|it| {
            let is_program = matches!(it.body, Body::Workload(_));
            let is_named = is_program && (is_it(&it.key.name) || is_it(&it.unit));
            is_named || serves(it) || holds(it) || has_image(it) || is_settings(it)
        });
        let mut declared = surroundings
            .workloads
            .iter()
            .map(|it| part.is_around(&it.key.name) || part.is_around(&it.unit) || has_image(it));
        let mut releases = surroundings.network.releases.iter();
        objects.any(|it| it)
            || declared.any(|it| it)
            || releases.any(|release| part.is_around(&release.value))
            || surroundings.charts.iter().any(|chart| part.is_around(chart))
    }
}
