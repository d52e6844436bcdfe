#include "cps/card_encoder.h"

#include <stdexcept>

#include "cps/card_json.h"

namespace cps {
namespace {

Bytes bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

/// What cannot be written is a fault of its card.
template <typename Work>
Expected<Bytes> or_fault(const Work& work) try {
  return work();
} catch (const std::length_error& wrong) {
  return emvcrypto::fault("output", wrong.what());
} catch (const std::invalid_argument& wrong) {
  return emvcrypto::fault("output", wrong.what());
}

/// Modules; the chip's as an EMV CPS record.
class ModuleEncoder : public CardEncoder {
 public:
  explicit ModuleEncoder(const FileHeader& header) : header_(header) {}

  Bytes header() override { return encode_header(header_); }
  Bytes trailer(const FileTrailer& trailer) override { return encode_trailer(trailer); }

  Expected<Bytes> card(const CardContent& card) const override {
    return or_fault([&]() -> Expected<Bytes> {
      std::vector<Module> modules = card.modules;
      modules.push_back({header_.chip_mic, encode_record(card.record, header_.layout)});
      return encode_card(modules);
    });
  }

 protected:
  const FileHeader header_;
};

/// Modules; the chip's as packages without DGIs.
class TaggedEncoder final : public ModuleEncoder {
 public:
  explicit TaggedEncoder(const FileHeader& header) : ModuleEncoder(header) {
    const std::string mistake = layout_mistake(header.tagged);
    if (!mistake.empty()) throw std::invalid_argument(mistake);
  }

  Expected<Bytes> card(const CardContent& card) const override {
    auto packages = encode_packages(header_.tagged, card.layout, card.record);
    if (!packages) return packages;
    return or_fault([&]() -> Expected<Bytes> {
      std::vector<Module> modules = card.modules;
      modules.push_back({std::string(kCrnMic), bytes_of(emvcrypto::to_hex(card.record.reference))});
      modules.push_back({std::string(kLayoutMic), bytes_of(std::to_string(card.layout))});
      modules.push_back({header_.chip_mic, *std::move(packages)});
      return encode_card(modules);
    });
  }
};

/// Lines of text.
class LineEncoder final : public CardEncoder {
 public:
  explicit LineEncoder(const FileHeader& header) : header_(header), codec_(header.lines) {}

  Bytes header() override { return json_line(header_text(header_)); }
  Bytes trailer(const FileTrailer& trailer) override { return json_line(trailer_text(trailer)); }

  Expected<Bytes> card(const CardContent& card) const override {
    return or_fault([&]() -> Expected<Bytes> {
      const auto line = codec_.encode(card.modules, encode_record(card.record, header_.layout),
                                      card.record.reference);
      if (!line) return tl::unexpected(line.error());
      return bytes_of(*line);
    });
  }

 private:
  Bytes json_line(const std::string& json) const {
    return bytes_of(header_.lines.prefix + json + header_.lines.end);
  }

  const FileHeader header_;
  LineCodec codec_;
};

}  // namespace

std::unique_ptr<CardEncoder> make_card_encoder(const FileHeader& header) {
  if (header.format == FileFormat::tagged) return std::make_unique<TaggedEncoder>(header);
  if (header.format == FileFormat::lines) return std::make_unique<LineEncoder>(header);
  return std::make_unique<ModuleEncoder>(header);
}

}  // namespace cps
