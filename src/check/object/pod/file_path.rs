//! Paths of files that a pod names. Each function gives what is wrong, in words that stand after
//! "`x` ".

/// `validatePathNoBacksteps` of `pkg/apis/core/validation/validation.go`
pub(crate) fn no_backsteps(path: &str) -> Option<&'static str> {
    path.split('/').any(|part| part == "..").then_some("must not contain `..`")
}

/// `validateLocalDescendingPath`
pub(crate) fn descending(path: &str) -> Option<&'static str> {
    match path.starts_with('/') {
        true => Some("must be a relative path"),
        false => no_backsteps(path),
    }
}

/// `ValidateLocalNonReservedPath`
pub(crate) fn not_reserved(path: &str) -> Option<&'static str> {
    descending(path).or_else(|| path.starts_with("..").then_some("must not begin with `..`"))
}

/// What a bare path of NFS must be: `path.IsAbs` of Go.
pub(crate) fn absolute(path: &str) -> Option<&'static str> {
    (!path.starts_with('/')).then_some("must be an absolute path")
}
