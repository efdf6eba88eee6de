//! The filter language: its parser, its compiler, and the programs that run on events.
