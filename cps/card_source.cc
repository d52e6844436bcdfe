#include "cps/card_source.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "cps/card_json.h"
#include "cps/source_parts.h"

namespace cps {

std::optional<std::vector<Module>> CheckedSource::next() {
  if (ended_) return std::nullopt;
  const Part part = read_part();
  if (is_trailer(part)) {
    finish(part);
    return std::nullopt;
  }
  auto modules = modules_of(part);
  if (!modules) refuse(part.start, modules.error().reason);
  digest_.update(part.bytes);
  ++records_;
  return *std::move(modules);
}

void CheckedSource::start(const Part& part, ByteView json) {
  auto header = parse_header(json);
  if (!header) refuse(0, header.error().reason);
  header_ = *std::move(header);
  digest_.update(part.bytes);
}

void CheckedSource::finish(const Part& part) {
  auto trailer = parse_trailer(trailer_json(part));
  if (!trailer) refuse(part.start, trailer.error().reason);
  const std::string mistake = trailer_mistake(*trailer, records_, digest_.finish());
  if (!mistake.empty()) refuse(part.start, mistake);
  if (in_.peek() != std::istream::traits_type::eof()) refuse(offset_, "bytes follow the trailer");
  trailer_ = *std::move(trailer);
  ended_ = true;
}

void CheckedSource::refuse(std::uint64_t offset, const std::string& reason) {
  throw FileError("card file, byte " + std::to_string(offset) + ": " + reason);
}

void CheckedSource::refuse_end(std::uint64_t offset) const {
  refuse(offset, in_.bad() ? "the file cannot be read" : "the file ends before its trailer");
}

bool is_card_file(std::string_view start) {
  if (start.starts_with(kHeaderMic)) return true;
  const std::size_t prefix = start.find('{');
  return prefix != std::string_view::npos && prefix >= 1 && prefix <= 8 &&
         start.substr(prefix).starts_with(kHeaderStart);
}

std::unique_ptr<CardSource> open_card_file(std::istream& in) {
  // A file of lines is told by its first bytes too, but what is neither is a broken file of
  // modules: the more common kind.
  std::array<char, kCardFileStart> buffer{};
  in.read(buffer.data(), buffer.size());
  const std::string_view start(buffer.data(), static_cast<std::size_t>(in.gcount()));
  in.clear();
  if (!in.seekg(0)) throw FileError("a card file is read from a file, not from a pipe");
  return is_card_file(start) && !start.starts_with(kHeaderMic) ? open_lines(in) : open_modules(in);
}

namespace {

/// The reference and the place of the layout, which stand beside the packages.
Expected<Record> packaged_record(const FileHeader& header, std::span<const Module> modules,
                                 ByteView packages) {
  const Bytes* crn = find_module(modules, kCrnMic);
  const Bytes* layout = find_module(modules, kLayoutMic);
  if (crn == nullptr || layout == nullptr)
    return emvcrypto::fault("card-file", "a record lacks its module $CRN or $LAY");
  const auto reference = emvcrypto::parse_hex(emvcrypto::as_text(*crn));
  if (!reference) return emvcrypto::fault("card-file", "module $CRN is not hexadecimal");
  const std::string_view digits = emvcrypto::as_text(*layout);
  std::size_t which = 0;
  const auto end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, which);
  if (read.ec != std::errc() || read.ptr != end)
    return emvcrypto::fault("card-file", "module $LAY is not a number");
  return parse_packages(header.tagged, which, packages, *reference);
}

}  // namespace

Expected<Record> chip_record(const FileHeader& header, std::span<const Module> modules) {
  const Bytes* chip = find_module(modules, header.chip_mic);
  if (chip == nullptr)
    return emvcrypto::fault("card-file", "the record has no chip module " + header.chip_mic);
  if (header.format == FileFormat::tagged) return packaged_record(header, modules, *chip);
  return parse_record(*chip, header.layout);
}

}  // namespace cps
