/*
 * Copies a capture through the C API: roundtrip CAPTURE COPY plain|gzip|memory|lists. Prints `ok` and exits with 0 if the copy has the
 * same threads, fds and events. `lists` writes the process list entry by entry, with additional threads and fds.
 */
#define _DEFAULT_SOURCE
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include <libscap/scap.h>
#include <libscap/scap_engines.h>
#include <libscap/scap_platform.h>
#include <libscap/scap_savefile_api.h>

/* The threads, fds and events of a capture. */
struct seen {
	scap_threadinfo *threads;
	size_t n_threads;
	struct fd {
		int64_t tid;
		scap_fdinfo info;
	} *fds;
	size_t n_fds;
};

static void fail(const char *what, const char *why) {
	fprintf(stderr, "%s: %s\n", what, why);
	exit(1);
}

static void *grown(void *array, size_t n, size_t size) {
	/* Doubles the capacity at each power of two. */
	if((n & (n - 1)) == 0) {
		array = realloc(array, (n == 0 ? 1 : n * 2) * size);
		if(array == NULL) {
			fail("memory", "none is left");
		}
	}
	return array;
}

static int32_t on_entry(void *context, char *error, int64_t tid, scap_threadinfo *tinfo, scap_fdinfo *fdinfo, scap_threadinfo **new_tinfo) {
	struct seen *seen = context;
	(void)error;
	(void)new_tinfo;
	if(tinfo != NULL) {
		seen->threads = grown(seen->threads, seen->n_threads, sizeof(*seen->threads));
		seen->threads[seen->n_threads++] = *tinfo;
	}
	if(fdinfo != NULL) {
		seen->fds = grown(seen->fds, seen->n_fds, sizeof(*seen->fds));
		seen->fds[seen->n_fds].tid = tid;
		seen->fds[seen->n_fds++].info = *fdinfo;
	}
	return SCAP_SUCCESS;
}

/* Opens a capture. If `seen` is null, the platform stores the threads. */
static scap_t *opened(const char *name, struct seen *seen, struct scap_platform **platform) {
	scap_proc_callbacks callbacks = {NULL, NULL, NULL, seen};
	struct scap_savefile_engine_params params;
	char error[SCAP_LASTERR_SIZE] = "";
	scap_open_args args;
	int32_t rc = SCAP_SUCCESS;
	callbacks.m_proc_entry_cb = seen == NULL ? default_proc_entry_callback : on_entry;
	memset(&args, 0, sizeof(args));
	memset(&params, 0, sizeof(params));
	params.fname = name;
	params.platform = *platform = scap_savefile_alloc_platform(callbacks);
	args.engine_params = &params;
	args.import_users = true;
	scap_t *h = scap_open(&args, &scap_savefile_engine, error, &rc);
	if(h == NULL) {
		fail(name, error);
	}
	return h;
}

/* The next event; null at the end. */
static scap_evt *next(scap_t *h, uint16_t *device, uint32_t *flags) {
	scap_evt *e;
	for(;;) {
		switch(scap_next(h, &e, device, flags)) {
		case SCAP_SUCCESS:
			return e;
		case SCAP_FILTERED_EVENT:
		case SCAP_TIMEOUT:
			break;
		case SCAP_EOF:
			return NULL;
		default:
			fail("scap_next", scap_getlasterr(h));
		}
	}
}

