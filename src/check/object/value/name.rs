//! Forms of names, from `k8s.io/apimachinery/pkg/util/validation/validation.go`. Each function
//! gives what is wrong, in words that stand after "`x` ".

use std::borrow::Cow;

/// `IsDNS1123Label`
pub(crate) fn dns_label(name: &str) -> Option<&'static str> {
    if name.len() > 63 {
        return Some("is longer than 63 characters");
    }
    if name.contains('.') {
        return Some("must not contain dots");
    }
    let good = is_dns_part(name);
    (!good).then_some("must be lower-case letters, digits and `-`, with no `-` at either end")
}

/// `IsDNS1035Label`
pub(crate) fn dns_1035_label(name: &str) -> Option<&'static str> {
    dns_label(name).or_else(|| {
        let letter = name.starts_with(|c: char| c.is_ascii_lowercase());
        (!letter).then_some("must begin with a letter")
    })
}

/// `IsDNS1123Subdomain`
pub(crate) fn dns_subdomain(name: &str) -> Option<&'static str> {
    if name.len() > 253 {
        return Some("is longer than 253 characters");
    }
    let good = name.split('.').all(is_dns_part);
    (!good).then_some(
        "must be lower-case letters, digits, `-` and `.`, each part with no `-` at either end",
    )
}

/// What is judged of a name to which something will be added: `maskTrailingDash` of
/// `k8s.io/apimachinery/pkg/api/validation/generic.go`.
pub(crate) fn beginning(name: &str) -> Cow<'_, str> {
    match name.strip_suffix('-') {
        Some(rest) if !rest.is_empty() => {
            let last = rest.chars().next_back().map_or(0, char::len_utf8);
            Cow::Owned(format!("{}a", &rest[..rest.len() - last]))
        }
        _ => Cow::Borrowed(name),
    }
}

/// A text in lower case as Go's `strings.ToLower` makes it: one character for each.
pub(crate) fn lower(text: &str) -> String {
    text.chars().filter_map(|c| c.to_lowercase().next()).collect()
}

/// `IsWildcardDNS1123Subdomain`
pub(crate) fn wildcard_subdomain(name: &str) -> Option<&'static str> {
    match name.strip_prefix("*.") {
        Some(rest) => dns_subdomain(rest),
        None => Some("must begin with `*.`"),
    }
}

fn is_dns_part(part: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !part.is_empty() && part.bytes().all(inner) && !part.starts_with('-') && !part.ends_with('-')
}

/// `IsValidPathSegmentName` of `k8s.io/apimachinery/pkg/api/validation/path`
pub(crate) fn path_segment(name: &str) -> Option<&'static str> {
    match name {
        "." | ".." => Some("may not be `.` or `..`"),
        _ if name.contains(['/', '%']) => Some("may not contain `/` or `%`"),
        _ => None,
    }
}

/// `IsDomainPrefixedPath`: a domain, `/`, and a path.
pub(crate) fn domain_prefixed_path(name: &str) -> Option<&'static str> {
    let wrong = Some("must be a domain and a path, such as `example.com/name`");
    let Some((domain, path)) = name.split_once('/') else { return wrong };
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~%!$&'()*+,;=:".contains(&byte);
    match dns_subdomain(domain) {
        _ if path.is_empty() || !path.bytes().all(inner) => wrong,
        Some(_) => Some("must begin with a domain in lower case"),
        None => None,
    }
}

/// `IsFullyQualifiedDomainName`: labels, at least two, with or without a dot at the end.
pub(crate) fn full_domain(name: &str) -> Option<&'static str> {
    let name = name.strip_suffix('.').unwrap_or(name);
    if !name.contains('.') {
        return Some("must be a domain of two parts or more");
    }
    dns_subdomain(name).or_else(|| name.split('.').find_map(dns_label))
}

