//! Values of fields outside of events: in their binary form, as text, compared and transformed. Checks written in C and C++ use them.

use crate::ffi::{
    Failure, borrow, guard, guard_handle, guard_plain, guard_status, release, sinsp_error, sinsp_status, sinsp_str,
    texts,
};
use crate::filter::value::sinsp_value;
use driver::{Format, ParamType};
use sinsp_core::filter::Transform;
use sinsp_core::filter::ast::{Modifier, Operator};
use sinsp_core::filter::loose::{Constants, check_comparable, parse_constant, type_name, values_compare};
use sinsp_core::format::render;
use sinsp_core::{Display, Extracted, Span};
use std::cell::RefCell;

/// The values of one field. Owned; ended with `sinsp_values_free`.
#[derive(Default)]
pub struct sinsp_values {
    core: RefCell<Values>,
}

#[derive(Default)]
pub(crate) struct Values {
    pub(crate) extracted: Extracted,
    /// The values in their binary form, and the views of `sinsp_values_get`.
    raw: Vec<u8>,
    pub(crate) views: Vec<sinsp_str>,
    pub(crate) typed: Vec<sinsp_value>,
    spans: Vec<sinsp_span>,
    text: Vec<u8>,
}

/// The position of a value in its event.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_span {
    /// Where it begins, in bytes from the start of the event's header; `UINT32_MAX` if that is not known, and any number if the length is `UINT32_MAX`.
    pub start: u32,
    /// Its length in bytes; `UINT32_MAX` if its position is not known, or not within the event.
    pub len: u32,
}

impl sinsp_values {
    /// Exchanges its values for others.
    pub(crate) fn swap(&self, other: &mut Extracted) -> Result<(), Failure> {
        let mut core = self.core.try_borrow_mut().map_err(|_| in_use())?;
        std::mem::swap(&mut core.extracted, other);
        Ok(())
    }

    /// Becomes a copy of values.
    pub(crate) fn copy(&self, from: &Extracted) -> Result<(), Failure> {
        self.core.try_borrow_mut().map_err(|_| in_use())?.extracted.clone_from(from);
        Ok(())
    }

    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut Values) -> Result<T, Failure>) -> Result<T, Failure> {
        act(&mut *self.core.try_borrow_mut().map_err(|_| in_use())?)
    }
}

impl Values {
    /// Makes the binary form of every value, each followed by a NUL, and the views of them.
    pub(crate) fn lay_out(&mut self, ty: ParamType) {
        let Values { extracted, raw, views, .. } = self;
        raw.clear();
        views.clear();
        for item in extracted.items() {
            let start = raw.len();
            extracted.raw(item, ty, raw);
            views.push(sinsp_str { data: std::ptr::without_provenance(start), len: raw.len() - start });
            raw.push(0);
        }
        // `raw` does not grow any more.
        for view in views.iter_mut() {
            let start = view.data.addr();
            *view = sinsp_str::of(&raw[start..start + view.len]);
        }
    }
}

fn in_use() -> Failure {
    Failure::illegal("the values are in use: a callback that is at work on them used them")
}

/// The type of the number, as `PT_*` has it.
pub(crate) fn kind(number: u32) -> Result<ParamType, Failure> {
    let found = ParamType::ALL.iter().find(|(ty, _)| *ty as u32 == number);
    found
        .map(|(ty, _)| *ty)
        .ok_or_else(|| Failure::illegal(format!("there is no type of values with the number {number}")))
}

/// The print format of the number, as `PF_*` has it.
pub(crate) fn format(number: u32) -> Result<Format, Failure> {
    let found = Format::ALL.iter().find(|(format, _)| *format as u32 == number);
    found
        .map(|(format, _)| *format)
        .ok_or_else(|| Failure::illegal(format!("there is no print format with the number {number}")))
}

/// An operator of the filter language, with a blank and a modifier if it has one.
fn operator(text: &[u8]) -> Result<(Operator, Option<Modifier>), Failure> {
    let text = std::str::from_utf8(text).unwrap_or_default();
    let unknown = || Failure::illegal(format!("unrecognized filter comparison operator '{text}'"));
    let (op, modifier) = match text.split_once(' ') {
        Some((op, modifier)) => (op, Some(Modifier::from_text(modifier).ok_or_else(unknown)?)),
        None => (text, None),
    };
    let op = Operator::from_text(op).ok_or_else(unknown)?;
    Ok((if op == Operator::EqEq { Operator::Eq } else { op }, modifier))
}

