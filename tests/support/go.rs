//! Programs in Go that ask Kubernetes' own code.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds the program in `tests/go/NAME`. Without Go that is said aloud and gives nothing; with `CI`
/// set it is a failure.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/go").join(name);
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let built = Command::new("go")
        .args(["build", "-trimpath", "-o"])
        .arg(&program)
        .arg(".")
        .current_dir(source)
        .env("CGO_ENABLED", "0")
        .output();
    match built {
        Ok(output) if output.status.success() => Some(program),
        failed => {
            let why = match failed {
                Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
                Err(error) => error.to_string(),
            };
            assert!(std::env::var_os("CI").is_none(), "tests/go/{name} cannot be built: {why}");
            eprintln!("skipped, tests/go/{name} cannot be built: {why}");
            None
        }
    }
}
