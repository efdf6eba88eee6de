# get_version_from_git(VAR SUFFIX EXCLUDED): sets VAR to the version of the current source folder, as git's tags have it. Tags end in SUFFIX and not in
# EXCLUDED; both may be empty. It is
#
#   the tag, if the commit has one
#   X.Y.(Z+1)-COUNT+HASH on a branch that matches FALCOSECURITY_RELEASE_BRANCH_REGEX, whose last tag is X.Y.Z
#   X.(Y+1).0-COUNT+HASH elsewhere; X.Y.Z is the highest version of all tags
#   0.0.0 without such a tag
#
# COUNT is the number of commits since the last that the tag has too. SUFFIX comes last, its special characters as dashes.
cmake_policy(VERSION 3.16)
include_guard()

if(NOT FALCOSECURITY_RELEASE_BRANCH_REGEX)
	set(FALCOSECURITY_RELEASE_BRANCH_REGEX "^release/")
endif()

# falcosecurity_git(VAR ARGUMENT...): sets VAR to git's output; to nothing if it fails.
function(falcosecurity_git result)
	execute_process(
		COMMAND git ${ARGN}
		WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
		RESULT_VARIABLE status
		OUTPUT_VARIABLE text
		OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET
	)
	if(NOT status EQUAL 0)
		set(text)
	endif()
	set(${result} "${text}" PARENT_SCOPE)
endfunction()

function(get_version_from_git result suffix excluded)
	set(exclude)
	if(excluded)
		set(exclude --exclude "*${excluded}")
	endif()
	falcosecurity_git(tag describe --tags --exact-match --match "*${suffix}" ${exclude} HEAD)
	if(tag)
		set(${result} "${tag}" PARENT_SCOPE)
		return()
	endif()

	set(version 0.0.0)
	set(parts "^([0-9]+)\\.([0-9]+)\\.([0-9]+)")
	falcosecurity_git(branch rev-parse --abbrev-ref HEAD)
	if(branch MATCHES "${FALCOSECURITY_RELEASE_BRANCH_REGEX}")
		falcosecurity_git(tag describe --tags --match "*.*.*${suffix}" ${exclude} --abbrev=0 HEAD)
		if(tag MATCHES "${parts}")
			math(EXPR next "${CMAKE_MATCH_3} + 1")
			set(version "${CMAKE_MATCH_1}.${CMAKE_MATCH_2}.${next}")
		endif()
	endif()
	if(version STREQUAL 0.0.0)
		falcosecurity_git(
			tag for-each-ref --count=1 --sort=-version:refname "--format=%(refname:short)" "refs/tags/[0-9]*.[0-9]*.[0-9]${suffix}"
		)
		if(tag MATCHES "${parts}")
			math(EXPR next "${CMAKE_MATCH_2} + 1")
			set(version "${CMAKE_MATCH_1}.${next}.0")
		endif()
	endif()
	if(NOT version STREQUAL 0.0.0)
		falcosecurity_git(hash rev-parse --short=7 HEAD)
		falcosecurity_git(base merge-base HEAD "${tag}")
		falcosecurity_git(count rev-list --count "${base}..HEAD")
		string(REGEX REPLACE "[^0-9A-Za-z-]" "-" plain_suffix "${suffix}")
		set(version "${version}-${count}+${hash}${plain_suffix}")
	endif()
	set(${result} "${version}" PARENT_SCOPE)
endfunction()
