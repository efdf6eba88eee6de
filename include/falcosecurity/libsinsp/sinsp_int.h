// SPDX-License-Identifier: Apache-2.0
// What programs of older versions of the library include for what other headers have.
#pragma once

#include <libscap/scap.h>
#include <libsinsp/ifinfo.h>
#include <libsinsp/settings.h>
#include <libsinsp/sinsp_public.h>
#include <libsinsp/utils.h>

#include <cassert>
#include <csignal>
#include <deque>
#include <exception>
#include <fstream>
#include <iostream>
#include <limits>
#include <list>
#include <memory>
#include <queue>
#include <sstream>
#include <string>
#include <vector>
