//! How Argo CD compares the addresses of repositories.

use core::net::Ipv6Addr;

/// The form in which Argo CD compares the address of a repository: in lower case, without `.git`, and
/// written as Go's `net/url` would. Empty where that cannot read it.
///
/// Source: `NormalizeGitURL` in `util/git/git.go` of Argo CD.
#[must_use]
pub fn normalize(url: &str) -> String {
    let lower = url.trim().chars().filter_map(|character| character.to_lowercase().next());
    let mut url: String = lower.collect();
    if is_ssh(&url) && !url.starts_with("ssh://") {
        url = format!("ssh://{}", url.replacen(':', "/", 1));
    }
    let url = url.strip_suffix(".git").unwrap_or(&url);
    let url = rewrite(url).unwrap_or_default();
    url.strip_prefix("ssh://").map(str::to_owned).unwrap_or(url)
}

/// Whether two addresses are those of one repository (`SameURL` of Argo CD).
#[must_use]
pub fn same(left: &str, right: &str) -> bool {
    let or_as_written = |url: &str| match normalize(url) {
        empty if empty.is_empty() => url.to_owned(),
        normal => normal,
    };
    let (left, right) = (or_as_written(left), or_as_written(right));
    !left.is_empty() && left == right
}

/// Whether two addresses lead to one repository by host and path, however it is reached. Argo CD
/// itself takes `https://…` and `git@…` for two ([`same`]).
#[must_use]
pub fn same_place(one: &str, other: &str) -> bool {
    let (one, other) = (host_and_path(one), host_and_path(other));
    !one.is_empty() && one == other
}

fn host_and_path(url: &str) -> String {
    let url = url.trim().to_lowercase();
    let (scheme, rest) = url.split_once("://").unwrap_or(("", &url));
    let (host, path) = match rest.split_once('/') {
        Some((host, path)) => (host, path),
        None => (rest, ""),
    };
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    // In `git@host:path` a path begins after the colon, in `ssh://host:22/path` that is a port.
    let (host, path) = match host.split_once(':') {
        Some((host, above)) if scheme.is_empty() => (host, format!("{above}/{path}")),
        Some((host, _)) => (host, path.to_owned()),
        None => (host, path.to_owned()),
    };
    let path = path.trim_matches('/');
    format!("{host}/{}", path.strip_suffix(".git").unwrap_or(path))
}

/// `^(ssh://)?([^/:]*?)@[^@]+$`
fn is_ssh(url: &str) -> bool {
    let rest = url.strip_prefix("ssh://").unwrap_or(url);
    let parts = rest.rsplit_once('@');
    parts.is_some_and(|(user, host)| !user.contains(['/', ':']) && !host.is_empty())
}

/// `url.Parse` and `URL.String` of Go, one after the other; nothing where the first fails.
fn rewrite(url: &str) -> Option<String> {
    let (rest, fragment) = url.split_once('#').unwrap_or((url, ""));
    if rest.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
        return None;
    }
    let (scheme, rest) = if rest == "*" { ("", rest) } else { scheme(rest)? };
    let (rest, query) = match rest.split_once('?') {
        Some((rest, query)) => (rest, Some(query)),
        None => (rest, None),
    };
    let mut out = String::new();
    if !scheme.is_empty() {
        out = format!("{scheme}:");
    }
    let rooted = rest.starts_with('/');
    if !scheme.is_empty() && !rooted {
        // Opaque: nobody looks into it.
        out.push_str(rest);
    } else {
        if !rooted && first_segment(rest).contains(':') {
            return None;
        }
        let authority = rest.strip_prefix("//");
        let authority = authority.filter(|rest| !scheme.is_empty() || !rest.starts_with('/'));
        let path = match authority {
            Some(authority) => {
                let end = authority.find('/').unwrap_or(authority.len());
                let (authority, path) = authority.split_at(end);
                let authority = write_authority(scheme, authority)?;
                if !authority.is_empty() || (!scheme.is_empty() && !path.is_empty()) {
                    out.push_str("//");
                    out.push_str(&authority);
                }
                path
            }
            None => rest,
        };
        let path = write(path, PATH)?;
        if out.is_empty() && first_segment(&path).contains(':') {
            out.push_str("./");
        }
        out.push_str(&path);
    }
    // A question mark at the end stays, where it is the only one.
    if let Some(query) = query {
        out = format!("{out}?{query}");
    }
    let fragment = write(fragment, FRAGMENT)?;
    if !fragment.is_empty() {
        out = format!("{out}#{fragment}");
    }
    Some(out)
}

fn first_segment(path: &str) -> &str {
    path.split('/').next().unwrap_or_default()
}

