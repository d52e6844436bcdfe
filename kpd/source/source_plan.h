/// What a job says of one source of records.
#pragma once

#include <string>
#include <vector>

namespace kpd {

/// A column of a source and where it stands there.
struct SourceColumn {
  std::string name;      ///< as fields refer to it
  std::string path;      ///< xml: "holder/name", "@id"; jsonl: "holder.name"; else unused
  std::size_t at = 0;    ///< fixed: first character, from 0
  std::size_t size = 0;  ///< fixed: characters
};

struct SourcePlan {
  enum class Format { csv, fixed, xml, jsonl, sql };
  Format format = Format::csv;
  std::string file;                   ///< all but sql
  std::string encoding = "UTF-8";     ///< a name that iconv knows
  std::vector<SourceColumn> columns;  ///< empty: as the source names them (csv header, query)
  char delimiter = ';';               ///< csv
  char quote = '"';                   ///< csv; 0: no quoting
  std::string record;                 ///< xml: name of the element that is one record
  std::string connect;                ///< sql: "sqlite3://file" or "postgresql://conninfo"
  std::string query;                  ///< sql
};

}  // namespace kpd
