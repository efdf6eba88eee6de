# Versions from git's tags: those of drivers end in +driver, those of the libraries do not.
#
#   get_libs_version(VAR)
#   get_drivers_version(VAR)
#   get_shared_libs_versions(VAR SOVERSION_VAR)   the three numbers of FALCOSECURITY_LIBS_VERSION, and the first of them
include("${CMAKE_CURRENT_LIST_DIR}/GetVersionFromGit.cmake")

function(get_libs_version result)
	get_version_from_git(version "" "+driver")
	set(${result} "${version}" PARENT_SCOPE)
endfunction()

function(get_drivers_version result)
	get_version_from_git(version "+driver" "")
	set(${result} "${version}" PARENT_SCOPE)
endfunction()

function(get_shared_libs_versions result soversion_result)
	if(NOT "${FALCOSECURITY_LIBS_VERSION}" MATCHES "^([0-9]+)\\.[0-9]+\\.[0-9]+")
		string(REGEX MATCH "^([0-9]+)\\.[0-9]+\\.[0-9]+" unused 0.0.0)
	endif()
	set(${result} "${CMAKE_MATCH_0}" PARENT_SCOPE)
	set(${soversion_result} "${CMAKE_MATCH_1}" PARENT_SCOPE)
endfunction()
