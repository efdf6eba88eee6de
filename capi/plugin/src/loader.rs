//! Loads plugins and checks what they export: the functions of `plugin/plugin_loader.h`.

use crate::api::{MAX_ERRLEN, plugin_api};
use crate::version::{self, Version};
use capi_common::{bytes, copy_error, free, guard};
use libloading::os::unix::{Library, RTLD_LAZY, RTLD_LOCAL, RTLD_NOW};
use std::ffi::{CStr, OsStr, c_char, c_int, c_void};
use std::os::unix::ffi::OsStrExt;
use std::ptr::null_mut;

/// `RTLD_NOLOAD` of dlopen(3): finds a library that is loaded, and loads none.
const RTLD_NOLOAD: c_int = 4;

/// A loaded plugin.
#[repr(C)]
pub struct plugin_handle_t {
    /// dlopen's handle; null for a plugin of the program itself.
    pub handle: *mut c_void,
    /// What it exports.
    pub api: plugin_api,
}

impl Drop for plugin_handle_t {
    fn drop(&mut self) {
        if !self.handle.is_null() {
            // SAFETY: `plugin_load` made the handle by `into_raw`, and this is its only owner.
            drop(unsafe { Library::from_raw(self.handle) });
        }
    }
}

/// `plugin_caps_t`: bits.
pub type Capabilities = u32;
/// It makes events.
pub const CAP_SOURCING: Capabilities = 1 << 0;
/// It has fields.
pub const CAP_EXTRACTION: Capabilities = 1 << 1;
/// It sees every event.
pub const CAP_PARSING: Capabilities = 1 << 2;
/// It makes events on threads of its own.
pub const CAP_ASYNC: Capabilities = 1 << 3;
/// It is called when a capture starts and stops.
pub const CAP_CAPTURE_LISTENING: Capabilities = 1 << 4;
/// It exports a part of what a capability needs.
pub const CAP_BROKEN: Capabilities = 1 << 31;

