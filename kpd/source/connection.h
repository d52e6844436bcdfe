/// How a job names a database: "sqlite3://file", "postgresql://dbname=cards service=bank".
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kpd {

constexpr std::string_view kSqlite = "sqlite3://";
constexpr std::string_view kPostgres = "postgresql://";

/// Parameters of a PostgreSQL connection (libpq's key=value form), in order.
using ConnectionParameters = std::vector<std::pair<std::string, std::string>>;

/// Reads "key=value key='a value'" behind kPostgres. Throws std::invalid_argument: what is wrong,
/// in words that repeat nothing of the text, since a password may stand in it.
ConnectionParameters parse_connection(std::string_view text);

/// The same text again, every value quoted.
std::string connection_text(const ConnectionParameters& parameters);

}  // namespace kpd
