//! A plugin that was loaded: its state, and the calls of its functions.
//!
//! The host's pointer for it, `ss_plugin_owner_t`, is the address of the [`Plugin`]; so a plugin stays where it is, in an [`Arc`]. The host's functions
//! that get it find the plugin by `owners.rs`.

use crate::api::{
    OwnerError, rc, ss_plugin_init_input, ss_plugin_init_tables_input, ss_plugin_table_info,
    ss_plugin_table_reader_vtable_ext, ss_plugin_table_writer_vtable,
};
use crate::description::{Description, SYSCALL_SOURCE, is_for_source};
use crate::host_error::HostError;
use crate::loader::{self, plugin_handle_t};
use crate::owners::{self, Owner};
use crate::pool::Pool;
use crate::running;
use crate::types::{CurrentTypes, EventTypes, PLUGIN_EVENT};
use capi_common::bytes;
use parking_lot::Mutex;
use scap::types::plugin_info::scap_source_plugin;
use std::cell::{Cell, RefCell, UnsafeCell};
use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr::{null, null_mut};
use std::sync::atomic::Ordering::{Acquire, Release};
use std::sync::atomic::{AtomicBool, AtomicPtr};
use std::sync::{Arc, Weak};

/// The host's functions that a plugin gets beside its tables.
#[derive(Clone, Copy)]
pub struct HostCalls {
    /// The text of the host's last error for the plugin.
    pub last_error: unsafe extern "C" fn(owner: *mut c_void) -> *const c_char,
    /// Logs a line.
    pub log: unsafe extern "C" fn(owner: *mut c_void, component: *const c_char, message: *const c_char, severity: u32),
    /// The tables, for `init`.
    pub tables: &'static ss_plugin_init_tables_input,
    /// Reads entries of tables.
    pub reader: &'static ss_plugin_table_reader_vtable_ext,
    /// Writes them.
    pub writer: &'static ss_plugin_table_writer_vtable,
    /// Called when the plugin's state is about to end, whose tables cannot be used from then on.
    pub ends: fn(&Plugin),
}

/// A loaded plugin, with its state once it is initialised. Used by the thread that uses its inspector.
pub struct Plugin {
    /// Its description.
    pub description: Description,
    /// The reference to itself that its tables have.
    own: Weak<Plugin>,
    /// Its name for C.
    pub(crate) name: CString,
    /// Whether its fields are for system calls.
    from_system_calls: bool,
    /// The names of the fields, as the plugin gets them.
    field_names: Vec<CString>,
    pub(crate) host: HostCalls,
    /// The inspector of the host's functions. Null for none.
    context: AtomicPtr<c_void>,
    /// Whether that was freed.
    over: AtomicBool,
    pub(crate) state: Cell<*mut c_void>,
    initialised: Cell<bool>,
    /// The plugin as a source of events; the engine that has it open writes to it.
    pub(crate) source: UnsafeCell<scap_source_plugin>,
    /// Whether an engine of the inspector has it open.
    pub(crate) opened: Cell<bool>,
    /// Whether it was told of the capture that is open.
    pub(crate) listens: Cell<bool>,
    extract_types: CurrentTypes,
    parse_types: CurrentTypes,
    /// What `list_tables` returned last, with its texts.
    listed: RefCell<(Vec<CString>, Vec<ss_plugin_table_info>)>,
    /// The numbers of the tables that the plugin added to the host.
    tables: Mutex<Vec<usize>>,
    /// The plugin's error text of an `init` that failed.
    init_error: RefCell<Vec<u8>>,
    /// What its threads use.
    pub(crate) shared: Arc<Owner>,
    // The last member: the library is unloaded after the state has ended.
    pub(crate) handle: plugin_handle_t,
}

