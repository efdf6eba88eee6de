// SPDX-License-Identifier: Apache-2.0
#define _POSIX_C_SOURCE 200809L

#include "writer.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static bool failed(const char *path, const char *error) {
	// Some errors name the file themselves.
	if(strstr(error, path)) {
		fprintf(stderr, "scap-open: %s\n", error);
	} else {
		fprintf(stderr, "scap-open: %s: %s\n", path, error);
	}
	return false;
}

bool open_writer(struct writer *writer, struct capture *capture, const struct options *options) {
	char error[SCAP_LASTERR_SIZE] = "";
	struct stat in, out;
	*writer = (struct writer){.path = options->output};
	// The file is emptied when it is opened.
	if(options->source == SOURCE_FILE && stat(options->file, &in) == 0 && stat(writer->path, &out) == 0 &&
	   in.st_dev == out.st_dev && in.st_ino == out.st_ino && S_ISREG(in.st_mode)) {
		return failed(writer->path, "is the file that is read");
	}
	writer->dumper = scap_dump_open(capture->platform,
	                                writer->path,
	                                options->compressed ? SCAP_COMPRESSION_GZIP : SCAP_COMPRESSION_NONE,
	                                error);
	if(!writer->dumper) {
		return failed(writer->path, error);
	}
	// A pipe cannot be read back: the names are then those of the events.
	return stat(writer->path, &out) != 0 || !S_ISREG(out.st_mode) || read_names(capture, writer->path);
}

bool write_event(struct writer *writer, scap_evt *event, uint16_t cpu, uint32_t flags) {
	if(scap_dump(writer->dumper, event, cpu, flags) != SCAP_SUCCESS) {
		return failed(writer->path, scap_dump_getlasterr(writer->dumper));
	}
	writer->events++;
	return true;
}

bool close_writer(struct writer *writer) {
	bool written = true;
	if(writer->dumper) {
		scap_dump_flush(writer->dumper);
		const char *error = scap_dump_getlasterr(writer->dumper);
		written = !error || !*error || failed(writer->path, error);
		scap_dump_close(writer->dumper);
		writer->dumper = NULL;
	}
	return written;
}
