//! A larger ring buffer for one CPU during a capture.

use std::os::fd::AsFd;

use super::engine::BpfEngine;
use super::load::{check_buffer_bytes, give, map_ring, new_ring};
use crate::{Error, Result};

impl BpfEngine {
    /// See [`Engine::grow_buffer`](crate::engine::Engine::grow_buffer).
    pub(super) fn grow(&mut self, cpu: u32, bytes: usize) -> Result<()> {
        check_buffer_bytes(bytes)?;
        let known = u16::try_from(cpu).ok().and_then(|cpu| Some((cpu, self.reader.of(cpu)?.bytes())));
        let Some((cpu, now)) = known else {
            return Err(Error::Invalid(format!("a buffer for CPU {cpu}, which this machine does not have")));
        };
        if now >= bytes {
            return Ok(());
        }
        let map = new_ring(bytes)?;
        let own = map.try_clone().map_err(|e| Error::io(format!("a descriptor of the ring buffer of CPU {cpu}"), e))?;
        let ring = map_ring(own, bytes)?;
        give(self.object.map_fd("rings")?, cpu, map.as_fd())?;
        self.reader.replace(cpu, ring);
        Ok(())
    }
}