/// Makes an empty list of values.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_values_new() -> *mut sinsp_values {
    guard_plain(std::ptr::null_mut(), || Box::into_raw(Box::default()))
}

/// Ends values; null is ignored.
///
/// # Safety
/// `values` must be null or owned and not ended yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_values_free(values: *mut sinsp_values) {
    // SAFETY: by `# Safety`, `values` is null or owned, and this call is the one that frees it.
    unsafe { release(values) }
}

/// Calls `act` with the values.
///
/// # Safety
/// `values` must be null or live, `error` null or writable.
pub(crate) unsafe fn on_values(
    values: *const sinsp_values,
    error: *mut *mut sinsp_error,
    act: impl FnOnce(&mut Values) -> Result<(), Failure>,
) -> sinsp_status {
    let body = move || {
        // SAFETY: by `# Safety`, `values` is null or live.
        unsafe { borrow(values, "values")? }.with(act)?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

/// The name of the type `kind` (`PT_*`), such as `CHARBUF`, valid forever; empty if there is none.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_type_name(kind: u32) -> sinsp_str {
    self::kind(kind).map_or(sinsp_str::EMPTY, |ty| sinsp_str::of(type_name(ty).as_bytes()))
}

/// The size of a value of the type `kind` (`PT_*`), in bytes; 0 if it depends on the value.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_type_size(kind: u32) -> usize {
    self::kind(kind).map_or(0, sinsp_core::Extracted::size_of)
}

/// Removes all values.
///
/// # Safety
/// `values` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_values_clear(values: *mut sinsp_values, error: *mut *mut sinsp_error) -> sinsp_status {
    // SAFETY: this `# Safety` includes that of `on_values`.
    unsafe {
        on_values(values, error, |values| {
            values.extracted.clear();
            Ok(())
        })
    }
}

/// Replaces everything in texts that cannot be printed by U+FFFD: control characters, and what is no UTF-8.
///
/// # Safety
/// `values` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_values_sanitize(
    values: *mut sinsp_values,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: this `# Safety` includes that of `on_values`.
    unsafe {
        on_values(values, error, |values| {
            values.extracted.sanitize();
            Ok(())
        })
    }
}

/// Adds a value of the type `kind` (`PT_*`) in its binary form.
///
/// # Safety
/// `values` must be null or live, `value` readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_values_add(
    values: *mut sinsp_values,
    kind: u32,
    value: sinsp_str,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let act = |values: &mut Values| {
        // SAFETY: by `# Safety`, `value` is readable.
        let (ty, bytes) = (self::kind(kind)?, unsafe { value.bytes() });
        if !values.extracted.push_raw(ty, bytes) {
            return Err(Failure::illegal(format!(
                "a value of {} bytes has not the size of type '{}'",
                bytes.len(),
                type_name(ty)
            )));
        }
        Ok(())
    };
    // SAFETY: this `# Safety` includes that of `on_values`.
    unsafe { on_values(values, error, act) }
}

/// Adds a value of the type `kind` (`PT_*`) that is written in filters as `text`.
///
/// # Safety
/// `values` must be null or live, `text` readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_values_parse(
    values: *mut sinsp_values,
    kind: u32,
    text: sinsp_str,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let act = |values: &mut Values| {
        // SAFETY: by `# Safety`, `text` is readable.
        Ok(parse_constant(self::kind(kind)?, unsafe { text.bytes() }, &mut values.extracted)?)
    };
    // SAFETY: this `# Safety` includes that of `on_values`.
    unsafe { on_values(values, error, act) }
}

/// The values, of the type `kind` (`PT_*`), in their binary form: `*count` views, each followed by a NUL that it does not count, valid until
/// the next use of the values. Null with an error.
///
/// # Safety
/// `values` must be null or live, `count` and `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_values_get(
    values: *const sinsp_values,
    kind: u32,
    count: *mut usize,
    error: *mut *mut sinsp_error,
) -> *const sinsp_str {
    let body = move || {
        // SAFETY: by `# Safety`, `values` is null or live, `count` is null or writable.
        let (values, count) = unsafe { (borrow(values, "values")?, count.as_mut()) };
        let (ty, count) = (self::kind(kind)?, count.ok_or_else(|| Failure::illegal("sinsp_values_get: null count"))?);
        values.with(|values| {
            values.lay_out(ty);
            *count = values.views.len();
            Ok(values.views.as_ptr())
        })
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard(error, |_| std::ptr::null(), body) }
}

