# include(uthash): UTHASH_INCLUDE, with a copy also UTHASH_SRC; the target `uthash`. The libraries do not need it.
include("${CMAKE_CURRENT_LIST_DIR}/falcosecurity-dependency.cmake")
falcosecurity_dependency(
	uthash
	INCLUDE UTHASH_INCLUDE uthash.h
	PACKAGE uthash-dev
	SOURCES UTHASH_SRC https://github.com/troydhanson/uthash/archive/refs/tags/v1.9.8.tar.gz
		d9d123ce81c5d127442876fc3b12fab3ad632bee6aca685be7d461c08e24c046
	BUILD NOTHING
	HEADERS src
)