/* Adds threads, each with an fd of every type and many files. */
static void make_up(struct seen *seen) {
	static scap_threadinfo thread;
	static scap_fdinfo fd;
	for(int i = 1; i <= 3; i++) {
		memset(&thread, 0, sizeof(thread));
		thread.tid = thread.pid = thread.vtid = thread.vpid = (uint64_t)(4000000 + i);
		thread.ptid = 1;
		thread.exe_writable = thread.exe_from_memfd = i % 2 == 0;
		thread.cap_effective = ~UINT64_C(0);
		thread.loginuid = UINT32_MAX;
		strcpy(thread.comm, "made-up");
		strcpy(thread.exe, "./made-up");
		strcpy(thread.exepath, "/bin/made\xff-up");
		strcpy(thread.cwd, "/tmp/");
		strcpy(thread.root, "/");
		memset(thread.args, 'a', SCAP_MAX_ARGS_SIZE - 1);
		thread.args_len = SCAP_MAX_ARGS_SIZE;
		memcpy(thread.env, "A=1\0B=2", 8);
		thread.env_len = 8;
		memcpy(thread.cgroups.path, "cpu=/a\0memory=/b", 17);
		thread.cgroups.len = 17;
		on_entry(seen, NULL, (int64_t)thread.tid, &thread, NULL, NULL);
		for(int n = 0; n < 2000; n++) {
			memset(&fd, 0, sizeof(fd));
			fd.fd = n;
			fd.ino = 7;
			fd.type = n < 1000 ? (scap_fd_type)(SCAP_FD_FILE + n % SCAP_FD_PIDFD) : SCAP_FD_FILE_V2;
			switch(fd.type) {
			case SCAP_FD_IPV4_SOCK:
				fd.info.ipv4info = (scap_fdinfo_ipv4){0x0100007f, 0x0200000a, 1, 2, SCAP_L4_TCP};
				break;
			case SCAP_FD_IPV6_SOCK:
				fd.info.ipv6info = (scap_fdinfo_ipv6){{1, 2, 3, 4}, {5, 6, 7, 8}, 3, 4, SCAP_L4_UDP};
				break;
			case SCAP_FD_IPV4_SERVSOCK:
				fd.info.ipv4serverinfo = (scap_fdinfo_ipv4server){0x0100007f, 5, SCAP_L4_TCP};
				break;
			case SCAP_FD_IPV6_SERVSOCK:
				fd.info.ipv6serverinfo = (scap_fdinfo_ipv6server){{1, 2, 3, 4}, 6, SCAP_L4_RAW};
				break;
			case SCAP_FD_UNIX_SOCK:
				fd.info.unix_socket_info.source = 8;
				fd.info.unix_socket_info.destination = 9;
				strcpy(fd.info.unix_socket_info.fname, "/run/socket");
				break;
			case SCAP_FD_FILE_V2:
				fd.info.regularinfo.open_flags = 3;
				fd.info.regularinfo.dev = 11;
				snprintf(fd.info.regularinfo.fname, sizeof(fd.info.regularinfo.fname), "/tmp/%d", n);
				break;
			default:
				snprintf(fd.info.fname, sizeof(fd.info.fname), "name:[%d]", n);
			}
			on_entry(seen, NULL, (int64_t)thread.tid, NULL, &fd, NULL);
		}
	}
}

/* The number of used bytes of an fd's union; padding is not compared. */
static size_t used(const scap_fdinfo *fd) {
	switch(fd->type) {
	case SCAP_FD_IPV4_SOCK:
		return offsetof(scap_fdinfo_ipv4, l4proto) + 1;
	case SCAP_FD_IPV6_SOCK:
		return offsetof(scap_fdinfo_ipv6, l4proto) + 1;
	case SCAP_FD_IPV4_SERVSOCK:
		return offsetof(scap_fdinfo_ipv4server, l4proto) + 1;
	case SCAP_FD_IPV6_SERVSOCK:
		return offsetof(scap_fdinfo_ipv6server, l4proto) + 1;
	case SCAP_FD_UNIX_SOCK:
		return sizeof(fd->info.unix_socket_info);
	case SCAP_FD_FILE_V2:
		return sizeof(fd->info.regularinfo);
	default:
		return sizeof(fd->info.fname);
	}
}

static int same_fd(const struct fd *a, const struct fd *b) {
	return a->tid == b->tid && a->info.fd == b->info.fd && a->info.ino == b->info.ino && a->info.type == b->info.type &&
	       memcmp(&a->info.info, &b->info.info, used(&a->info)) == 0;
}

/* Writes threads and fds with the list functions. */
static void write_lists(scap_dumper_t *dumper, struct seen *seen) {
	scap_dumper_t *list = scap_write_proclist_begin();
	uint32_t total = 0;
	for(size_t i = 0; i < seen->n_threads; i++) {
		scap_threadinfo *t = &seen->threads[i];
		const size_t half = t->args_len / 2;
		const struct iovec args[] = {{t->args, half}, {t->args + half, t->args_len - half}};
		const struct iovec env = {t->env, t->env_len}, cgroups = {t->cgroups.path, (size_t)t->cgroups.len};
		uint32_t len = 0;
		if(scap_write_proclist_entry_bufs(list, t, &len, t->comm, t->exe, t->exepath, args, 2, &env, 1, t->cwd, &cgroups, 1, t->root) !=
		   SCAP_SUCCESS) {
			fail("an entry", scap_dump_getlasterr(list));
		}
		total += len;
	}
	if(scap_write_proclist_end(dumper, list, total) != SCAP_SUCCESS) {
		fail("the list", scap_dump_getlasterr(dumper));
	}
	for(size_t i = 0; i < seen->n_fds;) {
		static scap_threadinfo thread;
		memset(&thread, 0, sizeof(thread));
		thread.tid = (uint64_t)seen->fds[i].tid;
		for(; i < seen->n_fds && (uint64_t)seen->fds[i].tid == thread.tid; i++) {
			if(scap_fd_add(&thread, &seen->fds[i].info) != SCAP_SUCCESS) {
				fail("scap_fd_add", "no memory");
			}
		}
		if(scap_write_proc_fds(dumper, &thread) != SCAP_SUCCESS) {
			fail("fds", scap_dump_getlasterr(dumper));
		}
#ifdef UTHASH_H
		/* The table is a valid uthash table. */
		scap_fdinfo *fd, *other, *found = NULL;
		HASH_ITER(hh, thread.fdlist, fd, other) {
			HASH_FIND_INT64(thread.fdlist, &fd->fd, found);
			if(found != fd) {
				fail("uthash", "an fd is not found");
			}
			HASH_DEL(thread.fdlist, fd);
		}
#endif
	}
}

