//! Leaving events out in the kernel, as C says it.

use crate::ffi::{
    Failure, borrow, entries_of, guard_handle, guard_plain, guard_status, release, sinsp_error, sinsp_status, sinsp_str,
};
use crate::filter::program::sinsp_program;
use crate::inspector::chosen::{Chosen, OpenDump};
use crate::inspector::handle::sinsp_inspector;
use sinsp_core::inspector::{Audience, SelectionReport};
use sinsp_core::selection::{Row, Wanted, Why};

impl sinsp_inspector {
    /// Notes that a capture of its events begins: from now on no event is left out.
    pub(crate) fn begin_dump(&self) -> Result<OpenDump, Failure> {
        let open = self.dumps.begin();
        self.reselect()?;
        Ok(open)
    }

    /// Applies the selection again, after the filter, a callback, a plugin or a capture that is written has changed what it is for.
    pub(crate) fn reselect(&self) -> Result<(), Failure> {
        let wanted = match &*self.chosen.borrow() {
            None => return Ok(()),
            Some(Chosen::Own) => Wanted::new(self.filter.borrow().iter().map(|filter| &**filter)),
            Some(Chosen::Filters(wanted)) => wanted.clone(),
        };
        let wants = self.wants.get();
        let audience = Audience {
            observer: wants.observer,
            processor: wants.processor,
            dump: self.dumps.seen(),
            parsed: self.parsed_types(),
        };
        Ok(self.core_mut()?.select_events(Some(wanted), audience)?)
    }
}

/// Has the kernel's driver leave out events that the program does not need: those for which none of `count` filters can hold, judged by the system
/// call and by whether it failed, and that do not change the state of threads and fds. With a `count` of 0 the filter of
/// `sinsp_inspector_set_filter` counts, whatever it is at the time.
///
/// The program promises to evaluate no filters but these, and to need nothing of other events. Nothing is left out, which
/// `sinsp_inspector_selection` then says, while there is an observer, an event processor or no filter, while a filter has a field that depends on the
/// events before (`evt.num`, `evt.deltatime`...), and from the time that a capture is written, until this function is called again. The types of
/// events that plugins parse are not left out. It applies to the open capture and to those that are opened later; a new call replaces it.
///
/// An error if the open driver cannot leave out events, or for a filter of another inspector. The filters may be freed afterwards.
///
/// # Safety
/// `inspector` must be null or live, `programs` null or `count` pointers that are live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_start_selection(
    inspector: *mut sinsp_inspector,
    programs: *const *const sinsp_program,
    count: usize,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        let chosen = if count == 0 {
            Chosen::Own
        } else {
            // SAFETY: by `# Safety`, `programs` is null or an array of `count` pointers.
            let programs = unsafe { entries_of(programs, count, "filters")? };
            // SAFETY: by `# Safety`, each is live.
            let kept = programs.iter().map(|program| unsafe { borrow(*program, "filter")?.keep(inspector) });
            let kept = kept.collect::<Result<Vec<_>, Failure>>()?;
            Chosen::Filters(Wanted::new(kept.iter().map(|filter| &**filter)))
        };
        // An error while the core is in use, before anything changes.
        drop(inspector.core_mut()?);
        inspector.chosen.replace(Some(chosen));
        inspector.dumps.forget_ended();
        inspector.reselect()?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

/// Ends `sinsp_inspector_start_selection`: the driver reports all events that are selected by `sinsp_inspector_set_interesting` and the open.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_stop_selection(
    inspector: *mut sinsp_inspector,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        inspector.core_mut()?.select_events(None, Audience::default())?;
        inspector.chosen.replace(None);
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

/// Why events are reported.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum sinsp_kept {
    /// They are left out.
    SINSP_KEPT_NOT = 0,
    /// They change the state of threads or fds.
    SINSP_KEPT_FOR_STATE = 1,
    /// A plugin parses them.
    SINSP_KEPT_FOR_PLUGIN = 2,
    /// A filter can hold for them.
    SINSP_KEPT_FOR_FILTER = 3,
    /// It is not known what events the system call makes.
    SINSP_KEPT_UNKNOWN = 4,
}

/// What is reported of a system call, or of a tracepoint, whose events have no result: then both are the same.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_selection_row {
    /// Its code (`PPM_SC_*`).
    pub sc: u16,
    /// Its name.
    pub name: sinsp_str,
    /// Why calls that succeed are reported (`sinsp_kept`).
    pub succeeded: u32,
    /// Why calls that fail are reported (`sinsp_kept`).
    pub failed: u32,
    /// The first filter that can hold for calls that succeed, by its index, if that is why.
    pub succeeded_filter: usize,
    /// The same for calls that fail.
    pub failed_filter: usize,
}

