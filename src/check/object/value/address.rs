//! IP addresses and blocks of them, as the API server reads them. They are values here: nothing is
//! reached.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::check::object::fault::{Faults, Reason};
use crate::model::Field;

const ID: &str = "address-invalid";

/// How strictly the fields that are older than strict reading are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// With `StrictIPCIDRValidation`, which is on since 1.36.
    Strict,
    /// As before: leading zeros, IPv4 written as IPv6, and bits beyond the prefix pass.
    Loose,
}

impl Reading {
    /// How a minor version of Kubernetes 1 reads.
    pub(crate) fn of(minor: u32) -> Self {
        if minor < 36 { Self::Loose } else { Self::Strict }
    }
}

/// An address with the length of the prefix that makes it a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Block {
    first: IpAddr,
    prefix: u8,
}

impl Block {
    /// Whether another block lies in this one and is smaller.
    pub(crate) fn has_inside(self, other: Self) -> bool {
        self.first.is_ipv4() == other.first.is_ipv4()
            && self.prefix < other.prefix
            && masked(other.first, self.prefix) == self.first
    }
}

/// An address: `IsValidIPForLegacyField` of `k8s.io/apimachinery/pkg/util/validation/ip.go`; else
/// what is wrong with it.
pub(crate) fn ip(text: &str, reading: Reading) -> Result<IpAddr, &'static str> {
    match (parse(text), reading) {
        (Parsed::Bad, _) => Err("is no IP address"),
        (Parsed::Padded(_), Reading::Strict) => Err("has leading zeros"),
        (Parsed::Good(IpAddr::V6(ip)), Reading::Strict) if ip.to_ipv4_mapped().is_some() => {
            Err("is an IPv4 address written as IPv6")
        }
        (Parsed::Good(ip) | Parsed::Padded(ip), _) => Ok(ip.to_canonical()),
    }
}

/// A block: `IsValidCIDRForLegacyField` of the same file; else what is wrong with it.
pub(crate) fn block(text: &str, reading: Reading) -> Result<Block, &'static str> {
    const NONE: &str = "is no block of IP addresses";
    let (address, length) = text.rsplit_once('/').ok_or(NONE)?;
    let digits = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
    let prefix: u8 = length.parse().ok().filter(|_| digits).ok_or(NONE)?;
    let (ip, padded) = match parse(address) {
        Parsed::Good(ip) => (ip, false),
        Parsed::Padded(ip) => (ip, true),
        Parsed::Bad => return Err(NONE),
    };
    if prefix > if ip.is_ipv4() { 32 } else { 128 } {
        return Err("has a prefix that is longer than the address");
    }
    let first = masked(ip, prefix);
    if reading == Reading::Strict {
        if padded || (length.len() > 1 && length.starts_with('0')) {
            return Err("has leading zeros");
        }
        if matches!(ip, IpAddr::V6(ip) if ip.to_ipv4_mapped().is_some()) {
            return Err("is IPv4 written as IPv6");
        }
        if ip != first {
            return Err("has bits beyond its prefix");
        }
    }
    Ok(Block { first, prefix })
}

/// Why an address cannot be where traffic goes: `ValidateEndpointIP` of
/// `pkg/apis/core/validation/validation.go`.
pub(crate) fn unreachable(ip: IpAddr) -> Option<&'static str> {
    let link_local = match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    };
    let multicast = match ip {
        IpAddr::V4(ip) => ip.octets()[..3] == [224, 0, 0],
        IpAddr::V6(ip) => ip.segments()[0] & 0xff0f == 0xff02,
    };
    if ip.is_unspecified() {
        Some("stands for every address")
    } else if ip.is_loopback() {
        Some("is the node itself")
    } else if link_local {
        Some("is valid on one link only")
    } else {
        multicast.then_some("is a multicast address of one link")
    }
}

/// Checks an address, and gives it where it is good.
pub(crate) fn check_ip(field: &Field<'_>, reading: Reading, faults: &mut Faults) -> Option<IpAddr> {
    let text = field.node.as_str().unwrap_or_default();
    match ip(text, reading) {
        Ok(ip) => Some(ip),
        Err(wrong) => {
            let message = format!("`{text}` {wrong}");
            faults
                .at(ID, Reason::Invalid, field, message)
                .help("write an address such as `10.9.8.7` or `2001:db8::1`");
            None
        }
    }
}

