/// Printing of trees, section by section, so that memory holds one.
#pragma once

#include <memory>
#include <ostream>

#include "kpd/inspect/node.h"

namespace kpd::inspect {

/// One output. begin(), then sections, then end() once.
class TreeWriter {
 public:
  virtual ~TreeWriter() = default;

  /// kind: of the file, stable: "card-file", "stage-file", "reject-file", "tlv".
  virtual void begin(const std::string& kind) = 0;

  /// A part of the file: header, record, trailer.
  virtual void section(const Node& node) = 0;

  /// fault: why the file is not what it should be; empty: all is well. People read the fault on
  /// stderr, programs in the tree.
  virtual void end(const std::string& fault) = 0;
};

/// How text looks.
struct TextStyle {
  bool colours = false;
  std::size_t width = 0;  ///< columns to wrap at; 0: never
};

/// Lines indented by depth, siblings in columns.
std::unique_ptr<TreeWriter> make_text_writer(std::ostream& out, const TextStyle& style);

/// {"kind", "children": [..], "intact", "fault"}; nodes {"kind", "id", "label", "value", "note",
/// "bytes", "masked", "warning", "children"}, empty members left out.
std::unique_ptr<TreeWriter> make_json_writer(std::ostream& out);

/// The text without anything that a terminal would obey: control characters and what is not UTF-8
/// as \xNN.
std::string printable(std::string_view text);

/// Sections of a file that may turn out to be damaged: begins, does the work, and ends the tree
/// also when the work throws.
template <typename Work>
void write_tree(TreeWriter& writer, const std::string& kind, const Work& work) {
  writer.begin(kind);
  try {
    work();
  } catch (const std::exception& error) {
    writer.end(error.what());
    throw;
  }
  writer.end({});
}

}  // namespace kpd::inspect
