//! A plugin that was loaded: its state, and the calls of its functions.
//!
//! The host's pointer for it, `ss_plugin_owner_t`, is the address of the [`Plugin`]; so a plugin stays where it is, in an [`Arc`].

use crate::api::{
    OwnerError, rc, ss_plugin_event_input, ss_plugin_event_parse_input, ss_plugin_extract_field,
    ss_plugin_extract_value_offsets, ss_plugin_field_extract_input, ss_plugin_init_input, ss_plugin_init_tables_input,
    ss_plugin_metric, ss_plugin_set_config_input, ss_plugin_table_info, ss_plugin_table_reader_vtable_ext,
    ss_plugin_table_writer_vtable,
};
use crate::description::{Description, SYSCALL_SOURCE, is_for_source};
use crate::loader::{self, plugin_handle_t, text};
use crate::routines::Routines;
use crate::schema;
use crate::types::{EventTypes, PLUGIN_EVENT, Taker};
use once_cell::unsync::OnceCell;
use parking_lot::Mutex;
use std::cell::{Cell, RefCell};
use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr::null;
use std::sync::Arc;
use std::sync::atomic::AtomicPtr;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Release};

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
}

/// The most metrics of a plugin: more are an error of it.
const MAX_METRICS: u32 = 1 << 16;

/// A loaded plugin, with its state once it is initialised. Used by the thread that uses its inspector.
pub struct Plugin {
    /// Its description.
    pub description: Description,
    /// The names of the fields, as the plugin gets them.
    field_names: Vec<CString>,
    pub(crate) host: HostCalls,
    /// The inspector of the host's functions. Null for none.
    context: Cell<*const c_void>,
    /// Written by the thread that uses the plugin; threads that start routines read it.
    state: AtomicPtr<c_void>,
    initialised: Cell<bool>,
    /// The source that is open.
    pub(crate) instance: Cell<Option<*mut c_void>>,
    extract_types: OnceCell<EventTypes>,
    parse_types: OnceCell<EventTypes>,
    /// What `list_tables` returned last, with its texts.
    listed: RefCell<(Vec<CString>, Vec<ss_plugin_table_info>)>,
    /// The tables that the plugin added to the host.
    tables: RefCell<Vec<*mut c_void>>,
    /// Why the host's last function failed for the plugin.
    host_error: RefCell<CString>,
    /// Takes the plugin's async events, from any thread, while a capture is open.
    pub(crate) taker: Mutex<Option<Taker>>,
    /// Takes the events of `dump_state`, during that.
    pub(crate) dump_taker: Mutex<Option<Taker>>,
    pub(crate) routines: Routines,
    // The last member: the library is unloaded after the state has ended.
    pub(crate) handle: plugin_handle_t,
}

impl Plugin {
    /// Checks a loaded plugin and gets its description.
    ///
    /// # Errors
    /// What [`Description::of`] finds wrong.
    pub fn new(handle: plugin_handle_t, host: HostCalls, context: *const c_void) -> Result<Arc<Plugin>, String> {
        let description = Description::of(&handle)?;
        let names = description.fields.iter().map(|f| CString::new(f.name.as_str()));
        let field_names = names.collect::<Result<_, _>>().map_err(|_| {
            format!("plugin {}: plugin_get_fields: the name of a field has a NUL in it", description.name)
        })?;
        // The thread that ends the last reference frees the plugin; one thread at a time calls everything else.
        #[allow(clippy::arc_with_non_send_sync)]
        Ok(Arc::new(Plugin {
            description,
            field_names,
            host,
            context: Cell::new(context),
            state: AtomicPtr::default(),
            initialised: Cell::new(false),
            instance: Cell::default(),
            extract_types: OnceCell::new(),
            parse_types: OnceCell::new(),
            listed: RefCell::default(),
            tables: RefCell::default(),
            host_error: RefCell::default(),
            taker: Mutex::default(),
            dump_taker: Mutex::default(),
            routines: Routines::default(),
            handle,
        }))
    }

    /// The plugin of an owner pointer.
    ///
    /// # Safety
    /// `owner` must be null or [`Plugin::owner`] of a plugin that was not freed.
    pub unsafe fn of_owner<'a>(owner: *mut c_void) -> Option<&'a Plugin> {
        // SAFETY: by `# Safety`, it is null or a plugin that was not freed.
        unsafe { owner.cast::<Plugin>().as_ref() }
    }

    /// `ss_plugin_owner_t`.
    pub fn owner(&self) -> *mut c_void {
        (&raw const *self).cast_mut().cast()
    }

