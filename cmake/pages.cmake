# The pages of the API: HTML by Doxygen, a man page for each exported function by doxygen2man. They are made and installed where both programs are.
find_program(FALCOSECURITY_DOXYGEN doxygen)
find_program(FALCOSECURITY_DOXYGEN2MAN doxygen2man)
if(FALCOSECURITY_DOXYGEN AND FALCOSECURITY_DOXYGEN2MAN)
	set(pages "${PROJECT_BINARY_DIR}/pages")
	set(export_lists)
	foreach(api scap plugin sinsp)
		list(APPEND export_lists "${PROJECT_SOURCE_DIR}/capi/${api}/exports.txt")
	endforeach()
	configure_file(cmake/Doxyfile.in Doxyfile @ONLY)
	file(
		GLOB_RECURSE page_sources CONFIGURE_DEPENDS
		"${PROJECT_SOURCE_DIR}/docs/*.md"
		"${PROJECT_SOURCE_DIR}/include/*.h"
	)
	add_custom_command(
		OUTPUT "${pages}/made"
		COMMAND ${CMAKE_COMMAND} -E remove_directory "${pages}"
		COMMAND ${CMAKE_COMMAND} -E make_directory "${pages}"
		COMMAND "${FALCOSECURITY_DOXYGEN}" "${PROJECT_BINARY_DIR}/Doxyfile"
		COMMAND
			${CMAKE_COMMAND} -E env "DOXYGEN2MAN=${FALCOSECURITY_DOXYGEN2MAN}" "${PROJECT_SOURCE_DIR}/cmake/man-pages.sh" "${pages}/xml" "${pages}/man3"
			${export_lists}
		COMMAND ${CMAKE_COMMAND} -E touch "${pages}/made"
		DEPENDS ${page_sources} ${export_lists} "${PROJECT_SOURCE_DIR}/README.md" "${PROJECT_BINARY_DIR}/Doxyfile" "${PROJECT_SOURCE_DIR}/cmake/man-pages.sh"
		COMMENT "Making the pages of the API"
		VERBATIM
	)
	add_custom_target(falcosecurity-pages ALL DEPENDS "${pages}/made")
	install(DIRECTORY "${pages}/html" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
	install(DIRECTORY "${pages}/man3" DESTINATION "${CMAKE_INSTALL_MANDIR}")
else()
	message(STATUS "No pages of the API: doxygen or doxygen2man is missing")
endif()
