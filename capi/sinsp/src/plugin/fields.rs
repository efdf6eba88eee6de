//! The fields of plugins in filters and formats.

use crate::inspector::handle::sinsp_inspector;
use driver::{Format, ParamType};
use plugin::api::{
    ss_plugin_byte_buffer, ss_plugin_event_input, ss_plugin_extract_field, ss_plugin_extract_value_offsets,
};
use plugin::description::{ArgumentRule, FieldType};
use plugin::instance::Plugin;
use sinsp_core::fields::{ForeignCheck, ForeignClass, ForeignField, ForeignInfo, Found};
use sinsp_core::filter::ast::{Modifier, Operator};
use sinsp_core::{Error, EventContext, Extracted, Item, Result, Span};
use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr::{null, null_mut};
use std::rc::Rc;
use std::sync::Arc;

/// From how many bytes of a list on it is checked that they are memory of the program.
const MANY_BYTES: u64 = 1 << 20;
/// How many bytes of a value are taken: what is beyond them is an error of the plugin.
const MAX_VALUE_BYTES: u32 = 64 << 20;

/// The fields of one plugin.
pub(crate) struct PluginFields(pub Arc<Plugin>);

impl PluginFields {
    /// The field whose name begins `text`, its argument, and how many bytes both take; `None` if there is none.
    fn parse(&self, text: &str) -> Result<Option<(usize, Argument, usize)>> {
        let fields = self.0.description.fields.iter().enumerate().filter(|(_, f)| text.starts_with(f.name.as_str()));
        let Some((number, field)) = fields.max_by_key(|(_, f)| f.name.len()) else { return Ok(None) };
        let invalid =
            |cause: &str| Error::Invalid(format!("field '{text}' of plugin {}: {cause}", self.0.description.name));
        let (name, rest) = text.split_at(field.name.len());
        let argument = match rest.strip_prefix('[') {
            None => None,
            Some(rest) => {
                Some(rest.split_once(']').ok_or_else(|| invalid("the bracket after its name is not closed"))?.0)
            }
        };
        let len = name.len() + argument.map_or(0, |a| a.len() + 2);
        let argument = read_argument(argument, field.argument).map_err(|e| invalid(&e))?;
        Ok(Some((number, argument, len)))
    }

    /// The number of the field whose name begins `text`, and how many bytes it takes with its argument; `None` if there is none.
    ///
    /// # Errors
    /// An argument that the field does not take, or none where it needs one.
    pub fn prefix(&self, text: &str) -> Result<Option<(usize, usize)>> {
        Ok(self.parse(text)?.map(|(number, _, len)| (number, len)))
    }
}

impl ForeignClass for PluginFields {
    fn find(&self, text: &str) -> Result<Found> {
        let Some((number, argument, len)) = self.parse(text)? else { return Ok(Found::No) };
        if len != text.len() {
            return Ok(Found::No);
        }
        let field = &self.0.description.fields[number];
        let info = ForeignInfo {
            name: field.name.clone(),
            ty: param_type(field.ty),
            format: Format::DEC,
            list: field.list,
            comparable_with_fields: true,
            transformable: true,
            takes_argument: field.argument.index || field.argument.key,
        };
        Ok(Found::Field(info, Box::new(PluginField::new(self.0.clone(), number, argument))))
    }

    fn names(&self) -> Vec<String> {
        self.0.description.fields.iter().map(|field| field.name.clone()).collect()
    }
}

/// The type that the values of a plugin's field have here.
pub(crate) fn param_type(ty: FieldType) -> ParamType {
    match ty {
        FieldType::Uint64 => ParamType::UINT64,
        FieldType::String => ParamType::CHARBUF,
        FieldType::RelTime => ParamType::RELTIME,
        FieldType::AbsTime => ParamType::ABSTIME,
        FieldType::Bool => ParamType::BOOL,
        FieldType::IpAddr => ParamType::IPADDR,
        FieldType::IpNet => ParamType::IPNET,
    }
}

/// The argument of a field.
#[derive(Default, Debug, PartialEq, Eq)]
struct Argument {
    present: bool,
    key: Option<CString>,
    /// `u64::MAX` if it is no number.
    index: u64,
}

/// Reads an argument by the rule of its field.
fn read_argument(text: Option<&str>, rule: ArgumentRule) -> std::result::Result<Argument, String> {
    let Some(text) = text else {
        return match rule.required {
            true => Err("it needs an argument in brackets".into()),
            false => Ok(Argument { index: u64::MAX, ..Argument::default() }),
        };
    };
    if !rule.index && !rule.key {
        return Err(format!("it takes no argument, but has '{text}'"));
    }
    let mut argument = Argument { present: true, key: None, index: u64::MAX };
    if rule.index {
        match read_index(text) {
            Ok(index) => argument.index = index,
            // A text that is no number is a key where the field takes both.
            Err(cause) if !rule.key => return Err(cause),
            Err(_) => {}
        }
    }
    if rule.key {
        argument.key = Some(CString::new(text).map_err(|_| "its argument has a NUL in it".to_owned())?);
    }
    Ok(argument)
}

