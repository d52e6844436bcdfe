/// What a job says of one source of records.
#pragma once

#include <cstddef>
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
  std::string encoding = "UTF-8";     ///< a name that iconv knows; xml: empty, as the file says
  std::vector<SourceColumn> columns;  ///< empty: as the source names them (csv header, query)
  bool open_columns = false;          ///< xml, jsonl: fields say which columns there are
  char delimiter = ';';               ///< csv
  char quote = '"';                   ///< csv; 0: no quoting
  bool header = true;                 ///< csv: the first line names columns (and is no record)
  bool line_ends = true;              ///< fixed: else records follow each other without any
  std::size_t line_length = 0;        ///< fixed: characters of a record
  std::string record;                 ///< xml: name of the element that is one record
  std::string connect;                ///< sql: "sqlite3://file" or "postgresql://conninfo"
  std::string query;                  ///< sql
};

}  // namespace kpd
