//! Values of fields with the kind of each, for programs that compute with them.

use crate::ffi::{Failure, borrow, guard, sinsp_error};
use crate::filter::extract::sinsp_shape;
use crate::filter::value::sinsp_value;
use crate::filter::values::{Values, kind, sinsp_values};

/// The values, with the kind of each: `*count` of them, more than one only if the shape is a list. `shape` is what `sinsp_extractor_run` set for them.
/// They are valid until the next use of the values. No memory is allocated once the values were as long before. Null with an error.
///
/// # Safety
/// `values` must be null or live, `shape` null or readable, `count` and `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_values_typed(
    values: *const sinsp_values,
    shape: *const sinsp_shape,
    count: *mut usize,
    error: *mut *mut sinsp_error,
) -> *const sinsp_value {
    let body = move || {
        // SAFETY: by `# Safety`, `values` is null or live, `shape` is null or readable, `count` is null or writable.
        let (values, shape, count) = unsafe { (borrow(values, "values")?, borrow(shape, "shape")?, count.as_mut()) };
        let count = count.ok_or_else(|| Failure::illegal("sinsp_values_typed: null count"))?;
        let ty = kind(shape.kind)?;
        values.with(|values| {
            values.lay_out(ty);
            let Values { extracted, views, typed, .. } = values;
            typed.clear();
            typed.extend(extracted.items().iter().zip(&*views).map(|(item, raw)| sinsp_value::new(item, ty, *raw)));
            *count = typed.len();
            Ok(typed.as_ptr())
        })
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard(error, |_| std::ptr::null(), body) }
}
