/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/types/enums.rs. Change it there, then run: ./dev headers */

#pragma once

/**
 * What has to be done with an event, or with the result of its conversion.
 */
typedef enum conversion_result {
    /**
     * It cannot be converted.
     */
    CONVERSION_ERROR,
    /**
     * It needs a conversion step, or a further one.
     */
    CONVERSION_CONTINUE,
    /**
     * It is in today's form.
     */
    CONVERSION_PASS,
    /**
     * It is dropped.
     */
    CONVERSION_DROP,
} conversion_result;