/// The positions of the values in the event, `*count` of them in the order of `sinsp_values_get`, valid until the next use of the values; known only
/// if the extractor was asked (`sinsp_extractor_locate`). None at all if the field is a plugin's, which has none for it. Null with an error.
///
/// # Safety
/// `values` must be null or live, `count` and `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_values_spans(
    values: *const sinsp_values,
    count: *mut usize,
    error: *mut *mut sinsp_error,
) -> *const sinsp_span {
    let body = move || {
        // SAFETY: by `# Safety`, `values` is null or live, `count` is null or writable.
        let (values, count) = unsafe { (borrow(values, "values")?, count.as_mut()) };
        let count = count.ok_or_else(|| Failure::illegal("sinsp_values_spans: null count"))?;
        values.with(|Values { extracted, spans, .. }| {
            let of = |n| match extracted.span(n) {
                Some(span) => sinsp_span { start: span.start, len: span.len },
                None => sinsp_span { start: u32::MAX, len: Span::NOWHERE },
            };
            spans.clear();
            let count_of = if extracted.is_unlocated() { 0 } else { extracted.items().len() };
            spans.extend((0..count_of).map(of));
            *count = spans.len();
            Ok(spans.as_ptr())
        })
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard(error, |_| std::ptr::null(), body) }
}

/// The values, of the type `kind` (`PT_*`) and the print format `format` (`PF_*`), as one text, in parentheses if they are a `list`;
/// followed by a NUL that is not counted, valid until the next use of the values. Empty with an error.
///
/// # Safety
/// `values` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_values_text(
    values: *const sinsp_values,
    kind: u32,
    format: u32,
    list: bool,
    error: *mut *mut sinsp_error,
) -> sinsp_str {
    let write = |extracted: &Extracted, ty, format, text: &mut Vec<u8>| {
        render::all(extracted, list, ty, format, Display::NORMAL, text);
        Ok(())
    };
    // SAFETY: this `# Safety` includes that of `values_text`.
    unsafe { values_text(values, kind, format, error, write) }
}

/// The text that `write` makes of values, of their type and their print format; followed by a NUL that is not counted, valid until the next use
/// of the values. Empty with an error.
///
/// # Safety
/// `values` must be null or live, `error` null or writable.
pub(crate) unsafe fn values_text(
    values: *const sinsp_values,
    kind: u32,
    format: u32,
    error: *mut *mut sinsp_error,
    write: impl FnOnce(&Extracted, ParamType, Format, &mut Vec<u8>) -> Result<(), Failure>,
) -> sinsp_str {
    let body = move || {
        // SAFETY: by `# Safety`, `values` is null or live.
        let values = unsafe { borrow(values, "values")? };
        let (ty, format) = (self::kind(kind)?, self::format(format)?);
        values.with(|Values { extracted, text, .. }| {
            text.clear();
            write(extracted, ty, format, text)?;
            text.push(0);
            Ok(sinsp_str::of(&text[..text.len() - 1]))
        })
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard(error, |_| sinsp_str::EMPTY, body) }
}

/// Applies the transformer `name` to values of the type `*kind` (`PT_*`), lists of them if `*list`, and sets `*kind` and `*list` to what they
/// are afterwards. `values` may be null: then these two are set only. Returns 1, 0 if these values cannot be transformed, or -1 with an error if
/// no value of the type can.
///
/// # Safety
/// `values` must be null or live, `name` readable, `kind`, `list` and `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_values_transform(
    values: *const sinsp_values,
    name: sinsp_str,
    kind: *mut u32,
    list: *mut bool,
    error: *mut *mut sinsp_error,
) -> i32 {
    let body = move || {
        // SAFETY: by `# Safety`, `values` is null or live, `name` is readable, `kind` and `list` are null or writable.
        let (values, name, kind, list) = unsafe { (values.as_ref(), name.bytes(), kind.as_mut(), list.as_mut()) };
        let (Some(kind), Some(list)) = (kind, list) else {
            return Err(Failure::illegal("sinsp_values_transform: null kind or list"));
        };
        let shown = String::from_utf8_lossy(name);
        let unknown = || Failure::illegal(format!("unknown field transformer '{shown}'"));
        let transform = Transform::by_name(name).ok_or_else(unknown)?;
        let ty = self::kind(*kind)?;
        let unfit =
            || Failure::illegal(format!("field type '{}' is not supported by '{shown}' transformer", type_name(ty)));
        let (becomes, is_list) = transform.shape(ty, *list).ok_or_else(unfit)?;
        let applied = values.map_or(Ok(true), |values| {
            values.with(|values| {
                let mut out = Extracted::default();
                let applied = transform.apply(*list, &values.extracted, &mut out);
                values.extracted = out;
                Ok(applied)
            })
        })?;
        (*kind, *list) = (becomes as u32, is_list);
        Ok(applied as i32)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard(error, |_| -1, body) }
}

