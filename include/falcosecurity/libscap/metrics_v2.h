/* SPDX-License-Identifier: Apache-2.0 */
/* Generated from src/types/metrics_v2.rs. Change it there, then run: ./dev headers */

#pragma once

#include <stdint.h>

/** The prefixes of counter names: of all events, of each CPU, and of each device. */
#define N_EVENTS_PREFIX "n_evts"
#define N_EVENTS_PER_CPU_PREFIX "n_evts_cpu_"
#define N_DROPS_PER_CPU_PREFIX "n_drops_cpu_"
#define N_EVENTS_PER_DEVICE_PREFIX "n_evts_dev_"
#define N_DROPS_PER_DEVICE_PREFIX "n_drops_dev_"

/**
 * The size of a metric's name, the NUL included.
 */
#define METRIC_NAME_MAX 512

/**
 * Counters of the driver.
 */
#define METRICS_V2_KERNEL_COUNTERS (1 << 0)

/**
 * Run counts and run times of the BPF programs, if the kernel measures them.
 */
#define METRICS_V2_LIBBPF_STATS (1 << 1)

/**
 * The resources that this process uses.
 */
#define METRICS_V2_RESOURCE_UTILIZATION (1 << 2)

/**
 * Counters of the thread and fd tables.
 */
#define METRICS_V2_STATE_COUNTERS (1 << 3)

/**
 * Counters of rules.
 */
#define METRICS_V2_RULE_COUNTERS (1 << 4)

/**
 * Other metrics.
 */
#define METRICS_V2_MISC (1 << 5)

/**
 * Metrics of plugins.
 */
#define METRICS_V2_PLUGINS (1 << 6)

/**
 * Counters of the driver for each CPU; implies `METRICS_V2_KERNEL_COUNTERS`.
 */
#define METRICS_V2_KERNEL_COUNTERS_PER_CPU (1 << 7)

/**
 * Counters of the BPF iterators.
 */
#define METRICS_V2_KERNEL_ITER_COUNTERS (1 << 8)

/**
 * Which member of `metrics_v2_value` is in use.
 */
typedef enum metrics_v2_value_type {
    METRIC_VALUE_TYPE_U32,
    METRIC_VALUE_TYPE_S32,
    METRIC_VALUE_TYPE_U64,
    METRIC_VALUE_TYPE_S64,
    METRIC_VALUE_TYPE_D,
    METRIC_VALUE_TYPE_F,
    METRIC_VALUE_TYPE_I,
    METRIC_VALUE_TYPE_MAX,
} metrics_v2_value_type;

/**
 * The unit of a metric.
 */
typedef enum metrics_v2_value_unit {
    METRIC_VALUE_UNIT_COUNT,
    METRIC_VALUE_UNIT_RATIO,
    METRIC_VALUE_UNIT_PERC,
    METRIC_VALUE_UNIT_MEMORY_BYTES,
    METRIC_VALUE_UNIT_MEMORY_KIBIBYTES,
    METRIC_VALUE_UNIT_MEMORY_MEGABYTES,
    METRIC_VALUE_UNIT_TIME_NS,
    METRIC_VALUE_UNIT_TIME_S,
    METRIC_VALUE_UNIT_TIME_NS_COUNT,
    METRIC_VALUE_UNIT_TIME_S_COUNT,
    METRIC_VALUE_UNIT_TIME_TIMESTAMP_NS,
    METRIC_VALUE_UNIT_MAX,
} metrics_v2_value_unit;

/**
 * Whether a metric only grows.
 */
typedef enum metrics_v2_metric_type {
    METRIC_VALUE_METRIC_TYPE_MONOTONIC,
    METRIC_VALUE_METRIC_TYPE_NON_MONOTONIC_CURRENT,
    METRIC_VALUE_METRIC_TYPE_MAX,
} metrics_v2_metric_type;

/**
 * The value of a metric; its `metrics_v2_value_type` says which member is in use.
 */
typedef union metrics_v2_value {
    uint32_t u32;
    int32_t s32;
    uint64_t u64;
    int64_t s64;
    double d;
    float f;
    int i;
} metrics_v2_value;

/**
 * One metric.
 */
typedef struct metrics_v2 {
    /**
     * Its name.
     */
    char name[METRIC_NAME_MAX];
    /**
     * The `METRICS_V2_*` kind that it belongs to.
     */
    uint32_t flags;
    /**
     * Whether it only grows.
     */
    enum metrics_v2_metric_type metric_type;
    /**
     * Its value.
     */
    union metrics_v2_value value;
    /**
     * Which member of `value` is in use.
     */
    enum metrics_v2_value_type type;
    /**
     * What it counts.
     */
    enum metrics_v2_value_unit unit;
} metrics_v2;
