//! Its fields: every type, arguments by index and key, lists, ranges of bytes, and values out of tables.

use crate::RustPlugin;
use crate::tables::thread::{comm::get_comm, rust_events::get_rust_events, rust_files::get_rust_files};
use falco_event::types::{IpNet, SystemTime};
use falco_plugin::anyhow::Error;
use falco_plugin::event::PluginEvent;
use falco_plugin::event::events::RawEvent;
use falco_plugin::extract::{ExtractByteRange, ExtractFieldInfo, ExtractPlugin, ExtractRequest, field};
use std::ffi::{CStr, CString};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::{Duration, UNIX_EPOCH};

type Request<'c, 'e, 'r, 't> = ExtractRequest<'c, 'e, 'r, 't, RustPlugin>;

impl ExtractPlugin for RustPlugin {
    type Event<'a> = RawEvent<'a>;
    type ExtractContext = ();

    const EXTRACT_FIELDS: &'static [ExtractFieldInfo<Self>] = &[
        field("rust.number", &Self::number).with_description("the event's number").add_output(),
        field("rust.text", &Self::text).with_display("Text").with_description("the text of the event's data"),
        field("rust.word", &Self::word).with_description("a word of the event, by its index"),
        field("rust.words", &Self::words).with_description("all words"),
        field("rust.echo", &Self::echo).with_description("the key, or nothing"),
        field("rust.even", &Self::even).with_description("whether the number is even"),
        field("rust.span", &Self::span).with_description("as many milliseconds as the number"),
        field("rust.time", &Self::time).with_description("as many seconds after 1970"),
        field("rust.addresses", &Self::addresses).with_description("addresses of both kinds"),
        field("rust.net", &Self::net).with_description("a network"),
        field("rust.events", &Self::events).with_description("how many events of the thread were parsed"),
        field("rust.comm", &Self::comm).with_description("the thread's name"),
        field("rust.files", &Self::files).with_description("what the parser wrote of the thread's files"),
    ];
}

impl RustPlugin {
    /// The data of an event of this plugin.
    fn data(request: &Request) -> Result<Vec<u8>, Error> {
        Ok(request.event.event()?.load::<PluginEvent<&[u8]>>()?.params.event_data.to_vec())
    }

    fn number(&mut self, request: Request) -> Result<u64, Error> {
        Ok(request.event.event_number() as u64)
    }

    fn text(&mut self, request: Request) -> Result<CString, Error> {
        let data = Self::data(&request)?;
        if *request.offset == ExtractByteRange::Requested {
            *request.offset = ExtractByteRange::in_plugin_data(0..data.len());
        }
        Ok(CString::new(data)?)
    }

    /// From the own table, which the parser has filled.
    fn word(&mut self, request: Request, index: u64) -> Result<Option<CString>, Error> {
        let number = request.event.event_number() as u64;
        let Some(entry) = self.events.lookup(&number) else { return Ok(None) };
        Ok(entry.words.lookup(&index).map(|known| known.word.clone()))
    }

    fn words(&mut self, request: Request) -> Result<Vec<CString>, Error> {
        let data = Self::data(&request)?;
        Ok(data.split(|b| *b == b' ').map(CString::new).collect::<Result<_, _>>()?)
    }

    fn echo(&mut self, _: Request, key: Option<&CStr>) -> Result<CString, Error> {
        Ok(key.unwrap_or(c"nothing").to_owned())
    }

    fn even(&mut self, request: Request) -> Result<bool, Error> {
        Ok(request.event.event_number() % 2 == 0)
    }

    fn span(&mut self, request: Request) -> Result<Duration, Error> {
        Ok(Duration::from_millis(request.event.event_number() as u64))
    }

    fn time(&mut self, request: Request) -> Result<SystemTime, Error> {
        Ok(SystemTime::from(UNIX_EPOCH + Duration::from_secs(request.event.event_number() as u64)))
    }

    fn addresses(&mut self, _: Request) -> Result<Vec<IpAddr>, Error> {
        Ok(vec![Ipv4Addr::new(10, 0, 0, 1).into(), Ipv6Addr::LOCALHOST.into()])
    }

    fn net(&mut self, _: Request) -> Result<IpNet, Error> {
        Ok(IpNet(Ipv4Addr::new(10, 0, 0, 0).into()))
    }

    fn events(&mut self, request: Request) -> Result<u64, Error> {
        let thread = self.threads.get_entry(request.table_reader, &request.event.event()?.metadata.tid)?;
        thread.get_rust_events(request.table_reader)
    }

    fn comm(&mut self, request: Request) -> Result<CString, Error> {
        let thread = self.threads.get_entry(request.table_reader, &request.event.event()?.metadata.tid)?;
        Ok(thread.get_comm(request.table_reader)?.to_owned())
    }

    fn files(&mut self, request: Request) -> Result<CString, Error> {
        let thread = self.threads.get_entry(request.table_reader, &request.event.event()?.metadata.tid)?;
        Ok(thread.get_rust_files(request.table_reader)?.to_owned())
    }
}