/// What the dynamic loader says of its error, which has the path. The crate's own text names the call alone.
fn cause(error: &libloading::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

impl plugin_handle_t {
    /// Loads the shared object at this path.
    pub fn load(path: &OsStr) -> Result<plugin_handle_t, String> {
        // SAFETY: the object's initializers run: the contract is that a plugin is trusted like the program's own code.
        let library = unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) }
            .map_err(|e| format!("can't load plugin dynamic library: {}", cause(&e)))?;
        // SAFETY: `plugin_api` names its symbols by the types that the API declares; the library stays loaded as long as the handle.
        let api = unsafe {
            plugin_api::from_symbols(|name| {
                library.get::<*mut c_void>(name).map_or(null_mut(), |symbol| symbol.into_raw())
            })
        };
        Ok(plugin_handle_t { handle: library.into_raw(), api })
    }

    /// A plugin of the program itself.
    ///
    /// # Safety
    /// The functions must be of the types that the API declares, and stay as long as the handle.
    pub unsafe fn of(api: &plugin_api) -> Result<plugin_handle_t, String> {
        let mut handle = plugin_handle_t { handle: null_mut(), api: *api };
        let required = handle.required_version()?;
        if required.major == 3 && required.minor < 10 {
            handle.insert_dump_state();
        }
        Ok(handle)
    }

    /// API 3.10 added `dump_state` in the middle of the struct: in one of an older plugin the members after it are one place before.
    fn insert_dump_state(&mut self) {
        let old = self.api;
        // SAFETY: each pair of members is of one size, that of a function pointer; the type that the old struct had there is the new member's.
        unsafe {
            self.api.set_config = std::mem::transmute_copy(&old.dump_state);
            self.api.get_metrics = std::mem::transmute_copy(&old.set_config);
            self.api.capture_open = std::mem::transmute_copy(&old.get_metrics);
            self.api.capture_close = std::mem::transmute_copy(&old.capture_open);
        }
        self.api.dump_state = None;
        // No plugin of so old an API has it, and the struct that it was copied from ends before.
        self.api.get_required_event_schema_version = None;
    }

    /// The version of the API that the plugin requires.
    pub fn required_version(&self) -> Result<Version, String> {
        let get =
            self.api.get_required_api_version.ok_or("the plugin has no function plugin_get_required_api_version")?;
        // SAFETY: the function takes nothing and returns null or a text, which is used at once.
        let text = unsafe { bytes(get()) }.ok_or("plugin_get_required_api_version returned null")?;
        let text = String::from_utf8_lossy(text);
        text.parse().map_err(|_| format!("plugin_get_required_api_version returned '{text}', which is no version"))
    }

    /// Whether the required version of the API is one that this library has.
    pub fn check_version(&self) -> Result<(), String> {
        let required = self.required_version()?;
        match version::API.refuses(required) {
            None => Ok(()),
            Some(why) => Err(format!(
                "the plugin requires version {required} of the plugin API, which is not compatible with version {} of this library: {why}",
                version::API
            )),
        }
    }

    /// Whether the functions are there that every plugin must have.
    pub fn check_symbols(&self) -> Result<(), String> {
        let api = &self.api;
        let needed = [
            ("get_required_api_version", api.get_required_api_version.is_some()),
            ("get_version", api.get_version.is_some()),
            ("get_name", api.get_name.is_some()),
            ("get_description", api.get_description.is_some()),
            ("get_contact", api.get_contact.is_some()),
            ("init", api.init.is_some()),
            ("destroy", api.destroy.is_some()),
            ("get_last_error", api.get_last_error.is_some()),
        ];
        match needed.iter().find(|(_, there)| !there) {
            Some((name, _)) => Err(format!("the plugin has no function plugin_{name}, which is required")),
            None => Ok(()),
        }
    }

    /// What the plugin can do. Where a capability lacks a function, it has the bit [`CAP_BROKEN`], and the text says what is missing.
    pub fn capabilities(&self) -> (Capabilities, String) {
        let api = &self.api;
        let (mut found, mut broken) = (0, Vec::new());

        match [api.open.is_some(), api.close.is_some(), api.next_batch.is_some()] {
            [true, true, true] => {
                // SAFETY: the functions take nothing; one returns a number, the other null or a text.
                let (id, source) =
                    unsafe { (api.get_id.map_or(0, |f| f()), api.get_event_source.and_then(|f| bytes(f()))) };
                match (id != 0) == source.is_some_and(|s| !s.is_empty()) {
                    true => found |= CAP_SOURCING,
                    false => {
                        broken.push("event sourcing needs both or none of plugin_get_id and plugin_get_event_source")
                    }
                }
            }
            [false, false, false] => {}
            _ => broken.push("event sourcing needs plugin_open, plugin_close and plugin_next_batch"),
        }
        let mut pair = |bit, first: bool, second: bool, missing| match (first, second) {
            (true, true) => found |= bit,
            (false, true) => broken.push(missing),
            _ => {}
        };
        pair(
            CAP_EXTRACTION,
            api.get_fields.is_some(),
            api.extract_fields.is_some(),
            "field extraction needs plugin_get_fields and plugin_extract_fields",
        );
        pair(
            CAP_ASYNC,
            api.get_async_events.is_some(),
            api.set_async_event_handler.is_some(),
            "async events need plugin_get_async_events and plugin_set_async_event_handler",
        );
        pair(
            CAP_CAPTURE_LISTENING,
            api.capture_close.is_some(),
            api.capture_open.is_some(),
            "capture listening needs plugin_capture_open and plugin_capture_close",
        );
        if api.parse_event.is_some() {
            found |= CAP_PARSING;
        }
        if !broken.is_empty() {
            found |= CAP_BROKEN;
        }
        (found, broken.join(", "))
    }
}

/// Writes an error text to C's buffer, if that is not null.
///
/// # Safety
/// `err` must be null or have room for `MAX_ERRLEN` bytes.
unsafe fn write(err: *mut c_char, cause: &str) {
    if !err.is_null() {
        // SAFETY: plugin_loader.h requires a buffer of PLUGIN_MAX_ERRLEN bytes; the borrow ends with the call.
        copy_error(unsafe { std::slice::from_raw_parts_mut(err, MAX_ERRLEN) }, cause);
    }
}

/// Runs `body`; a failure's text goes to C's buffer, an empty one if it works.
///
/// # Safety
/// `err` must be null or have room for `MAX_ERRLEN` bytes.
unsafe fn checked<T>(err: *mut c_char, on_failure: T, body: impl FnOnce() -> Result<T, String>) -> T {
    let result = guard(|panic| Err(panic.to_owned()), body);
    // SAFETY: by `# Safety`, `err` is null or has room for `MAX_ERRLEN` bytes.
    unsafe { write(err, result.as_ref().err().map_or("", |e| e)) };
    result.unwrap_or(on_failure)
}

