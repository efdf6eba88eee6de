//! The state as tables, through the table functions of the plugin API (`plugin/plugin_api.h`): the inspector's own, those that a program or
//! plugin makes in the inspector, and foreign ones, whose entries are those of a program or plugin.

pub(crate) mod api;
mod containers;
mod fields;
mod foreign;
pub(crate) mod handed;
mod handle;
mod problem;
mod taken;
#[cfg(test)]
mod tests;
pub(crate) mod vtable;

use crate::ffi::{Failure, borrow, guard, guard_plain, guard_status, sinsp_error, sinsp_status, sinsp_str};
use crate::inspector::handle::{release_count, sinsp_inspector};
pub(crate) use fields::c_string;
use foreign::{Foreign, Keeper, Lent};
use handed::Handed;
use handle::{Exposed, What};
use plugin::instance::Plugin;
use problem::ERROR;
pub(crate) use problem::{Informed, Problem, Result};
use sinsp_core::state::tables::{ColumnType, Named, ShapeId};
use std::ffi::c_void;
use std::ptr::null_mut;
use std::rc::Rc;
use std::sync::Weak;

impl Handed {
    fn exposed(
        &self,
        inspector: &sinsp_inspector,
        what: What,
        shape: ShapeId,
        informed: &Informed,
    ) -> Result<*mut c_void> {
        let core = inspector.core()?;
        let tables = &core.state().tables;
        let mut named = self.named.borrow_mut();
        if let Some(known) = named.iter().find(|t| t.is(&what, informed)) {
            return Ok(vtable::pointer(known));
        }
        let (name, key) = (c_string(tables.name(shape)), tables.key(shape) as u32);
        named.push(Exposed::new(inspector.pointer(), None, what, shape, name, key, informed.clone()));
        Ok(named.last().map_or(null_mut(), |table| vtable::pointer(table)))
    }

    /// The foreign table with this number for `informed`.
    fn lent(&self, inspector: &sinsp_inspector, number: usize, informed: &Informed) -> Option<Rc<Lent>> {
        let foreign = self.foreign.borrow().get(number).cloned()?;
        let mut lent = self.lent.borrow_mut();
        if let Some(known) = lent.iter().find(|table| table.is(&foreign, informed)) {
            return Some(known.clone());
        }
        let keeper = Keeper {
            inspector: inspector.pointer(),
            // SAFETY: `Keeper`'s users pass its inspector while that is live.
            take: |inspector| unsafe { (*inspector.cast::<sinsp_inspector>()).retain() },
            // SAFETY: as above, with the reference that `take` took.
            dropped: |inspector| unsafe { release_count(inspector.cast::<sinsp_inspector>().cast_mut()) },
        };
        lent.push(Lent::new(foreign, keeper, informed.clone()));
        lent.last().cloned()
    }

    /// Finds a table by its name, for `informed`.
    pub(crate) fn find(
        &self,
        inspector: &sinsp_inspector,
        name: &str,
        key: ColumnType,
        informed: &Informed,
    ) -> Result<*mut c_void> {
        // Keeps other threads out.
        let core = inspector.core()?;
        match core.state().tables.find(name, key)? {
            Named::Threads => self.exposed(inspector, What::Threads, ShapeId::THREADS, informed),
            Named::Owned(table) => self.exposed(inspector, What::Owned(table.clone()), table.shape(), informed),
            Named::Foreign(number) => {
                let lent = self.lent(inspector, number, informed);
                Ok(lent.map_or(null_mut(), |lent| (&raw const *lent.input()).cast_mut().cast()))
            }
        }
    }

    /// Adds a foreign table of a plugin, or of the program if that is `None`; returns its number.
    ///
    /// # Safety
    /// As [`Foreign::new`].
    pub(crate) unsafe fn add_foreign(
        &self,
        inspector: &sinsp_inspector,
        input: *const c_void,
        size: usize,
        plugin: Option<Weak<Plugin>>,
    ) -> Result<usize> {
        // SAFETY: this `# Safety` is that of `Foreign::new`.
        let (table, name, key) = unsafe { Foreign::new(input, size, plugin)? };
        let mut core = inspector.core_mut()?;
        let mut foreign = self.foreign.borrow_mut();
        let number = foreign.len();
        core.state_mut().tables.add_foreign(&name, key, number)?;
        foreign.push(table);
        Ok(number)
    }

    /// The number of the foreign table whose owner's pointer is `table`.
    pub(crate) fn foreign_number(&self, table: *const c_void) -> Option<usize> {
        self.foreign.borrow().iter().position(|known| known.is(table))
    }

