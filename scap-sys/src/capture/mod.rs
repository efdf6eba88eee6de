//! Capture files: a section header, what was known of the system, then the events.
//!
//! The format is pcap-ng's container with block types of its own. Every block is its type (u32), its total length (u32), its
//! body and the total length again; all numbers are little-endian. [`block`] names the types, `input` reads the bytes
//! (plain or gzip), `lists` turns the blocks before the events into what a [`SystemSink`](crate::SystemSink) is told, and
//! [`SavefileEngine`](crate::engine::savefile::SavefileEngine) puts them together. Its events go through [`convert`], which brings
//! those of old captures to today's form. [`Writer`] writes captures.

pub mod block;
pub mod convert;
pub(crate) mod input;
pub(crate) mod lists;
mod output;
pub(crate) mod plain_block;
mod snapshot;
mod write_lists;
mod writer;

pub use output::{Compression, create, position};
pub use snapshot::Snapshot;
pub use writer::Writer;