/// Whether values of the type `kind` (`PT_*`), or lists of such, can be compared by an operator of the filter language, which may end
/// with a blank and a modifier; the error says why not.
///
/// # Safety
/// `op` must be readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_comparable(
    op: sinsp_str,
    kind: u32,
    list: bool,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: by `# Safety`, `op` is readable.
        let (op, modifier) = operator(unsafe { op.bytes() })?;
        check_comparable(op, modifier.is_some(), self::kind(kind)?, list)?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

/// A comparison with constants. Owned; ended with `sinsp_constants_free`.
pub struct sinsp_constants {
    core: Constants,
}

/// Makes a comparison of values of the type `kind` (`PT_*`), or of lists of such, by an operator of the filter language, which may end
/// with a blank and a modifier, with `count` constants in their binary form. Null with an error if they do not fit.
///
/// # Safety
/// `op` must be readable, `constants` null or `count` readable views, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_constants_new(
    op: sinsp_str,
    kind: u32,
    list: bool,
    constants: *const sinsp_str,
    count: usize,
    error: *mut *mut sinsp_error,
) -> *mut sinsp_constants {
    let body = move || {
        // SAFETY: by `# Safety`, `op` is readable, `constants` is null or `count` readable views.
        let (op, constants) = unsafe { (op.bytes(), texts(constants, count).collect::<Vec<_>>()) };
        let (op, modifier) = operator(op)?;
        let core = Constants::of_raw(op, modifier, self::kind(kind)?, list, &constants)?;
        Ok(sinsp_constants { core })
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_handle(error, body) }
}

/// Whether the comparison holds for values: 1 or 0, or -1 with an error.
///
/// # Safety
/// `constants` and `values` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_constants_hold(
    constants: *const sinsp_constants,
    values: *const sinsp_values,
    error: *mut *mut sinsp_error,
) -> i32 {
    let body = move || {
        // SAFETY: by `# Safety`, `constants` and `values` are null or live.
        let (constants, values) = unsafe { (borrow(constants, "constants")?, borrow(values, "values")?) };
        values.with(|values| Ok(constants.core.hold(&values.extracted) as i32))
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard(error, |_| -1, body) }
}

/// Ends a comparison; null is ignored.
///
/// # Safety
/// `constants` must be null or owned and not ended yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_constants_free(constants: *mut sinsp_constants) {
    // SAFETY: by `# Safety`, `constants` is null or owned, and this call is the one that frees it.
    unsafe { release(constants) }
}

/// Whether values, or a list of such, compare by an operator of the filter language with those of another field: 1 or 0, or -1 with an
/// error.
///
/// # Safety
/// `op` must be readable, `left` and `right` null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_values_compare(
    op: sinsp_str,
    list: bool,
    left: *const sinsp_values,
    right: *const sinsp_values,
    error: *mut *mut sinsp_error,
) -> i32 {
    let body = move || {
        // SAFETY: by `# Safety`, `op` is readable, `left` and `right` are null or live.
        let (op, left, right) = unsafe { (operator(op.bytes())?.0, borrow(left, "values")?, borrow(right, "values")?) };
        let (left, right) = (left.core.try_borrow(), right.core.try_borrow());
        let (Ok(left), Ok(right)) = (left, right) else { return Err(in_use()) };
        Ok(values_compare(op, list, &left.extracted, &right.extracted) as i32)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard(error, |_| -1, body) }
}
