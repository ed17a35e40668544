//! A place in an object.

pub(crate) use crate::model::Field;
