//! The table of containers of a plugin, for the fields that use it.

use super::api::{StateData, rc};
use super::foreign::Lent;
use super::handed::Handed;
use super::problem::Informed;
use crate::inspector::handle::sinsp_inspector;
use sinsp_core::container_table::{ContainerTable, ContainerText, Containers};
use sinsp_core::state::tables::{ColumnType, Named};
use std::ffi::{CStr, CString, c_void};
use std::rc::Rc;

/// A table, and its columns. Its functions fail once it was removed.
struct Table {
    foreign: Rc<Lent>,
    user: *mut c_void,
    ip: *mut c_void,
}

impl Handed {
    /// Has the fields use the table `containers`, if a plugin has one with the columns that they read.
    pub(crate) fn find_containers(&self, inspector: &sinsp_inspector) -> super::Result<()> {
        let found = inspector.core()?.state().tables.find("containers", ColumnType::Text);
        let foreign = match found {
            Ok(Named::Foreign(number)) => self.lent(inspector, number, &Informed::default()),
            _ => None,
        };
        let table = foreign.and_then(Table::new).map(|table| Rc::new(table) as Rc<dyn ContainerTable>);
        inspector.core_mut()?.view_mut().containers = Containers(table);
        Ok(())
    }
}

impl Table {
    fn new(foreign: Rc<Lent>) -> Option<Table> {
        let column = |name: &CStr| {
            let input = foreign.input();
            // SAFETY: the function is of this table, and accepts any name.
            unsafe { (input.fields.get_table_field?)(input.table, name.as_ptr(), ColumnType::Text as u32).as_mut() }
        };
        let (user, ip) = (column(c"user")?, column(c"ip")?);
        let (user, ip): (*mut c_void, *mut c_void) = (user, ip);
        Some(Table { foreign, user, ip })
    }

    /// Calls `read` with the text of an entry in a column.
    ///
    /// # Safety
    /// `entry` must be one of the table that was not released.
    unsafe fn read<R>(&self, entry: *mut c_void, column: *mut c_void, read: impl FnOnce(&[u8]) -> R) -> Option<R> {
        let input = self.foreign.input();
        let mut data = StateData { u64: 0 };
        // SAFETY: by `# Safety`, and the column is one of the table.
        let done = unsafe { (input.reader.read_entry_field?)(input.table, entry, column, &mut data) };
        // SAFETY: the columns are texts, which end with a NUL and stay until the next read.
        let text = unsafe { data.str };
        if done != rc::SUCCESS || text.is_null() {
            return None;
        }
        // SAFETY: as above, and not null.
        Some(read(unsafe { CStr::from_ptr(text) }.to_bytes()))
    }
}

impl ContainerTable for Table {
    fn text(&self, container: &[u8], what: ContainerText, read: &mut dyn FnMut(&[u8])) {
        let column = match what {
            ContainerText::User => self.user,
            ContainerText::Ip => self.ip,
        };
        let input = self.foreign.input();
        // SAFETY: `Input` of this library has pointers to its own extended functions.
        let reader = unsafe { &*input.reader_ext };
        let (Some(get), Some(release)) = (input.reader.get_table_entry, reader.release_table_entry) else { return };
        let Ok(container) = CString::new(container) else { return };
        let key = StateData { str: container.as_ptr() };
        // SAFETY: the functions are of this table, whose keys are texts; the entry is released once it was read.
        unsafe {
            let entry = get(input.table, &key);
            if !entry.is_null() {
                self.read(entry, column, read);
                release(input.table, entry);
            }
        }
    }

    fn each_ip(&self, read: &mut dyn FnMut(&[u8]) -> bool) {
        let input = self.foreign.input();
        // SAFETY: as in `text`.
        let Some(iterate) = (unsafe { &*input.reader_ext }).iterate_entries else { return };
        let mut visit = Visit { table: self, read };
        // SAFETY: the function is of this table; `visit` outlives the call, which alone uses it.
        unsafe { iterate(input.table, Some(visit_ip), (&raw mut visit).cast()) };
    }
}

struct Visit<'a> {
    table: &'a Table,
    read: &'a mut dyn FnMut(&[u8]) -> bool,
}

/// Passes the address of an entry on.
///
/// # Safety
/// `context` must be a [`Visit`], and `entry` an entry of its table.
unsafe extern "C" fn visit_ip(context: *mut c_void, entry: *mut c_void) -> u32 {
    capi_common::guard(
        |_| 0,
        || {
            // SAFETY: by `# Safety`, and only the iteration uses it.
            let visit = unsafe { &mut *context.cast::<Visit<'_>>() };
            // SAFETY: by `# Safety`, it is an entry of the table.
            unsafe { visit.table.read(entry, visit.table.ip, |text| (visit.read)(text)) }.unwrap_or(true).into()
        },
    )
}
