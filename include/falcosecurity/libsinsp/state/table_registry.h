#pragma once
namespace libsinsp { namespace state { class table_registry{}; } }