fn read_index(text: &str) -> std::result::Result<u64, String> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(format!("its argument '{text}' has to be a number"));
    }
    if text.len() > 1 && text.starts_with('0') {
        return Err(format!("its argument '{text}' begins with 0"));
    }
    text.parse().map_err(|_| format!("its argument '{text}' does not fit in 64 bits"))
}

/// One field with its argument.
struct PluginField {
    plugin: Arc<Plugin>,
    number: usize,
    ty: FieldType,
    list: bool,
    /// The request that is passed to the plugin for each event, without the results. Its pointers are to the plugin's description and to `_key`.
    request: ss_plugin_extract_field,
    /// The text of the argument.
    _key: Option<Rc<CStr>>,
}

impl PluginField {
    fn new(plugin: Arc<Plugin>, number: usize, argument: Argument) -> PluginField {
        let field = &plugin.description.fields[number];
        let (ty, list) = (field.ty, field.list);
        let key = argument.key.map(Rc::<CStr>::from);
        let request = ss_plugin_extract_field {
            res: null(),
            res_len: 0,
            field_id: number as u32,
            field: plugin.field_name(number),
            arg_key: key.as_ref().map_or(null(), |key| key.as_ptr()),
            arg_index: argument.index,
            arg_present: argument.present.into(),
            ftype: ty as u32,
            flist: list.into(),
        };
        PluginField { plugin, number, ty, list, request, _key: key }
    }

    #[cold]
    fn failed(&self, cause: impl std::fmt::Display) -> Error {
        let description = &self.plugin.description;
        Error::Invalid(format!(
            "plugin {}, field '{}': {cause}",
            description.name, description.fields[self.number].name
        ))
    }
}

impl ForeignField for PluginField {
    fn extract(&self, event: &EventContext<'_>, out: &mut Extracted) -> Result<bool> {
        let code = event.event.ty();
        if !self.plugin.extract_types().contains(code.0) {
            return Ok(false);
        }
        // SAFETY: `context` is the inspector's address until the inspector is dropped, which sets it to null; the caller of `extract` uses the
        // inspector, so it lives during the call.
        let inspector = unsafe { self.plugin.context().cast::<sinsp_inspector>().as_ref() };
        let Some(inspector) = inspector else { return Err(self.failed("its inspector is gone")) };
        let plugins = inspector.plugins.borrow();
        let id = event.source_id();
        if !self.plugin.extracts_from(id, || plugins.source_name(id)) {
            return Ok(false);
        }
        let input = ss_plugin_event_input {
            evt: event.event.bytes().as_ptr().cast(),
            evtnum: event.num,
            evtsrc: plugins.source_name_c(id),
        };
        drop(plugins);
        let mut field = [self.request];
        let mut positions = ss_plugin_extract_value_offsets { start: null_mut(), length: null_mut() };
        let located = out.is_located();
        let extract = || self.plugin.extract(&input, &mut field, located.then_some(&mut positions));
        if !inspector.tables.during_call(inspector, extract).map_err(|e| self.failed(e))? {
            return Ok(false);
        }
        let [field] = field;
        if field.res_len == 0 {
            return Ok(false);
        }
        if field.res.is_null() {
            return Err(self.failed(format!("it returned {} values at a null address", field.res_len)));
        }
        if (field.res_len > 1 && !self.list) || !are_there(field.res, field.res_len, value_size(self.ty)) {
            return Err(self.failed(format!("it returned {} values", field.res_len)));
        }
        // SAFETY: the plugin API requires `res_len` values of the field's type at `res`, until the next call of the plugin.
        unsafe { take_values(&field, self.ty, out) }.map_err(|e| self.failed(e))?;
        if located {
            // SAFETY: the plugin API requires that both are null or have `res_len` elements, until the next call of the plugin.
            unsafe { take_spans(&positions, field.res_len as usize, event.event.bytes().len(), out) };
        }
        Ok(true)
    }

    fn at_once(&self) -> bool {
        true
    }

    fn check(&self, _: Operator, _: Option<Modifier>, _: &[&[u8]]) -> Result<Option<Box<dyn ForeignCheck>>> {
        Ok(None)
    }
}

