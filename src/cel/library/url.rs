//! URLs: `k8s.io/apiserver/pkg/cel/library/urls.go`, and Go's `net/url` behind it.

use std::rc::Rc;

use super::Function;
use crate::cel::value::{Evaluated, Failure, Map, Value};

/// A URL in its parts, as they are written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Url {
    scheme: String,
    host: String,
    path: String,
    query: String,
}

pub(super) fn function(name: &str, arguments: usize) -> Option<Function> {
    Some(match (name, arguments) {
        ("url", 1) => |v| match v {
            [Value::String(text)] => {
                if !is_url(text)? {
                    return Err(Failure::error("URL parse error during conversion from string"));
                }
                let text = text.split_once('#').map_or(&**text, |(text, _)| text);
                let url = parse(text)?.ok_or_else(|| Failure::unknown("an odd URL"))?;
                Ok(Value::Url(Rc::new(url)))
            }
            _ => Err(Failure::overload()),
        },
        ("isURL", 1) => |v| match v {
            [Value::String(text)] => is_url(text).map(Value::Bool),
            _ => Err(Failure::overload()),
        },
        ("getScheme", 1) => |v| part(v, |url| Ok(Value::text(&*url.scheme))),
        ("getHost", 1) => |v| part(v, |url| Ok(Value::text(&*url.host))),
        ("getHostname", 1) => |v| {
            part(v, |url| {
                let (name, _) = split_port(&url.host);
                let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
                Ok(Value::text(bare.unwrap_or(name)))
            })
        },
        ("getPort", 1) => |v| part(v, |url| Ok(Value::text(split_port(&url.host).1))),
        ("getEscapedPath", 1) => |v| {
            part(v, |url| {
                let plain =
                    |c: char| c.is_ascii_alphanumeric() || "-_.~!$&'()*+,;=:@[]%/".contains(c);
                if url.path.chars().all(plain) {
                    Ok(Value::text(&*url.path))
                } else {
                    Err(Failure::unknown("a path that has to be escaped"))
                }
            })
        },
        ("getQuery", 1) => |v| part(v, query),
        _ => return None,
    })
}

fn part<'a>(values: &[Value<'a>], get: fn(&Url) -> Evaluated<'static>) -> Evaluated<'a> {
    match values {
        [Value::Url(url)] => get(url),
        _ => Err(Failure::overload()),
    }
}

/// Whether Go takes a text for the URI of a request: absolute, or an absolute path.
pub(super) fn is_url(text: &str) -> Result<bool, Failure> {
    Ok(parse(text)?.is_some())
}

/// The parts of a URL; nothing where Go refuses it.
fn parse(text: &str) -> Result<Option<Url>, Failure> {
    if text.is_empty() || text.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
        return Ok(None);
    }
    let Some((scheme, rest)) = scheme(text) else { return Ok(None) };
    let mut url = Url { scheme: scheme.to_ascii_lowercase(), ..Url::default() };
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    url.query = query.to_owned();
    if text == "*" {
        url.path = "*".to_owned();
        return Ok(Some(url));
    }
    if !rest.starts_with('/') {
        // `mailto:someone` is opaque; without a scheme it is no URI.
        return Ok(Some(url).filter(|url| !url.scheme.is_empty()));
    }
    let mut path = rest;
    if let (false, Some(authority)) = (url.scheme.is_empty(), rest.strip_prefix("//")) {
        let end = authority.find('/').unwrap_or(authority.len());
        let (authority, after) = authority.split_at(end);
        path = after;
        match host(authority)? {
            Some(host) => host.clone_into(&mut url.host),
            None => return Ok(None),
        }
    }
    if !escapes(path) {
        return Ok(None);
    }
    path.clone_into(&mut url.path);
    Ok(Some(url))
}

/// The scheme and what follows; nothing where there is a `:` without one.
fn scheme(text: &str) -> Option<(&str, &str)> {
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if at > 0 => {}
            b':' if at == 0 => return None,
            b':' => return Some((text.get(..at)?, text.get(at + 1..)?)),
            _ => break,
        }
    }
    Some(("", text))
}

/// The host and port of an authority; nothing where Go refuses it.
fn host(authority: &str) -> Result<Option<&str>, Failure> {
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (user, host),
        None => ("", authority),
    };
    let of_user = |c: char| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c);
    if !user.chars().all(of_user) || !escapes(user) {
        return Ok(None);
    }
    if host.contains('%') {
        return Err(Failure::unknown("a host with escapes"));
    }
    let port = if host.contains('[') {
        if !host.starts_with('[') {
            return Err(Failure::unknown("a host with brackets"));
        }
        let Some((inner, port)) = host.rsplit_once(']') else { return Ok(None) };
        let inner = inner.strip_prefix('[').unwrap_or(inner);
        if inner.parse::<core::net::Ipv6Addr>().is_err() {
            return Err(Failure::unknown("brackets around something else than IPv6"));
        }
        port
    } else {
        if host.matches(':').count() > 1 {
            return Err(Failure::unknown("a host with more than one colon"));
        }
        host.find(':').and_then(|at| host.get(at..)).unwrap_or_default()
    };
    let good_port = port.is_empty()
        || port.strip_prefix(':').is_some_and(|port| port.bytes().all(|b| b.is_ascii_digit()));
    let of_host = |c: char| {
        !c.is_ascii() || c.is_ascii_alphanumeric() || "-_.~!$&'()*+,;=:[]<>\"".contains(c)
    };
    Ok((good_port && host.chars().all(of_host)).then_some(host))
}

fn split_port(host: &str) -> (&str, &str) {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (name, port),
        _ => (host, ""),
    }
}

/// Whether each `%` begins an escape.
fn escapes(text: &str) -> bool {
    text.split('%').skip(1).all(|after| {
        after.get(..2).is_some_and(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()))
    })
}

fn query(url: &Url) -> Evaluated<'static> {
    if url.query.contains([';', '%', '+']) {
        return Err(Failure::unknown("a query with escapes"));
    }
    let mut entries: Vec<(&str, Vec<Value<'static>>)> = Vec::new();
    for pair in url.query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        match entries.iter_mut().find(|(known, _)| *known == key) {
            Some((_, values)) => values.push(Value::text(value)),
            None => entries.push((key, vec![Value::text(value)])),
        }
    }
    let entries = entries.into_iter().map(|(key, values)| (Value::text(key), Value::list(values)));
    Ok(Value::Map(Map::made(entries.collect())))
}
