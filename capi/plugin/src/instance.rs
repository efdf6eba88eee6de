//! A plugin that was loaded: its state, and the calls of its functions.
//!
//! The host's pointer for it, `ss_plugin_owner_t`, is the address of the [`Plugin`]; so a plugin stays where it is, in an [`Arc`].

use crate::api::{
    OwnerError, rc, ss_plugin_init_input, ss_plugin_init_tables_input, ss_plugin_table_info,
    ss_plugin_table_reader_vtable_ext, ss_plugin_table_writer_vtable,
};
use crate::description::{Description, SYSCALL_SOURCE, is_for_source};
use crate::host_error::HostError;
use crate::loader::{self, plugin_handle_t, text};
use crate::owners;
use crate::pool::Pool;
use crate::routines::Routines;
use crate::running;
use crate::types::{CurrentTypes, EventTypes, PLUGIN_EVENT, Taker};
use parking_lot::Mutex;
use scap::types::plugin_info::scap_source_plugin;
use std::cell::{Cell, RefCell, UnsafeCell};
use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr::{null, null_mut};
use std::sync::atomic::Ordering::{AcqRel, Acquire, Release};
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
    /// Written by the thread that uses the plugin; threads that start routines read it.
    state: AtomicPtr<c_void>,
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
    /// Takes the plugin's async events, from any thread, while a capture is open.
    pub(crate) taker: Mutex<Option<Taker>>,
    /// Takes the events of `dump_state`, during that.
    pub(crate) dump_taker: Mutex<Option<Taker>>,
    pub(crate) routines: Routines,
    host_error: Arc<HostError>,
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
            state: AtomicPtr::default(),
            initialised: Cell::new(false),
            source: UnsafeCell::new(scap_source_plugin::none()),
            opened: Cell::new(false),
            listens: Cell::new(false),
            extract_types: CurrentTypes::default(),
            parse_types: CurrentTypes::default(),
            listed: RefCell::default(),
            tables: Mutex::default(),
            taker: Mutex::default(),
            dump_taker: Mutex::default(),
            routines: Routines::new(pool),
            host_error: Arc::default(),
            handle,
        });
        owners::add(plugin.owner(), &plugin.description.name);
        Ok(plugin)
    }

    /// The plugin of an owner pointer.
    ///
    /// # Safety
    /// `owner` must be null or [`Plugin::owner`] of a plugin that was not freed.
    pub unsafe fn of_owner<'a>(owner: *mut c_void) -> Option<&'a Plugin> {
        // SAFETY: by `# Safety`, it is null or a plugin that was not freed.
        unsafe { owner.cast::<Plugin>().as_ref() }
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
        &self.host_error
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
    pub fn init_schema(&self) -> (u32, &str) {
        let mut kind = 0;
        let Some(get) = self.handle.api.get_init_schema else { return (0, "") };
        // SAFETY: the function is of the type that the API declares; the pointer is valid during the call, and the text until the next one.
        let schema = running::within(self.call_context(), || unsafe { text(get(&mut kind)) });
        (kind, schema.unwrap_or_default())
    }

    /// Makes the plugin's state.
    ///
    /// # Errors
    /// It was initialised before, or fails with a text of its own.
    pub fn init(&self, config: &CStr) -> Result<(), String> {
        let name = &self.description.name;
        if self.initialised.get() || !self.state.load(Acquire).is_null() {
            return Err(format!("plugin {name} has been initialized twice"));
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
        self.state.store(unsafe { init(&input, &mut code) }, Release);
        if code != rc::SUCCESS {
            let why = self.last_error();
            self.end_state();
            return Err(format!("plugin {name}: could not initialize: {why}"));
        }
        self.initialised.set(true);
        let (api, state) = (&self.handle.api, self.state.load(Acquire));
        type Getter = Option<unsafe extern "C" fn(*mut u32, *mut c_void) -> *const u16>;
        let types = |get: Getter, function: &str, sources: &[String]| {
            let mut count = 0;
            // SAFETY: the function is of the type that the API declares, which requires as many entries of the array as it returns.
            let listed = get.map(|get| unsafe { EventTypes::read(get(&mut count, state), &count) }).transpose();
            let listed = listed.map_err(|cause| {
                self.end_state();
                format!("plugin {name}: plugin_{function}: {cause}")
            })?;
            Ok::<_, String>(listed.filter(|types| !types.is_empty()).unwrap_or_else(|| {
                if is_for_source(sources, SYSCALL_SOURCE) { EventTypes::ALL } else { EventTypes::of(&[PLUGIN_EVENT]) }
            }))
        };
        let d = &self.description;
        self.extract_types.set(&types(api.get_extract_event_types, "get_extract_event_types", &d.extract_sources)?);
        self.parse_types.set(&types(api.get_parse_event_types, "get_parse_event_types", &d.parse_sources)?);
        Ok(())
    }

    /// The types of the events that may have its fields; none before it is initialised.
    pub fn extract_types(&self) -> &CurrentTypes {
        &self.extract_types
    }

    /// The types of the events that it parses; none before it is initialised.
    pub fn parse_types(&self) -> &CurrentTypes {
        &self.parse_types
    }

    /// The text of the plugin's last failure.
    pub fn last_error(&self) -> String {
        let mut error = String::new();
        self.with_last_error(|text| error.push_str(text));
        error
    }

    /// Calls `read` with the text of the plugin's last failure.
    pub fn with_last_error(&self, read: impl FnOnce(&str)) {
        let (Some(get), state) = (self.handle.api.get_last_error, self.state.load(Acquire)) else { return read("") };
        if state.is_null() {
            return read("the plugin left no state that has the cause");
        }
        // SAFETY: the function is of the type that the API declares; the text stays until the plugin is called the next time.
        match running::within(self.call_context(), || unsafe { text(get(state)) }) {
            Some(error) if !error.is_empty() => read(error),
            _ => read("the plugin does not say why"),
        }
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

    /// The state, for the plugin's own functions on any thread. It is null before `init` returned.
    pub(crate) fn shared_state(&self) -> *mut c_void {
        self.state.load(Acquire)
    }

    #[inline]
    pub(crate) fn state(&self) -> Result<*mut c_void, String> {
        match self.initialised.get() {
            true => Ok(self.state.load(Acquire)),
            false => Err(format!("plugin {} is not initialized", self.description.name)),
        }
    }

    fn end_state(&self) {
        if self.taker.lock().is_some() {
            // It is no error of the host's that the plugin refuses: its events are refused from now on.
            let _ = self.send_async_events(None);
        }
        self.initialised.set(false);
        self.listens.set(false);
        for types in [&self.extract_types, &self.parse_types] {
            types.set(&EventTypes::NONE);
        }
        self.routines.end_all();
        if !self.state.load(Acquire).is_null() {
            (self.host.ends)(self);
        }
        let state = self.state.swap(null_mut(), AcqRel);
        if let (false, Some(destroy)) = (state.is_null(), self.handle.api.destroy) {
            // SAFETY: the state is the plugin's own, and is ended once.
            unsafe { destroy(state) }
        }
    }
}

impl Drop for Plugin {
    fn drop(&mut self) {
        self.end_state();
        owners::remove(self.owner());
    }
}