/// The size of a value where the plugin has it.
fn value_size(ty: FieldType) -> u64 {
    let size = match ty {
        FieldType::String => size_of::<*const c_char>(),
        FieldType::Uint64 | FieldType::RelTime | FieldType::AbsTime => size_of::<u64>(),
        FieldType::Bool => size_of::<u32>(),
        FieldType::IpAddr | FieldType::IpNet => size_of::<ss_plugin_byte_buffer>(),
    };
    size as u64
}

/// Whether a plugin can have so many values of `size` bytes there: a length that is a mistake often reaches beyond the program's memory.
fn are_there(at: *const c_void, count: u64, size: u64) -> bool {
    match count.checked_mul(size) {
        Some(bytes) if bytes <= MANY_BYTES => true,
        Some(bytes) => usize::try_from(bytes).is_ok_and(|bytes| is_mapped(at, bytes)),
        None => false,
    }
}

/// Whether so many bytes are memory of the program, by mincore(2).
#[cold]
fn is_mapped(at: *const c_void, bytes: usize) -> bool {
    const PAGES: usize = 4096;
    // SAFETY: `sysconf` has no preconditions.
    let page = usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096);
    let mut from = at.addr() - at.addr() % page;
    let Some(end) = at.addr().checked_add(bytes) else { return false };
    let mut states = [0u8; PAGES];
    while from < end {
        let len = (end - from).min(PAGES * page);
        // SAFETY: mincore writes one byte for each page that begins in the range, for which there is room, and does not access the range.
        if unsafe { libc::mincore(std::ptr::without_provenance_mut(from), len, states.as_mut_ptr()) } != 0 {
            return false;
        }
        from += len;
    }
    true
}

/// The values at a plugin's address, which need not be aligned.
///
/// # Safety
/// There must be `count` values of the type, as long as they are read.
unsafe fn values<T: Copy>(at: *const c_void, count: usize) -> impl Iterator<Item = T> {
    // SAFETY: by `# Safety`, there are `count` values.
    (0..count).map(move |number| unsafe { at.cast::<T>().add(number).read_unaligned() })
}

/// Copies the values that a plugin returned.
///
/// # Safety
/// `field.res` must point to `field.res_len` values of the type, whose texts and bytes are readable.
unsafe fn take_values(
    field: &ss_plugin_extract_field,
    ty: FieldType,
    out: &mut Extracted,
) -> std::result::Result<(), String> {
    let count = field.res_len as usize;
    let wrong = |number: usize, cause: &str| Err(format!("value {number} {cause}"));
    match ty {
        FieldType::String => {
            // SAFETY: by `# Safety`, `res` points to `res_len` values of the type.
            let texts = unsafe { values::<*const c_char>(field.res, count) };
            for (number, text) in texts.enumerate() {
                if text.is_null() {
                    return wrong(number, "is a null text");
                }
                // SAFETY: not null, and the plugin API requires that texts end with a NUL.
                out.push_text(unsafe { CStr::from_ptr(text) }.to_bytes());
            }
        }
        FieldType::Uint64 | FieldType::RelTime | FieldType::AbsTime => {
            // SAFETY: by `# Safety`, `res` points to `res_len` values of the type.
            unsafe { values::<u64>(field.res, count) }.for_each(|value| out.push(Item::Uint(value)));
        }
        FieldType::Bool => {
            // SAFETY: by `# Safety`, `res` points to `res_len` values of the type.
            unsafe { values::<u32>(field.res, count) }.for_each(|value| out.push(Item::Bool(value != 0)));
        }
        FieldType::IpAddr | FieldType::IpNet => {
            // SAFETY: by `# Safety`, `res` points to `res_len` values of the type.
            let buffers = unsafe { values::<ss_plugin_byte_buffer>(field.res, count) };
            for (number, buffer) in buffers.enumerate() {
                if buffer.len > MAX_VALUE_BYTES || (buffer.ptr.is_null() && buffer.len > 0) {
                    return wrong(number, "has no bytes, or too many");
                }
                let bytes = match buffer.len {
                    0 => &[][..],
                    // SAFETY: not null, and the plugin API requires `len` bytes there.
                    len => unsafe { std::slice::from_raw_parts(buffer.ptr.cast::<u8>(), len as usize) },
                };
                if !out.push_raw(param_type(ty), bytes) {
                    return wrong(number, &format!("has {} bytes, which no address or network has", bytes.len()));
                }
            }
        }
    }
    Ok(())
}

