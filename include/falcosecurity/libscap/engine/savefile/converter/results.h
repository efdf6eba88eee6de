/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/types/results.rs. Change it there, then run: ./dev headers */

#pragma once

/*
 What is to be done with an event, or with the result of its conversion.
 */
typedef enum conversion_result {
    /*
     It cannot be converted.
     */
    CONVERSION_ERROR,
    /*
     It has to be converted, or converted once more.
     */
    CONVERSION_CONTINUE,
    /*
     It is as it should be.
     */
    CONVERSION_PASS,
    /*
     It is not to be shown.
     */
    CONVERSION_DROP,
} conversion_result;
