//! What can be printed of an event.

/// How much of an event is printed.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum scap_print_evt_info {
    /// Its header.
    PRINT_HEADER = 0,
    /// The lengths of its parameters too.
    PRINT_HEADER_LENGTHS,
    /// The parameters too.
    PRINT_FULL,
}
