/// What opens each format. Internal to kpd/source.
#pragma once

#include <memory>

#include "kpd/source/input.h"
#include "kpd/source/record_source.h"

namespace kpd {

/// Rows of a CSV file (RFC 4180). Fault of its own: "csv-quote".
std::unique_ptr<RecordSource> make_csv_source(const SourcePlan& plan, Input input);

/// Records of fixed width. Columns lose the blanks at their end; empty lines are passed over. Fault
/// of its own: "length" (a record is longer or shorter than it must be).
std::unique_ptr<RecordSource> make_fixed_source(const SourcePlan& plan, Input input);

/// A JSON object in each line. Columns are texts, numbers as they are written, true or false; null
/// and what is not there are empty. Faults of its own: "json" (none), "depth", "twice" (a key in
/// one object, or a column), "nested" (a column is an object or a list).
std::unique_ptr<RecordSource> make_jsonl_source(const SourcePlan& plan, Input input);

/// Elements of an XML document, wherever they stand in it; names are local names, whatever their
/// namespace. Columns are the text of child elements and attributes; what is not there is empty.
/// Faults of its own: "twice" (a column), "nested" (a column has elements). A document that is not
/// well formed, nested too deep or declares a document type with content breaks the source where
/// that shows.
std::unique_ptr<RecordSource> make_xml_source(const SourcePlan& plan, Input input);

/// Rows of a query on an SQLite file, opened for reading alone.
std::unique_ptr<RecordSource> make_sqlite_source(const SourcePlan& plan);

/// Rows of a query on a PostgreSQL server, through a cursor in a read-only transaction.
std::unique_ptr<RecordSource> make_postgres_source(const SourcePlan& plan);

}  // namespace kpd
