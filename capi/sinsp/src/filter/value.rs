//! One value of a field.

use crate::ffi::sinsp_str;
use driver::ParamType;
use sinsp_core::Item;

/// What a `sinsp_value` is, and which of its members has it.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum sinsp_value_kind {
    /// A signed number, in `integer`.
    SINSP_VALUE_SIGNED = 1,
    /// A number without a sign, in `number`.
    SINSP_VALUE_UNSIGNED = 2,
    /// A floating-point number, in `real`.
    SINSP_VALUE_REAL = 3,
    /// 0 or 1, in `number`.
    SINSP_VALUE_BOOL = 4,
    /// A time in nanoseconds since the epoch, in `number`.
    SINSP_VALUE_TIME = 5,
    /// A duration in nanoseconds, in `number`.
    SINSP_VALUE_DURATION = 6,
    /// A text, which need not be UTF-8, in `bytes`.
    SINSP_VALUE_TEXT = 7,
    /// Bytes, in `bytes`.
    SINSP_VALUE_BYTES = 8,
    /// An address, in `bytes`: 4 bytes for IPv4, 16 for IPv6, in network byte order.
    SINSP_VALUE_ADDRESS = 9,
    /// A network: its address in `bytes`, as of an address, and the length of its prefix in bits in `number`.
    SINSP_VALUE_NETWORK = 10,
}

/// A value. Members that its kind does not name are 0 or empty.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_value {
    /// A `sinsp_value_kind`.
    pub kind: u32,
    /// Its type (`PT_*`), from which the kind follows.
    pub param_type: u32,
    /// A signed number.
    pub integer: i64,
    /// Another number.
    pub number: u64,
    /// A floating-point number.
    pub real: f64,
    /// Text, bytes or an address, followed by a NUL that is not counted; valid as long as the value.
    pub bytes: sinsp_str,
}

impl sinsp_value {
    /// The value of `item`, of the type `ty`, whose binary form is `raw`.
    pub(crate) fn new(item: &Item, ty: ParamType, raw: sinsp_str) -> sinsp_value {
        use sinsp_value_kind::*;
        let of = |kind: sinsp_value_kind| sinsp_value {
            kind: kind as u32,
            param_type: ty as u32,
            integer: 0,
            number: 0,
            real: 0.0,
            bytes: sinsp_str::EMPTY,
        };
        match *item {
            Item::Bool(b) => sinsp_value { number: b.into(), ..of(SINSP_VALUE_BOOL) },
            Item::Int(n) => sinsp_value { integer: n, ..of(SINSP_VALUE_SIGNED) },
            Item::Uint(n) => {
                let kind = match ty {
                    ParamType::ABSTIME => SINSP_VALUE_TIME,
                    ParamType::RELTIME => SINSP_VALUE_DURATION,
                    _ => SINSP_VALUE_UNSIGNED,
                };
                sinsp_value { number: n, ..of(kind) }
            }
            Item::Double(n) => sinsp_value { real: n, ..of(SINSP_VALUE_REAL) },
            Item::Bytes { .. } => {
                let text = matches!(ty, ParamType::CHARBUF | ParamType::FSPATH | ParamType::FSRELPATH);
                sinsp_value { bytes: raw, ..of(if text { SINSP_VALUE_TEXT } else { SINSP_VALUE_BYTES }) }
            }
            Item::Ip(_) => sinsp_value { bytes: raw, ..of(SINSP_VALUE_ADDRESS) },
            Item::Net(_, prefix) => {
                // The last byte is the prefix.
                let bytes = sinsp_str { len: raw.len - 1, ..raw };
                sinsp_value { bytes, number: prefix.into(), ..of(SINSP_VALUE_NETWORK) }
            }
        }
    }
}
