//! Fields and checks of a program's own, beside those of the library's table: tables of callbacks that C passes.
//!
//! Each table begins with its size in bytes, so that it can grow: a function beyond the size is not there. A callback that fails
//! returns -1, or null, and sets `*why` to a text, which has to stay until the callback's thread calls the library again. It is called on the
//! thread that uses the inspector, and may call the library, but not `next`, `open` or `close` of the inspector.

use crate::event::data::sinsp_event;
use crate::ffi::{Failure, borrow, guard_handle, read_sized, release, sinsp_error, sinsp_str};
use crate::filter::values::{self, sinsp_values};
use crate::inspector::handle::{Identity, sinsp_inspector};
use crate::plugin::fields::PluginFields;
use crate::plugin::sinsp_plugin_ref;
use sinsp_core::fields::{FieldFlags, Fields, ForeignCheck, ForeignClass, ForeignField, ForeignInfo, Found, Registry};
use sinsp_core::filter::Factory;
use sinsp_core::filter::ast::{Modifier, Operator};
use sinsp_core::{Error, EventContext, Extracted, Result};
use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::rc::Rc;

/// What `sinsp_field_source::find` returns.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum sinsp_found {
    /// There is no such field.
    SINSP_FOUND_NOTHING = 0,
    /// It is the library's own field of the name.
    SINSP_FOUND_TABLE = 1,
    /// A field of the program's own, which is described.
    SINSP_FOUND_OWN = 2,
    /// A field of the plugin (`sinsp_plugin_ref`) in `sinsp_own_field::field`, which stays the program's; the search goes on behind the
    /// program's fields if the plugin has none of this name.
    SINSP_FOUND_PLUGIN = 3,
}

/// A field of a program's own.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_own_field {
    /// Stands for the field, with its argument, in the callbacks; the library ends it with `sinsp_check_calls::free`.
    pub field: *mut c_void,
    /// Its name without the argument; the library copies it.
    pub name: sinsp_str,
    /// The type of its values: `PT_*`.
    pub kind: u32,
    /// How a number is printed: `PF_*`.
    pub format: u32,
    /// Its rules: `EPF_*`.
    pub flags: u32,
}

/// Where a program's fields are found.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_field_source {
    /// The size of this struct, in bytes.
    pub size: usize,
    /// Finds the field `text`: returns a `sinsp_found`, or -1 if it fails.
    pub find: Option<
        unsafe extern "C" fn(
            context: *mut c_void,
            text: sinsp_str,
            found: *mut sinsp_own_field,
            why: *mut sinsp_str,
        ) -> i32,
    >,
}

/// What a program's fields do.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_check_calls {
    /// The size of this struct, in bytes.
    pub size: usize,
    /// Adds the field's values for an event to `values` (`sinsp_values_add`). Returns 1, 0 if the event does not have the field, or -1 if
    /// it fails. The event is borrowed for the call.
    pub extract: Option<
        unsafe extern "C" fn(
            field: *mut c_void,
            event: *const sinsp_event,
            values: *mut sinsp_values,
            why: *mut sinsp_str,
        ) -> i32,
    >,
    /// Makes a check of the field by an operator of the filter language, with a modifier after a blank if it has one, and constants: an object
    /// for `holds` and `free`. Null if it fails.
    pub check: Option<
        unsafe extern "C" fn(
            field: *mut c_void,
            op: sinsp_str,
            constants: *const sinsp_str,
            count: usize,
            why: *mut sinsp_str,
        ) -> *mut c_void,
    >,
    /// Whether a check holds for an event: 1 or 0, or -1 if it fails. The event is borrowed for the call.
    pub holds: Option<unsafe extern "C" fn(check: *mut c_void, event: *const sinsp_event, why: *mut sinsp_str) -> i32>,
    /// Ends a field or a check.
    pub free: Option<unsafe extern "C" fn(field_or_check: *mut c_void)>,
}

/// A `sinsp_check_calls` in which no function is null.
#[derive(Clone, Copy)]
struct Calls {
    extract: unsafe extern "C" fn(*mut c_void, *const sinsp_event, *mut sinsp_values, *mut sinsp_str) -> i32,
    check: unsafe extern "C" fn(*mut c_void, sinsp_str, *const sinsp_str, usize, *mut sinsp_str) -> *mut c_void,
    holds: unsafe extern "C" fn(*mut c_void, *const sinsp_event, *mut sinsp_str) -> i32,
    free: unsafe extern "C" fn(*mut c_void),
}

/// Where filters and formatters look up fields instead of the library's table. Owned; ended with `sinsp_registry_free`. What was
/// compiled with it may outlive it.
pub struct sinsp_registry {
    core: Rc<Registry>,
}

impl sinsp_registry {
    /// The inspector's factory, for fields of the registry.
    pub(crate) fn factory(&self, inspector: &sinsp_inspector) -> Factory {
        inspector.factory.with_registry(self.core.clone())
    }
}

