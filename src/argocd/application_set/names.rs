//! Names of paths and objects.

/// `SanitizeName` in `utils/template_functions.go`: lower case, everything but letters, digits, `-` and
/// `.` becomes `-`, at most 253 bytes, no `-` or `.` at the ends.
#[must_use]
pub(super) fn normalize(name: &str) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    let lower = name.to_lowercase();
    let mut cut: String = lower.chars().map(|c| if plain(c) { c } else { '-' }).collect();
    // All characters are of one byte now.
    cut.truncate(253);
    cut.trim_matches(|c| c == '-' || c == '.').to_owned()
}

/// Go's `path.Dir` of a path that is clean and relative.
pub(super) fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or(".", |(directory, _)| directory)
}

/// Go's `path.Base` of a path that is clean and relative.
pub(super) fn base(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, base)| base)
}

/// The names in a path without `.`, `..` and empty ones; nothing for a path that leads above its
/// start.
pub(in crate::argocd) fn clean(path: &str) -> Option<Vec<&str>> {
    let mut names = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." => _ = names.pop()?,
            name => names.push(name),
        }
    }
    Some(names)
}
