//! What an inspector keeps of its plugins during a capture.

use plugin::instance::Plugin;
use std::cell::{Cell, RefCell};
use std::sync::Arc;

/// The plugins that take part in the capture that is open.
#[derive(Default)]
pub(crate) struct Listeners {
    /// The number of the plugin that makes the events; 0 for the source of system calls.
    pub source: Cell<u32>,
    /// Those that send async events.
    pub senders: RefCell<Vec<Arc<Plugin>>>,
    /// Those that listen.
    pub listeners: RefCell<Vec<Arc<Plugin>>>,
}
