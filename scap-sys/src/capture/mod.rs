//! Capture files: a section header, the description of the system, then the events.
//!
//! The format is the container of pcap-ng with its own block types. A block has a type (u32), the total length (u32), the
//! body and the total length again; all numbers are in the byte order of the machine that wrote it;
//! `order` converts those of a file of the other order. [`block`] defines the types, `input` reads the bytes
//! (plain or gzip, on a second processor ahead of the reader), `lists` parses the blocks before the events for a [`SystemSink`](crate::SystemSink), and
//! [`SavefileEngine`](crate::engine::savefile::SavefileEngine) combines them. [`convert`] converts the events of old
//! captures. [`Writer`] writes captures.

mod ahead;
pub mod block;
pub mod convert;
mod decoder;
mod gzip;
pub(crate) mod input;
pub(crate) mod lists;
pub(crate) mod order;
pub(crate) mod origin;
mod output;
pub(crate) mod plain_block;
mod rotation;
mod snapshot;
mod write_lists;
mod writer;

pub use output::{Compression, create, position};
pub use rotation::{NextFile, Rotation, RotationCause, RotationLimits};
pub use snapshot::Snapshot;
pub use writer::Writer;
