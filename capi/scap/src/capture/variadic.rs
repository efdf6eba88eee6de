//! The part of the variadic functions of `variadic.c` that is in Rust: encoding an event.

use crate::types::engine::scap_evt;
use crate::types::ppm::ppm_event_code;
use crate::types::scap::{scap_const_sized_buffer, scap_sized_buffer};
use crate::types::scap_const::{SCAP_FAILURE, SCAP_INPUT_TOO_SMALL, SCAP_SUCCESS};
use capi_common::{guard, write_error};
use driver::{EventType, ParamType};
use scap_sys::encode::{Value, fixed_size};
use scap_sys::{Error, Result, encode};
use std::ffi::c_char;

/// The value of a parameter from its bytes.
fn value(ty: ParamType, bytes: &[u8]) -> Value<'_> {
    match (bytes, fixed_size(ty)) {
        ([], _) => Value::Null,
        // A string is encoded without the NUL of its bytes.
        (_, None) if matches!(ty, ParamType::CHARBUF | ParamType::FSPATH | ParamType::FSRELPATH) => {
            Value::Text(bytes.strip_suffix(b"\0").unwrap_or(bytes))
        }
        _ => Value::Bytes(bytes),
    }
}

fn encode_values(ty: ppm_event_code, values: &[scap_const_sized_buffer]) -> Result<Vec<u8>> {
    let ty = EventType(u16::try_from(ty).unwrap_or(u16::MAX));
    let info = ty.info().ok_or_else(|| Error::Invalid(format!("there is no event of type {}", ty.0)))?;
    let params: Result<Vec<Value<'_>>> = (info.params.iter().zip(values))
        .map(|(param, v)| match v.buf.is_null() {
            true => Ok(Value::Null),
            // Lengths have at most 32 bits; a longer value is refused unread.
            false if v.size > u32::MAX as usize => {
                Err(Error::Invalid(format!("{}.{}: a parameter of {} bytes", info.enum_name, param.name, v.size)))
            }
            // SAFETY: `variadic.c` passes each buffer and size as its caller did, who keeps it valid for this call (scap.h).
            false => Ok(value(param.ty, unsafe { std::slice::from_raw_parts(v.buf.cast(), v.size) })),
        })
        .collect();
    encode::event(0, 0, ty, &params?)
}

/// Encodes an event of `n` values. If `created` is not null, the event goes to new memory, which the caller frees with `free`; else
/// to `event_buf`, if it is large enough. `*event_size` takes its size in bytes in either case.
///
/// # Safety
/// The pointers are null or valid; `values` has `n` entries.
#[unsafe(no_mangle)]
unsafe extern "C" fn scap_encode_values(
    event_buf: scap_sized_buffer,
    event_size: *mut usize,
    error: *mut c_char,
    event_type: ppm_event_code,
    values: *const scap_const_sized_buffer,
    n: u32,
    created: *mut *mut scap_evt,
) -> i32 {
    // SAFETY: null or SCAP_LASTERR_SIZE bytes (# Safety).
    let fail = |code, text: &dyn std::fmt::Display| unsafe {
        write_error(error, text);
        code
    };
    guard(
        |message| fail(SCAP_FAILURE, &message),
        || {
            // SAFETY: `values` has `n` entries (# Safety).
            let values = unsafe { std::slice::from_raw_parts(values, n as usize) };
            let bytes = match encode_values(event_type, values) {
                Ok(bytes) => bytes,
                Err(e) => return fail(SCAP_FAILURE, &e),
            };
            // SAFETY: the outputs are null or valid (# Safety), and the target's size was checked or is that of the new memory.
            unsafe {
                if !event_size.is_null() {
                    *event_size = bytes.len();
                }
                let to = match created.as_mut() {
                    Some(created) => {
                        *created = libc::malloc(bytes.len()).cast();
                        (*created).cast::<u8>()
                    }
                    None if event_buf.buf.is_null() || event_buf.size < bytes.len() => {
                        let (need, have) = (bytes.len(), event_buf.size);
                        let text = format!("Could not encode event of size {need} into supplied buffer sized {have}.");
                        return fail(SCAP_INPUT_TOO_SMALL, &text);
                    }
                    None => {
                        // The time and the tid are the caller's: the first 16 bytes stay as they are.
                        let rest = &bytes[16..];
                        event_buf.buf.cast::<u8>().add(16).copy_from_nonoverlapping(rest.as_ptr(), rest.len());
                        return SCAP_SUCCESS;
                    }
                };
                if to.is_null() {
                    return fail(SCAP_FAILURE, &format!("cannot alloc {} bytes.", bytes.len()));
                }
                to.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
            }
            SCAP_SUCCESS
        },
    )
}
