//! Who asks for load-balancer addresses, and who gives them.

use core::net::IpAddr;

use super::Spot;
use crate::facts::{
    Balancing, Body, ChartService, Cluster, DeclaredPool, Extent, Keeper, Network, Object, Place,
    Pool, Service,
};
use crate::model::{Labels, Selector};

/// What the checks of the network look at.
#[derive(Debug)]
pub(super) struct View<'c> {
    pub(super) cluster: &'c Cluster,
    pub(super) network: &'c Network,
    /// Pools of objects and of the environment, each once.
    pub(super) pools: Vec<Known<'c>>,
    /// Services of type LoadBalancer, and what stands for one.
    pub(super) balanced: Vec<Balanced<'c>>,
}

/// A pool that is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'c> {
    pub(super) pool: &'c Pool,
    /// The object, where it is one.
    pub(super) object: Option<&'c Object>,
    /// What the environment states of it.
    pub(super) declared: Option<&'c DeclaredPool>,
}

/// What asks for a load-balancer address.
#[derive(Debug)]
pub(super) struct Balanced<'c> {
    /// How people call it.
    pub(super) name: String,
    /// The app, or the directory.
    pub(super) unit: &'c str,
    pub(super) object: Option<&'c Object>,
    pub(super) service: Option<&'c Service>,
    pub(super) chart: Option<&'c ChartService>,
    pub(super) balancing: Option<&'c Balancing>,
    /// Numbers and protocols of its ports; a chart's have no protocol.
    pub(super) ports: Vec<(i64, &'c str)>,
    /// Who gives it an address, where that is known.
    pub(super) keeper: Option<Keeper>,
}

impl<'c> View<'c> {
    pub(super) fn of(cluster: &'c Cluster) -> Self {
        let network = &cluster.surroundings().network;
        let declared = network.pools.iter().map(|declared| Known {
            pool: &declared.pool,
            object: None,
            declared: Some(declared),
        });
        let mut pools: Vec<Known<'c>> = declared.collect();
        let mut balanced = Vec::new();
        let charts = network.services_of_charts.iter();
        for chart in charts.filter(|service| &*service.kind == "LoadBalancer") {
            balanced.push(Balanced {
                name: format!("Service/{} in {}", chart.name.value, chart.namespace),
                unit: &chart.release,
                object: None,
                service: None,
                chart: Some(chart),
                balancing: None,
                ports: chart.ports.iter().map(|port| (*port, "")).collect(),
                keeper: None,
            });
        }
        for object in cluster.objects() {
            match &object.body {
                Body::Pool(pool) => {
                    let is_declared = |known: &Known<'_>| known.pool.name == pool.name;
                    if &*object.unit != Network::POOLS_APP || !pools.iter().any(is_declared) {
                        pools.push(Known { pool, object: Some(object), declared: None });
                    }
                }
                Body::Pools(all) => pools.extend(all.iter().map(|pool| Known {
                    pool,
                    object: Some(object),
                    declared: None,
                })),
                Body::Service(service) if &*service.kind == "LoadBalancer" => {
                    let ports = service.ports.iter().map(|port| (port.number, &*port.protocol));
                    balanced.push(Balanced {
                        service: Some(service),
                        ..Balanced::of(object, &service.balancing, ports.collect())
                    });
                }
                Body::Gateway(gateway) => {
                    let Some(balancing) = &gateway.balancing else { continue };
                    let ports = gateway.listeners.iter().map(|it| (it.port, it.transport()));
                    balanced.push(Balanced::of(object, balancing, ports.collect()));
                }
                _ => {}
            }
        }
        let mut view = Self { cluster, network, pools, balanced };
        let keepers: Vec<_> = view.balanced.iter().map(|it| view.keeper(it)).collect();
        for (balanced, keeper) in view.balanced.iter_mut().zip(keepers) {
            balanced.keeper = keeper;
        }
        view
    }

