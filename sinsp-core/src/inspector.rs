//! The inspector: an engine, the state that its events build up, and the current event.
