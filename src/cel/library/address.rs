//! Addresses and blocks of them: `k8s.io/apiserver/pkg/cel/library/ip.go` and `cidr.go`. They are
//! values here: nothing is reached.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Function;
use crate::cel::value::{Evaluated, Failure, Value};

pub(super) fn function(name: &str, arguments: usize) -> Option<Function> {
    Some(match (name, arguments) {
        ("ip", 1) => |v| match v {
            [Value::Cidr(ip, _)] => Ok(Value::Ip(*ip)),
            [Value::String(text)] => ip(text).map(Value::Ip),
            _ => Err(Failure::overload()),
        },
        ("isIP", 1) => |v| text(v, |text| Ok(ip(text).is_ok())),
        ("ip.isCanonical", 1) => |v| text(v, |text| Ok(canonical(ip(text)?) == text)),
        ("cidr", 1) => |v| match v {
            [Value::String(text)] => cidr(text).map(|(ip, length)| Value::Cidr(ip, length)),
            _ => Err(Failure::overload()),
        },
        ("isCIDR", 1) => |v| text(v, |text| Ok(cidr(text).is_ok())),
        ("family", 1) => |v| match v {
            [Value::Ip(ip)] => Ok(Value::Int(if ip.is_ipv4() { 4 } else { 6 })),
            _ => Err(Failure::overload()),
        },
        ("isUnspecified", 1) => |v| property(v, |ip| ip.is_unspecified()),
        ("isLoopback", 1) => |v| property(v, |ip| ip.is_loopback()),
        ("isLinkLocalMulticast", 1) => |v| property(v, is_link_local_multicast),
        ("isLinkLocalUnicast", 1) => |v| property(v, is_link_local),
        ("isGlobalUnicast", 1) => |v| {
            property(v, |ip| {
                let broadcast = *ip == IpAddr::V4(Ipv4Addr::BROADCAST);
                !(ip.is_unspecified()
                    || ip.is_loopback()
                    || ip.is_multicast()
                    || broadcast
                    || is_link_local(ip))
            })
        },
        ("containsIP", 2) => |v| match v {
            [Value::Cidr(first, length), Value::Ip(ip)] => {
                Ok(Value::Bool(contains(*first, *length, *ip)))
            }
            [Value::Cidr(first, length), Value::String(text)] => {
                Ok(Value::Bool(contains(*first, *length, ip(text)?)))
            }
            _ => Err(Failure::overload()),
        },
        ("containsCIDR", 2) => |v| {
            let (block, (first, length)) = match v {
                [Value::Cidr(ours, length), Value::Cidr(first, theirs)] => {
                    ((*ours, *length), (*first, *theirs))
                }
                [Value::Cidr(ours, length), Value::String(text)] => ((*ours, *length), cidr(text)?),
                _ => return Err(Failure::overload()),
            };
            Ok(Value::Bool(block.1 <= length && contains(block.0, block.1, first)))
        },
        ("prefixLength", 1) => |v| match v {
            [Value::Cidr(_, length)] => Ok(Value::Int(i64::from(*length))),
            _ => Err(Failure::overload()),
        },
        ("masked", 1) => |v| match v {
            [Value::Cidr(ip, length)] => Ok(Value::Cidr(masked(*ip, *length), *length)),
            _ => Err(Failure::overload()),
        },
        _ => return None,
    })
}

fn text<'a>(values: &[Value<'a>], holds: fn(&str) -> Result<bool, Failure>) -> Evaluated<'a> {
    match values {
        [Value::String(text)] => holds(text).map(Value::Bool),
        _ => Err(Failure::overload()),
    }
}

fn property<'a>(values: &[Value<'a>], holds: fn(&IpAddr) -> bool) -> Evaluated<'a> {
    match values {
        [Value::Ip(ip)] => Ok(Value::Bool(holds(ip))),
        _ => Err(Failure::overload()),
    }
}

/// An address without a zone that is not IPv4 written as IPv6.
fn ip(text: &str) -> Result<IpAddr, Failure> {
    let ip: IpAddr =
        text.parse().map_err(|_| Failure::error(format!("IP Address \"{text}\" parse error")))?;
    match ip {
        IpAddr::V6(six) if six.to_ipv4_mapped().is_some() => {
            Err(Failure::error(format!("IPv4-mapped IPv6 address \"{text}\" is not allowed")))
        }
        ip => Ok(ip),
    }
}

fn cidr(text: &str) -> Result<(IpAddr, u8), Failure> {
    let wrong = || Failure::error("network address parse error during conversion from string");
    let (address, length) = text.rsplit_once('/').ok_or_else(wrong)?;
    let address = ip(address).map_err(|_| wrong())?;
    let plain = !length.is_empty()
        && length.bytes().all(|byte| byte.is_ascii_digit())
        && (length == "0" || !length.starts_with('0'));
    let length: u8 = length.parse().ok().filter(|_| plain).ok_or_else(wrong)?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    if length > most { Err(wrong()) } else { Ok((address, length)) }
}

/// The form that Go's `netip` writes: `::ffff:0:0/96` aside, it is that of Rust.
fn canonical(ip: IpAddr) -> String {
    match ip {
        IpAddr::V6(six) => {
            // Rust writes what is compatible with IPv4 with dots.
            let segments = six.segments();
            if segments.iter().take(6).all(|segment| *segment == 0) {
                let [.., high, low] = segments;
                return match (high, low) {
                    (0, 0) => "::".to_owned(),
                    (0, low) => format!("::{low:x}"),
                    (high, low) => format!("::{high:x}:{low:x}"),
                };
            }
            six.to_string()
        }
        four => four.to_string(),
    }
}

fn masked(ip: IpAddr, length: u8) -> IpAddr {
    match ip {
        IpAddr::V4(four) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from(u32::from(four) & mask))
        }
        IpAddr::V6(six) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from(u128::from(six) & mask))
        }
    }
}

fn contains(first: IpAddr, length: u8, ip: IpAddr) -> bool {
    first.is_ipv4() == ip.is_ipv4() && masked(first, length) == masked(ip, length)
}

fn is_link_local(ip: &IpAddr) -> bool {
    match ip {
        IpAddr::V4(four) => four.is_link_local(),
        IpAddr::V6(six) => six.is_unicast_link_local(),
    }
}

fn is_link_local_multicast(ip: &IpAddr) -> bool {
    match ip {
        IpAddr::V4(four) => four.octets().starts_with(&[224, 0, 0]),
        IpAddr::V6(six) => six.segments().first().is_some_and(|first| first & 0xff0f == 0xff02),
    }
}
