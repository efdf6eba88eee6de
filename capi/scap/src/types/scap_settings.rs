//! What `configure` of an engine can change.

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
