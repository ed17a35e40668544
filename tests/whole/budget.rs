//! Small broken clusters, one fault each, and their repaired twins.