/* Copies a capture. For `lists`, returns the expected content of the copy. */
static struct seen copy(const char *from, const char *to, const char *mode) {
	static uint8_t memory[64 << 20];
	struct seen seen = {NULL, 0, NULL, 0};
	struct scap_platform *platform;
	char error[SCAP_LASTERR_SIZE] = "";
	const int lists = strcmp(mode, "lists") == 0, in_memory = strcmp(mode, "memory") == 0;
	scap_dumper_t *dumper;
	uint16_t device;
	uint32_t flags;
	scap_evt *e;

	scap_t *h = opened(from, lists ? &seen : NULL, &platform);
	if(in_memory) {
		dumper = scap_memory_dump_open(platform, memory, sizeof(memory), error);
	} else {
		dumper = scap_dump_open(platform, to, strcmp(mode, "gzip") == 0 ? SCAP_COMPRESSION_GZIP : SCAP_COMPRESSION_NONE, error);
	}
	if(dumper == NULL) {
		fail(to, error);
	}
	if(lists) {
		make_up(&seen);
		write_lists(dumper, &seen);
	}
	while((e = next(h, &device, &flags)) != NULL) {
		if(scap_dump(dumper, e, device, flags) != SCAP_SUCCESS) {
			fail("scap_dump", scap_dump_getlasterr(dumper));
		}
	}
	if(in_memory) {
		const size_t size = (size_t)(scap_get_memorydumper_curpos(dumper) - memory);
		const int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		if((int64_t)size != scap_dump_ftell(dumper) || write(fd, memory, size) != (ssize_t)size || close(fd) != 0) {
			fail(to, "not written");
		}
	}
	scap_dump_close(dumper);
	scap_close(h);
	scap_platform_free(platform);
	return seen;
}

int main(int argc, char **argv) {
	if(argc != 4) {
		fail("usage", "roundtrip CAPTURE COPY plain|gzip|memory|lists");
	}
	const struct seen listed = copy(argv[1], argv[2], argv[3]);
	struct seen seen[2] = {{NULL, 0, NULL, 0}, {NULL, 0, NULL, 0}};
	struct scap_platform *platform[2];
	scap_t *h[2];
	for(int i = 0; i < 2; i++) {
		h[i] = opened(argv[1 + i], &seen[i], &platform[i]);
	}
	if(listed.n_threads > 0) {
		free(seen[0].threads);
		free(seen[0].fds);
		seen[0] = listed;
	}
	if(seen[0].n_threads == 0 || seen[0].n_threads != seen[1].n_threads || seen[0].n_fds == 0 || seen[0].n_fds != seen[1].n_fds) {
		fail(argv[2], "another number of threads or fds");
	}
	if(memcmp(seen[0].threads, seen[1].threads, seen[0].n_threads * sizeof(scap_threadinfo)) != 0) {
		fail(argv[2], "another thread");
	}
	for(size_t i = 0; i < seen[0].n_fds; i++) {
		if(!same_fd(&seen[0].fds[i], &seen[1].fds[i])) {
			fail(argv[2], "another fd");
		}
	}
	const uint64_t users[2] = {scap_get_user_list(platform[0])->nusers, scap_get_user_list(platform[1])->nusers};
	if(users[0] != users[1]) {
		fail(argv[2], "other users");
	}
	for(uint64_t n = 0;; n++) {
		uint16_t device[2];
		uint32_t flags[2];
		scap_evt *e[2];
		for(int i = 0; i < 2; i++) {
			e[i] = next(h[i], &device[i], &flags[i]);
		}
		if(e[0] == NULL && e[1] == NULL && n > 0) {
			break;
		}
		if(e[0] == NULL || e[1] == NULL || device[0] != device[1] || flags[0] != flags[1] || e[0]->len != e[1]->len ||
		   memcmp(e[0], e[1], e[0]->len) != 0) {
			fprintf(stderr, "the event %llu is another one\n", (unsigned long long)n);
			return 1;
		}
	}
	for(int i = 0; i < 2; i++) {
		scap_close(h[i]);
		scap_platform_free(platform[i]);
		free(seen[i].threads);
		free(seen[i].fds);
	}
	puts("ok");
	return 0;
}
