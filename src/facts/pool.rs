//! Pools of load-balancer addresses, and who gives them.

use core::net::IpAddr;

use super::address::{self, Block};
use super::{Place, Reading};
use crate::model::{Field, Selector};
use crate::yaml::Node;

/// Who gives addresses to Services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Keeper {
    /// MetalLB.
    MetalLb,
    /// Cilium's load-balancer IPAM.
    Cilium,
    /// kube-vip.
    KubeVip,
}

impl Keeper {
    /// The name that people know it by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::MetalLb => "MetalLB",
            Self::Cilium => "Cilium",
            Self::KubeVip => "kube-vip",
        }
    }
}

/// A pool of addresses.
#[derive(Debug, Clone, PartialEq)]
pub struct Pool {
    /// Whose it is.
    pub keeper: Keeper,
    /// Its name.
    pub name: Box<str>,
    /// Its addresses.
    pub blocks: Vec<PoolBlock>,
    /// Whether a Service without a wish gets one.
    pub is_automatic: bool,
    /// Whether it gives an address to several Services where they have other ports.
    pub is_shared: bool,
    /// Whether it gives none at all.
    pub is_disabled: bool,
    /// Whether it keeps back addresses that end in `.0` and `.255`.
    pub avoids_buggy: bool,
    /// Whether it keeps back the first and the last address of each CIDR.
    pub skips_ends: bool,
    /// The Services that it is for; nothing where it is for all.
    pub clients: Option<Clients>,
}

/// One entry among the addresses of a pool.
#[derive(Debug, Clone, PartialEq)]
pub struct PoolBlock {
    /// Its text.
    pub text: Box<str>,
    /// Where it is written.
    pub place: Place,
    /// The addresses, or why it has none.
    pub block: Result<Block, String>,
}

/// The Services that a pool is for; each list that is empty is for all.
#[derive(Debug, Clone, PartialEq)]
pub struct Clients {
    /// Names of namespaces.
    pub namespaces: Box<[Box<str>]>,
    /// Selectors of namespaces; one of them, or of the names, is enough.
    pub namespace_selectors: Vec<Selector>,
    /// Selectors of Services; one is enough.
    pub service_selectors: Vec<Selector>,
}

impl Pool {
    /// The addresses that can be read.
    pub fn readable(&self) -> impl Iterator<Item = Block> {
        self.blocks.iter().filter_map(|one| one.block.as_ref().ok().copied())
    }

    /// Whether it gives an address.
    #[must_use]
    pub fn gives(&self, address: IpAddr) -> bool {
        self.contains(address) && !self.keeps_back(address)
    }

    /// Whether an address is in it, even if it keeps it back.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.readable().any(|block| block.contains(address))
    }

    /// Whether it keeps back an address that is in it.
    #[must_use]
    pub fn keeps_back(&self, address: IpAddr) -> bool {
        (self.avoids_buggy && address::is_buggy(address)) || self.is_end(address)
    }

    /// Whether it keeps back an address because that is the first or the last one of its CIDR:
    /// `handleNewPool` of Cilium's `operator/pkg/lbipam/lbipam.go`. Of less than four nothing is kept
    /// back, and of a range neither.
    #[must_use]
    pub fn is_end(&self, address: IpAddr) -> bool {
        let of = |one: &PoolBlock| one.block.as_ref().is_ok_and(|it| it.contains(address));
        let is_end = |one: &PoolBlock| {
            let block = one.block.as_ref();
            self.skips_ends_of(one)
                && block.is_ok_and(|it| it.first == address || it.last == address)
        };
        let mut all = self.blocks.iter().filter(|one| of(one)).peekable();
        all.peek().is_some() && all.all(is_end)
    }

    fn skips_ends_of(&self, one: &PoolBlock) -> bool {
        let is_large = || one.block.as_ref().is_ok_and(|block| block.count() > 2);
        self.skips_ends && one.text.contains('/') && is_large()
    }

    /// Whether it has addresses of a family.
    #[must_use]
    pub fn has_family(&self, is_v4: bool) -> bool {
        self.readable().any(|block| block.first.is_ipv4() == is_v4)
    }

    /// How many addresses it can give, of one family where one is meant; `u128::MAX` where there
    /// are more.
    #[must_use]
    pub fn capacity(&self, is_v4: Option<bool>) -> u128 {
        let of = |one: &PoolBlock| {
            let Ok(block) = one.block else { return 0 };
            if is_v4.is_some_and(|is_v4| block.first.is_ipv4() != is_v4) {
                return 0;
            }
            let kept = if self.avoids_buggy { block.buggy() } else { 0 };
            let ends = if self.skips_ends_of(one) { 2 } else { 0 };
            block.count() - kept - ends
        };
        self.blocks.iter().map(of).fold(0, u128::saturating_add)
    }
}

/// An `IPAddressPool` of MetalLB: `addressPoolFromCR` of its `internal/config/config.go`.
pub(super) fn metallb(reading: &Reading<'_>, name: &str, root: &Field<'_>) -> Pool {
    let mut pool = empty(Keeper::MetalLb, name);
    let Some(spec) = root.get("spec") else { return pool };
    if let Some(addresses) = spec.get("addresses") {
        for item in addresses.items() {
            let Some(text) = item.node.as_str() else { continue };
            let block = Block::parse(text);
            pool.blocks.push(PoolBlock { text: text.into(), place: reading.place(&item), block });
        }
    }
    let is_no = |node: &Node| matches!(node.value, crate::yaml::Value::Bool(false));
    pool.is_automatic = !spec.node.get("autoAssign").is_some_and(is_no);
    pool.avoids_buggy = spec.node.get("avoidBuggyIPs").is_some_and(Node::is_true);
    pool.clients = spec.get("serviceAllocation").map(|to| Clients {
        namespaces: texts(&to, "namespaces"),
        namespace_selectors: selectors(&to, "namespaceSelectors"),
        service_selectors: selectors(&to, "serviceSelectors"),
    });
    pool
}

