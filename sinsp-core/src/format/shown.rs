//! The fields of a format string, and the line to which they are appended.
//!
//! The texts of a field of the table are extracted straight into the line: it is the buffer of the extraction. Transformed fields, lists, fields of
//! programs and plugins, and fields that depend on previous events are extracted by the graph that filters and formats share.

use super::render;
use crate::extracted::{Extracted, Item};
use crate::fields::{Comparison, Field, JsonForm};
use crate::filter::{Extractor, Reader};
use crate::state::path;
use crate::{EventContext, Result};
use driver::{Format, ParamType};

/// A line that is being written.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// Its buffer has the line.
    values: Extracted,
}

impl Line {
    /// Runs `write` on a line that continues `out`.
    #[inline]
    pub fn append_to<T>(&mut self, out: &mut Vec<u8>, write: impl FnOnce(&mut Line) -> T) -> T {
        self.values.swap_buffer(out);
        let written = write(self);
        self.values.swap_buffer(out);
        written
    }

    /// The length of the line, in bytes.
    #[inline]
    pub fn len(&mut self) -> usize {
        self.values.buffer().len()
    }

    /// Appends a constant text.
    #[inline]
    pub fn literal(&mut self, text: &[u8]) {
        match text {
            [byte] => self.values.buffer().push(*byte),
            _ => self.values.buffer().extend_from_slice(text),
        }
    }

    /// Puts `text` in the place of what is behind `start`.
    pub fn replace_from(&mut self, start: usize, text: &[u8]) {
        self.values.buffer().truncate(start);
        self.values.buffer().extend_from_slice(text);
    }

    /// Pads or cuts what is behind `start` to `width` bytes.
    pub fn fit(&mut self, start: usize, width: usize) {
        self.values.buffer().resize(start + width, b' ');
    }
}

/// A field of a format string, with or without transformers.
#[derive(Debug)]
pub(super) struct Shown {
    values: Extractor,
    ty: ParamType,
    list: bool,
    format: Format,
    json: JsonForm,
    /// The field, if it can be extracted into the line.
    direct: Option<Box<Field>>,
    /// The field, if its type depends on the event.
    varying: Option<Box<Field>>,
    /// Whether it is usable only in comparisons.
    hidden: bool,
}

impl Shown {
    pub fn new(values: Extractor) -> Shown {
        let shape = values.shape();
        let (ty, list, format) = (shape.ty, shape.list, shape.format);
        let field = values.field().map(Box::new);
        let json = field.as_ref().map_or(JsonForm::ByType, |f| f.info().json());
        let hidden = field.as_ref().is_some_and(|f| matches!(f.comparison(), Comparison::Ends | Comparison::Around));
        let (varying, field) = match field {
            Some(field) if field.info().ty == ParamType::DYN => (Some(field), None),
            field => (None, field),
        };
        let direct = field.filter(|f| !(list || hidden || f.remembers() || ty == ParamType::BYTEBUF));
        Shown { values, ty, list, format, json, direct, varying, hidden }
    }

    fn type_for(&self, event: &EventContext<'_>) -> (ParamType, Format) {
        self.varying.as_ref().map_or((self.ty, self.format), |field| field.type_for(event))
    }

    /// Appends the values as text; returns `false` if there are none, and then the line may have a part of them.
    #[inline]
    pub fn text(&self, reader: &mut Reader<'_, '_>, event: &EventContext<'_>, line: &mut Line) -> Result<bool> {
        match &self.direct {
            Some(field) => Ok(self.text_of_field(field, event, line)),
            None => self.text_of_graph(reader, event, line),
        }
    }

    #[inline]
    fn text_of_field(&self, field: &Field, event: &EventContext<'_>, line: &mut Line) -> bool {
        let start = line.len();
        let values = &mut line.values;
        let Some(item) = field.append(event, values) else { return false };
        match item {
            Item::Bytes { .. } => path::sanitize_from(start, values.buffer()),
            item => return render::scalar(&item, self.ty, self.format, values.buffer()),
        }
        true
    }

    #[inline(never)]
    fn text_of_graph(&self, reader: &mut Reader<'_, '_>, event: &EventContext<'_>, line: &mut Line) -> Result<bool> {
        if self.hidden {
            return Ok(false);
        }
        let (ty, format) = self.type_for(event);
        let values = reader.read(&self.values)?;
        let out = line.values.buffer();
        Ok(values.is_some_and(|values| render::all(values, self.list, ty, format, event.view.display, out)))
    }

    /// Appends the values as JSON; if there are none, writes null and returns `false`.
    pub fn json(
        &self,
        reader: &mut Reader<'_, '_>,
        event: &EventContext<'_>,
        scratch: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Result<bool> {
        let (ty, mut format) = self.type_for(event);
        if self.json != JsonForm::ByType {
            format = Format::DEC;
        }
        if self.json == JsonForm::Timestamp {
            let ts = Item::Int(event.event.ts() as i64);
            render::json(&Extracted::default(), &ts, ParamType::INT64, format, event.view.display, scratch, out);
            return Ok(true);
        }
        let start = out.len();
        let mut one = |values: &Extracted, item: &Item, out: &mut Vec<u8>| {
            render::json(values, item, ty, format, event.view.display, scratch, out);
        };
        let values = if self.hidden { None } else { reader.read(&self.values)? };
        if let Some(values) = values {
            if !self.list {
                values.items().iter().take(1).for_each(|item| one(values, item, out));
            } else if !values.is_empty() {
                for (i, item) in values.items().iter().enumerate() {
                    out.push(if i == 0 { b'[' } else { b',' });
                    one(values, item, out);
                }
                out.push(b']');
            }
        }
        if out.len() == start {
            out.extend_from_slice(b"null");
        }
        Ok(&out[start..] != b"null")
    }
}
