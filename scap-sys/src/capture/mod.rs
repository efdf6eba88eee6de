//! Capture files: reading them, writing them, and turning the events of old ones into those of today.
