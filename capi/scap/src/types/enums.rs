//! The enums of this API.

/// The operations of `SCAP_PPM_SC_MASK`.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum scap_ppm_sc_mask_op {
    /// Adds a system call to the captured ones.
    SCAP_PPM_SC_MASK_SET = 1,
    /// Removes a system call from the captured ones.
    SCAP_PPM_SC_MASK_UNSET = 2,
}

/// The settings that `configure` changes.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum scap_setting {
    /// arg1: the sampling ratio N, a power of 2, at most 128; arg2: 0 ends the dropping mode, in which events that may be dropped
    /// are captured in the first 1/N of every second only.
    SCAP_SAMPLING_RATIO,
    /// arg1: the snaplen, the number of bytes of data that an event carries at most; below 65536.
    SCAP_SNAPLEN,
    /// arg1: a `scap_ppm_sc_mask_op`; arg2: a `ppm_sc` code.
    SCAP_PPM_SC_MASK,
    /// arg1: whether the snaplen depends on the port and the first bytes of the data (dynamic snaplen).
    SCAP_DYNAMIC_SNAPLEN,
    /// arg1 and arg2: the first and the last port whose data has a snaplen of at least 16000 bytes; with dynamic snaplen only.
    SCAP_FULLCAPTURE_PORT_RANGE,
    /// arg1: the port of statsd, whose data has a snaplen of at least 2000 bytes; with dynamic snaplen only.
    SCAP_STATSD_PORT,
    /// arg1: whether the exit events of failed system calls are dropped.
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

/// What has to be done with an event, or with the result of its conversion.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum conversion_result {
    /// It cannot be converted.
    CONVERSION_ERROR,
    /// It needs a conversion step, or a further one.
    CONVERSION_CONTINUE,
    /// It is in today's form.
    CONVERSION_PASS,
    /// It is dropped.
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

/// How a capture file is compressed.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum compression_mode {
    /// Not at all.
    SCAP_COMPRESSION_NONE = 0,
    /// By gzip.
    SCAP_COMPRESSION_GZIP = 1,
}
