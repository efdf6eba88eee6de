# include(valijson): VALIJSON_INCLUDE, with a copy also VALIJSON_SRC; the target `valijson`. The libraries do not need it.
include("${CMAKE_CURRENT_LIST_DIR}/falcosecurity-dependency.cmake")
falcosecurity_dependency(
	valijson
	INCLUDE VALIJSON_INCLUDE valijson/validator.hpp
	PACKAGE libvalijson-dev
	SOURCES VALIJSON_SRC https://github.com/tristanpenman/valijson/archive/refs/tags/v1.0.2.tar.gz
		35d86e54fc727f1265226434dc996e33000a570f833537a25c8b702b0b824431
	BUILD NOTHING
	HEADERS include
)
