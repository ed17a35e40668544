//! What a document may cost before reading stops.

/// How deep collections may nest, aliases expanded.
///
/// Low enough that every recursive walk over a tree, dropping it included, fits the stack of a
/// worker thread in a debug build; objects in clusters nest below 60.
pub const MAX_DEPTH: usize = 500;

/// What the aliases of one document may add: one for each node, one more for each 64 bytes of text.
///
/// goyaml.v2 stops such documents by a ratio of about 400,000 nodes; objects in clusters use few.
pub const MAX_ALIAS_COST: usize = 100_000;

/// How large one document may be.
///
/// etcd takes objects of 1.5 MiB; a `List` of a whole cluster is larger.
pub const MAX_DOCUMENT_BYTES: usize = 64 << 20;

/// Of how many characters an implicit key may be, which YAML itself limits to 1,024.
pub(super) const MAX_SIMPLE_KEY: usize = 1024;
