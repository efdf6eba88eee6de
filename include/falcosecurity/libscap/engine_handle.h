/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/types/engine_handle.rs. Change it there, then run: ./dev headers */

#pragma once

/*
 An engine's own object, which nobody else looks into.
 */
typedef struct scap_engine_handle {
    /*
     What `alloc_handle` of the engine gave.
     */
    void *m_handle;
} scap_engine_handle;
