/*
 * What Rust cannot define: functions with a variable number of arguments. They take the arguments off the stack by the types of
 * the event table, and leave the rest to Rust.
 */
#include <stdarg.h>
#include <string.h>

#include <libscap/scap.h>

extern const struct ppm_event_info g_event_info[];

/* The row that Rust knows by its size alone. */
_Static_assert(sizeof(struct ppm_event_info) == 1840, "ppm.rs: EVENT_INFO_SIZE");

/* In encode.rs: makes an event of values, into `event_buf` if it fits, or, if `created` is not null, into memory of its own. */
int32_t scap_encode_values(struct scap_sized_buffer event_buf,
                           size_t *event_size,
                           char *error,
                           ppm_event_code event_type,
                           const struct scap_const_sized_buffer *values,
                           uint32_t n,
                           scap_evt **created);

/* The bytes of the arguments: numbers are kept here, all else is where the caller has it. */
struct arguments {
	uint64_t numbers[PPM_MAX_EVENT_PARAMS];
	struct scap_const_sized_buffer values[PPM_MAX_EVENT_PARAMS];
	uint32_t n;
};

/* Takes the next argument, a value of type `type`. */
static struct scap_const_sized_buffer take(va_list *args, enum ppm_param_type type, uint64_t *number) {
	struct scap_const_sized_buffer value = {number, 0};
	switch(type) {
	case PT_INT8:
	case PT_UINT8:
	case PT_FLAGS8:
	case PT_ENUMFLAGS8:
	case PT_SIGTYPE:
	case PT_L4PROTO:
	case PT_SOCKFAMILY: {
		const uint8_t n = (uint8_t)va_arg(*args, int);
		memcpy(number, &n, value.size = sizeof(n));
		return value;
	}
	case PT_INT16:
	case PT_UINT16:
	case PT_FLAGS16:
	case PT_ENUMFLAGS16:
	case PT_SYSCALLID:
	case PT_PORT: {
		const uint16_t n = (uint16_t)va_arg(*args, int);
		memcpy(number, &n, value.size = sizeof(n));
		return value;
	}
	case PT_INT32:
	case PT_UINT32:
	case PT_FLAGS32:
	case PT_ENUMFLAGS32:
	case PT_UID:
	case PT_GID:
	case PT_MODE:
	case PT_SIGSET:
	case PT_BOOL:
	case PT_IPV4ADDR:
	case PT_FD32:
	case PT_PID32: {
		const uint32_t n = va_arg(*args, uint32_t);
		memcpy(number, &n, value.size = sizeof(n));
		return value;
	}
	case PT_INT64:
	case PT_UINT64:
	case PT_RELTIME:
	case PT_ABSTIME:
	case PT_ERRNO:
	case PT_FD:
	case PT_PID:
	case PT_DOUBLE:
		*number = va_arg(*args, uint64_t);
		value.size = sizeof(*number);
		return value;
	case PT_CHARBUF:
	case PT_FSPATH:
	case PT_FSRELPATH: {
		const char *text = va_arg(*args, const char *);
		value.buf = text;
		value.size = text != NULL ? strlen(text) + 1 : 0;
		return value;
	}
	case PT_NONE:
	case PT_MAX:
		return value;
	default:
		return va_arg(*args, struct scap_const_sized_buffer);
	}
}

static void take_all(struct arguments *a,
                     ppm_event_code event_type,
                     const scap_empty_params_set *empty_params_set,
                     uint32_t n,
                     va_list args) {
	va_list rest;
	va_copy(rest, args);
	a->n = 0;
	/* An unknown event has no arguments whose types are known; Rust answers with the error. */
	if((uint32_t)event_type < PPM_EVENT_MAX) {
		const struct ppm_event_info *info = &g_event_info[event_type];
		while(a->n < n && a->n < info->nparams) {
			const uint32_t i = a->n++;
			a->values[i] = take(&rest, info->params[i].type, &a->numbers[i]);
			if(scap_empty_params_set_is_set(empty_params_set, (int)i)) {
				a->values[i].size = 0;
			}
		}
	}
	va_end(rest);
}

int32_t scap_event_encode_params_v(struct scap_sized_buffer event_buf,
                                   size_t *event_size,
                                   char *error,
                                   ppm_event_code event_type,
                                   const scap_empty_params_set *empty_params_set,
                                   uint32_t n,
                                   va_list args) {
	struct arguments a;
	take_all(&a, event_type, empty_params_set, n, args);
	return scap_encode_values(event_buf, event_size, error, event_type, a.values, a.n, NULL);
}

int32_t scap_event_encode_params(struct scap_sized_buffer event_buf,
                                 size_t *event_size,
                                 char *error,
                                 ppm_event_code event_type,
                                 uint32_t n,
                                 ...) {
	va_list args;
	va_start(args, n);
	const int32_t rc = scap_event_encode_params_v(event_buf, event_size, error, event_type, NULL, n, args);
	va_end(args);
	return rc;
}

int32_t scap_event_encode_params_with_empty_params(struct scap_sized_buffer event_buf,
                                                   size_t *event_size,
                                                   char *error,
                                                   ppm_event_code event_type,
                                                   const scap_empty_params_set *empty_params_set,
                                                   uint32_t n,
                                                   ...) {
	va_list args;
	va_start(args, n);
	const int32_t rc = scap_event_encode_params_v(event_buf, event_size, error, event_type, empty_params_set, n, args);
	va_end(args);
	return rc;
}

scap_evt *scap_create_event_v(char *error,
                              uint64_t ts,
                              uint64_t tid,
                              ppm_event_code event_type,
                              const scap_empty_params_set *empty_params_set,
                              uint32_t n,
                              va_list args) {
	const struct scap_sized_buffer none = {NULL, 0};
	scap_evt *event = NULL;
	struct arguments a;
	take_all(&a, event_type, empty_params_set, n, args);
	if(scap_encode_values(none, NULL, error, event_type, a.values, a.n, &event) != SCAP_SUCCESS) {
		return NULL;
	}
	event->ts = ts;
	event->tid = tid;
	return event;
}

scap_evt *scap_create_event(char *error, uint64_t ts, uint64_t tid, ppm_event_code event_type, uint32_t n, ...) {
	va_list args;
	va_start(args, n);
	scap_evt *event = scap_create_event_v(error, ts, tid, event_type, NULL, n, args);
	va_end(args);
	return event;
}

scap_evt *scap_create_event_with_empty_params(char *error,
                                              uint64_t ts,
                                              uint64_t tid,
                                              ppm_event_code event_type,
                                              const scap_empty_params_set *empty_params_set,
                                              uint32_t n,
                                              ...) {
	va_list args;
	va_start(args, n);
	scap_evt *event = scap_create_event_v(error, ts, tid, event_type, empty_params_set, n, args);
	va_end(args);
	return event;
}

void scap_empty_params_set_init(scap_empty_params_set *set, int n, ...) {
	va_list args;
	if(set == NULL) {
		return;
	}
	*set = 0;
	va_start(args, n);
	for(int i = 0; i < n; i++) {
		const int index = va_arg(args, int);
		if(index >= 0 && index < 64) {
			*set |= (scap_empty_params_set)1 << index;
		}
	}
	va_end(args);
}