/// Checks an address that traffic goes to, and gives it where it can be read.
pub(crate) fn check_endpoint(
    field: &Field<'_>,
    reading: Reading,
    faults: &mut Faults,
) -> Option<IpAddr> {
    let ip = check_ip(field, reading, faults)?;
    if let Some(wrong) = unreachable(ip) {
        faults.at(ID, Reason::Invalid, field, format!("`{ip}` {wrong}, so nothing can go there"));
    }
    Some(ip)
}

/// Checks a block, and gives it where it is good.
pub(crate) fn check_block(
    field: &Field<'_>,
    text: &str,
    reading: Reading,
    faults: &mut Faults,
) -> Option<Block> {
    match block(text, reading) {
        Ok(block) => Some(block),
        Err(wrong) => {
            let fault = faults.at(ID, Reason::Invalid, field, format!("`{text}` {wrong}"));
            match block(text, Reading::Loose) {
                Ok(Block { first, prefix }) => fault.help(format!("write `{first}/{prefix}`")),
                Err(_) => fault.help("write a block such as `10.9.8.0/24` or `2001:db8::/64`"),
            }
            None
        }
    }
}

enum Parsed {
    Good(IpAddr),
    /// Readable without the leading zeros.
    Padded(IpAddr),
    Bad,
}

fn parse(text: &str) -> Parsed {
    match text.parse() {
        Ok(ip) => Parsed::Good(ip),
        Err(_) => unpadded(text).parse().map_or(Parsed::Bad, Parsed::Padded),
    }
}

/// The text without leading zeros in the dotted part.
fn unpadded(text: &str) -> String {
    let (head, dotted) = text.split_at(text.rfind(':').map_or(0, |at| at + 1));
    let octets: Vec<&str> = dotted
        .split('.')
        .map(|octet| match octet.trim_start_matches('0') {
            "" if !octet.is_empty() => "0",
            rest => rest,
        })
        .collect();
    format!("{head}{}", octets.join("."))
}

fn masked(ip: IpAddr, prefix: u8) -> IpAddr {
    let prefix = u32::from(prefix);
    match ip {
        IpAddr::V4(ip) => {
            let mask = u32::MAX.checked_shl(32_u32.saturating_sub(prefix)).unwrap_or(0);
            Ipv4Addr::from(u32::from(ip) & mask).into()
        }
        IpAddr::V6(ip) => {
            let mask = u128::MAX.checked_shl(128_u32.saturating_sub(prefix)).unwrap_or(0);
            Ipv6Addr::from(u128::from(ip) & mask).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in ["10.0.0.1", "::1", "2001:DB8::1", "FE80:0:0:0:0:0:0:0abc"] {
            assert!(ip(good, Reading::Strict).is_ok(), "{good}");
        }
        for loose in ["010.0.0.1", "::ffff:1.2.3.4", "1.2.3.000"] {
            assert!(ip(loose, Reading::Strict).is_err(), "{loose}");
            assert!(ip(loose, Reading::Loose).is_ok(), "{loose}");
        }
        for bad in ["", "1.2.3", "1.2.3.256", "fe80::1%eth0", "1.2.3.4 ", "x", "1..2.3", ":::"] {
            assert!(ip(bad, Reading::Loose).is_err(), "{bad}");
        }
    }

    #[test]
    fn blocks() {
        for good in ["10.0.0.0/8", "0.0.0.0/0", "10.0.0.1/32", "2001:db8::/32", "::/0", "::1/128"] {
            assert!(block(good, Reading::Strict).is_ok(), "{good}");
        }
        for loose in ["10.0.0.1/8", "010.0.0.0/8", "10.0.0.0/08", "::ffff:10.0.0.0/104"] {
            assert!(block(loose, Reading::Strict).is_err(), "{loose}");
            assert!(block(loose, Reading::Loose).is_ok(), "{loose}");
        }
        for bad in ["", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/+8", "x/8"] {
            assert!(block(bad, Reading::Loose).is_err(), "{bad}");
        }
        let read = |text: &str| block(text, Reading::Strict);
        let inside = |outer: &str, inner: &str| matches!((read(outer), read(inner)), (Ok(outer), Ok(inner)) if outer.has_inside(inner));
        assert!(inside("10.0.0.0/8", "10.1.0.0/16") && inside("0.0.0.0/0", "10.0.0.0/8"));
        assert!(!inside("10.0.0.0/8", "10.0.0.0/8") && !inside("10.0.0.0/16", "10.1.0.0/17"));
        assert!(!inside("::/0", "10.0.0.0/8"));
    }
}
