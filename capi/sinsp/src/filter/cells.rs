//! Values as sums: their averages, and as cells of a table.

use crate::ffi::{Failure, sinsp_error, sinsp_status, sinsp_str};
use crate::filter::values::{Values, on_values, sinsp_values, values_text};
use driver::Format;
use sinsp_core::format::cell::{Cell, MAX_WIDTH};
use sinsp_core::format::render;
use sinsp_core::{Display, Extracted};
use std::num::NonZeroU32;

/// Divides every number by `count`, 0 counting as 1; integers are rounded towards zero. An error if a value is no number.
///
/// # Safety
/// `values` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_values_divide(
    values: *mut sinsp_values,
    count: u32,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let act = |values: &mut Values| match values.extracted.divide(NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN)) {
        true => Ok(()),
        false => Err(Failure::illegal("a value that is no number has no average")),
    };
    // SAFETY: this `# Safety` includes that of `on_values`.
    unsafe { on_values(values, error, act) }
}

/// The first value, of the type `kind` (`PT_*`) and the print format `format` (`PF_*`), as a cell of a table that is `width` characters wide, at most
/// 65535: integers with a unit of powers of 1024, unless the format is `PF_ID`, durations in two units, aligned to the right; other types as
/// `sinsp_values_text` has them. If `count` is greater than 1, the value is a sum, and its average is shown. Followed by a NUL that is not
/// counted, valid until the next use of the values. Empty without a value, or with an error.
///
/// # Safety
/// `values` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_values_cell(
    values: *const sinsp_values,
    kind: u32,
    format: u32,
    width: u32,
    count: f64,
    error: *mut *mut sinsp_error,
) -> sinsp_str {
    let write = |extracted: &Extracted, ty, format, text: &mut Vec<u8>| {
        let width = width as usize;
        if width > MAX_WIDTH {
            return Err(Failure::illegal(format!("a cell cannot be wider than {MAX_WIDTH} characters")));
        }
        let cell = Cell { width, count, id: format == Format::ID };
        if let Some(item) = extracted.items().first()
            && !cell.text(item, ty, text)
        {
            render::text(extracted, item, ty, format, Display::NORMAL, text);
        }
        Ok(())
    };
    // SAFETY: this `# Safety` includes that of `values_text`.
    unsafe { values_text(values, kind, format, error, write) }
}

/// The first value, of the type `kind` (`PT_*`) and the print format `format` (`PF_*`), as JSON; `null` without a value. Followed by a NUL that is
/// not counted, valid until the next use of the values. Empty with an error.
///
/// # Safety
/// `values` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_values_json(
    values: *const sinsp_values,
    kind: u32,
    format: u32,
    error: *mut *mut sinsp_error,
) -> sinsp_str {
    let write = |extracted: &Extracted, ty, format, text: &mut Vec<u8>| {
        match extracted.items().first() {
            Some(item) => render::json(extracted, item, ty, format, Display::NORMAL, &mut Vec::new(), text),
            None => text.extend_from_slice(b"null"),
        }
        Ok(())
    };
    // SAFETY: this `# Safety` includes that of `values_text`.
    unsafe { values_text(values, kind, format, error, write) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::values::{sinsp_values_add, sinsp_values_free, sinsp_values_new};
    use driver::ParamType;

    #[test]
    fn cells_and_averages() {
        let mut error = std::ptr::null_mut();
        let ty = ParamType::UINT64 as u32;
        // SAFETY: `values` is live until it is freed once, the texts are read before the next use, `error` is a local.
        unsafe {
            let values = sinsp_values_new();
            let three_mib = 3u64 << 20;
            sinsp_values_add(values, ty, sinsp_str::of(&three_mib.to_ne_bytes()), &mut error);
            let cell = |format: Format, width, count| {
                let text = sinsp_values_cell(values, ty, format as u32, width, count, std::ptr::null_mut());
                String::from_utf8(text.bytes().to_vec()).unwrap()
            };
            assert_eq!(cell(Format::DEC, 8, 2.0), "   1.50M");
            assert_eq!(cell(Format::ID, 8, 1.0), " 3145728");
            assert_eq!(cell(Format::DEC, 1 << 20, 1.0), "");
            assert_eq!(sinsp_values_divide(values, 2, &mut error) as u32, 0);
            assert_eq!(sinsp_values_json(values, ty, Format::DEC as u32, &mut error).bytes(), b"1572864");
            assert!(error.is_null());
            sinsp_values_free(values);
        }
    }
}
