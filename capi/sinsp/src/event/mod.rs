//! Events as C sees them, sets of their codes, and capture files of them.

pub mod codes;
pub mod data;
pub mod dump;
pub mod params;
pub mod series;
