//! Addresses and blocks of them. They are values here: nothing is reached.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::fmt;

/// Addresses of one family that follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// The first one.
    pub first: IpAddr,
    /// The last one.
    pub last: IpAddr,
}

impl Block {
    /// One address alone.
    #[must_use]
    pub fn one(address: IpAddr) -> Self {
        Self { first: address, last: address }
    }

    /// From an address to another of its family that is not before it.
    #[must_use]
    pub fn between(first: IpAddr, last: IpAddr) -> Option<Self> {
        (first.is_ipv4() == last.is_ipv4() && first <= last).then_some(Self { first, last })
    }

    /// An address with the length of a prefix; bits beyond the prefix are ignored, as Go's
    /// `net.ParseCIDR` does.
    #[must_use]
    pub fn cidr(text: &str) -> Option<Self> {
        let (start, length) = text.split_once('/')?;
        let start = address(start)?;
        let width = if start.is_ipv4() { 32 } else { 128 };
        let is_number = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
        let length: u32 = length.parse().ok().filter(|it| is_number && *it <= width)?;
        let hosts = width - length;
        let rest = 1_u128.checked_shl(hosts).map_or(u128::MAX, |size| size - 1);
        let number = number(start) & !rest;
        let of = |number| of_number(number, start.is_ipv4());
        Some(Self { first: of(number), last: of(number | rest) })
    }

    /// A range `a-b` or a CIDR, as MetalLB's `ParseCIDR` of `internal/config/config.go` reads it.
    ///
    /// # Errors
    ///
    /// Why it is neither, without a final period.
    pub fn parse(text: &str) -> Result<Self, String> {
        let Some((first, last)) = text.split_once('-') else {
            let is_one = address(text).is_some();
            return Self::cidr(text).ok_or_else(|| match is_one {
                true => format!("`{text}` is one address and neither a range nor a CIDR"),
                false => format!("`{text}` is neither a range of addresses nor a CIDR"),
            });
        };
        Self::between(stated(first.trim())?, stated(last.trim())?).ok_or_else(|| {
            format!("`{text}` begins and ends in two families, or ends before it begins")
        })
    }

    /// Whether an address is one of them.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        address.is_ipv4() == self.first.is_ipv4() && self.first <= address && address <= self.last
    }

    /// Whether all of another block are among them.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        self.contains(other.first) && self.contains(other.last)
    }

    /// The addresses that both have.
    #[must_use]
    pub fn common(self, other: Self) -> Option<Self> {
        if self.first.is_ipv4() != other.first.is_ipv4() {
            return None;
        }
        Self::between(self.first.max(other.first), self.last.min(other.last))
    }

    /// How many there are; `u128::MAX` where there are more.
    #[must_use]
    pub fn count(self) -> u128 {
        (number(self.last) - number(self.first)).saturating_add(1)
    }

    /// How many of them end in `.0` or `.255`.
    #[must_use]
    pub fn buggy(self) -> u128 {
        if self.first.is_ipv6() {
            return 0;
        }
        let until = |end: u128| end.div_ceil(256) + end / 256;
        until(number(self.last) + 1) - until(number(self.first))
    }

    /// The address that lies so far behind the first one.
    #[must_use]
    pub fn nth(self, index: u128) -> Option<IpAddr> {
        let number = number(self.first).checked_add(index)?;
        (number <= self::number(self.last)).then(|| of_number(number, self.first.is_ipv4()))
    }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            return write!(f, "{}", self.first);
        }
        write!(f, "{}-{}", self.first, self.last)
    }
}

/// An address as Go's `net.ParseIP` reads it: without leading zeros, and IPv4 written as IPv6 is
/// IPv4.
#[must_use]
pub fn address(text: &str) -> Option<IpAddr> {
    text.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

/// Whether an IPv4 address ends in `.0` or `.255`: `ipConfusesBuggyFirmwares` of MetalLB's
/// `internal/allocator/allocator.go`.
#[must_use]
pub(super) fn is_buggy(address: IpAddr) -> bool {
    matches!(address, IpAddr::V4(address) if matches!(address.octets()[3], 0 | 255))
}

fn stated(text: &str) -> Result<IpAddr, String> {
    address(text).ok_or_else(|| fault(text))
}

/// Why a text is no address.
pub(crate) fn fault(text: &str) -> String {
    let octets: Vec<&str> = text.split('.').collect();
    let is_number = |octet: &&str| octet.parse::<u32>().is_ok();
    if octets.len() == 4 && octets.iter().all(is_number) {
        if let Some(large) = octets.iter().find(|octet| octet.parse::<u8>().is_err()) {
            return format!("`{text}` is no address: an octet ends at 255, and `{large}` is above");
        }
        return format!("`{text}` is no address: an octet has no leading zeros");
    }
    format!("`{text}` is no address")
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

fn of_number(number: u128, is_v4: bool) -> IpAddr {
    match u32::try_from(number) {
        Ok(number) if is_v4 => Ipv4Addr::from_bits(number).into(),
        _ => Ipv6Addr::from_bits(number).into(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Block, address};

    fn block(text: &str) -> Block {
        Block::parse(text).unwrap()
    }

    #[test]
    fn reads_ranges_and_prefixes() {
        for (text, shown, count) in [
            ("192.168.1.235-192.168.1.254", "192.168.1.235-192.168.1.254", 20),
            ("10.0.0.7 - 10.0.0.7", "10.0.0.7", 1),
            ("192.168.1.77/24", "192.168.1.0-192.168.1.255", 256),
            ("10.0.0.1/32", "10.0.0.1", 1),
            ("0.0.0.0/0", "0.0.0.0-255.255.255.255", 1 << 32),
            ("fd00::/120", "fd00::-fd00::ff", 256),
            ("fd00::1-fd00::3", "fd00::1-fd00::3", 3),
            ("::/0", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", u128::MAX),
        ] {
            let block = block(text);
            assert_eq!((&*block.to_string(), block.count()), (shown, count), "{text}");
        }
        for wrong in [
            "192.168.1.240-192.168.1.259",
            "192.168.1.9",
            "192.168.1.0/33",
            "192.168.01.0/24",
            "10.0.0.9-10.0.0.1",
            "10.0.0.1-fd00::1",
            "10.0.0.0/+8",
            "lan",
            "",
        ] {
            assert!(Block::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn compares_blocks() {
        let pool = block("192.168.1.235-192.168.1.254");
        assert!(pool.contains(address("192.168.1.235").unwrap()));
        assert!(!pool.contains(address("192.168.1.234").unwrap()));
        assert!(!pool.contains(address("fd00::1").unwrap()));
        assert!(block("192.168.1.0/24").covers(pool));
        assert_eq!(
            pool.common(block("192.168.1.250-192.168.2.3")),
            Some(block("192.168.1.250-192.168.1.254"))
        );
        assert_eq!(pool.common(block("192.168.1.0/27")), None);
        assert_eq!(block("10.96.0.0/12").nth(10), address("10.96.0.10"));
    }

    #[test]
    fn counts_what_old_devices_take_for_broadcasts() {
        for (text, count) in [
            ("10.0.0.0/24", 2),
            ("10.0.0.0/23", 4),
            ("10.0.0.1-10.0.0.254", 0),
            ("10.0.0.255-10.0.1.0", 2),
            ("10.0.0.0-10.0.0.0", 1),
        ] {
            assert_eq!(block(text).buggy(), count, "{text}");
        }
    }
}