    /// The inspector of the host's functions; null once that was freed.
    pub fn context(&self) -> *const c_void {
        self.context.get()
    }

    /// Ends the state of the plugin, whose inspector is freed.
    pub fn end(&self) {
        self.destroy();
        self.context.set(null());
    }

    /// Whether `init` succeeded.
    pub fn is_initialised(&self) -> bool {
        self.initialised.get()
    }

    /// Sets why a function of the host failed, for `get_owner_last_error`.
    pub fn set_host_error(&self, error: &str) {
        let bytes = error.bytes().filter(|b| *b != 0).collect::<Vec<u8>>();
        if let Ok(text) = CString::new(bytes) {
            self.host_error.replace(text);
        }
    }

    /// Why a function of the host failed last; null if none did. Valid until one fails again.
    pub fn host_error(&self) -> *const c_char {
        let error = self.host_error.borrow();
        if error.is_empty() { null() } else { error.as_ptr() }
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

    /// Records a table that the plugin added, which is removed with its state.
    pub fn note_table(&self, table: *mut c_void) {
        self.tables.borrow_mut().push(table);
    }

    /// The tables that it added.
    pub fn take_tables(&self) -> Vec<*mut c_void> {
        self.tables.take()
    }

    /// The schema of the configuration: its kind (`ss_plugin_schema_type`) and its text, which is empty if there is none.
    pub fn init_schema(&self) -> (u32, &str) {
        let mut kind = 0;
        let Some(get) = self.handle.api.get_init_schema else { return (0, "") };
        // SAFETY: the function is of the type that the API declares; the pointer is valid during the call, and the text until the next one.
        let schema = unsafe { text(get(&mut kind)) };
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
            self.destroy();
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
                self.destroy();
                format!("plugin {name}: plugin_{function}: {cause}")
            })?;
            Ok::<_, String>(listed.filter(|types| !types.is_empty()).unwrap_or_else(|| {
                if is_for_source(sources, SYSCALL_SOURCE) { EventTypes::ALL } else { EventTypes::of(&[PLUGIN_EVENT]) }
            }))
        };
        // Neither is set before: the plugin was not initialised.
        let _ = self.extract_types.set(types(
            api.get_extract_event_types,
            "get_extract_event_types",
            &self.description.extract_sources,
        )?);
        let _ = self.parse_types.set(types(
            api.get_parse_event_types,
            "get_parse_event_types",
            &self.description.parse_sources,
        )?);
        Ok(())
    }

    /// The types of the events that may have its fields; none before it is initialised.
    pub fn extract_types(&self) -> &EventTypes {
        self.extract_types.get().unwrap_or(&EventTypes::NONE)
    }

    /// The types of the events that it parses; none before it is initialised.
    pub fn parse_types(&self) -> &EventTypes {
        self.parse_types.get().unwrap_or(&EventTypes::NONE)
    }

    /// The text of the plugin's last failure.
    pub fn last_error(&self) -> String {
        let (Some(get), state) = (self.handle.api.get_last_error, self.state.load(Acquire)) else {
            return String::new();
        };
        if state.is_null() {
            return "the plugin left no state that has the cause".into();
        }
        // SAFETY: the function is of the type that the API declares; the text is copied at once.
        match unsafe { text(get(state)) } {
            Some(error) if !error.is_empty() => error.to_owned(),
            _ => "the plugin does not say why".into(),
        }
    }

    /// Checks a configuration against the plugin's schema; an empty one becomes `{}` if there is one.
    fn checked<'a>(&self, config: &'a CStr) -> Result<&'a CStr, String> {
        let (kind, schema) = self.init_schema();
        schema::check(kind, schema, config).map_err(|cause| format!("plugin {}: {cause}", self.description.name))
    }

    /// Sets a new configuration; the inner result says whether the plugin accepted it, and why not.
    ///
    /// # Errors
    /// It is not initialised, or its schema does not allow the configuration.
    pub fn set_config(&self, config: &CStr) -> Result<Result<(), String>, String> {
        let (state, name) = (self.state()?, &self.description.name);
        let config = self.checked(config)?;
        let Some(set) = self.handle.api.set_config else {
            return Ok(Err(format!("plugin {name} takes no new configuration")));
        };
        let input = ss_plugin_set_config_input { config: config.as_ptr() };
        // SAFETY: the function is of the type that the API declares; the input is valid during the call.
        Ok(match unsafe { set(state, &input) } {
            rc::SUCCESS => Ok(()),
            _ => Err(format!("plugin {name}: {}", self.last_error())),
        })
    }

    /// Calls `each` with each of the plugin's metrics.
    ///
    /// # Errors
    /// It is not initialised, or returns an absurd number of them.
    pub fn metrics(&self, mut each: impl FnMut(&ss_plugin_metric)) -> Result<(), String> {
        let state = self.state()?;
        let Some(get) = self.handle.api.get_metrics else { return Ok(()) };
        let mut count = 0;
        // SAFETY: the function is of the type that the API declares.
        let metrics = unsafe { get(state, &mut count) };
        if count > MAX_METRICS {
            let name = &self.description.name;
            return Err(format!("plugin {name}: plugin_get_metrics returned {count} metrics, more than {MAX_METRICS}"));
        }
        for at in (0..count as usize).filter(|_| !metrics.is_null()) {
            // SAFETY: the API requires as many metrics, until the next call of the function.
            each(&unsafe { metrics.add(at).read_unaligned() });
        }
        Ok(())
    }

    /// Extracts the values of fields. `false`: the event does not have them, or the plugin failed.
    ///
    /// # Errors
    /// It is not initialised, or has no fields.
    pub fn extract(
        &self,
        event: &ss_plugin_event_input,
        fields: &mut [ss_plugin_extract_field],
        offsets: Option<&mut ss_plugin_extract_value_offsets>,
    ) -> Result<bool, String> {
        let state = self.state()?;
        let extract = self.handle.api.extract_fields.ok_or("the plugin has no fields")?;
        let input = ss_plugin_field_extract_input {
            owner: self.owner(),
            get_owner_last_error: self.host_error_fn(),
            num_fields: fields.len() as u32,
            fields: fields.as_mut_ptr(),
            table_reader: self.host.reader.reader,
            table_reader_ext: self.host.reader,
            value_offsets: offsets.map_or(std::ptr::null_mut(), |o| o),
        };
        // SAFETY: the function is of the type that the API declares; all arguments are valid during the call.
        Ok(unsafe { extract(state, event, &input) } == rc::SUCCESS)
    }

    /// Calls the plugin's parser for an event. `false`: it failed.
    ///
    /// # Errors
    /// It is not initialised.
    pub fn parse(&self, event: &ss_plugin_event_input) -> Result<bool, String> {
        let state = self.state()?;
        let Some(parse) = self.handle.api.parse_event else { return Ok(true) };
        let input = ss_plugin_event_parse_input {
            owner: self.owner(),
            get_owner_last_error: self.host_error_fn(),
            table_reader: self.host.reader.reader,
            table_writer: *self.host.writer,
            table_reader_ext: self.host.reader,
            table_writer_ext: self.host.writer,
        };
        // SAFETY: the function is of the type that the API declares; all arguments are valid during the call.
        Ok(unsafe { parse(state, event, &input) } == rc::SUCCESS)
    }

    /// The name of a field as the plugin gets it, valid as long as the plugin.
    pub fn field_name(&self, field: usize) -> *const c_char {
        self.field_names.get(field).map_or(null(), |name| name.as_ptr())
    }

    /// Whether its fields are for events of the source with this plugin number, 0 for system calls. `name_of` returns the source's name.
    pub fn extracts_from<'a>(&self, id: u32, name_of: impl FnOnce() -> Option<&'a str>) -> bool {
        let sources = &self.description.extract_sources;
        match id {
            0 => is_for_source(sources, SYSCALL_SOURCE),
            own if own == self.description.id => true,
            _ => name_of().is_some_and(|name| is_for_source(sources, name)),
        }
    }

    pub(crate) fn host_error_fn(&self) -> OwnerError {
        Some(self.host.last_error)
    }

    /// The state, for the plugin's own functions on any thread. It is null before `init` returned.
    pub(crate) fn shared_state(&self) -> *mut c_void {
        self.state.load(Acquire)
    }

    pub(crate) fn state(&self) -> Result<*mut c_void, String> {
        match self.initialised.get() {
            true => Ok(self.state.load(Acquire)),
            false => Err(format!("plugin {} is not initialized", self.description.name)),
        }
    }

    fn destroy(&self) {
        self.initialised.set(false);
        self.routines.stop();
        *self.taker.lock() = None;
        self.close_instance(self.state.load(Acquire));
        let state = self.state.swap(std::ptr::null_mut(), AcqRel);
        if let (false, Some(destroy)) = (state.is_null(), self.handle.api.destroy) {
            // SAFETY: the state is the plugin's own, and is ended once.
            unsafe { destroy(state) }
        }
    }
}

impl Drop for Plugin {
    fn drop(&mut self) {
        self.destroy();
    }
}
