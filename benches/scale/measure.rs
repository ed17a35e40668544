//! Whole processes, timed from outside.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A `gitopsc` and what it is started with.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    /// Threads to use; nothing leaves it to the program.
    pub(crate) threads: Option<usize>,
}

/// What one finished process took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) wall: Duration,
    /// User and system time; only where the platform tells.
    pub(crate) cpu: Option<Duration>,
    pub(crate) code: Option<i32>,
}

impl Run {
    fn start(&self, directory: &Path) -> io::Result<Child> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).current_dir(directory);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        match self.threads {
            Some(threads) => command.env("RAYON_NUM_THREADS", threads.to_string()),
            None => command.env_remove("RAYON_NUM_THREADS"),
        };
        command.spawn()
    }

    /// Runs it once in a directory.
    pub(crate) fn time(&self, directory: &Path) -> io::Result<Sample> {
        let before = children_cpu();
        let start = Instant::now();
        let status = self.start(directory)?.wait()?;
        let wall = start.elapsed();
        let cpu = children_cpu().zip(before).map(|(after, before)| after.saturating_sub(before));
        Ok(Sample { wall, cpu, code: status.code() })
    }

    /// Runs it once in a directory and gives the most memory that it had at a time, in bytes; only
    /// where the platform tells. Apart from the timed runs, since looking costs time.
    pub(crate) fn peak_memory(&self, directory: &Path) -> io::Result<Option<u64>> {
        let mut child = self.start(directory)?;
        let status = format!("/proc/{}/status", child.id());
        let mut peak = None;
        while child.try_wait()?.is_none() {
            // The mark only rises, so the last look before the end is the one that counts.
            peak = high_water_mark(&status).max(peak);
            thread::sleep(Duration::from_micros(500));
        }
        Ok(peak)
    }
}

fn high_water_mark(status: &str) -> Option<u64> {
    let text = fs::read_to_string(status).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes << 10)
}

/// The processor time of all processes that this one has started and seen end. Linux counts it in
/// hundredths of a second, so that of a short process is only good as a mean of many.
fn children_cpu() -> Option<Duration> {
    let text = fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program stands in parentheses and may hold anything.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = fields.get(13)?.parse::<u64>().ok()? + fields.get(14)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}