/// The factory for fields of a registry; for those of the table if it is null.
///
/// # Safety
/// `registry` must be null or live.
pub(crate) unsafe fn factory(inspector: &sinsp_inspector, registry: *const sinsp_registry) -> Factory {
    // SAFETY: by `# Safety`, `registry` is null or live.
    unsafe { registry.as_ref() }.map_or_else(|| inspector.factory.clone(), |registry| registry.factory(inspector))
}

struct Source {
    find: unsafe extern "C" fn(*mut c_void, sinsp_str, *mut sinsp_own_field, *mut sinsp_str) -> i32,
    context: *mut c_void,
    calls: Calls,
    inspector: Identity,
}

/// The error of a callback.
///
/// # Safety
/// `why` must be readable.
unsafe fn failed(why: sinsp_str) -> Error {
    // SAFETY: by `# Safety`, `why` is readable.
    let why = unsafe { why.bytes() };
    let why = if why.is_empty() { b"a check of the program failed" } else { why };
    Error::Invalid(String::from_utf8_lossy(why).into_owned())
}

impl ForeignClass for Source {
    fn find(&self, text: &str) -> Result<Found> {
        let mut own =
            sinsp_own_field { field: std::ptr::null_mut(), name: sinsp_str::EMPTY, kind: 0, format: 0, flags: 0 };
        let mut why = sinsp_str::EMPTY;
        // SAFETY: `sinsp_registry_new` requires that `find` is callable with the context; the pointers are valid during the call.
        let found = unsafe { (self.find)(self.context, sinsp_str::of(text.as_bytes()), &mut own, &mut why) };
        match found {
            f if f == sinsp_found::SINSP_FOUND_NOTHING as i32 => return Ok(Found::No),
            f if f == sinsp_found::SINSP_FOUND_TABLE as i32 => return Ok(Found::Table),
            f if f == sinsp_found::SINSP_FOUND_OWN as i32 => {}
            f if f == sinsp_found::SINSP_FOUND_PLUGIN as i32 => {
                // SAFETY: `SINSP_FOUND_PLUGIN` requires that `field` is null or a live plugin, which is counted from here on.
                let plugin = unsafe { own.field.cast::<sinsp_plugin_ref>().as_ref() };
                let plugin = plugin.ok_or_else(|| Error::Invalid("null plugin".into()))?;
                return PluginFields(plugin.core.clone()).find(text);
            }
            // SAFETY: the callback set the text, or it is empty.
            _ => return Err(unsafe { failed(why) }),
        }
        let field = Own { object: own.field, calls: self.calls, inspector: self.inspector.clone() };
        let invalid = |failure: Failure| Error::Invalid(failure.into_message());
        let flags = FieldFlags(own.flags);
        let info = ForeignInfo {
            // SAFETY: the callback set the text, or it is empty.
            name: String::from_utf8_lossy(unsafe { own.name.bytes() }).into_owned(),
            ty: values::kind(own.kind).map_err(invalid)?,
            format: values::format(own.format).map_err(invalid)?,
            list: flags.has(FieldFlags::IS_LIST),
            comparable_with_fields: !flags.has(FieldFlags::NO_RHS),
            transformable: !flags.has(FieldFlags::NO_TRANSFORMER),
            takes_argument: flags.has(FieldFlags::ARG_ALLOWED) || flags.has(FieldFlags::ARG_REQUIRED),
        };
        Ok(Found::Field(info, Box::new(field)))
    }
}

/// A field or a check of the program.
struct Own {
    object: *mut c_void,
    calls: Calls,
    inspector: Identity,
}

impl Own {
    /// Calls `call` with the event in C's form.
    fn call(
        &self,
        event: &EventContext<'_>,
        call: impl FnOnce(*const sinsp_event, *mut sinsp_str) -> i32,
    ) -> Result<bool> {
        let mut described = MaybeUninit::<sinsp_event>::zeroed();
        // SAFETY: zeros are a valid value of every member.
        let described = unsafe { described.assume_init_mut() };
        described.describe(event, false);
        let mut why = sinsp_str::EMPTY;
        match call(described, &mut why) {
            code @ (0 | 1) => Ok(code == 1),
            // SAFETY: the callback set the text, or it is empty.
            _ => Err(unsafe { failed(why) }),
        }
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        if !self.object.is_null() {
            // SAFETY: `sinsp_registry_new` requires that `free` takes the objects of `find` and `check`; this one is freed once.
            unsafe { (self.calls.free)(self.object) }
        }
    }
}

impl ForeignField for Own {
    fn extract(&self, event: &EventContext<'_>, out: &mut Extracted) -> Result<bool> {
        let invalid = |failure: Failure| Error::Invalid(failure.into_message());
        let values = sinsp_values::default();
        // `values` uses the memory of `out` during the call.
        values.swap(out).map_err(invalid)?;
        let found = self.call(event, |event, why| {
            // SAFETY: `sinsp_registry_new` requires that `extract` takes the objects of `find`; the pointers are valid during the call.
            unsafe { (self.calls.extract)(self.object, event, (&raw const values).cast_mut(), why) }
        });
        values.swap(out).map_err(invalid)?;
        found
    }

