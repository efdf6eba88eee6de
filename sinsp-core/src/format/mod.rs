//! Formatters: events as text or JSON by a format string made of fields.
