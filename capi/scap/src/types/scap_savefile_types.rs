//! How captures are written.

/// How a capture is compressed.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum compression_mode {
    /// Not at all.
    SCAP_COMPRESSION_NONE = 0,
    /// By gzip.
    SCAP_COMPRESSION_GZIP = 1,
}
