//! Writing capture files, and converting the events of old ones.

pub mod converter;
pub(crate) mod dumper;
pub mod scap_savefile_api;
pub mod scap_savefile_lists;