    /// Removes a foreign table. Its functions fail from then on.
    pub(crate) fn remove_foreign(&self, inspector: &sinsp_inspector, number: usize) -> Result<()> {
        if let Some(table) = self.foreign.borrow().get(number) {
            table.remove();
        }
        inspector.core_mut()?.state_mut().tables.remove_foreign(number);
        Ok(())
    }
}

/// The type of keys with this number (`ss_plugin_state_type`).
pub(crate) fn key_type(number: u32) -> Result<ColumnType> {
    ColumnType::from_number(number).ok_or_else(|| Problem::new(format!("there is no type {number} of keys")))
}

/// A name that C passes.
///
/// # Safety
/// `name` must be readable.
unsafe fn utf8<'a>(name: sinsp_str) -> Result<&'a str> {
    // SAFETY: by `# Safety`, `name` is readable.
    std::str::from_utf8(unsafe { name.bytes() }).map_err(|_| Problem::from("a name has to be UTF-8"))
}

/// The cause of the last failure of a table's function on this operating-system thread; valid until the next one. It is set by the functions of
/// every `ss_plugin_table_input` that this library returns to the program, those of foreign tables included.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_table_error() -> sinsp_str {
    guard_plain(sinsp_str::EMPTY, || ERROR.with_borrow(|error| sinsp_str::of(error.as_bytes())))
}

/// Sets what `sinsp_table_error` returns: for the functions of a foreign table of the program that fail.
///
/// # Safety
/// `message` must be readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_table_set_error(message: sinsp_str) {
    // SAFETY: by `# Safety`, `message` is readable.
    guard_plain((), || problem::set_error_text(&String::from_utf8_lossy(unsafe { message.bytes() })));
}

/// The table of a name as the plugin API's `ss_plugin_table_t` (which is an `ss_plugin_table_input`); null, with an error, if there is
/// none or its keys are not of type `key_type` (`ss_plugin_state_type`). It is valid as long as the inspector; the functions of a foreign
/// one fail once that is removed.
///
/// Entries: what `get_table_entry` or `add_table_entry` returns is the caller's until `release_table_entry`; what `create_table_entry` returns
/// until it is destroyed or passed to `add_table_entry`, even if that fails. Such an entry stays readable and writable when its thread exits, its
/// file is closed, or its inspector is closed or freed: it counts as one reference of the inspector. An iterator's entry is borrowed for the call.
/// A text is valid until the same field of the entry is read again or the entry is released; a table that is read from an entry as long as that is
/// held and then until the next event. A field is valid as long as the inspector.
///
/// # Safety
/// `inspector` must be null or live, `name` readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_table(
    inspector: *const sinsp_inspector,
    name: sinsp_str,
    key_type: u32,
    error: *mut *mut sinsp_error,
) -> *mut c_void {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live, `name` is readable.
        let (inspector, name) = unsafe { (borrow(inspector, "inspector")?, utf8(name)?) };
        Ok(inspector.tables.find(inspector, name, self::key_type(key_type)?, &Informed::default())?)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard(error, |_| null_mut(), body) }
}

/// The table of threads; null for null. As `sinsp_inspector_table` with the name `threads`.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_thread_table(inspector: *const sinsp_inspector) -> *mut c_void {
    // SAFETY: by `# Safety`, `inspector` is null or live.
    let Ok(inspector) = (unsafe { borrow(inspector, "inspector") }) else { return null_mut() };
    guard_plain(null_mut(), || {
        inspector.tables.find(inspector, "threads", ColumnType::I64, &Informed::default()).unwrap_or(null_mut())
    })
}

/// A table without entries that has the fields of all tables of open files: a field that is added to it is added to all of them. Null for null.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_fd_table_fields(inspector: *const sinsp_inspector) -> *mut c_void {
    // SAFETY: by `# Safety`, `inspector` is null or live.
    let Ok(inspector) = (unsafe { borrow(inspector, "inspector") }) else { return null_mut() };
    let find = || {
        inspector
            .tables
            .exposed(inspector, What::None(ShapeId::FDS), ShapeId::FDS, &Informed::default())
            .unwrap_or(null_mut())
    };
    guard_plain(null_mut(), find)
}

/// Whether a table (`ss_plugin_table_t`) is one of this library, whose entries are counted; false for foreign ones, and for null.
///
/// # Safety
/// `table` must be null or an `ss_plugin_table_t` that is valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_table_is_own(table: *const c_void) -> bool {
    // SAFETY: by `# Safety`, `table` is null or one that this library returned and that is valid.
    unsafe { table.cast::<api::Input>().as_ref() }.is_some_and(|input| std::ptr::eq(input.reader_ext, &vtable::READER))
}