/// `IsQualifiedName`: an optional DNS prefix with `/`, and a name. Keys of labels and annotations.
pub(crate) fn qualified_name(name: &str) -> Option<&'static str> {
    let (prefix, name) = match name.split_once('/') {
        Some((_, rest)) if rest.contains('/') => return Some("must have at most one `/`"),
        Some((prefix, rest)) => (Some(prefix), rest),
        None => (None, name),
    };
    match prefix {
        Some("") => return Some("must have a prefix before `/`"),
        Some(prefix) if dns_subdomain(prefix).is_some() => {
            return Some("must have a DNS name as prefix");
        }
        _ => {}
    }
    if name.is_empty() {
        return Some("must have a name");
    }
    if name.len() > 63 {
        return Some("must have a name of at most 63 characters");
    }
    (!is_label_text(name)).then_some(
        "must be letters, digits, `-`, `_` and `.`, with a letter or digit at either end",
    )
}

/// `IsValidLabelValue`
pub(crate) fn label_value(value: &str) -> Option<&'static str> {
    if value.len() > 63 {
        return Some("is longer than 63 characters");
    }
    (!value.is_empty() && !is_label_text(value)).then_some(
        "must be empty, or letters, digits, `-`, `_` and `.` with a letter or digit at either end",
    )
}

fn is_label_text(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let end = |c: char| c.is_ascii_alphanumeric();
    text.bytes().all(inner) && text.starts_with(end) && text.ends_with(end)
}

/// `IsValidPortName`: `IANA_SVC_NAME`.
pub(crate) fn port_name(name: &str) -> Option<&'static str> {
    if name.len() > 15 {
        return Some("is longer than 15 characters");
    }
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !name.bytes().all(inner) {
        return Some("must be lower-case letters, digits and `-`");
    }
    if !name.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return Some("must have a letter");
    }
    let wrong = name.contains("--") || name.starts_with('-') || name.ends_with('-');
    wrong.then_some("must not begin or end with `-`, nor have two of them in a row")
}

/// `IsConfigMapKey`, for ConfigMaps and Secrets.
pub(crate) fn config_key(key: &str) -> Option<&'static str> {
    if key.len() > 253 {
        return Some("is longer than 253 characters");
    }
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if key.is_empty() || !key.bytes().all(inner) {
        return Some("must be letters, digits, `-`, `_` and `.`");
    }
    match key {
        "." | ".." => Some("may not be `.` or `..`"),
        _ => key.starts_with("..").then_some("may not begin with `..`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        assert!(dns_label("a-1").is_none() && dns_label("1a").is_none());
        for bad in ["", "-a", "a-", "A", "a.b", "a_b", "é", &"a".repeat(64)] {
            assert!(dns_label(bad).is_some(), "{bad}");
        }
        assert!(dns_1035_label("1a").is_some());
        assert!(dns_subdomain("a.b-c.1").is_none());
        for (name, judged) in [("a-", "a"), ("ab-", "aa"), ("é-", "a"), ("-", "-"), ("a", "a")] {
            assert_eq!(beginning(name), judged, "{name}");
        }
        for bad in ["", ".", "a..b", ".a", "a.", "a.-b", "A.b"] {
            assert!(dns_subdomain(bad).is_some(), "{bad}");
        }
        for good in ["a", "A.b_c-d", "example.com/x", "1"] {
            assert!(qualified_name(good).is_none(), "{good}");
        }
        for bad in ["", "/x", "x/", "a/b/c", "ex..com/x", "Upper.com/x", "-x", "x.", "a b", "é"] {
            assert!(qualified_name(bad).is_some(), "{bad}");
        }
        assert!(label_value("").is_none() && label_value("v1.2").is_none());
        assert!(label_value("v1+2").is_some() && label_value("x-").is_some());
        assert!(port_name("http-2").is_none());
        assert!(domain_prefixed_path("k8s.io/ingress-nginx/x").is_none());
        for bad in ["", "x", "/x", "x/", "Ex.com/x", "ex.com/a b", "ex.com/é"] {
            assert!(domain_prefixed_path(bad).is_some(), "{bad}");
        }
        assert!(full_domain("a.example.com.").is_none());
        for bad in ["", ".", "a", "a.", "A.b", "a..b", "1.2_3"] {
            assert!(full_domain(bad).is_some(), "{bad}");
        }
        for bad in ["80", "-a", "a--b", "HTTP", "averyverylongname", ""] {
            assert!(port_name(bad).is_some(), "{bad}");
        }
        for bad in ["", ".", "..", "..a", "a/b", "a b"] {
            assert!(config_key(bad).is_some(), "{bad}");
        }
        assert!(config_key(".a").is_none());
    }
}
