//! The table of containers of a plugin, for the fields that use it.

use super::api::{Input, ReaderExt, SUCCESS, StateData};
use super::handed::Handed;
use crate::inspector::handle::sinsp_inspector;
use sinsp_core::container_table::{ContainerTable, ContainerText, Containers};
use sinsp_core::state::tables::{ColumnType, Named};
use std::ffi::{CStr, CString, c_void};
use std::rc::Rc;

/// The functions of the table, which is removed from the inspector before they end.
struct Table {
    table: *mut c_void,
    reader: *const ReaderExt,
    user: *mut c_void,
    ip: *mut c_void,
}

impl Handed {
    /// Has the fields use the table `containers`, if a plugin has one with the columns that they read.
    pub(crate) fn find_containers(&self, inspector: &sinsp_inspector) -> super::Result<()> {
        let found = inspector.core()?.state().tables.find("containers", ColumnType::Text);
        let foreign = self.foreign.borrow();
        let table = match found {
            Ok(Named::Foreign(number)) => foreign.get(number).and_then(Option::as_ref),
            _ => None,
        };
        let table = table.and_then(|foreign| Table::new(&foreign.input));
        drop(foreign);
        let table = table.map(|table| Rc::new(table) as Rc<dyn ContainerTable>);
        inspector.core_mut()?.view_mut().containers = Containers(table);
        Ok(())
    }
}

impl Table {
    fn new(input: &Input) -> Option<Table> {
        // SAFETY: `Foreign` has checked that no function is null; the table and its functions are valid until it is removed.
        let column = |name: &CStr| unsafe { (input.fields.get)(input.table, name.as_ptr(), ColumnType::Text as u32) };
        let (user, ip) = (column(c"user"), column(c"ip"));
        let all = !user.is_null() && !ip.is_null();
        all.then_some(Table { table: input.table, reader: input.reader_ext, user, ip })
    }

    /// Calls `read` with the text of an entry in a column.
    ///
    /// # Safety
    /// `entry` must be one of the table.
    unsafe fn read<R>(&self, entry: *mut c_void, column: *mut c_void, read: impl FnOnce(&[u8]) -> R) -> Option<R> {
        let mut data = StateData::of(sinsp_core::state::tables::Value::U64(0));
        // SAFETY: the functions are valid until the table is removed, and its columns are texts, which end with a NUL and stay until the next read.
        unsafe {
            let done = ((*self.reader).reader.read)(self.table, entry, column, &mut data);
            (done == SUCCESS && !data.text.is_null()).then(|| read(CStr::from_ptr(data.text).to_bytes()))
        }
    }
}

impl ContainerTable for Table {
    fn text(&self, container: &[u8], what: ContainerText, read: &mut dyn FnMut(&[u8])) {
        let column = match what {
            ContainerText::User => self.user,
            ContainerText::Ip => self.ip,
        };
        let Ok(container) = CString::new(container) else { return };
        let mut key = StateData::of(sinsp_core::state::tables::Value::U64(0));
        key.text = container.as_ptr();
        // SAFETY: the functions are valid until the table is removed; the entry is released as the table's contract requires.
        unsafe {
            let reader = &*self.reader;
            let entry = (reader.reader.entry)(self.table, &key);
            if !entry.is_null() {
                self.read(entry, column, read);
                (reader.release)(self.table, entry);
            }
        }
    }

    fn each_ip(&self, read: &mut dyn FnMut(&[u8]) -> bool) {
        let mut visit = Visit { table: self, read };
        // SAFETY: the functions are valid until the table is removed; `visit` outlives the call, which alone uses it.
        unsafe { ((*self.reader).iterate)(self.table, Some(visit_ip), (&raw mut visit).cast()) };
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
