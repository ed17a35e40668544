//! `cargo fuzz run --fuzz-dir tests/fuzz judge`; without a nightly compiler with `--sanitizer none`.

#![no_main]

mod body;

libfuzzer_sys::fuzz_target!(|data: &[u8]| body::judge(data));