/// Copies the positions of values that a plugin returned. What does not lie within the event is no position; its start stays the plugin's, by which a
/// program may recognise what the plugin means.
///
/// # Safety
/// Both members of `positions` must be null or point to `count` numbers.
unsafe fn take_spans(positions: &ss_plugin_extract_value_offsets, count: usize, event_len: usize, out: &mut Extracted) {
    if positions.start.is_null() || positions.length.is_null() {
        return out.set_unlocated();
    }
    // SAFETY: not null, and by `# Safety` of `count` numbers.
    let (starts, lens) = unsafe {
        (std::slice::from_raw_parts(positions.start, count), std::slice::from_raw_parts(positions.length, count))
    };
    for (&start, &len) in starts.iter().zip(lens) {
        let within = u64::from(start) + u64::from(len) <= event_len as u64;
        out.push_span(Some(Span { start, len: if within { len } else { Span::NOWHERE } }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_follow_the_rule_of_the_field() {
        let rule = |required, index, key| ArgumentRule { required, index, key };
        let read = |text, rule| read_argument(text, rule);
        assert_eq!(read(None, rule(false, true, false)), Ok(Argument { present: false, key: None, index: u64::MAX }));
        assert!(read(None, rule(true, true, false)).is_err());
        assert!(read(Some("1"), rule(false, false, false)).is_err());
        assert_eq!(read(Some("17"), rule(true, true, false)).map(|a| a.index), Ok(17));
        for bad in ["", "01", "-1", "+1", "1x", "0x1", "18446744073709551616"] {
            assert!(read(Some(bad), rule(true, true, false)).is_err(), "{bad}");
            let both = read(Some(bad), rule(true, true, true)).expect("a key");
            assert_eq!((both.index, both.key), (u64::MAX, CString::new(bad).ok()));
        }
        let both = read(Some("0"), rule(true, true, true)).expect("both");
        assert_eq!((both.index, both.key.as_deref()), (0, Some(c"0")));
    }

    #[test]
    fn values_with_wrong_lengths_are_refused() {
        let mut out = Extracted::default();
        let field = |res: *const std::ffi::c_void, res_len| ss_plugin_extract_field {
            res,
            res_len,
            field_id: 0,
            field: null(),
            arg_key: null(),
            arg_index: 0,
            arg_present: 0,
            ftype: 0,
            flist: 1,
        };
        let texts = [c"a".as_ptr(), null()];
        let address = [127u8, 0, 0, 1, 32];
        let buffer = |len| ss_plugin_byte_buffer { len, ptr: address.as_ptr().cast() };
        let buffers = [buffer(4), buffer(5), buffer(3)];
        let null_buffer = [ss_plugin_byte_buffer { len: 4, ptr: null() }];
        // SAFETY: the arrays have as many values of the types.
        unsafe {
            assert!(
                take_values(&field(texts.as_ptr().cast(), 2), FieldType::String, &mut out)
                    .expect_err("null")
                    .contains("value 1")
            );
            out.clear();
            assert_eq!(take_values(&field(buffers.as_ptr().cast(), 2), FieldType::IpNet, &mut out), Ok(()));
            assert_eq!(out.items().len(), 2);
            assert!(
                take_values(&field(buffers.as_ptr().cast(), 3), FieldType::IpAddr, &mut out)
                    .expect_err("3")
                    .contains("3 bytes")
            );
            assert!(take_values(&field(null_buffer.as_ptr().cast(), 1), FieldType::IpAddr, &mut out).is_err());
        }
    }

    #[test]
    fn long_lists_are_memory_of_the_program() {
        let values = vec![7u64; 200_000];
        let at = values.as_ptr().cast::<c_void>();
        assert!(are_there(at, 200_000, 8) && are_there(at, 1, 8));
        for count in [1 << 40, 1 << 60, u64::MAX / 8, u64::MAX] {
            assert!(!are_there(at, count, 8), "{count}");
        }
        assert!(!are_there(std::ptr::without_provenance(usize::MAX - 4096), 1 << 18, 8));
    }

    #[test]
    fn positions_lie_within_the_event() {
        let mut out = Extracted::default();
        let (mut start, mut length) = ([38, 39, u32::MAX], [2, 2, u32::MAX]);
        let positions =
            |start: &mut [u32], length| ss_plugin_extract_value_offsets { start: start.as_mut_ptr(), length };
        // SAFETY: the arrays have three numbers; the second call has no lengths.
        unsafe {
            take_spans(&positions(&mut start, length.as_mut_ptr()), 3, 40, &mut out);
            let spans: Vec<_> = (0..4).map(|n| out.span(n)).collect();
            let nowhere = |start| Some(Span { start, len: Span::NOWHERE });
            assert_eq!(spans, [Some(Span { start: 38, len: 2 }), nowhere(39), nowhere(u32::MAX), None]);
            out.clear();
            take_spans(&positions(&mut start, null_mut()), 3, 40, &mut out);
        }
        assert!(out.span(0).is_none() && out.is_unlocated());
    }
}
