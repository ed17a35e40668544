//! What a long run is at: one line on a terminal, written anew as the run goes on, and gone at its end.

use std::borrow::Cow;
use std::thread;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Streams;
use super::args::Args;

/// A run that takes no longer shows nothing.
const DELAY: Duration = Duration::from_millis(500);

/// How often the line is written anew.
const REFRESH: Duration = Duration::from_millis(100);

/// The stages of a run, one after the other, each with how much of it is done. The line is gone when this
/// is dropped, which is before anything else is written, and before anything asks the user.
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// Begins to count. Nothing is ever shown but on a terminal.
    pub(super) fn begin(args: &Args, streams: &Streams<'_>) -> Self {
        let bar = ProgressBar::hidden();
        if streams.progress && !args.quiet {
            let bar = bar.downgrade();
            thread::spawn(move || {
                thread::sleep(DELAY);
                // A run that has ended meanwhile is done, and draws no more.
                if let Some(bar) = bar.upgrade() {
                    bar.set_draw_target(ProgressDrawTarget::stderr());
                    bar.enable_steady_tick(REFRESH);
                }
            });
        }
        Self(bar)
    }

    /// Begins a stage of so many steps; one that cannot be counted has none.
    pub(super) fn stage(&self, name: impl Into<Cow<'static, str>>, steps: usize) {
        let shown = if steps == 0 { "{msg}" } else { "{msg}: {pos} of {len}" };
        if let Ok(style) = ProgressStyle::with_template(shown) {
            self.0.set_style(style);
        }
        self.0.update(|state| {
            state.set_pos(0);
            state.set_len(steps as u64);
        });
        self.0.set_message(name);
    }

    /// One step of the stage is done.
    pub(super) fn step(&self) {
        self.0.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
