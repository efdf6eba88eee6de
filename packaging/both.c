/* Which library a program's call reaches, where the distribution's libscap is installed beside ours. Prints the library's file.
 *
 *   OURS, THEIRS    fails unless the call reaches that library
 *   LOADS           loads the libraries in its arguments one after the other, and calls each
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static int is_from(void *function, const char *library) {
	Dl_info info;
	if(function == NULL || dladdr(function, &info) == 0) {
		return 0;
	}
	puts(info.dli_fname);
	return strstr(info.dli_fname, library) != NULL;
}

#ifdef LOADS

int main(int argc, char **argv) {
	int good = argc > 1;
	for(int i = 1; i < argc; i++) {
		void *library = dlopen(argv[i], RTLD_NOW | RTLD_LOCAL);
		if(library == NULL) {
			puts(dlerror());
			return 1;
		}
		good = is_from(dlsym(library, "scap_getlasterr"), argv[i]) && good;
		const char *(*version)(void) = (const char *(*)(void))dlsym(library, "scap_library_version");
		if(version != NULL) {
			puts(version());
		}
	}
	return !good;
}

#else

extern const char *scap_getlasterr(void *);

int main(void) {
#ifdef OURS
	extern const char *scap_library_version(void);
	puts(scap_library_version());
	return !is_from((void *)scap_getlasterr, "libfalcosecurity-rs.so.1");
#else
	return !is_from((void *)scap_getlasterr, "libscap.so.0");
#endif
}

#endif