/// The handle at C's pointer.
///
/// # Safety
/// `handle` must be null, or one that `plugin_load` or `plugin_load_api` returned and `plugin_unload` has not ended.
unsafe fn checked_handle<'a>(handle: *const plugin_handle_t) -> Result<&'a plugin_handle_t, String> {
    // SAFETY: by `# Safety`, a handle that is not null was not unloaded.
    unsafe { handle.as_ref() }.ok_or_else(|| "null plugin handle".to_owned())
}

/// See `plugin/plugin_loader.h`.
///
/// # Safety
/// `api` must be null or point to a struct of the version that its `get_required_api_version` says, whose functions stay until the
/// handle ends; `err` null or a buffer of `PLUGIN_MAX_ERRLEN` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugin_load_api(api: *const plugin_api, err: *mut c_char) -> *mut plugin_handle_t {
    // SAFETY: plugin_loader.h requires such a buffer, and such a struct.
    unsafe {
        checked(err, null_mut(), || {
            let api = api.as_ref().ok_or("null plugin_api")?;
            Ok(Box::into_raw(Box::new(plugin_handle_t::of(api)?)))
        })
    }
}

/// See `plugin/plugin_loader.h`.
///
/// # Safety
/// `path` must be null or a text; `err` null or a buffer of `PLUGIN_MAX_ERRLEN` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugin_load(path: *const c_char, err: *mut c_char) -> *mut plugin_handle_t {
    // SAFETY: plugin_loader.h requires such a buffer, and a text.
    unsafe {
        checked(err, null_mut(), || {
            if path.is_null() {
                return Err("null path of a plugin".to_owned());
            }
            let path = OsStr::from_bytes(CStr::from_ptr(path).to_bytes());
            Ok(Box::into_raw(Box::new(plugin_handle_t::load(path)?)))
        })
    }
}

/// See `plugin/plugin_loader.h`.
///
/// # Safety
/// `h` must be null, or a handle that is not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugin_unload(h: *mut plugin_handle_t) {
    // SAFETY: plugin_loader.h lets each handle be unloaded once.
    unsafe { free(h) }
}

/// See `plugin/plugin_loader.h`.
///
/// # Safety
/// `path` must be null or a text.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugin_is_loaded(path: *const c_char) -> bool {
    if path.is_null() {
        return false;
    }
    // SAFETY: plugin_loader.h requires a text.
    let path = OsStr::from_bytes(unsafe { CStr::from_ptr(path) }.to_bytes());
    // SAFETY: with RTLD_NOLOAD nothing is loaded and no code of the library runs; the reference that dlopen counts ends with the result.
    unsafe { Library::open(Some(path), RTLD_LAZY | RTLD_NOLOAD) }.is_ok()
}

/// See `plugin/plugin_loader.h`.
///
/// # Safety
/// `h` must be null or a handle, `err` null or a buffer of `PLUGIN_MAX_ERRLEN` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugin_check_required_api_version(h: *const plugin_handle_t, err: *mut c_char) -> bool {
    // SAFETY: plugin_loader.h requires such a handle and buffer.
    unsafe { checked(err, false, || checked_handle(h)?.check_version().map(|()| true)) }
}

/// See `plugin/plugin_loader.h`.
///
/// # Safety
/// `h` must be null or a handle, `err` null or a buffer of `PLUGIN_MAX_ERRLEN` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugin_check_required_symbols(h: *const plugin_handle_t, err: *mut c_char) -> bool {
    // SAFETY: plugin_loader.h requires such a handle and buffer.
    unsafe { checked(err, false, || checked_handle(h)?.check_symbols().map(|()| true)) }
}

/// See `plugin/plugin_loader.h`.
///
/// # Safety
/// `h` must be null or a handle, `err` null or a buffer of `PLUGIN_MAX_ERRLEN` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn plugin_get_capabilities(h: *const plugin_handle_t, err: *mut c_char) -> Capabilities {
    // SAFETY: plugin_loader.h requires such a handle and buffer.
    unsafe {
        let mut found = CAP_BROKEN;
        checked(err, (), || {
            let (capabilities, missing) = checked_handle(h)?.capabilities();
            found = capabilities;
            if missing.is_empty() { Ok(()) } else { Err(missing) }
        });
        found
    }
}

#[cfg(test)]
mod tests;
