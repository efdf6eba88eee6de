// SPDX-License-Identifier: Apache-2.0
#include "values.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static struct bytes after(struct bytes b, size_t n) {
	return n < b.size ? (struct bytes){b.at + n, b.size - n} : (struct bytes){b.at, 0};
}

// The first `size` bytes, 1, 2, 4 or 8, as a number. `b` has that many.
static uint64_t number(struct bytes b, size_t size) {
	union {
		uint8_t u8;
		uint16_t u16;
		uint32_t u32;
		uint64_t u64;
	} n;
	memcpy(&n, b.at, size);
	switch(size) {
	case 1:
		return n.u8;
	case 2:
		return n.u16;
	case 4:
		return n.u32;
	default:
		return n.u64;
	}
}

static int64_t signed_number(struct bytes b, size_t size) {
	uint64_t n = number(b, size), sign = UINT64_C(1) << (8 * size - 1);
	return (int64_t)((n ^ sign) - sign);
}

void print_text(struct bytes text) {
	putchar('"');
	for(size_t i = 0; i < text.size; i++) {
		unsigned char c = text.at[i];
		if(c == '"' || c == '\\') {
			printf("\\%c", c);
		} else if(c >= ' ' && c < 0x7f) {
			putchar(c);
		} else {
			printf("\\x%02x", c);
		}
	}
	putchar('"');
}

struct bytes string(struct bytes b) {
	const unsigned char *end = b.size ? memchr(b.at, '\0', b.size) : NULL;
	return (struct bytes){b.at, end ? (size_t)(end - b.at) : b.size};
}

static void print_strings(struct bytes b) {
	putchar('[');
	for(const char *separator = ""; b.size; separator = ",") {
		struct bytes s = string(b);
		fputs(separator, stdout);
		print_text(s);
		b = after(b, s.size + 1);
	}
	putchar(']');
}

// Prints a number and its names in the event table: of its value (`exact`), or of its bits.
static void print_flags(uint64_t value, const struct ppm_param_info *param, bool exact) {
	printf("0x%" PRIX64, value);
	if(!param->info) {
		return;
	}
	char separator = '(';
	for(const struct ppm_name_value *flag = param->info; flag->name; flag++) {
		bool set = exact || flag->value == 0 ? value == flag->value : (value & flag->value) == flag->value;
		if(set) {
			printf("%c%s", separator, flag->name);
			separator = '|';
		}
	}
	if(separator != '(') {
		putchar(')');
	}
}

// The size of an address in an event, without its port.
static size_t address_size(int family) {
	return family == AF_INET ? 4 : 16;
}

// Prints one end of a connection. Returns false if its bytes are incomplete.
static bool print_end(struct bytes b, int family) {
	char text[INET6_ADDRSTRLEN] = "";
	size_t size = address_size(family);
	if(b.size < size + 2) {
		return false;
	}
	inet_ntop(family, b.at, text, sizeof(text));
	printf(family == AF_INET ? "%s:%" PRIu64 : "[%s]:%" PRIu64, text, number(after(b, size), 2));
	return true;
}

static void print_hex(struct bytes b) {
	for(size_t i = 0; i < b.size; i++) {
		printf("%02x", b.at[i]);
	}
}

// Prints the family and one address (PT_SOCKADDR) or two (PT_SOCKTUPLE).
static void print_socket(struct bytes b, bool tuple) {
	int family = b.at[0];
	struct bytes rest = after(b, 1);
	if(family == PPM_AF_INET || family == PPM_AF_INET6) {
		family = family == PPM_AF_INET ? AF_INET : AF_INET6;
		if(print_end(rest, family)) {
			if(!tuple) {
				return;
			}
			fputs("->", stdout);
			if(print_end(after(rest, address_size(family) + 2), family)) {
				return;
			}
		}
		fputs("cut", stdout);
	} else if(family == PPM_AF_UNIX) {
		if(tuple && rest.size >= 16) {
			printf("0x%" PRIx64 "->0x%" PRIx64 " ", number(rest, 8), number(after(rest, 8), 8));
			rest = after(rest, 16);
		}
		print_text(string(rest));
	} else {
		printf("family %d ", family);
		print_hex(rest);
	}
}

// Prints the fds of poll or ppoll: their number (2 bytes), then each fd (8 bytes) with its flags (2 bytes).
static void print_fds(struct bytes b) {
	putchar('[');
	const char *separator = "";
	for(b = after(b, 2); b.size >= 10; b = after(b, 10)) {
		printf("%s%" PRId64 ":0x%" PRIX64, separator, signed_number(b, 8), number(after(b, 8), 2));
		separator = ",";
	}
	putchar(']');
}

