//! JSON documents: values of every parser looked at in one way, and bytes written straight to a buffer.

pub(crate) mod bytes;
pub(crate) mod mend;
pub(crate) mod node;