/// Called with the name of a table, which is borrowed for the call, and the type of its keys (`ss_plugin_state_type`); false ends the iteration.
pub type sinsp_table_visitor =
    Option<unsafe extern "C" fn(context: *mut c_void, name: sinsp_str, key_type: u32) -> bool>;

/// Calls `visit` for each table that has a name, until it returns false. Returns false if `visit` did.
///
/// # Safety
/// `inspector` must be null or live; `visit` must be callable with `context` and must not throw; `error` must be null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_each_table(
    inspector: *const sinsp_inspector,
    visit: sinsp_table_visitor,
    context: *mut c_void,
    error: *mut *mut sinsp_error,
) -> bool {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        let visit = visit.ok_or_else(|| Failure::illegal("null callback"))?;
        // A copy: the visitor may add tables.
        let core = inspector.core()?;
        let names: Vec<(String, ColumnType)> = core.state().tables.names().map(|(n, k)| (n.into(), k)).collect();
        drop(core);
        // SAFETY: by `# Safety`, `visit` is callable with `context`; the name is valid during the call.
        Ok(names.iter().all(|(name, key)| unsafe { visit(context, sinsp_str::of(name.as_bytes()), *key as u32) }))
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard(error, |_| false, body) }
}

/// Makes a table in the inspector, under a name that no other has, without columns, with keys of type `key_type` (`ss_plugin_state_type`).
/// Returns it as `sinsp_inspector_table` does.
///
/// # Safety
/// `inspector` must be null or live, `name` readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_add_table(
    inspector: *mut sinsp_inspector,
    name: sinsp_str,
    key_type: u32,
    error: *mut *mut sinsp_error,
) -> *mut c_void {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live, `name` is readable.
        let (inspector, name) = unsafe { (borrow(inspector, "inspector")?, utf8(name)?) };
        let key = self::key_type(key_type)?;
        inspector.core_mut()?.state_mut().tables.add_owned(name, key).map_err(Problem::from)?;
        Ok(inspector.tables.find(inspector, name, key, &Informed::default())?)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard(error, |_| null_mut(), body) }
}

/// Adds a foreign table: its entries are the caller's, and `sinsp_inspector_table` finds it by its name, which no other may have. `input` is an
/// `ss_plugin_table_input` of `input_size` bytes with all functions of its extended vtables. The vtables and functions have to stay until the
/// table is removed or the inspector is freed; the rest is copied. A function that fails calls `sinsp_table_set_error`.
///
/// # Safety
/// `inspector` must be null or live, `input` null or as described above, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_add_foreign_table(
    inspector: *mut sinsp_inspector,
    input: *const c_void,
    input_size: usize,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live, `input` is null or an `ss_plugin_table_input` as `Foreign::new` requires.
        unsafe {
            let inspector = borrow(inspector, "inspector")?;
            inspector.tables.add_foreign(inspector, input, input_size, None)?;
        }
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

/// Removes a table that `sinsp_inspector_add_foreign_table` added; `table` is the input's member of that name. The functions of
/// pointers that `sinsp_inspector_table` returned for it fail from then on.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_remove_foreign_table(
    inspector: *mut sinsp_inspector,
    table: *const c_void,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        let number = inspector.tables.foreign_number(table);
        let number = number.ok_or_else(|| Failure::new(sinsp_status::SINSP_NOT_FOUND, "there is no such table"))?;
        inspector.tables.remove_foreign(inspector, number)?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

/// Adds a field of type table to a table of `sinsp_inspector_add_table`, or to a table in one: every entry has a table of its own in the field,
/// with keys of type `key_type` (`ss_plugin_state_type`). All of them have the same fields.
///
/// # Safety
/// `table` must be null or an `ss_plugin_table_t` that this library returned and that is valid, `name` readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_table_add_table_field(
    table: *mut c_void,
    name: sinsp_str,
    key_type: u32,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: by `# Safety`, `table` is null or a valid `ss_plugin_table_input`, `name` is readable.
        let (input, name) = unsafe { (borrow(table.cast::<api::Input>(), "table")?, utf8(name)?) };
        // SAFETY: this `# Safety` includes that of `sinsp_table_is_own`.
        if !unsafe { sinsp_table_is_own(table) } {
            return Err(Failure::illegal("the table is not one that the inspector keeps"));
        }
        // SAFETY: an own table's `input.table` is the `Exposed` that `vtable::pointer` put there.
        let table = unsafe { vtable::exposed(input.table)? };
        let key = self::key_type(key_type)?;
        let mut core = vtable::inspector_of(table).core_mut()?;
        core.state_mut().tables.add_nested(table.shape(), name, key).map_err(Problem::from)?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}
