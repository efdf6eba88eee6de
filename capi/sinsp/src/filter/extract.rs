//! Extraction of one field from events, without a filter or a format.

use crate::event::data::sinsp_event;
use crate::ffi::{Failure, borrow, guard, guard_handle, guard_status, release, sinsp_error, sinsp_status, sinsp_str};
use crate::filter::registry::{factory, sinsp_registry};
use crate::filter::values::sinsp_values;
use crate::inspector::handle::{Identity, sinsp_inspector};
use sinsp_core::EventContext;
use sinsp_core::fields::{Field, classes};
use sinsp_core::filter::{Extractor, Form, Parser};

/// A field, or a transformed field, made ready to be extracted. Owned; ended with `sinsp_extractor_free`.
pub struct sinsp_extractor {
    core: Extractor,
    of: Identity,
}

/// The type of a field's values.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct sinsp_shape {
    /// The type of its values: `PT_*`; `PT_DYN` if that depends on the event.
    pub kind: u32,
    /// How a number is printed: `PF_*`.
    pub format: u32,
    /// Whether it yields a list.
    pub list: bool,
}

/// Makes an extractor of the field or transformed field `text` for the events of an inspector, in the form in which the inspector shows data
/// (`SINSP_OPTION_BUFFER_FORMAT`, `SINSP_OPTION_BUFFER_TEXT`). Fields are looked up in `registry`, in the library's table if that is null. Null
/// with an error if there is no such field.
///
/// # Safety
/// `inspector` and `registry` must be null or live, `text` readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_extractor_new(
    inspector: *const sinsp_inspector,
    registry: *const sinsp_registry,
    text: sinsp_str,
    error: *mut *mut sinsp_error,
) -> *mut sinsp_extractor {
    // SAFETY: this `# Safety` is that of `extractor`.
    unsafe { extractor(inspector, registry, text, Form::Shown, error) }
}

/// The same for values that are to be compared: in the form in which filters compare them, however the inspector shows data.
///
/// # Safety
/// As for `sinsp_extractor_new`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_extractor_new_compared(
    inspector: *const sinsp_inspector,
    registry: *const sinsp_registry,
    text: sinsp_str,
    error: *mut *mut sinsp_error,
) -> *mut sinsp_extractor {
    // SAFETY: this `# Safety` is that of `extractor`.
    unsafe { extractor(inspector, registry, text, Form::Compared, error) }
}

/// # Safety
/// As for `sinsp_extractor_new`.
unsafe fn extractor(
    inspector: *const sinsp_inspector,
    registry: *const sinsp_registry,
    text: sinsp_str,
    form: Form,
    error: *mut *mut sinsp_error,
) -> *mut sinsp_extractor {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live, `text` is readable.
        let (inspector, text) = unsafe { (borrow(inspector, "inspector")?, text.bytes()) };
        let mut parser = Parser::new(text);
        let ast = parser.parse_field_or_transformer()?;
        if parser.position().offset as usize != text.len() {
            let text = String::from_utf8_lossy(text);
            return Err(Failure::illegal(format!("filter_check called with nonexistent field {text}")));
        }
        // SAFETY: by `# Safety`, `registry` is null or live.
        let core = unsafe { factory(inspector, registry) }.extractor(&ast, ast.root(), form)?;
        Ok(sinsp_extractor { core, of: inspector.identity().clone() })
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_handle(error, body) }
}

/// Asks an extractor for the positions of the values in the event (`sinsp_values_spans`). Only plugins know positions.
///
/// # Safety
/// `extractor` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_extractor_locate(
    extractor: *mut sinsp_extractor,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: by `# Safety`, `extractor` is null or live.
        unsafe { borrow(extractor, "field")? }.core.locate();
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

