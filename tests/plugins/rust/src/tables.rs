//! The table that it has, the one of the host that it uses, and the parser that writes both.

use crate::RustPlugin;
use falco_plugin::anyhow::{Error, bail};
use falco_plugin::event::PluginEvent;
use falco_plugin::event::events::{Event, RawEvent};
use falco_plugin::parse::{EventInput, ParseInput, ParsePlugin};
use falco_plugin::tables::{export, import};
use std::ffi::{CStr, CString};
use std::sync::Arc;

/// A word of an event's text.
#[derive(export::Entry)]
pub struct Word {
    pub word: export::Public<CString>,
}

/// What is known of a plugin event; the key is its number in the capture.
#[derive(export::Entry)]
pub struct EventEntry {
    pub length: export::Readonly<u64>,
    pub text: export::Public<CString>,
    pub words: Box<export::Table<u64, Word>>,
}

pub type EventTable = export::Table<u64, EventEntry>;

type Fd = import::Entry<Arc<FdMetadata>>;
type FdTable = import::Table<i64, Fd>;

#[derive(import::TableMetadata)]
#[entry_type(Fd)]
pub struct FdMetadata {
    fd: import::Field<i64, Fd>,
}

type Thread = import::Entry<Arc<ThreadMetadata>>;
pub type ThreadTable = import::Table<i64, Thread>;

#[derive(import::TableMetadata)]
#[entry_type(Thread)]
#[accessors_mod(thread)]
pub struct ThreadMetadata {
    pub comm: import::Field<CStr, Thread>,
    pub file_descriptors: import::Field<FdTable, Thread>,
    /// A field that this plugin adds.
    #[custom]
    pub rust_events: import::Field<u64, Thread>,
    #[custom]
    pub rust_files: import::Field<CStr, Thread>,
}

impl ParsePlugin for RustPlugin {
    type Event<'a> = RawEvent<'a>;

    fn parse_event(&mut self, input: &EventInput<RawEvent>, parse: &ParseInput) -> Result<(), Error> {
        self.parsed += 1;
        let event = input.event()?;
        if let Ok(event) = event.load::<PluginEvent<&[u8]>>() {
            return self.parse_own(input.event_number() as u64, &event);
        }
        let (reader, writer) = (&parse.reader, &parse.writer);
        let thread = self.threads.get_entry(reader, &event.metadata.tid)?;
        let events = thread.get_rust_events(reader).unwrap_or_default() + 1;
        thread.set_rust_events(writer, &events)?;
        let mut files = 0;
        let mut lowest = i64::MAX;
        thread.get_file_descriptors(reader)?.iter_entries_mut(reader, |file| {
            files += 1;
            lowest = lowest.min(file.get_fd(reader).unwrap_or(i64::MAX));
            std::ops::ControlFlow::Continue(())
        })?;
        thread.set_rust_files(writer, &CString::new(format!("{files} from {lowest}"))?)?;
        Ok(())
    }
}

impl RustPlugin {
    fn parse_own(&mut self, number: u64, event: &Event<PluginEvent<&[u8]>>) -> Result<(), Error> {
        let text = event.params.event_data;
        let mut entry = self.events.create_entry()?;
        *entry.length = text.len() as u64;
        *entry.text = CString::new(text)?;
        for (at, word) in text.split(|b| *b == b' ').enumerate() {
            let mut known = entry.words.create_entry()?;
            *known.word = CString::new(word)?;
            if entry.words.insert(&(at as u64), known).is_none() {
                bail!("no word was added");
            }
        }
        match self.events.insert(&number, entry) {
            Some(_) => Ok(()),
            None => bail!("no entry was added"),
        }
    }
}
