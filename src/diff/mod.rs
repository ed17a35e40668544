//! What differs between two states of a cluster: objects matched with each other, and compared as
//! the API server would see them.

mod along;
mod barred;
mod change;
mod compare;
mod consequence;
mod edit;
mod fate;
mod ignored;
mod list;
mod merge;
mod needed;
mod owned;
mod pairing;
mod quota;
mod renamed;
mod repeated;
mod same;
mod snapshot;
mod text;
mod whole;

pub use crate::model::secret::{is_hidden, readable};
pub use along::Loss;
pub use change::{Asked, Change, Changes, Judgement, Kind, NewError, changes};
pub use compare::compare;
pub use consequence::{Consequence, Effect};
pub use edit::{Edit, Step, What, path};
pub use fate::{Fate, Fates};
pub use ignored::Rules;
pub use merge::{merged, migrated, take_away};
pub use needed::Needed;
pub use quota::QuotaChange;
pub use renamed::RenamedEnvironment;
pub use repeated::Repeated;
pub use snapshot::{File, Object, Plain, Snapshot, Unreadable};
pub use text::{Hunk, Line, Within, within};
pub use whole::Beside;
