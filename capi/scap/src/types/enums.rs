//! The enums of this API.

/// What is done to the set of system calls.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum scap_ppm_sc_mask_op {
    /// One more is captured.
    SCAP_PPM_SC_MASK_SET = 1,
    /// One less is captured.
    SCAP_PPM_SC_MASK_UNSET = 2,
}

/// What `configure` can change.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum scap_setting {
    /// arg1: one event in how many (a power of 2, 128 at most); arg2: whether events are dropped at all.
    SCAP_SAMPLING_RATIO,
    /// arg1: how many bytes of data an event carries, below 65536.
    SCAP_SNAPLEN,
    /// arg1: a `scap_ppm_sc_mask_op`; arg2: the code of a system call.
    SCAP_PPM_SC_MASK,
    /// arg1: whether the length of data follows the protocol.
    SCAP_DYNAMIC_SNAPLEN,
    /// arg1 and arg2: the first and the last port whose data is captured whole.
    SCAP_FULLCAPTURE_PORT_RANGE,
    /// arg1: the port of statsd.
    SCAP_STATSD_PORT,
    /// arg1: whether system calls that failed are left out.
    SCAP_DROP_FAILED,
}

impl scap_setting {
    /// The setting with this number.
    pub(crate) fn of(number: u32) -> Option<scap_setting> {
        use scap_setting::*;
        let all = [
            SCAP_SAMPLING_RATIO,
            SCAP_SNAPLEN,
            SCAP_PPM_SC_MASK,
            SCAP_DYNAMIC_SNAPLEN,
            SCAP_FULLCAPTURE_PORT_RANGE,
            SCAP_STATSD_PORT,
            SCAP_DROP_FAILED,
        ];
        all.into_iter().find(|s| *s as u32 == number)
    }
}

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

/// How a capture is compressed.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum compression_mode {
    /// Not at all.
    SCAP_COMPRESSION_NONE = 0,
    /// By gzip.
    SCAP_COMPRESSION_GZIP = 1,
}
