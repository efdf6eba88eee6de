# Where the parts of the project lie, seen from these modules. This file is for a checkout; cmake/installed-layout.cmake.in takes its place in
# an installed package. It sets:
#
#   FALCOSECURITY_ROOT       the checkout, for add_subdirectory; empty in an installed package
#   FALCOSECURITY_PACKAGES   the folder of the CMake packages; empty in a checkout
#   FALCOSECURITY_HEADERS    the folder with driver/, libscap/, libsinsp/ and plugin/
get_filename_component(FALCOSECURITY_ROOT "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
set(FALCOSECURITY_PACKAGES)
set(FALCOSECURITY_HEADERS "${FALCOSECURITY_ROOT}/include/falcosecurity")