impl Plugin {
    /// Checks a loaded plugin and gets its description.
    ///
    /// # Errors
    /// What [`Description::of`] finds wrong.
    pub fn new(
        handle: plugin_handle_t,
        host: HostCalls,
        context: *const c_void,
        pool: Arc<dyn Pool>,
    ) -> Result<Arc<Plugin>, String> {
        let description = Description::of(&handle)?;
        let name = CString::new(description.name.as_str()).map_err(|_| "its name has a NUL in it".to_owned())?;
        let names = description.fields.iter().map(|f| CString::new(f.name.as_str()));
        let field_names = names.collect::<Result<_, _>>().map_err(|_| {
            format!("plugin {}: plugin_get_fields: the name of a field has a NUL in it", description.name)
        })?;
        let shared = Owner::new(&description.name, pool);
        // The thread that ends the last reference frees the plugin; one thread at a time calls everything else.
        #[allow(clippy::arc_with_non_send_sync)]
        let plugin = Arc::new_cyclic(|own| Plugin {
            from_system_calls: is_for_source(&description.extract_sources, SYSCALL_SOURCE),
            description,
            own: own.clone(),
            name,
            field_names,
            host,
            context: AtomicPtr::new(context.cast_mut()),
            over: AtomicBool::new(false),
            state: Cell::new(null_mut()),
            initialised: Cell::new(false),
            source: UnsafeCell::new(scap_source_plugin::none()),
            opened: Cell::new(false),
            listens: Cell::new(false),
            extract_types: CurrentTypes::default(),
            parse_types: CurrentTypes::default(),
            listed: RefCell::default(),
            tables: Mutex::default(),
            init_error: RefCell::default(),
            shared,
            handle,
        });
        owners::add(plugin.owner(), &plugin.shared);
        Ok(plugin)
    }

    /// Calls `act` with the plugin of an owner pointer; `None` if it was freed, or its inspector. Any thread may call it, with any pointer; other
    /// threads than the one that uses the plugin may use its inspector alone, which stays meanwhile, as the plugin does.
    pub fn with_owner<R>(owner: *mut c_void, act: impl FnOnce(&Plugin) -> R) -> Option<R> {
        let known = owners::find(owner)?;
        known.lives.with(|()| {
            // SAFETY: the owner pointer of a plugin is its address. `Drop` and `end` revoke `lives`, and so wait for this call, before the plugin is
            // freed, or its inspector.
            act(unsafe { &*owner.cast::<Plugin>() })
        })
    }

    /// A reference to it that does not keep it.
    pub fn weak(&self) -> Weak<Plugin> {
        self.own.clone()
    }

    /// `ss_plugin_owner_t`.
    pub fn owner(&self) -> *mut c_void {
        (&raw const *self).cast_mut().cast()
    }

    /// The inspector of the host's functions; null once that was freed.
    #[inline]
    pub fn context(&self) -> *const c_void {
        self.context.load(Acquire)
    }

    /// What its functions run within: its inspector, or itself if it has none.
    pub fn call_context(&self) -> *const c_void {
        let context = self.context();
        if context.is_null() { self.owner() } else { context }
    }

    /// Ends the state of the plugin, whose inspector is freed.
    pub fn end(&self) {
        self.end_state();
        self.context.store(null_mut(), Release);
        self.over.store(true, Release);
        self.shared.lives.revoke();
    }

    /// Whether the inspector that it had was freed.
    pub fn is_over(&self) -> bool {
        self.over.load(Acquire)
    }

    /// Ends the state; it can be initialised anew.
    ///
    /// # Errors
    /// Its source of events is open.
    pub fn destroy(&self) -> Result<(), String> {
        if self.is_open() {
            return Err(format!("plugin {}: destroy: its source of events is open", self.description.name));
        }
        self.end_state();
        Ok(())
    }

    /// Whether `init` succeeded.
    pub fn is_initialised(&self) -> bool {
        self.initialised.get()
    }

    /// Why a function of the host failed last for this plugin, on any thread.
    pub fn host_error(&self) -> &Arc<HostError> {
        &self.shared.host_error
    }

