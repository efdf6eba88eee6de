//! The plugins of one inspector, and the event sources that they bring.

use crate::description::{SYSCALL_SOURCE, is_for_source};
use crate::instance::Plugin;
use crate::loader::{CAP_PARSING, CAP_SOURCING};
use std::ffi::{CString, c_char};
use std::ptr::null;
use std::sync::{Arc, Weak};

/// The plugins of an inspector, in the order in which they were added.
#[derive(Default)]
pub struct Plugins {
    plugins: Vec<Arc<Plugin>>,
    /// The names of the sources but `syscall`, and the numbers of the plugins that bring them.
    sources: Vec<(u32, CString)>,
    /// Those that use the inspector, but are not among its plugins.
    others: Vec<Weak<Plugin>>,
}

impl Plugins {
    /// Adds a plugin.
    ///
    /// # Errors
    /// There is one with its name, or another source of events with its number.
    pub fn add(&mut self, plugin: Arc<Plugin>) -> Result<(), String> {
        let (name, id) = (&plugin.description.name, plugin.description.id);
        if self.plugins.iter().any(|p| p.description.name == *name) {
            return Err(format!("found another plugin with name {name}"));
        }
        if id != 0 {
            if let Some(other) = self.by_id(id) {
                let other = &other.description.name;
                return Err(format!("plugin {name}: found another plugin with ID {id}: {other}"));
            }
            let source = CString::new(plugin.description.event_source.as_str());
            self.sources
                .push((id, source.map_err(|_| format!("plugin {name}: the name of its source has a NUL in it"))?));
        }
        self.plugins.push(plugin);
        Ok(())
    }

    /// Notes a plugin that uses the inspector, and is perhaps never added.
    pub fn note(&mut self, plugin: &Arc<Plugin>) {
        self.others.retain(|other| other.strong_count() > 0);
        self.others.push(Arc::downgrade(plugin));
    }

    /// All of them.
    pub fn all(&self) -> &[Arc<Plugin>] {
        &self.plugins
    }

    /// The source of events with this number, which is not 0.
    pub fn by_id(&self, id: u32) -> Option<&Arc<Plugin>> {
        self.plugins.iter().find(|p| id != 0 && p.description.id == id && p.description.can(CAP_SOURCING))
    }

    /// The name of the source of the plugin with this number; `syscall` for 0.
    pub fn source_name(&self, id: u32) -> Option<&str> {
        match id {
            0 => Some(SYSCALL_SOURCE),
            _ => self.source(id).and_then(|name| name.to_str().ok()),
        }
    }

    /// The same as plugins get it; null if there is none. Valid until a plugin is added.
    #[inline]
    pub fn source_name_c(&self, id: u32) -> *const c_char {
        match id {
            0 => c"syscall".as_ptr(),
            _ => self.source(id).map_or(null(), |name| name.as_ptr()),
        }
    }

    fn source(&self, id: u32) -> Option<&CString> {
        self.sources.iter().find(|(known, _)| *known == id).map(|(_, name)| name)
    }

    /// The names of all sources, each once: first `syscall`, then in the order in which their plugins were added.
    pub fn sources(&self) -> Vec<&str> {
        let mut names = vec![SYSCALL_SOURCE];
        for name in self.sources.iter().filter_map(|(_, name)| name.to_str().ok()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// Whether an initialised plugin parses events.
    pub fn parse(&self) -> bool {
        self.plugins.iter().any(|p| p.is_initialised() && p.description.can(CAP_PARSING))
    }

    /// Whether a plugin parses events of the type `code`, from whichever source.
    pub fn parses(&self, code: u16) -> bool {
        self.plugins.iter().any(|p| p.description.can(CAP_PARSING) && p.parse_types().contains(code))
    }

    /// The first plugin from number `from` on that parses events of the type `code` from the source of the plugin `id`, and its number.
    pub fn next_parser(&self, from: usize, code: u16, id: u32) -> Option<(usize, Arc<Plugin>)> {
        let parses = |p: &Plugin| {
            p.description.can(CAP_PARSING)
                && p.parse_types().contains(code)
                && self.source_name(id).is_some_and(|name| is_for_source(&p.description.parse_sources, name))
        };
        let (at, plugin) = self.plugins.iter().enumerate().skip(from).find(|(_, p)| parses(p))?;
        Some((at, plugin.clone()))
    }

    /// Ends the state of all plugins, also of those that a program still holds: their tables and their inspector are freed.
    pub fn end(&mut self) {
        self.sources.clear();
        for plugin in self.others.drain(..).rev().filter_map(|other| other.upgrade()) {
            if !self.plugins.iter().any(|added| Arc::ptr_eq(added, &plugin)) {
                plugin.end();
            }
        }
        for plugin in self.plugins.drain(..).rev() {
            plugin.end();
        }
    }
}
