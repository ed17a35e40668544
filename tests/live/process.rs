//! A server in the background that ends with this test, however the test ends.

use std::{
    ffi::{OsStr, OsString},
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// A running server; dropping it ends it and waits for that.
pub(crate) struct Process {
    child: Child,
    /// A shell that waits for the end of a pipe that this process holds and then ends the server: a test that is
    /// killed runs no destructor.
    watchdog: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `program`; what it says goes to a log file under `folder`.
    pub(crate) fn start<A: AsRef<OsStr>>(program: &Path, args: &[A], folder: &Path) -> Self {
        Self::start_with(program, args, &[], folder)
    }

    /// The same with environment variables of its own.
    pub(crate) fn start_with<A: AsRef<OsStr>>(
        program: &Path,
        args: &[A],
        variables: &[(&str, OsString)],
        folder: &Path,
    ) -> Self {
        let log = folder.join(program.file_name().unwrap()).with_extension("log");
        let file = File::create(&log).unwrap();
        let child = Command::new(program)
            .args(args)
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .unwrap_or_else(|e| panic!("{}: {e}", program.display()));
        let watchdog = Command::new("sh")
            .args(["-c", "read -r _; kill -KILL $0 2>/dev/null", &child.id().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("a shell");
        Self { child, watchdog, log }
    }

    /// Whether the server has ended by itself.
    pub(crate) fn ended(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_some())
    }

    /// The end of what the server said.
    pub(crate) fn last_words(&self) -> String {
        let log = fs::read(&self.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The watchdog first, while the server's number cannot yet belong to anybody else.
        for child in [&mut self.watchdog, &mut self.child] {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