    /// Keeps a list of tables, names and types of keys, for the plugin to read until it asks for the next one; returns it and its length.
    pub fn list_tables(&self, tables: Vec<(CString, u32)>) -> (*const ss_plugin_table_info, u32) {
        let mut listed = self.listed.borrow_mut();
        listed.1 = tables
            .iter()
            .map(|(name, key_type)| ss_plugin_table_info { name: name.as_ptr(), key_type: *key_type })
            .collect();
        listed.0 = tables.into_iter().map(|(name, _)| name).collect();
        (listed.1.as_ptr(), listed.1.len() as u32)
    }

    /// Records the number of a table that the plugin added, which is removed with its state.
    pub fn note_table(&self, table: usize) {
        self.tables.lock().push(table);
    }

    /// The numbers of the tables that it added.
    pub fn take_tables(&self) -> Vec<usize> {
        std::mem::take(&mut *self.tables.lock())
    }

    /// The schema of the configuration: its kind (`ss_plugin_schema_type`) and its text, which is empty if there is none.
    pub fn init_schema(&self) -> (u32, &[u8]) {
        let mut kind = 0;
        let Some(get) = self.handle.api.get_init_schema else { return (0, b"") };
        // SAFETY: the function is of the type that the API declares; the pointer is valid during the call, and the text until the next one.
        let schema = running::within(self.call_context(), || unsafe { bytes(get(&mut kind)) });
        (kind, schema.unwrap_or_default())
    }

    /// Makes the plugin's state; the inner result says whether the plugin did it, and why not.
    ///
    /// # Errors
    /// Its schema does not allow the configuration, or it returns types of events that there are not.
    pub fn init(&self, config: &CStr) -> Result<Result<(), String>, String> {
        let name = &self.description.name;
        if self.initialised.get() || !self.state.get().is_null() {
            return Ok(Err(format!("plugin {name} has been initialized twice")));
        }
        let config = self.checked(config)?;
        let with_tables = self.description.capabilities
            & (loader::CAP_PARSING | loader::CAP_EXTRACTION | loader::CAP_CAPTURE_LISTENING)
            != 0;
        let input = ss_plugin_init_input {
            config: config.as_ptr(),
            owner: self.owner(),
            get_owner_last_error: self.host_error_fn(),
            tables: if with_tables { self.host.tables } else { null() },
            log_fn: Some(self.host.log),
        };
        let init = self.handle.api.init.ok_or_else(|| format!("plugin {name} has no function plugin_init"))?;
        let mut code = rc::FAILURE;
        // SAFETY: the function is of the type that the API declares; the input is valid during the call, and what it points to as long as the plugin.
        self.state.set(unsafe { init(&input, &mut code) });
        if code != rc::SUCCESS {
            let why = self.why();
            self.init_error.replace(self.last_error());
            self.end_state();
            return Ok(Err(format!("plugin {name}: could not initialize: {why}")));
        }
        self.initialised.set(true);
        let (api, state) = (&self.handle.api, self.state.get());
        self.shared.routines.open(state, self.call_context());
        type Getter = Option<unsafe extern "C" fn(*mut u32, *mut c_void) -> *const u16>;
        let types = |capability, get: Getter, function: &str, sources: &[String]| {
            if !self.description.can(capability) {
                return Ok(EventTypes::NONE);
            }
            let mut count = 0;
            // SAFETY: the function is of the type that the API declares, which requires as many entries of the array as it returns.
            let listed = get.map(|get| unsafe { EventTypes::read(get(&mut count, state), &count) }).transpose();
            let listed = listed.map_err(|cause| {
                self.end_state();
                format!("plugin {name}: plugin_{function}: {cause}")
            })?;
            Ok::<_, String>(listed.filter(|types| !types.is_empty()).unwrap_or_else(|| {
                if is_for_source(sources, SYSCALL_SOURCE) { EventTypes::ALL } else { EventTypes::one(PLUGIN_EVENT) }
            }))
        };
        let d = &self.description;
        let (extract, parse) = ("get_extract_event_types", "get_parse_event_types");
        let extracted = types(loader::CAP_EXTRACTION, api.get_extract_event_types, extract, &d.extract_sources)?;
        let parsed = types(loader::CAP_PARSING, api.get_parse_event_types, parse, &d.parse_sources)?;
        self.extract_types.set(&extracted);
        self.parse_types.set(&parsed);
        Ok(Ok(()))
    }

