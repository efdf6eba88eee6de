//! The fields: the names by which filters and formats ask for properties of an event, its thread and its fd.