    /// Whether MetalLB runs: then the pools of the environment are its own.
    pub(super) fn has_metallb(&self) -> bool {
        let is_object = |known: &Known<'_>| known.object.is_some();
        ["metallb", Network::POOLS_APP].iter().any(|release| self.network.runs(release))
            || self.pools_of(Keeper::MetalLb).any(|known| is_object(&known))
    }

    /// The pools of a keeper.
    pub(super) fn pools_of(&self, keeper: Keeper) -> impl Iterator<Item = Known<'c>> {
        self.pools.iter().copied().filter(move |known| known.pool.keeper == keeper)
    }

    /// Who gives an address to what asks for one, where that is known.
    fn keeper(&self, balanced: &Balanced<'_>) -> Option<Keeper> {
        let balancing = balanced.balancing;
        if let Some(class) = balancing.and_then(|it| it.class.as_deref()) {
            // Which class MetalLB listens to is its own setting.
            return match class.split('/').next() {
                Some("io.cilium") => Some(Keeper::Cilium),
                Some("kube-vip.io") => Some(Keeper::KubeVip),
                Some(domain) if domain.contains("metallb") => Some(Keeper::MetalLb),
                _ => None,
            };
        }
        let asked = |keeper: &Keeper| {
            let asks = |it: &Balancing| it.wishes.iter().any(|wish| wish.keeper == Some(*keeper));
            let pool = *keeper == Keeper::MetalLb && balancing.is_some_and(|it| it.pool.is_some());
            pool || balancing.is_some_and(asks)
        };
        const ALL: [Keeper; 3] = [Keeper::MetalLb, Keeper::Cilium, Keeper::KubeVip];
        let named: Vec<Keeper> = ALL.into_iter().filter(asked).collect();
        let mut there = ALL.into_iter().filter(|keeper| self.pools_of(*keeper).next().is_some());
        match (there.next(), there.next(), &*named) {
            (Some(only), None, named) => {
                (named.is_empty() || named.contains(&only)).then_some(only)
            }
            (_, _, [only]) => Some(*only),
            _ => None,
        }
    }

    /// The pools of a keeper where all that matter to somebody who asks are known.
    pub(super) fn known_pools(&self, keeper: Keeper, of: &Balanced<'_>) -> Option<Vec<Known<'c>>> {
        let pools: Vec<Known<'c>> = self.pools_of(keeper).collect();
        let is_near = |known: &Known<'_>| {
            let is_beside =
                |it: &Object| *it.unit == *of.unit && !self.cluster.holds_choices(of.unit);
            known.object.is_some_and(is_beside)
        };
        let is_known = match self.cluster.extent() {
            Extent::Whole => !pools.is_empty(),
            _ => pools.iter().any(is_near),
        };
        // A text that cannot be read may have been meant to be any address.
        let is_read = |known: &Known<'_>| known.pool.blocks.iter().all(|one| one.block.is_ok());
        (is_known && pools.iter().all(is_read)).then_some(pools)
    }

    /// Whether a pool is for a Service; nothing where that is not known.
    pub(super) fn fits(&self, pool: &Pool, of: &Balanced<'_>) -> Option<bool> {
        let Some(clients) = &pool.clients else { return Some(true) };
        let object = of.object?;
        let namespace = &*object.key.namespace;
        if !clients.namespaces.is_empty() || !clients.namespace_selectors.is_empty() {
            let is_named = clients.namespaces.iter().any(|name| **name == *namespace);
            if !is_named
                && (namespace.is_empty()
                    || !self.selects(&clients.namespace_selectors, namespace)?)
            {
                return (!namespace.is_empty()).then_some(false);
            }
        }
        let own = object.labels.iter();
        let added = [
            ("io.kubernetes.service.namespace", namespace),
            ("io.kubernetes.service.name", &*object.key.name),
        ];
        let added = added.into_iter().filter(|_| pool.keeper == Keeper::Cilium);
        let labels: Labels = own.chain(added).collect();
        let selectors = &clients.service_selectors;
        Some(selectors.is_empty() || selectors.iter().any(|selector| selector.matches(&labels)))
    }

    /// Whether a selector selects a namespace by its labels.
    fn selects(&self, selectors: &[Selector], namespace: &str) -> Option<bool> {
        if selectors.is_empty() {
            return Some(false);
        }
        let labels = self.cluster.namespace_labels(namespace)?;
        Some(selectors.iter().any(|selector| selector.matches(&labels)))
    }
}

