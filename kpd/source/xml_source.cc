#include <expat.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <unordered_set>

#include "kpd/exit_code.h"
#include "kpd/source/formats.h"
#include "kpd/source/limits.h"
#include "kpd/source/path_record.h"
#include "kpd/source/xml_encoding.h"

namespace kpd {
namespace {

constexpr char kNamespaceEnd = '\n';  ///< between a namespace and a local name; in neither of them

constexpr std::size_t kMaxNames = 256 * 1024;  ///< bytes of all different names

std::string local_name(std::string_view name) {
  return std::string(name.substr(name.rfind(kNamespaceEnd) + 1));
}

class XmlSource : public RecordSource {
 public:
  XmlSource(const SourcePlan& plan, Input input)
      : input_(std::move(input)),
        element_(plan.record),
        record_(plan.columns),
        parser_(XML_ParserCreateNS(plan.encoding.empty() ? nullptr : plan.encoding.c_str(),
                                   kNamespaceEnd)) {
    if (!parser_) throw std::bad_alloc();
    XML_SetUserData(parser_.get(), this);
    XML_SetUnknownEncodingHandler(parser_.get(), xml_encoding, nullptr);
    XML_SetElementHandler(
        parser_.get(),
        [](void* self, const char* name, const char** attributes) {
          static_cast<XmlSource*>(self)->start(name, attributes);
        },
        [](void* self, const char*) { static_cast<XmlSource*>(self)->end(); });
    XML_SetStartNamespaceDeclHandler(parser_.get(),
                                     [](void* self, const char* prefix, const char*) {
                                       if (prefix != nullptr)
                                         static_cast<XmlSource*>(self)->keep_name(prefix);
                                     });
    XML_SetCharacterDataHandler(parser_.get(), [](void* self, const char* text, int size) {
      static_cast<XmlSource*>(self)->characters({text, static_cast<std::size_t>(size)});
    });
    XML_SetStartDoctypeDeclHandler(parser_.get(), [](void* self, const char*, const char* system,
                                                     const char* identity, int internal) {
      // Its entities and defaults would change the data, or swell it (billion laughs).
      if (system || identity || internal)
        static_cast<XmlSource*>(self)->stop(
            "a document type with content is not read; take "
            "the DOCTYPE out");
    });
  }

  const std::vector<std::string>& columns() const override { return record_.names(); }

  std::optional<SourceRow> next() override {
    while (ready_.empty()) {
      if (ended_) return std::nullopt;
      if (!broken_.empty()) {
        ended_ = true;
        throw Failure(ExitCode::io, broken_);
      }
      parse_block();
    }
    SourceRow row = std::move(ready_.front());
    ready_.pop_front();
    return row;
  }

 private:
  struct Free {
    void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
  };
  /// An open element of a record.
  struct Level {
    std::size_t path;   ///< length of the path that leads to its parent
    std::size_t place;  ///< in the record
  };

  void parse_block() {
    const std::size_t size = input_.read(block_);
    fed_ += size;
    const bool last = size < block_.size();
    const bool good =
        XML_Parse(parser_.get(), block_.data(), static_cast<int>(size), last) == XML_STATUS_OK;
    if (!good) {
      if (stopped_.empty()) stopped_ = XML_ErrorString(XML_GetErrorCode(parser_.get()));
    } else if (!last && fed_ > static_cast<std::uint64_t>(
                                   std::max(0L, XML_GetCurrentByteIndex(parser_.get()))) +
                                   kMaxRecord + block_.size()) {
      stopped_ = "a tag, a comment or the like is longer than 1 MiB";
    }
    if (!stopped_.empty())
      broken_ = fmt::format(
          "{}:{}:{}: the XML document is broken here: {}; only the records before "
          "this place could be read",
          input_.name(), XML_GetCurrentLineNumber(parser_.get()),
          XML_GetCurrentColumnNumber(parser_.get()) + 1, stopped_);
    else
      ended_ = last;
  }

  /// Gives up the document.
  void stop(std::string reason) {
    if (stopped_.empty()) stopped_ = std::move(reason);
    XML_StopParser(parser_.get(), XML_FALSE);
  }

  /// The parser keeps every name that it has met, so that there must not be too many.
  void keep_name(const char* name) {
    const auto [at, fresh] = known_.insert(name);
    if (!fresh) return;
    known_size_ += at->size();
    if (known_size_ > kMaxNames) stop("names of elements or attributes without end");
  }

  void start(const char* full_name, const char** attributes) {
    keep_name(full_name);
    for (const char** one = attributes; *one != nullptr; one += 2) keep_name(*one);
    if (!stopped_.empty()) return;
    const std::string name = local_name(full_name);
    if (++depth_ > kMaxDepth) return stop(fmt::format("more than {} levels", kMaxDepth));
    if (levels_.empty()) {
      if (name != element_) return;
      record_.start();
      path_.clear();
      line_ = XML_GetCurrentLineNumber(parser_.get());
      levels_.push_back({0, PathRecord::kNone});
    } else {
      if (levels_.back().place != PathRecord::kNone) record_.fail_nested(levels_.back().place);
      const std::size_t before = path_.size();
      if (before > 0) path_ += '/';
      path_ += name;
      levels_.push_back({before, record_.find(path_)});
      if (levels_.back().place != PathRecord::kNone) record_.open(levels_.back().place);
    }
    for (; *attributes != nullptr; attributes += 2) {
      const std::string prefix = path_.empty() ? "@" : path_ + "/@";
      const std::size_t place = record_.find(prefix + local_name(attributes[0]));
      if (place == PathRecord::kNone) continue;
      record_.open(place);
      record_.append(place, attributes[1]);
    }
  }

  void characters(std::string_view text) {
    if (!levels_.empty() && levels_.back().place != PathRecord::kNone)
      record_.append(levels_.back().place, text);
  }

  void end() {
    --depth_;
    if (levels_.empty() || !stopped_.empty()) return;
    path_.resize(levels_.back().path);
    levels_.pop_back();
    if (levels_.empty()) ready_.push_back({line_, record_.finish()});
  }

  Input input_;
  std::string element_;
  PathRecord record_;
  std::unique_ptr<XML_ParserStruct, Free> parser_;
  std::array<char, 16 * 1024> block_{};
  std::uint64_t fed_ = 0;  ///< bytes
  std::size_t depth_ = 0;
  std::unordered_set<std::string> known_;  ///< names so far
  std::size_t known_size_ = 0;             ///< bytes of them
  std::vector<Level> levels_;  ///< from the record's element on; none outside of records
  std::string path_;           ///< of the innermost one within the record
  std::uint64_t line_ = 0;     ///< where the record starts
  std::deque<SourceRow> ready_;
  std::string stopped_, broken_;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<RecordSource> make_xml_source(const SourcePlan& plan, Input input) {
  return std::make_unique<XmlSource>(plan, std::move(input));
}

}  // namespace kpd
