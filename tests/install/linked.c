/* Uses functions of all three APIs and is linked by one name of the library or by several. ABI_MAJOR and ABI_MINOR are the first two
   numbers in the library's file name. Exits with 0 on success. */
#include <libpman.h>
#include <libscap/scap.h>
#include <libsinsp/capi.h>

int main(void) {
	sinsp_inspector *inspector = sinsp_inspector_new(SINSP_ABI_VERSION, NULL);
	/* A program that was compiled for a later minor version, without needing a symbol of it, runs; for another major one not. */
	sinsp_inspector *later = sinsp_inspector_new(SINSP_ABI_VERSION + 7, NULL);
	const int made = inspector != NULL && later != NULL && sinsp_inspector_new(SINSP_ABI_VERSION + (1 << 16), NULL) == NULL;
	sinsp_inspector_free(inspector);
	sinsp_inspector_free(later);
	return !(made && sinsp_abi_version() == (ABI_MAJOR << 16 | ABI_MINOR) && scap_get_event_info_table() != NULL && pman_get_probe_api_ver() == 0);
}