// The size in bytes of a type with a fixed size; 0 for all others.
static size_t fixed_size(enum ppm_param_type type) {
	switch(type) {
	case PT_INT8:
	case PT_UINT8:
	case PT_SIGTYPE:
	case PT_L4PROTO:
	case PT_SOCKFAMILY:
	case PT_FLAGS8:
	case PT_ENUMFLAGS8:
		return 1;
	case PT_INT16:
	case PT_UINT16:
	case PT_SYSCALLID:
	case PT_PORT:
	case PT_FLAGS16:
	case PT_ENUMFLAGS16:
		return 2;
	case PT_INT32:
	case PT_UINT32:
	case PT_BOOL:
	case PT_UID:
	case PT_GID:
	case PT_SIGSET:
	case PT_MODE:
	case PT_FLAGS32:
	case PT_ENUMFLAGS32:
	case PT_FD32:
	case PT_PID32:
	case PT_IPV4ADDR:
		return 4;
	case PT_INT64:
	case PT_UINT64:
	case PT_ERRNO:
	case PT_FD:
	case PT_PID:
	case PT_RELTIME:
	case PT_ABSTIME:
		return 8;
	case PT_IPV6ADDR:
		return 16;
	default:
		return 0;
	}
}

static void print_value(struct bytes b, const struct ppm_param_info *param) {
	size_t size = fixed_size(param->type);
	char address[INET6_ADDRSTRLEN] = "";
	if(b.size == 0) {
		fputs("<NA>", stdout);
		return;
	}
	if(size > b.size) {
		print_hex(b);
		return;
	}
	switch(param->type) {
	case PT_INT8:
	case PT_INT16:
	case PT_INT32:
	case PT_INT64:
	case PT_ERRNO:
	case PT_FD:
	case PT_FD32:
	case PT_PID:
	case PT_PID32:
		printf("%" PRId64, signed_number(b, size));
		break;
	case PT_UINT8:
	case PT_UINT16:
	case PT_UINT32:
	case PT_UINT64:
	case PT_PORT:
	case PT_L4PROTO:
	case PT_SOCKFAMILY:
	case PT_BOOL:
	case PT_UID:
	case PT_GID:
	case PT_SIGTYPE:
	case PT_RELTIME:
	case PT_ABSTIME:
		printf(param->fmt == PF_HEX ? "0x%" PRIX64 : param->fmt == PF_OCT ? "0%" PRIo64 : "%" PRIu64, number(b, size));
		break;
	case PT_SYSCALLID: {
		const char *name = scap_get_ppm_sc_name((ppm_sc_code)number(b, size));
		printf("%" PRIu64 "(%s)", number(b, size), name && *name ? name : "unknown");
		break;
	}
	case PT_FLAGS8:
	case PT_FLAGS16:
	case PT_FLAGS32:
		print_flags(number(b, size), param, false);
		break;
	case PT_ENUMFLAGS8:
	case PT_ENUMFLAGS16:
	case PT_ENUMFLAGS32:
		print_flags(number(b, size), param, true);
		break;
	case PT_SIGSET:
		printf("0x%" PRIX64, number(b, size));
		break;
	case PT_MODE:
		printf("0%" PRIo64, number(b, size));
		break;
	case PT_IPV4ADDR:
	case PT_IPV6ADDR:
		inet_ntop(param->type == PT_IPV4ADDR ? AF_INET : AF_INET6, b.at, address, sizeof(address));
		fputs(address, stdout);
		break;
	case PT_CHARBUF:
	case PT_FSPATH:
	case PT_FSRELPATH:
		print_text(string(b));
		break;
	case PT_CHARBUFARRAY:
	case PT_CHARBUF_PAIR_ARRAY:
		print_strings(b);
		break;
	case PT_BYTEBUF:
		print_text(b);
		break;
	case PT_SOCKADDR:
	case PT_SOCKTUPLE:
		print_socket(b, param->type == PT_SOCKTUPLE);
		break;
	case PT_FDLIST:
		print_fds(b);
		break;
	default:
		print_hex(b);
		break;
	}
}

void print_param(struct bytes b, const struct ppm_param_info *param) {
	printf(" %s:%zu=", param->name, b.size);
	// A value of one of several types starts with the index of that type.
	if(param->type == PT_DYN && param->info && b.size && b.at[0] < param->ninfo) {
		const struct ppm_param_info *types = param->info;
		print_value(after(b, 1), &types[b.at[0]]);
	} else {
		print_value(b, param);
	}
}
