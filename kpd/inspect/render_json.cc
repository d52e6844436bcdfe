#include <nlohmann/json.hpp>

#include "kpd/inspect/writer.h"

namespace kpd::inspect {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const Node& node) {
  Json json{{"kind", node.kind}};
  const auto put = [&](const char* key, const std::string& text) {
    if (!text.empty()) json[key] = printable(text);
  };
  put("id", node.id);
  put("label", node.label);
  put("value", node.value);
  put("note", node.note);
  put("bytes", node.bytes);
  if (node.masked) json["masked"] = true;
  if (node.mood == Node::Mood::warning) json["warning"] = true;
  if (!node.children.empty()) {
    Json children = Json::array();
    for (const Node& child : node.children) children.push_back(to_json(child));
    json["children"] = std::move(children);
  }
  return json;
}

class JsonWriter : public TreeWriter {
 public:
  explicit JsonWriter(std::ostream& out) : out_(out) {}

  void begin(const std::string& kind) override {
    out_ << "{\"kind\":" << Json(kind).dump() << ",\"children\":[";
  }

  void section(const Node& node) override {
    out_ << (first_ ? "\n" : ",\n") << to_json(node).dump();
    first_ = false;
  }

  void end(const std::string& fault) override {
    out_ << "\n],\"intact\":" << (fault.empty() ? "true" : "false");
    if (!fault.empty()) out_ << ",\"fault\":" << Json(printable(fault)).dump();
    out_ << "}\n" << std::flush;
  }

 private:
  std::ostream& out_;
  bool first_ = true;
};

}  // namespace

std::unique_ptr<TreeWriter> make_json_writer(std::ostream& out) {
  return std::make_unique<JsonWriter>(out);
}

}  // namespace kpd::inspect