/// A `CiliumLoadBalancerIPPool`: `ipRangeFromBlock` of Cilium's `operator/pkg/lbipam/lbipam.go`.
pub(super) fn cilium(reading: &Reading<'_>, name: &str, root: &Field<'_>) -> Pool {
    let mut pool = empty(Keeper::Cilium, name);
    let Some(spec) = root.get("spec") else { return pool };
    // Before 1.15 the list was called `cidrs`.
    for list in ["blocks", "cidrs"].into_iter().filter_map(|list| spec.get(list)) {
        pool.blocks.extend(list.items().filter_map(|item| cilium_block(reading, &item)));
    }
    pool.is_disabled = spec.node.get("disabled").is_some_and(Node::is_true);
    // What was meant by nothing in 1.15, which had the field first, Cilium gives since 1.16.
    pool.skips_ends = spec.text("allowFirstLastIPs") == "No";
    pool.clients = spec.get("serviceSelector").map(|selector| Clients {
        namespaces: Box::default(),
        namespace_selectors: Vec::new(),
        service_selectors: Selector::of(&selector).into_iter().collect(),
    });
    pool
}

fn cilium_block(reading: &Reading<'_>, item: &Field<'_>) -> Option<PoolBlock> {
    if let Some(cidr) = item.get("cidr") {
        let text = cidr.node.as_str()?;
        // One address stands for itself.
        let block = Block::cidr(text).or_else(|| address::address(text).map(Block::one));
        let block = block.ok_or_else(|| format!("`{text}` is no CIDR"));
        return Some(PoolBlock { text: text.into(), place: reading.place(&cidr), block });
    }
    let start = item.get("start")?;
    let (first, last) = (start.node.as_str()?, item.text("stop"));
    let last = if last.is_empty() { first } else { last };
    let block = match (address::address(first), address::address(last)) {
        (None, _) => Err(address::fault(first)),
        (_, None) => Err(address::fault(last)),
        (Some(first), Some(last)) => {
            Block::between(first, last).ok_or_else(|| "it ends before it begins".to_owned())
        }
    };
    let text = if first == last { first.to_owned() } else { format!("{first}-{last}") };
    Some(PoolBlock { text: text.into(), place: reading.place(&start), block })
}

/// Namespace and name of the ConfigMap with the pools of kube-vip.
pub(super) const KUBE_VIP: (&str, &str) = ("kube-system", "kubevip");

/// The pools in the ConfigMap of kube-vip's cloud provider: `discoverPool` of its
/// `pkg/provider/loadBalancer.go`, `pkg/ipam/addressbuilder.go`. Each key with the name of a namespace,
/// or with `global` for the others, is one; with a `/` anywhere its entries are CIDRs, else ranges.
pub(super) fn kube_vip(reading: &Reading<'_>, root: &Field<'_>) -> Vec<Pool> {
    let data = root.get("data");
    let entries = data.iter().flat_map(Field::entries);
    let pools = entries.filter_map(|(key, field)| {
        let is_pool = ["cidr-", "range-"].iter().any(|start| key.starts_with(start));
        let text = field.node.as_str().filter(|_| is_pool)?;
        let of = key.split_once('-').map_or(key, |(_, of)| of);
        let shares = data.as_ref().map(|data| data.text(&format!("allow-share-{of}")));
        let is_shared = shares.is_some_and(|it| it.parse() == Ok(true));
        let mut pool = Pool { is_shared, ..empty(Keeper::KubeVip, key) };
        // It asks by DHCP.
        if text.trim() == "0.0.0.0/32" {
            return Some(pool);
        }
        let mut next = 0;
        for entry in text.split(',') {
            let start = next + entry.len() - entry.trim_start().len();
            next += entry.len() + 1;
            let entry = entry.trim();
            let block = match (text.contains('/'), entry.contains('-')) {
                (true, _) => Block::cidr(entry).ok_or_else(|| format!("`{entry}` is no CIDR")),
                (false, true) => Block::parse(entry),
                (false, false) => Err(format!("`{entry}` is no range of addresses")),
            };
            let mut place = reading.place(&field);
            let part = reading.part(&field, field.span(), start..start + entry.len());
            place.span = part.unwrap_or(place.span);
            pool.blocks.push(PoolBlock { text: entry.into(), place, block });
        }
        Some(pool)
    });
    pools.collect()
}

pub(super) fn empty(keeper: Keeper, name: &str) -> Pool {
    Pool {
        keeper,
        name: name.into(),
        blocks: Vec::new(),
        is_automatic: true,
        is_shared: false,
        is_disabled: false,
        avoids_buggy: false,
        skips_ends: false,
        clients: None,
    }
}

fn texts(field: &Field<'_>, name: &str) -> Box<[Box<str>]> {
    let items = field.node.get(name).and_then(Node::as_seq).unwrap_or_default();
    items.iter().filter_map(Node::as_str).map(Into::into).collect()
}

fn selectors(field: &Field<'_>, name: &str) -> Vec<Selector> {
    let list = field.get(name);
    list.iter().flat_map(Field::items).filter_map(|item| Selector::of(&item)).collect()
}