    /// The types of the events that may have its fields; none before it is initialised.
    pub fn extract_types(&self) -> &CurrentTypes {
        &self.extract_types
    }

    /// The types of the events that it parses; none before it is initialised.
    pub fn parse_types(&self) -> &CurrentTypes {
        &self.parse_types
    }

    /// The text of the plugin's last failure, as the plugin has it; empty if it has none.
    pub fn last_error(&self) -> Vec<u8> {
        match self.state.get().is_null() {
            true => self.init_error.borrow().clone(),
            false => self.with_error(<[u8]>::to_vec),
        }
    }

    /// Calls `read` with the plugin's error text; an empty one without a state.
    fn with_error<R>(&self, read: impl FnOnce(&[u8]) -> R) -> R {
        let state = self.state.get();
        let Some(get) = self.handle.api.get_last_error.filter(|_| !state.is_null()) else { return read(b"") };
        // SAFETY: the function is of the type that the API declares; the text stays until the plugin is called the next time.
        let error = running::within(self.call_context(), || unsafe { bytes(get(state)) });
        read(error.unwrap_or_default())
    }

    /// Why the plugin failed, for the text of an error.
    pub fn why(&self) -> String {
        let mut why = String::new();
        self.with_why(|cause| why.push_str(cause));
        why
    }

    /// As [`Plugin::why`], without a copy.
    pub fn with_why(&self, read: impl FnOnce(&str)) {
        self.with_error(|error| match error {
            b"" if self.state.get().is_null() => read("the plugin left no state that has the cause"),
            b"" => read("the plugin does not say why"),
            error => read(&String::from_utf8_lossy(error)),
        });
    }

    /// The name of a field as the plugin gets it, valid as long as the plugin.
    pub fn field_name(&self, field: usize) -> *const c_char {
        self.field_names.get(field).map_or(null(), |name| name.as_ptr())
    }

    /// Whether its fields are for events of the source with this plugin number, 0 for system calls. `name_of` returns the source's name.
    #[inline]
    pub fn extracts_from<'a>(&self, id: u32, name_of: impl FnOnce() -> Option<&'a str>) -> bool {
        match id {
            0 => self.from_system_calls,
            own if own == self.description.id => true,
            _ => name_of().is_some_and(|name| is_for_source(&self.description.extract_sources, name)),
        }
    }

    pub(crate) fn host_error_fn(&self) -> OwnerError {
        Some(self.host.last_error)
    }

    #[inline]
    pub(crate) fn state(&self) -> Result<*mut c_void, String> {
        match self.initialised.get() {
            true => Ok(self.state.get()),
            false => Err(format!("plugin {} is not initialized", self.description.name)),
        }
    }

    fn end_state(&self) {
        if self.shared.taker.is_set() {
            // It is no error of the host's that the plugin refuses: its events are refused from now on.
            let _ = self.send_async_events(None);
        }
        self.initialised.set(false);
        self.listens.set(false);
        for types in [&self.extract_types, &self.parse_types] {
            types.set(&EventTypes::NONE);
        }
        self.shared.routines.close();
        // Also without a state: a plugin that fails to make one may have added tables.
        (self.host.ends)(self);
        let state = self.state.replace(null_mut());
        if let (false, Some(destroy)) = (state.is_null(), self.handle.api.destroy) {
            // SAFETY: the state is the plugin's own, and is ended once.
            unsafe { destroy(state) }
        }
    }
}

impl Drop for Plugin {
    fn drop(&mut self) {
        self.end_state();
        self.shared.lives.revoke();
        owners::remove(self.owner());
    }
}
