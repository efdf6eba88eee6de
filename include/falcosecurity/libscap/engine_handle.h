/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/types/engine.rs. Change it there, then run: ./dev headers */

#pragma once

/**
 * An engine's object, which only the engine reads.
 */
typedef struct scap_engine_handle {
    /**
     * What the engine's `alloc_handle` returned.
     */
    void *m_handle;
} scap_engine_handle;