impl<'c> Known<'c> {
    /// A place of it.
    pub(super) fn spot(&self, place: &'c Place) -> Spot<'c> {
        match self.object {
            Some(object) => Spot::Field(object, place),
            None => Spot::Stated(place.span),
        }
    }

    /// Where its addresses are stated.
    pub(super) fn addresses(&self) -> Option<Spot<'c>> {
        self.pool.blocks.first().map(|block| self.spot(&block.place))
    }
}

impl<'c> Balanced<'c> {
    fn of(object: &'c Object, balancing: &'c Balancing, ports: Vec<(i64, &'c str)>) -> Self {
        Self {
            name: object.key.to_string(),
            unit: &object.unit,
            object: Some(object),
            service: None,
            chart: None,
            balancing: Some(balancing),
            ports,
            keeper: None,
        }
    }

    /// The addresses that it asks a keeper for, each with its place.
    pub(super) fn wants(&self, keeper: Option<Keeper>) -> Vec<(IpAddr, Spot<'c>)> {
        let mut found: Vec<(IpAddr, Spot<'c>)> = Vec::new();
        if let (Some(object), Some(balancing)) = (self.object, self.balancing) {
            let is_asked = |of: Option<Keeper>| of.is_none() || keeper.is_none() || of == keeper;
            for wish in balancing.wishes.iter().filter(|wish| is_asked(wish.keeper)) {
                for &address in &wish.addresses {
                    if !found.iter().any(|(known, _)| *known == address) {
                        found.push((address, Spot::Field(object, &wish.place)));
                    }
                }
            }
        }
        let stated = self.chart.and_then(|chart| chart.address.as_ref());
        found.extend(stated.map(|stated| (stated.value, Spot::Stated(stated.span))));
        found
    }

    /// Whether its one family is IPv4; nothing where it has two, or where that is not known.
    pub(super) fn is_v4(&self, network: &Network) -> Option<bool> {
        let service = self.service.filter(|service| !service.is_dual)?;
        match &*service.families {
            [(family, _)] => Some(&**family == "IPv4"),
            [] => network.services.first().map(|services| services.value.first.is_ipv4()),
            _ => None,
        }
    }

    /// Whether it takes whatever address it is given.
    pub(super) fn takes_any(&self) -> bool {
        let wishes = |it: &Balancing| !it.wishes.is_empty() || it.by_dhcp;
        !self.balancing.is_some_and(wishes) && self.chart.is_none_or(|it| it.address.is_none())
    }

    /// Its namespace.
    pub(super) fn namespace(&self) -> Option<&'c str> {
        let of_object = self.object.map(|object| object.key.namespace.as_str());
        of_object.or_else(|| self.chart.map(|chart| &*chart.namespace))
    }

    /// The whole of it.
    pub(super) fn spot(&self) -> Option<Spot<'c>> {
        match (self.object, self.chart) {
            (Some(object), _) => Some(Spot::Object(object)),
            (None, Some(chart)) => Some(Spot::Stated(chart.name.span)),
            (None, None) => None,
        }
    }

    pub(super) fn sharing_key(&self, keeper: Keeper) -> Option<&'c str> {
        let balancing = self.balancing?;
        match keeper {
            Keeper::MetalLb => Some(&balancing.metallb_key),
            Keeper::Cilium => Some(&balancing.cilium_key),
            Keeper::KubeVip => None,
        }
    }
}
