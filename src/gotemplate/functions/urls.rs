//! URLs: `url.go` of sprig, with `net/url`.

use std::rc::Rc;

use super::super::container::Map;
use super::super::escape::percent;
use super::super::failure::Failure;
use super::super::value::Value;
use super::Functions;

const UNRESERVED: &str = "-_.~";

pub(super) fn add(functions: &mut Functions) {
    functions.define("urlParse", |text: Rc<str>| {
        let url = Url::parse(&text)?;
        let hostname = url.hostname();
        let parts = [
            ("scheme", url.scheme),
            ("userinfo", url.user.unwrap_or_default()),
            ("host", url.host),
            ("hostname", hostname),
            ("path", url.path),
            ("query", url.query),
            ("opaque", url.opaque),
            ("fragment", url.fragment),
        ];
        Ok(Value::map(parts.map(|(name, part)| (name, part.into()))))
    });
    functions.define("urlJoin", |map: Map| join(&map));
}

/// The parts of a URL, without their escapes.
#[derive(Default)]
struct Url {
    scheme: String,
    opaque: String,
    /// As it is written again.
    user: Option<String>,
    host: String,
    path: String,
    query: String,
    fragment: String,
}

fn wrong(message: &str) -> Failure {
    Failure::wrong(format!("unable to parse url: {message}"))
}

impl Url {
    /// `url.Parse`
    fn parse(text: &str) -> Result<Self, Failure> {
        if text.bytes().any(|b| b < b' ' || b == 0x7f) {
            return Err(wrong("invalid control character in URL"));
        }
        let mut url = Self::default();
        let (rest, fragment) = text.split_once('#').unwrap_or((text, ""));
        url.fragment = unescape(fragment)?;
        let rest = match scheme(rest)? {
            Some(scheme) => {
                url.scheme = scheme.to_ascii_lowercase();
                rest.get(scheme.len() + 1..).unwrap_or_default()
            }
            None => rest,
        };
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        url.query = query.to_owned();
        if !rest.starts_with('/') {
            if !url.scheme.is_empty() {
                url.opaque = rest.to_owned();
                return Ok(url);
            }
            if rest.split('/').next().is_some_and(|segment| segment.contains(':')) {
                return Err(wrong("first path segment in URL cannot contain colon"));
            }
        }
        let authority = rest.strip_prefix("//");
        let authority = authority.filter(|rest| !url.scheme.is_empty() || !rest.starts_with('/'));
        let path = match authority {
            Some(rest) => {
                let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                url.authority(authority)?;
                path
            }
            None => rest,
        };
        url.path = unescape(path)?;
        Ok(url)
    }

    /// `parseAuthority`
    fn authority(&mut self, authority: &str) -> Result<(), Failure> {
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, authority),
        };
        if host.contains('%') {
            return Err(Failure::unknown("a host with escapes"));
        }
        let port = match host.rsplit_once(']') {
            Some((_, port)) if host.starts_with('[') => port,
            None if host.starts_with('[') => return Err(wrong("missing ']' in host")),
            _ => host.find(':').and_then(|colon| host.get(colon..)).unwrap_or_default(),
        };
        let digits = port.strip_prefix(':').unwrap_or(port);
        if (!port.is_empty() && digits.len() == port.len())
            || !digits.bytes().all(|b| b.is_ascii_digit())
        {
            return Err(wrong("invalid port after host"));
        }
        let allowed = "!$&'()*+,;=:[]<>\"-_.~";
        let fits = |c: char| c.is_ascii_alphanumeric() || !c.is_ascii() || allowed.contains(c);
        if !host.chars().all(fits) {
            return Err(wrong("invalid character in host name"));
        }
        self.host = host.to_owned();
        self.user = user.map(userinfo).transpose()?;
        Ok(())
    }

    /// `Hostname`: the host without port and brackets.
    fn hostname(&self) -> String {
        let host = &self.host;
        let bracketed = host.strip_prefix('[').and_then(|host| host.split_once(']'));
        let plain = || host.rsplit_once(':').map_or(&**host, |(name, _)| name);
        bracketed.map_or_else(plain, |(name, _)| name).to_owned()
    }
}

/// `getScheme`
fn scheme(text: &str) -> Result<Option<&str>, Failure> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c)));
    match end.and_then(|end| text.split_at_checked(end)) {
        Some(("", rest)) if rest.starts_with(':') => Err(wrong("missing protocol scheme")),
        Some((scheme, rest))
            if rest.starts_with(':') && scheme.starts_with(|c: char| c.is_ascii_alphabetic()) =>
        {
            Ok(Some(scheme))
        }
        _ => Ok(None),
    }
}

fn unescape(text: &str) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|b| char::from(b).to_digit(16));
        let value = digit().zip(digit()).map(|(high, low)| high * 16 + low);
        match value.and_then(|value| u8::try_from(value).ok()) {
            Some(value) => bytes.push(value),
            None => return Err(wrong("invalid URL escape")),
        }
    }
    String::from_utf8(bytes).map_err(|_| Failure::unknown("a URL that is not UTF-8"))
}

/// Name and password as `Userinfo.String` writes them.
fn userinfo(text: &str) -> Result<String, Failure> {
    let allowed = "-._:~!$&'()*+,;=%@";
    if !text.chars().all(|c| c.is_ascii_alphanumeric() || allowed.contains(c)) {
        return Err(wrong("net/url: invalid userinfo"));
    }
    let write = |part: &str| Ok(percent(&unescape(part)?, "$&+,;=-_.~"));
    match text.split_once(':') {
        Some((name, password)) => Ok(format!("{}:{}", write(name)?, write(password)?)),
        None => write(text),
    }
}

/// `URL.String`
fn join(map: &Map) -> Result<String, Failure> {
    let part = |name: &str| match map.get(name) {
        None => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.to_string()),
        Some(other) => Err(Failure::wrong(format!(
            "unable to parse {name} key, must be of type string, but {} found",
            other.kind_name()
        ))),
    };
    let (scheme, host, path) = (part("scheme")?, part("host")?, part("path")?);
    let (query, opaque, fragment) = (part("query")?, part("opaque")?, part("fragment")?);
    let user = part("userinfo")?;
    let user =
        if user.is_empty() { None } else { Url::parse(&format!("proto://{user}@host"))?.user };
    let mut out = String::new();
    if !scheme.is_empty() {
        out = format!("{scheme}:");
    }
    if opaque.is_empty() {
        let reaches = !scheme.is_empty() || !host.is_empty() || user.is_some();
        if reaches && (!host.is_empty() || !path.is_empty() || user.is_some()) {
            out.push_str("//");
        }
        if let Some(user) = &user {
            out = format!("{out}{user}@");
        }
        out.push_str(&percent_host(&host));
        let path = if path == "*" { path } else { percent(&path, "$&+,/:;=@-_.~") };
        if !path.is_empty() && !path.starts_with('/') && !host.is_empty() {
            out.push('/');
        }
        if out.is_empty() && path.split('/').next().is_some_and(|first| first.contains(':')) {
            out.push_str("./");
        }
        out.push_str(&path);
    } else {
        out.push_str(&opaque);
    }
    if !query.is_empty() {
        out = format!("{out}?{query}");
    }
    if !fragment.is_empty() {
        out = format!("{out}#{}", percent(&fragment, "$&+,/:;=?@-_.~!()*"));
    }
    Ok(out)
}

fn percent_host(host: &str) -> String {
    percent(host, &format!("!$&'()*+,;=:[]<>\"{UNRESERVED}"))
}
