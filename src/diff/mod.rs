//! What differs between two states of a cluster: objects matched with each other, and compared as
//! the API server would see them.

mod change;
mod compare;
mod consequence;
mod edit;
mod fate;
mod list;
mod pairing;
mod same;
mod secret;
mod snapshot;
mod text;

pub use change::{Change, Changes, Kind, changes};
pub use compare::compare;
pub use consequence::{Consequence, Effect};
pub use edit::{Edit, Step, What, path};
pub use fate::{Fate, Fates};
pub use secret::is_hidden;
pub use snapshot::{File, Object, Snapshot, Unreadable};
pub use text::{Hunk, Line, Within, within};