    fn check(
        &self,
        operator: Operator,
        modifier: Option<Modifier>,
        constants: &[&[u8]],
    ) -> Result<Option<Box<dyn ForeignCheck>>> {
        let mut op = operator.text().to_string();
        if let Some(modifier) = modifier {
            op = format!("{op} {}", modifier.text());
        }
        let constants: Vec<sinsp_str> = constants.iter().map(|c| sinsp_str::of(c)).collect();
        let mut why = sinsp_str::EMPTY;
        let op = sinsp_str::of(op.as_bytes());
        // SAFETY: `sinsp_registry_new` requires that `check` takes the objects of `find`; the pointers are valid during the call.
        let object = unsafe { (self.calls.check)(self.object, op, constants.as_ptr(), constants.len(), &mut why) };
        if object.is_null() {
            // SAFETY: the callback set the text, or it is empty.
            return Err(unsafe { failed(why) });
        }
        Ok(Some(Box::new(Own { object, calls: self.calls, inspector: self.inspector.clone() })))
    }
}

impl ForeignCheck for Own {
    fn holds(&self, event: &EventContext<'_>) -> Result<bool> {
        // SAFETY: `sinsp_registry_new` requires that `holds` takes the objects of `check`; the pointers are valid during the call.
        self.call(event, |event, why| unsafe { (self.calls.holds)(self.object, event, why) })
    }
}

/// Makes a registry of a program's fields, for filters and formatters of an inspector. `source` is called for every name with `context`, which
/// has to stay as long as something is compiled with the registry; both tables are copied.
///
/// # Safety
/// `inspector` must be null or live, `source` and `calls` null or readable for their sizes; their functions must be callable as described, and
/// must not throw; `error` must be null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_registry_new(
    inspector: *const sinsp_inspector,
    source: *const sinsp_field_source,
    calls: *const sinsp_check_calls,
    context: *mut c_void,
    error: *mut *mut sinsp_error,
) -> *mut sinsp_registry {
    let body = move || {
        for (what, missing) in [("sinsp_field_source", source.is_null()), ("sinsp_check_calls", calls.is_null())] {
            if missing {
                return Err(Failure::illegal(format!("sinsp_registry_new: null {what}")));
            }
        }
        let no_calls = sinsp_check_calls { size: 0, extract: None, check: None, holds: None, free: None };
        // SAFETY: by `# Safety`, `inspector` is null or live, and both tables, which are not null, are readable for their sizes; all functions are
        // optional.
        let (inspector, source, calls) = unsafe {
            let source = read_sized(source, sinsp_field_source { size: 0, find: None })?;
            (borrow(inspector, "inspector")?, source, read_sized(calls, no_calls)?)
        };
        let missing =
            |what: &'static str| move || Failure::illegal(format!("sinsp_registry_new: null function {what}"));
        let calls = Calls {
            extract: calls.extract.ok_or_else(missing("sinsp_check_calls::extract"))?,
            check: calls.check.ok_or_else(missing("sinsp_check_calls::check"))?,
            holds: calls.holds.ok_or_else(missing("sinsp_check_calls::holds"))?,
            free: calls.free.ok_or_else(missing("sinsp_check_calls::free"))?,
        };
        let find = source.find.ok_or_else(missing("sinsp_field_source::find"))?;
        let source = Source { find, context, calls, inspector: inspector.identity().clone() };
        Ok(sinsp_registry { core: Rc::new(Registry::new(vec![Fields::Foreign(Box::new(source))])) })
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_handle(error, body) }
}

/// Makes a registry of the fields of one plugin.
///
/// # Safety
/// `plugin` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_registry_of_plugin(
    plugin: *const sinsp_plugin_ref,
    error: *mut *mut sinsp_error,
) -> *mut sinsp_registry {
    let body = move || {
        // SAFETY: by `# Safety`, `plugin` is null or live.
        let plugin = unsafe { borrow(plugin, "plugin")? };
        let fields = Fields::Foreign(Box::new(PluginFields(plugin.core.clone())));
        Ok(sinsp_registry { core: Rc::new(Registry::new(vec![fields])) })
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_handle(error, body) }
}

/// Makes a registry of the library's fields and those of all plugins that the inspector has now, in this order.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_registry_with_plugins(
    inspector: *const sinsp_inspector,
    error: *mut *mut sinsp_error,
) -> *mut sinsp_registry {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        let plugins = inspector.plugins.borrow();
        let places = std::iter::once(Fields::Table)
            .chain(plugins.all().iter().map(|p| Fields::Foreign(Box::new(PluginFields(p.clone())))))
            .collect();
        Ok(sinsp_registry { core: Rc::new(Registry::new(places)) })
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_handle(error, body) }
}

/// Ends a registry; null is ignored.
///
/// # Safety
/// `registry` must be null or owned and not ended yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_registry_free(registry: *mut sinsp_registry) {
    // SAFETY: by `# Safety`, `registry` is null or owned, and this call is the one that frees it.
    unsafe { release(registry) }
}
