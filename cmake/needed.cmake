# What the build needs besides a C compiler, looked for while CMake configures, so that what is missing is named with its package.

find_program(CARGO cargo HINTS "$ENV{HOME}/.cargo/bin")
if(NOT CARGO)
	message(FATAL_ERROR "cargo is missing: install Rust 1.88 or later (https://rustup.rs; Debian: rustc-web and cargo-web), or set CARGO to its path")
endif()

# link-object.sh needs GNU ld, that of the target's architecture.
if(CMAKE_CROSSCOMPILING)
	execute_process(COMMAND ${CMAKE_C_COMPILER} -print-prog-name=ld.bfd OUTPUT_VARIABLE target_ld OUTPUT_STRIP_TRAILING_WHITESPACE)
	find_program(FALCOSECURITY_LD NAMES "${target_ld}" NO_CMAKE_FIND_ROOT_PATH)
else()
	find_program(FALCOSECURITY_LD NAMES ld.bfd ld)
endif()
if(NOT FALCOSECURITY_LD OR NOT CMAKE_OBJCOPY OR NOT CMAKE_NM)
	message(FATAL_ERROR "ld, objcopy or nm is missing: install GNU binutils (Debian: binutils)")
endif()

# The compiler of the BPF probe: MODERN_CLANG_EXE or the environment's CLANG name another.
if(MODERN_CLANG_EXE)
	set(FALCOSECURITY_CLANG "${MODERN_CLANG_EXE}")
elseif(DEFINED ENV{CLANG})
	set(FALCOSECURITY_CLANG "$ENV{CLANG}")
else()
	find_program(FALCOSECURITY_CLANG clang)
endif()
if(NOT FALCOSECURITY_CLANG)
	message(FATAL_ERROR "clang, which compiles the BPF probe, is missing: install it (Debian: clang), or set MODERN_CLANG_EXE to its path")
endif()

# falcosecurity_header(NAME HEADER PACKAGE): a header of a library that libbpf needs.
function(falcosecurity_header name header package)
	find_path(FALCOSECURITY_${name}_INCLUDE_DIR ${header})
	if(NOT FALCOSECURITY_${name}_INCLUDE_DIR)
		message(FATAL_ERROR "${header} is missing: install lib${name} with its headers (Debian: ${package})")
	endif()
endfunction()
falcosecurity_header(elf gelf.h libelf-dev)
falcosecurity_header(z zlib.h zlib1g-dev)
