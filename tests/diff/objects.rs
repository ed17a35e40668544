//! Objects matched with each other.