/// The type of the field's values without an event; zeros for null.
///
/// # Safety
/// `extractor` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_extractor_shape(extractor: *const sinsp_extractor) -> sinsp_shape {
    // SAFETY: by `# Safety`, `extractor` is null or live.
    unsafe { extractor.as_ref() }.map_or_else(sinsp_shape::default, |extractor| {
        let shape = extractor.core.shape();
        sinsp_shape { kind: shape.ty as u32, format: shape.format as u32, list: shape.list }
    })
}

/// Puts the field's values for an event into `values`, and their type for this event into `*shape`. `inspector` is the event's, null if it belongs
/// to none. Returns 1, 0 if the event does not have the field, or -1 with an error.
///
/// # Safety
/// `extractor`, `inspector` and `values` must be null or live, `event` null or readable with what it points to, `shape` null or writable,
/// `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_extractor_run(
    extractor: *const sinsp_extractor,
    inspector: *const sinsp_inspector,
    event: *const sinsp_event,
    values: *mut sinsp_values,
    shape: *mut sinsp_shape,
    error: *mut *mut sinsp_error,
) -> i32 {
    let body = move || {
        // SAFETY: by `# Safety`, `extractor` and `values` are null or live, `event` is null or readable, `shape` is null or writable.
        let (extractor, event, values, shape) = unsafe {
            (borrow(extractor, "field")?, borrow(event, "event")?, borrow(values, "values")?, shape.as_mut())
        };
        let read = |event: &EventContext<'_>| {
            if let Some(shape) = shape {
                // SAFETY: a reference is live.
                *shape = unsafe { sinsp_extractor_shape(extractor) };
                let (ty, format) = extractor.core.type_for(event);
                (shape.kind, shape.format) = (ty as u32, format as u32);
            }
            let found = extractor.core.extract(event, |found| values.copy(found))?;
            found.transpose().map(|found| found.is_some() as i32)
        };
        // SAFETY: by `# Safety`, `inspector` is null or live, `event` is readable with what it points to.
        unsafe { extractor.of.with_event(inspector, event, read) }
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard(error, |_| -1, body) }
}

/// Ends an extractor; null is ignored.
///
/// # Safety
/// `extractor` must be null or owned and not ended yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_extractor_free(extractor: *mut sinsp_extractor) {
    // SAFETY: by `# Safety`, `extractor` is null or owned, and this call is the one that frees it.
    unsafe { release(extractor) }
}

/// Finds the field of the class at position `class_index` whose name, with its argument, is at the beginning of `text`. Returns how many bytes they
/// take and puts the field's position in the class into `*index`; 0 if there is none; -1 with an error if its argument is missing or wrong.
///
/// # Safety
/// `text` must be readable, `index` null or writable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_field_find(
    class_index: usize,
    text: sinsp_str,
    index: *mut usize,
    error: *mut *mut sinsp_error,
) -> i64 {
    let body = move || {
        // SAFETY: by `# Safety`, `text` is readable, `index` is null or writable.
        let (text, index) = unsafe { (text.bytes(), index.as_mut()) };
        let unknown = || Failure::illegal(format!("there is no class of fields at position {class_index}"));
        let class = classes().get(class_index).ok_or_else(unknown)?;
        // Names are UTF-8; what follows one need not be.
        let text = text.utf8_chunks().next().map_or("", |chunk| chunk.valid());
        match Field::parse_in(class, text) {
            None => Ok(0),
            Some(found) => {
                let (i, _, len) = found?;
                if let Some(index) = index {
                    *index = i;
                }
                Ok(len as i64)
            }
        }
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard(error, |_| -1, body) }
}

/// Whether the field of the library's table with the name `text` may be compared with the constant `value`, beyond what its type requires: `evt.type`
/// with the names of events. An error if not.
///
/// # Safety
/// `text` and `value` must be readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_field_check_value(
    text: sinsp_str,
    value: sinsp_str,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: by `# Safety`, both are readable.
        let (text, value) = unsafe { (text.bytes(), value.bytes()) };
        // Names are UTF-8.
        let (field, _) = Field::parse(std::str::from_utf8(text).unwrap_or_default())?;
        field.check_value(value)?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}
