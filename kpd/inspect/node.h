/// What `kpd inspect` shows, as a small tree: made by decoders, printed by writers.
#pragma once

#include <string>
#include <vector>

namespace kpd::inspect {

/// One line of the tree and what hangs below it. Empty parts are not shown.
struct Node {
  enum class Mood { plain, good, warning };

  std::string kind;   ///< for programs, stable: "header", "record", "dgi", "tag", "bit"
  std::string id;     ///< how files name it: "9102", "5A", "run"
  std::string label;  ///< how people name it
  std::string value;  ///< in words or digits, masked
  std::string note;   ///< an aside
  std::string
      bytes;  ///< for programs: the value in hexadecimal; never for what is masked or secret
  bool masked = false;
  bool quiet_id = false;  ///< the id is for programs alone
  bool quoted = false;    ///< people see the value between quotes
  Mood mood = Mood::plain;
  std::vector<Node> children;

  /// Appends a child and returns it; the reference lasts until the next one is added.
  Node& add(Node child) { return children.emplace_back(std::move(child)); }
};

/// A named value: {kind "field", id, label, value}.
inline Node field(std::string id, std::string label, std::string value, std::string note = {}) {
  Node node;
  node.kind = "field";
  node.id = std::move(id);
  node.label = std::move(label);
  node.quiet_id = !node.label.empty();
  node.value = std::move(value);
  node.note = std::move(note);
  return node;
}

/// A node that others hang below.
inline Node branch(std::string kind, std::string id, std::string label) {
  Node node;
  node.kind = std::move(kind);
  node.id = std::move(id);
  node.label = std::move(label);
  return node;
}

/// "1 byte", "16 bytes".
inline std::string byte_count(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " byte" : " bytes");
}

}  // namespace kpd::inspect
