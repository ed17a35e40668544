//! What is known of custom kinds.

/// The custom kinds that objects can be judged by.
#[derive(Debug, Default)]
pub struct Definitions {}
