#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "kpd/exit_code.h"
#include "kpd/source/formats.h"
#include "kpd/source/limits.h"
#include "kpd/source/line_reader.h"
#include "kpd/source/path_record.h"

namespace kpd {
namespace {

using Json = nlohmann::json;

/// Takes the parts of one line. What it answers: whether to go on.
class Handler : public nlohmann::json_sax<Json> {
 public:
  explicit Handler(PathRecord& record) : record_(record) {}

  bool null() override { return value({}); }
  bool boolean(bool value_of) override { return value(value_of ? "true" : "false"); }
  // A number keeps its digits: those that fit an integer have one way to be written (but for -0),
  // all others come as they stand in the file.
  bool number_integer(Json::number_integer_t number) override {
    return value(number == 0 ? "-0" : std::to_string(number));
  }
  bool number_unsigned(Json::number_unsigned_t number) override {
    return value(std::to_string(number));
  }
  bool number_float(Json::number_float_t, const std::string& text) override { return value(text); }
  bool string(std::string& text) override { return value(text); }
  bool binary(Json::binary_t&) override { return false; }  // not in JSON

  bool start_object(std::size_t) override { return start(false); }
  bool end_object() override { return end(); }
  bool start_array(std::size_t) override { return start(true); }
  bool end_array() override { return end(); }

  bool key(std::string& name) override {
    Level& level = levels_.back();
    if (!level.keys.insert(name).second) record_.fail("twice", "a key stands there twice");
    path_.resize(level.path);
    if (!path_.empty()) path_ += '.';
    path_ += name;
    return !record_.failed();
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    record_.fail("json", fmt::format("this is no JSON from byte {} on", position));
    return false;
  }

 private:
  /// An object or a list that is open.
  struct Level {
    bool list;
    std::size_t path;            ///< length of its own path
    std::set<std::string> keys;  ///< of an object
    std::size_t index = 0;       ///< of a list: the next one
  };

  /// Where the value that comes stands; of a list, an index.
  std::size_t place() {
    if (!levels_.empty() && levels_.back().list) {
      path_.resize(levels_.back().path);
      path_ += '.' + std::to_string(levels_.back().index++);
    }
    return record_.find(path_);
  }

  bool value(std::string_view text) {
    if (levels_.empty()) return no_object();
    const std::size_t at = place();
    if (at != PathRecord::kNone) {
      record_.open(at);
      record_.append(at, text);
    }
    return !record_.failed();
  }

  bool start(bool list) {
    if (levels_.empty() && list) return no_object();
    if (levels_.size() == kMaxDepth)
      record_.fail("depth", fmt::format("more than {} levels", kMaxDepth));
    if (const std::size_t at = place(); at != PathRecord::kNone) record_.fail_nested(at);
    levels_.push_back({list, path_.size(), {}});
    return !record_.failed();
  }

  bool end() {
    levels_.pop_back();
    return true;
  }

  bool no_object() {
    record_.fail("json", "the line is no JSON object");
    return false;
  }

  PathRecord& record_;
  std::vector<Level> levels_;
  std::string path_;  ///< of the value at hand: "holder.phones.0"
};

class JsonlSource : public RecordSource {
 public:
  JsonlSource(const SourcePlan& plan, Input input)
      : lines_(std::move(input), plan.encoding), record_(plan.columns) {}

  const std::vector<std::string>& columns() const override { return record_.names(); }

  std::optional<SourceRow> next() override {
    auto line = lines_.next();
    while (line && line->text && line->text->empty()) line = lines_.next();
    if (!line) return std::nullopt;
    if (!line->text) return SourceRow{line->number, tl::unexpected(line->text.error())};
    record_.start();
    Handler handler(record_);
    Json::sax_parse(*line->text, &handler);
    return SourceRow{line->number, record_.finish()};
  }

 private:
  LineReader lines_;
  PathRecord record_;
};

}  // namespace

std::unique_ptr<RecordSource> make_jsonl_source(const SourcePlan& plan, Input input) {
  return std::make_unique<JsonlSource>(plan, std::move(input));
}

}  // namespace kpd
