//! What the conversion of an event leads to.

/// What is to be done with an event, or with the result of its conversion.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum conversion_result {
    /// It cannot be converted.
    CONVERSION_ERROR,
    /// It has to be converted, or converted once more.
    CONVERSION_CONTINUE,
    /// It is as it should be.
    CONVERSION_PASS,
    /// It is not to be shown.
    CONVERSION_DROP,
}
