//! The files that say how to reach clusters.

use std::env;
use std::path::{Path, PathBuf};

/// The files that `KUBECONFIG` lists, but those that are not there.
///
/// Source: `Load` in `tools/clientcmd/loader.go` of client-go.
#[must_use]
pub fn listed() -> Vec<PathBuf> {
    let listed = env::var_os("KUBECONFIG").unwrap_or_default();
    env::split_paths(&listed).filter(|path| path.exists()).collect()
}

/// The token in a file, without the line break behind it; nothing where there is none to read.
///
/// Source: `Token` in `transport/token_source.go` of client-go.
#[must_use]
pub fn token(file: &Path) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    Some(text.trim()).filter(|token| !token.is_empty()).map(str::to_owned)
}
