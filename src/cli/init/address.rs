//! Addresses of repositories, as Argo CD takes them.

/// By what Argo CD clones: `Protocols` in go-git's `plumbing/transport/client`, whose names git has, too.
const PROTOCOLS: [&str; 5] = ["https", "ssh", "http", "git", "file"];

/// Why Argo CD cannot clone what an address names, where that is certain: as `NormalizeGitURL` of
/// `util/git/git.go` reads it in Argo CD 3.5.7, and `NewEndpoint` of go-git's `plumbing/transport`.
///
/// It clones from another machine, to which no path from here leads. An absolute one may be there, on a
/// volume of its repo server.
pub(super) fn fault(url: &str) -> Option<String> {
    let why = if url.is_empty() {
        "it is empty"
    } else if url.contains(char::is_whitespace) {
        "an address has no spaces"
    } else if url.contains('[') {
        // `IsSourcePermitted` reads both as URLs before it compares them, which no escape outlives.
        "an AppProject permits repositories by patterns, where `[` begins a class of characters and cannot \
         be escaped, so that a server needs a name or an address without it"
    } else if let Some((protocol, rest)) = url.split_once("://") {
        if !PROTOCOLS.contains(&protocol) {
            let known = PROTOCOLS.map(|name| format!("`{name}`")).join(", ");
            return Some(format!("it clones by {known}, and not by `{protocol}`"));
        }
        let (server, path) = rest.split_once('/').unwrap_or((rest, ""));
        let server = server.rsplit('@').next().unwrap_or_default();
        if protocol == "file" {
            if !path.is_empty() {
                return None;
            }
            "it names no directory"
        } else if server.is_empty() || server.starts_with([':', '?', '#']) {
            "it names no server"
        } else {
            return None;
        }
    } else if url.starts_with('/') {
        return None;
    } else {
        // As `scp` writes it.
        let (server, path) = url.split_once(':').unwrap_or(("", ""));
        let is_drive = server.len() == 1 && path.starts_with(['/', '\\']);
        if server.is_empty() || server.ends_with('@') || server.contains('/') {
            "it names no server"
        } else if ["https", "ssh", "http", "file"].contains(&server) {
            return Some(format!("two slashes and a server come after `{server}:`"));
        } else if path.is_empty() {
            "it names no repository of the server"
        } else if is_drive {
            "it is a path of this machine"
        } else {
            return None;
        }
    };
    Some(why.to_owned())
}
