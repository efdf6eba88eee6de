//! The making of plugins, and their registration with an inspector.

use crate::ffi::{Failure, borrow, guard_handle, guard_status, sinsp_error, sinsp_status, sinsp_str};
use crate::inspector::gate::Call;
use crate::inspector::handle::sinsp_inspector;
use crate::plugin::pool::sinsp_pool;
use crate::plugin::{host, sinsp_plugin_ref, source};
use plugin::api::plugin_api;
use plugin::instance::Plugin;
use plugin::loader::plugin_handle_t;
use plugin::pool::{Pool, ThreadPool};
use std::ffi::{OsStr, c_void};
use std::os::unix::ffi::OsStrExt;
use std::ptr::null;
use std::sync::Arc;

/// Makes a plugin that uses the tables of an inspector, if there is one, and a pool, by default the inspector's.
fn make(
    inspector: Option<&sinsp_inspector>,
    handle: plugin_handle_t,
    pool: Option<Arc<dyn Pool>>,
) -> Result<Arc<Plugin>, Failure> {
    let own = || inspector.map_or_else(|| Arc::new(ThreadPool::new(0)) as _, |inspector| inspector.routine_pool());
    let context = inspector.map_or(null(), |inspector| inspector.pointer().cast_const());
    let plugin = Plugin::new(handle, host::CALLS, context, pool.unwrap_or_else(own))?;
    if let Some(inspector) = inspector {
        inspector.plugins.borrow_mut().note(&plugin);
    }
    sinsp_core::async_names::add(plugin.description.async_events.iter().map(String::as_str));
    Ok(plugin)
}

fn register(inspector: &sinsp_inspector, plugin: &Arc<Plugin>) -> Result<(), Failure> {
    if !std::ptr::eq(plugin.context(), inspector.pointer()) {
        let name = &plugin.description.name;
        return Err(Failure::illegal(format!("plugin {name} was made for another inspector, or for none")));
    }
    inspector.plugins.borrow_mut().add(plugin.clone())?;
    source::add_maker(inspector, plugin)?;
    inspector.find_wants();
    inspector.find_parsed()
}

fn make_registered(inspector: &sinsp_inspector, handle: plugin_handle_t) -> Result<sinsp_plugin_ref, Failure> {
    let _call = inspector.begin(Call::Set)?;
    let plugin = make(Some(inspector), handle, None)?;
    register(inspector, &plugin)?;
    Ok(sinsp_plugin_ref { core: plugin })
}

/// Loads the plugin in the shared object at `path` for this inspector. It has to be initialised before it is used. Null on failure: it does
/// not load, is of another version of the API, lacks functions, or has the name or number of another one.
///
/// # Safety
/// `inspector` must be null or live, `path` readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_load_plugin(
    inspector: *mut sinsp_inspector,
    path: sinsp_str,
    error: *mut *mut sinsp_error,
) -> *mut sinsp_plugin_ref {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live, `path` is readable.
        let (inspector, path) = unsafe { (borrow(inspector, "inspector")?, path.bytes()) };
        make_registered(inspector, plugin_handle_t::load(OsStr::from_bytes(path))?)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_handle(error, body) }
}

/// The same for a plugin of the program itself: `api` is its `plugin_api` (`plugin/plugin_api.h`), which is copied.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable; `api` null or as `plugin_load_api` requires, and its functions must
/// stay until the last reference of the plugin is ended.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_add_plugin(
    inspector: *mut sinsp_inspector,
    api: *const c_void,
    error: *mut *mut sinsp_error,
) -> *mut sinsp_plugin_ref {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live, `api` is null or as `plugin_load_api` requires.
        let (inspector, api) =
            unsafe { (borrow(inspector, "inspector")?, borrow(api.cast::<plugin_api>(), "plugin_api")?) };
        // SAFETY: by `# Safety`, the functions are of the types that the API declares, and stay as long as the plugin.
        make_registered(inspector, unsafe { plugin_handle_t::of(api)? })
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_handle(error, body) }
}

/// Makes a plugin that is not among those of an inspector until `sinsp_inspector_register_plugin`, for a program that calls it itself. It uses
/// the tables of `inspector`; null: it has none. Its routines run in `pool`; null: in that of the inspector, or one of its own.
///
/// # Safety
/// `inspector` and `pool` must be null or live.
unsafe fn make_alone(
    inspector: *mut sinsp_inspector,
    pool: *const sinsp_pool,
    handle: plugin_handle_t,
) -> Result<sinsp_plugin_ref, Failure> {
    // SAFETY: by `# Safety`, both are null or live.
    let (inspector, pool) = unsafe { (inspector.as_ref(), pool.as_ref()) };
    let _call = inspector.map(|inspector| inspector.begin(Call::Set)).transpose()?;
    Ok(sinsp_plugin_ref { core: make(inspector, handle, pool.map(|pool| pool.core.clone()))? })
}

/// Loads the plugin in the shared object at `path`, and leaves it to `sinsp_inspector_register_plugin` to add it to an inspector: until then the
/// program calls it itself, and ends it on the thread that uses the inspector. It uses the tables of `inspector`; null: it has none. Its routines
/// run in `pool`; null: in that of the inspector, or in one of its own. Null on failure.
///
/// # Safety
/// `inspector` and `pool` must be null or live, `path` readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_plugin_load(
    inspector: *mut sinsp_inspector,
    path: sinsp_str,
    pool: *const sinsp_pool,
    error: *mut *mut sinsp_error,
) -> *mut sinsp_plugin_ref {
    // SAFETY: by `# Safety`, `path` is readable, and the rest as `make_alone` requires.
    let body = move || unsafe { make_alone(inspector, pool, plugin_handle_t::load(OsStr::from_bytes(path.bytes()))?) };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_handle(error, body) }
}

/// The same for a plugin of the program itself: `api` is its `plugin_api`, which is copied.
///
/// # Safety
/// As `sinsp_plugin_load`; `api` must be null or as `plugin_load_api` requires, and its functions must stay until the last reference of the plugin
/// is ended.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_plugin_of_api(
    inspector: *mut sinsp_inspector,
    api: *const c_void,
    pool: *const sinsp_pool,
    error: *mut *mut sinsp_error,
) -> *mut sinsp_plugin_ref {
    let body = move || {
        // SAFETY: by `# Safety`, `api` is null or as `plugin_load_api` requires, its functions stay as long as the plugin, and the rest is as
        // `make_alone` requires.
        unsafe { make_alone(inspector, pool, plugin_handle_t::of(borrow(api.cast::<plugin_api>(), "plugin_api")?)?) }
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_handle(error, body) }
}

/// Adds a plugin that was made for this inspector to those of the inspector. An error if there is one with its name, or another source of events
/// with its number.
///
/// # Safety
/// `inspector` and `plugin` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_register_plugin(
    inspector: *mut sinsp_inspector,
    plugin: *const sinsp_plugin_ref,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` and `plugin` are null or live.
        let (inspector, plugin) = unsafe { (borrow(inspector, "inspector")?, borrow(plugin, "plugin")?) };
        let _call = inspector.begin(Call::Set)?;
        register(inspector, &plugin.core)?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}
