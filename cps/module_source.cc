#include "cps/card_module.h"
#include "cps/source_parts.h"

namespace cps {
namespace {

std::string_view mic_of(const Bytes& module) {
  return emvcrypto::as_text(module).substr(0, kMicSize);
}

ByteView content_of(const Bytes& module) {
  return ByteView(module).subspan(kModuleHeadSize);
}

/// A header module, modules of cards, a trailer module.
class ModuleSource final : public CheckedSource {
 public:
  explicit ModuleSource(std::istream& in) : CheckedSource(in) {
    const Part part = read_module();
    if (mic_of(part.bytes) != kHeaderMic) refuse(0, "the file does not start with a header");
    start(part, content_of(part.bytes));
    if (header_.format == FileFormat::lines) refuse(0, "a header of lines in a file of modules");
  }

 private:
  Part read_part() override { return read_module(); }

  bool is_trailer(const Part& part) override {
    const std::string_view mic = mic_of(part.bytes);
    if (mic != kTrailerMic && mic != kRecordMic)
      refuse(part.start, "module " + std::string(mic) + " where a record or the trailer should be");
    return mic == kTrailerMic;
  }

  ByteView trailer_json(const Part& part) override { return content_of(part.bytes); }

  Expected<std::vector<Module>> modules_of(const Part& part) override {
    return parse_modules(content_of(part.bytes));
  }

  Part read_module() {
    Part part{offset_, {}};
    read_more(part, kModuleHeadSize);
    const auto head = parse_module_head(part.bytes);
    if (!head) refuse(offset_, head.error().reason);
    read_more(part, head->length);
    offset_ += part.bytes.size();
    return part;
  }

  /// Appends `count` bytes of the stream.
  void read_more(Part& part, std::size_t count) {
    const std::size_t size = part.bytes.size();
    part.bytes.resize(size + count);
    in_.read(reinterpret_cast<char*>(part.bytes.data() + size),
             static_cast<std::streamsize>(count));
    if (static_cast<std::size_t>(in_.gcount()) != count) refuse_end(offset_);
  }
};

}  // namespace

std::unique_ptr<CardSource> open_modules(std::istream& in) {
  return std::make_unique<ModuleSource>(in);
}

}  // namespace cps
