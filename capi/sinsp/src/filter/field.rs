//! The fields that filters and formats may name.

use crate::ffi::sinsp_str;
use sinsp_core::fields::{Class, classes};

/// A class of fields. Its texts are valid forever.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_field_class {
    /// Its name.
    pub name: sinsp_str,
    /// A description in a few words; may be empty.
    pub short_description: sinsp_str,
    /// A description in a sentence.
    pub description: sinsp_str,
    /// How many fields it has.
    pub fields: usize,
}

/// A field. Its texts are valid forever.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_field {
    /// Its full name, such as `proc.name`.
    pub name: sinsp_str,
    /// A title of a few words.
    pub display: sinsp_str,
    /// What it is, in a sentence.
    pub description: sinsp_str,
    /// The type of its values: `PT_*`.
    pub kind: u32,
    /// How a number is printed: `PF_*`.
    pub format: u32,
    /// Its rules: `EPF_*`.
    pub flags: u32,
    /// Whether this version extracts it; one that it does not extract has no value for any event.
    pub extracted: bool,
}

fn class(i: usize) -> Option<&'static Class> {
    classes().get(i)
}

/// How many classes of fields there are.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_field_class_count() -> usize {
    classes().len()
}

/// Describes the class at position `i`. Returns whether there is one.
///
/// # Safety
/// `out` must be null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_field_class_at(i: usize, out: *mut sinsp_field_class) -> bool {
    // SAFETY: by `# Safety`, `out` is null or writable.
    let (Some(class), Some(out)) = (class(i), unsafe { out.as_mut() }) else { return false };
    *out = sinsp_field_class {
        name: sinsp_str::of(class.name.as_bytes()),
        short_description: sinsp_str::of(class.short.as_bytes()),
        description: sinsp_str::of(class.description.as_bytes()),
        fields: class.fields.len(),
    };
    true
}

/// Describes the field at position `i` of the class at position `class_index`. Returns whether there is one.
///
/// # Safety
/// `out` must be null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_field_at(class_index: usize, i: usize, out: *mut sinsp_field) -> bool {
    let field = class(class_index).and_then(|class| class.fields.get(i));
    // SAFETY: by `# Safety`, `out` is null or writable.
    let (Some(field), Some(out)) = (field, unsafe { out.as_mut() }) else { return false };
    *out = sinsp_field {
        name: sinsp_str::of(field.name.as_bytes()),
        display: sinsp_str::of(field.display.as_bytes()),
        description: sinsp_str::of(field.description.as_bytes()),
        kind: field.ty as u32,
        format: field.format as u32,
        flags: field.flags.0,
        extracted: field.extracted(),
    };
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_described() {
        // SAFETY: zeros are a valid value of these structs, and they are writable.
        unsafe {
            let (mut class, mut field): (sinsp_field_class, sinsp_field) = (std::mem::zeroed(), std::mem::zeroed());
            for c in 0..sinsp_field_class_count() {
                assert!(sinsp_field_class_at(c, &mut class) && class.name.len > 0);
                for f in 0..class.fields {
                    assert!(sinsp_field_at(c, f, &mut field) && field.name.len > 0);
                }
                assert!(!sinsp_field_at(c, class.fields, &mut field));
            }
            assert!(!sinsp_field_class_at(sinsp_field_class_count(), &mut class));
            assert!(!sinsp_field_class_at(0, std::ptr::null_mut()));
        }
    }
}