/// What the driver leaves out, and why not more, as of one moment. Owned; freed with `sinsp_selection_free`. It may outlive its inspector.
pub struct sinsp_selection {
    report: SelectionReport,
    rows: Vec<Row>,
    notes: Vec<String>,
    text: String,
}

/// What the driver of an inspector leaves out. Null with an error before `sinsp_inspector_start_selection`.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_selection(
    inspector: *const sinsp_inspector,
    error: *mut *mut sinsp_error,
) -> *mut sinsp_selection {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        let report = inspector.core()?.selection();
        let report = report.ok_or_else(|| Failure::illegal("no selection was started for the inspector"))?;
        let rows = report.selection.rows().iter().copied().filter(Row::is_here).collect();
        let (notes, text) = (report.notes(), report.text());
        Ok(sinsp_selection { report, rows, notes, text })
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_handle(error, body) }
}

/// Whether events are left out. If not, the notes say why.
///
/// # Safety
/// `selection` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_selection_active(selection: *const sinsp_selection) -> bool {
    // SAFETY: by `# Safety`, `selection` is null or live.
    unsafe { selection.as_ref() }.is_some_and(|selection| selection.report.obstacles.is_empty())
}

/// Sets `*row` to the `i`-th system call or tracepoint of this machine; its name is valid as long as the program runs. Returns whether there is one. If
/// nothing is left out, the rows are what would be.
///
/// # Safety
/// `selection` must be null or live, `row` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_selection_get(
    selection: *const sinsp_selection,
    i: usize,
    row: *mut sinsp_selection_row,
) -> bool {
    // SAFETY: by `# Safety`, `selection` is null or live, `row` is null or writable.
    let (selection, row) = unsafe { (selection.as_ref(), row.as_mut()) };
    let (Some(known), Some(row)) = (selection.and_then(|selection| selection.rows.get(i)), row) else { return false };
    let name = known.sc.info().and_then(|info| info.name).unwrap_or_default();
    let ((succeeded, succeeded_filter), (failed, failed_filter)) = (why(known.succeeded), why(known.failed));
    let name = sinsp_str::of(name.as_bytes());
    *row = sinsp_selection_row { sc: known.sc.0, name, succeeded, failed, succeeded_filter, failed_filter };
    true
}

fn why(why: Why) -> (u32, usize) {
    let (kept, filter) = match why {
        Why::LeftOut => (sinsp_kept::SINSP_KEPT_NOT, 0),
        Why::State => (sinsp_kept::SINSP_KEPT_FOR_STATE, 0),
        Why::Plugin => (sinsp_kept::SINSP_KEPT_FOR_PLUGIN, 0),
        Why::Filter(i) => (sinsp_kept::SINSP_KEPT_FOR_FILTER, i),
        Why::Unknown => (sinsp_kept::SINSP_KEPT_UNKNOWN, 0),
    };
    (kept as u32, filter)
}

/// Sets `*text` to the `i`-th note: why nothing is left out, and which filters keep it from being more. Valid as long as the selection. Returns whether
/// there is one.
///
/// # Safety
/// `selection` must be null or live, `text` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_selection_note(
    selection: *const sinsp_selection,
    i: usize,
    text: *mut sinsp_str,
) -> bool {
    // SAFETY: by `# Safety`, `selection` is null or live, `text` is null or writable.
    let (selection, text) = unsafe { (selection.as_ref(), text.as_mut()) };
    let (Some(note), Some(text)) = (selection.and_then(|selection| selection.notes.get(i)), text) else { return false };
    *text = sinsp_str::of(note.as_bytes());
    true
}

/// The whole as text, to be printed: the notes, and a line for each system call and tracepoint with `always`, `success`, `failure` or `never`, and why.
/// Valid as long as the selection; empty for null.
///
/// # Safety
/// `selection` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_selection_text(selection: *const sinsp_selection) -> sinsp_str {
    // SAFETY: by `# Safety`, `selection` is null or live.
    let Some(selection) = (unsafe { selection.as_ref() }) else { return sinsp_str::EMPTY };
    guard_plain(sinsp_str::EMPTY, || sinsp_str::of(selection.text.as_bytes()))
}

/// Frees a report; null is ignored.
///
/// # Safety
/// `selection` must be null or owned and not freed yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_selection_free(selection: *mut sinsp_selection) {
    // SAFETY: by `# Safety`, `selection` is null or owned, and this call is the one that frees it.
    unsafe { release(selection) }
}