/// `getScheme`: the scheme and what follows; nothing where there is a `:` without one.
fn scheme(url: &str) -> Option<(&str, &str)> {
    let end = url.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c)));
    let (scheme, rest) = url.split_at(end.unwrap_or(url.len()));
    match rest.strip_prefix(':') {
        Some(_) if scheme.is_empty() => None,
        Some(rest) if scheme.starts_with(|c: char| c.is_ascii_alphabetic()) => Some((scheme, rest)),
        _ => Some(("", url)),
    }
}

/// What may stand without an escape beside letters and digits, as Go writes it, and what it leaves
/// as it is when everything else may stand so too.
struct Part {
    plain: &'static str,
    also: &'static str,
}

const PATH: Part = Part { plain: "-_.~$&+,/:;=@", also: "!'()*[]%" };
const FRAGMENT: Part = Part { plain: "-_.~$&+,/:;=?@!()*", also: "'[]%" };
const USER: &str = "-_.~$&+,;=";
const HOST: &str = "-_.~!$&'()*+,;=:[]<>\"";

/// A part as it is written again.
fn write(text: &str, part: Part) -> Option<String> {
    let bytes = unescape(text)?;
    let stands =
        |c: char| c.is_ascii_alphanumeric() || part.plain.contains(c) || part.also.contains(c);
    if text.chars().all(stands) {
        return Some(text.to_owned());
    }
    Some(escape(&bytes, part.plain))
}

fn write_authority(scheme: &str, authority: &str) -> Option<String> {
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, authority),
    };
    let host = escape(&read_host(scheme, host)?, HOST);
    let Some(user) = user else { return Some(host) };
    let of_user = |c: char| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c);
    if !user.chars().all(of_user) {
        return None;
    }
    let write = |text: &str| Some(escape(&unescape(text)?, USER));
    Some(match user.split_once(':') {
        Some((name, password)) => format!("{}:{}@{host}", write(name)?, write(password)?),
        None => format!("{}@{host}", write(user)?),
    })
}

/// `parseHost`: the host and its port.
fn read_host(scheme: &str, host: &str) -> Option<Vec<u8>> {
    let port = match host.rfind('[') {
        Some(0) => {
            let (inner, port) = host.strip_prefix('[')?.rsplit_once(']')?;
            let (address, zone) = inner.split_once("%25").unwrap_or((inner, "zone"));
            let address = String::from_utf8(unescape_host(address)?).ok()?;
            if zone.is_empty() || address.parse::<Ipv6Addr>().is_err() {
                return None;
            }
            port
        }
        Some(_) => return None,
        None => {
            let is_web = matches!(scheme, "http" | "https");
            let colon = if is_web { host.find(':') } else { host.rfind(':') };
            colon.map_or("", |colon| &host[colon..])
        }
    };
    let digits = port.strip_prefix(':').unwrap_or(port);
    if (digits.len() == port.len() && !port.is_empty())
        || !digits.bytes().all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    unescape_host(host)
}

/// Only what is no ASCII, and `%` itself, may be escaped in a host.
fn unescape_host(host: &str) -> Option<Vec<u8>> {
    let stands =
        |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || HOST.contains(c) || c == '%';
    let escapes = host.split('%').skip(1);
    let high = |code: &str| code.starts_with(['8', '9', 'a', 'b', 'c', 'd', 'e', 'f']);
    if !host.chars().all(stands)
        || !escapes.clone().all(|after| after.starts_with("25") || high(after))
    {
        return None;
    }
    unescape(host)
}

fn unescape(text: &str) -> Option<Vec<u8>> {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (code, rest) = part.split_at_checked(2)?;
        if !code.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        bytes.push(u8::from_str_radix(code, 16).ok()?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    Some(bytes)
}

fn escape(bytes: &[u8], plain: &str) -> String {
    let mut out = String::new();
    for &byte in bytes {
        let character = char::from(byte);
        if byte.is_ascii_alphanumeric() || (byte.is_ascii() && plain.contains(character)) {
            out.push(character);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::same_place;

    #[test]
    fn a_repository_has_several_urls() {
        let own = "https://github.com/acme/platform.git";
        for other in [
            "https://github.com/acme/platform",
            "git@github.com:acme/Platform.git",
            "ssh://git@github.com:22/acme/platform.git",
            "https://token@github.com/acme/platform/",
        ] {
            assert!(same_place(own, other), "{other}");
        }
        for other in ["https://github.com/acme/platforms", "https://gitlab.com/acme/platform", ""] {
            assert!(!same_place(own, other), "{other}");
        }
        assert!(same_place("file:///srv/git/x.git", "/srv/git/x"));
    }
}
