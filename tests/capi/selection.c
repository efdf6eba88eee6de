/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel's driver would leave out, with the C ABI: selection CAPTURE. Nothing is captured, so that it needs no rights. */
#include "check.h"

/* The row of a system call; false without one. */
static bool row_of(const sinsp_selection *selection, const char *name, sinsp_selection_row *row) {
	for(size_t i = 0; sinsp_selection_get(selection, i, row); i++) {
		if(equal(row->name, name)) {
			return true;
		}
	}
	return false;
}

int main(int argc, char **argv) {
	if(argc != 2) {
		return 2;
	}
	sinsp_inspector *inspector = opened(argv[1]);
	sinsp_error *error = NULL;
	CHECK(!sinsp_inspector_selection(inspector, &error) && says(&error, "no selection was started"));

	sinsp_program *programs[2] = {
	        sinsp_program_compile(inspector, NULL, str("evt.type = unlink and evt.failed = true"), &error),
	        sinsp_program_compile(inspector, NULL, str("proc.name = cat and evt.type = read"), &error),
	};
	CHECK(programs[0] && programs[1] && !error);
	CHECK(sinsp_inspector_start_selection(inspector, (const sinsp_program *const *)programs, 2, &error) == SINSP_SUCCESS);
	CHECK(!error);
	/* They may be freed now. */
	sinsp_program_free(programs[0]);
	sinsp_program_free(programs[1]);

	sinsp_selection *selection = sinsp_inspector_selection(inspector, &error);
	sinsp_selection_row row;
	sinsp_str note;
	CHECK(selection && !error && !sinsp_selection_active(selection));
	CHECK(sinsp_selection_note(selection, 0, &note) && equal(note, "nothing is left out: no driver captures"));
	CHECK(!sinsp_selection_note(selection, 1, &note));
	CHECK(row_of(selection, "close", &row) && row.succeeded == SINSP_KEPT_FOR_STATE && row.failed == SINSP_KEPT_NOT);
	CHECK(row_of(selection, "read", &row) && row.succeeded == SINSP_KEPT_FOR_FILTER && row.succeeded_filter == 1);
	CHECK(row_of(selection, "getppid", &row) && row.succeeded == SINSP_KEPT_NOT && row.failed == SINSP_KEPT_NOT);
#ifdef __x86_64__
	CHECK(row_of(selection, "unlink", &row) && row.succeeded == SINSP_KEPT_NOT && row.failed == SINSP_KEPT_FOR_FILTER);
	CHECK(row.failed_filter == 0 && row.sc != 0);
#endif
	CHECK(!row_of(selection, "nosuchcall", &row));
	CHECK(sinsp_selection_text(selection).len > 1000);

	/* A report outlives the selection and the inspector. */
	CHECK(sinsp_inspector_stop_selection(inspector, &error) == SINSP_SUCCESS && !error);
	CHECK(!sinsp_inspector_selection(inspector, NULL));
	/* Without filters, the inspector's own, which is not set. */
	CHECK(sinsp_inspector_start_selection(inspector, NULL, 0, &error) == SINSP_SUCCESS);
	sinsp_selection *own = sinsp_inspector_selection(inspector, &error);
	CHECK(own && sinsp_selection_note(own, 1, &note) && equal(note, "nothing is left out: there is no filter, so that every event is wanted"));
	sinsp_selection_free(own);
	sinsp_inspector_free(inspector);
	CHECK(row_of(selection, "close", &row) && row.succeeded == SINSP_KEPT_FOR_STATE);
	sinsp_selection_free(selection);

	/* Null and wrong arguments. */
	inspector = opened(argv[1]);
	const sinsp_program *none = NULL;
	CHECK(sinsp_inspector_start_selection(inspector, NULL, 2, &error) != SINSP_SUCCESS && says(&error, "the array is null"));
	CHECK(sinsp_inspector_start_selection(inspector, &none, 1, &error) != SINSP_SUCCESS && says(&error, "filter"));
	CHECK(sinsp_inspector_start_selection(NULL, NULL, 0, &error) != SINSP_SUCCESS && says(&error, "inspector"));
	CHECK(sinsp_inspector_stop_selection(NULL, NULL) != SINSP_SUCCESS && !sinsp_inspector_selection(NULL, NULL));
	CHECK(!sinsp_selection_active(NULL) && !sinsp_selection_get(NULL, 0, &row) && !sinsp_selection_note(NULL, 0, &note));
	CHECK(sinsp_selection_text(NULL).len == 0);
	sinsp_selection_free(NULL);
	sinsp_inspector_free(inspector);
	return finish();
}
