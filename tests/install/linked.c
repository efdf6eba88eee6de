/* Uses functions of all three APIs and is linked by one name of the library or by several. ABI_MAJOR and ABI_MINOR are the first two
   numbers in the library's file name. Exits with 0 on success. */
#include <libpman.h>
#include <libscap/scap.h>
#include <libsinsp/capi.h>

int main(void) {
	sinsp_inspector *inspector = sinsp_inspector_new(SINSP_ABI_VERSION, NULL);
	const int made = inspector != NULL;
	sinsp_inspector_free(inspector);
	return !(made && sinsp_abi_version() == (ABI_MAJOR << 16 | ABI_MINOR) && scap_get_event_info_table() != NULL && pman_get_probe_api_ver() == 0);
}
