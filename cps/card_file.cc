#include "cps/card_file.h"

#include "cps/card_module.h"

namespace cps {
namespace {

[[noreturn]] void refuse(std::uint64_t offset, const std::string& reason) {
  throw FileError("card file, byte " + std::to_string(offset) + ": " + reason);
}

// Appends `count` bytes of the stream to `to`; false when it ends before.
bool read_more(std::istream& in, Bytes& to, std::size_t count) {
  const std::size_t start = to.size();
  to.resize(start + count);
  in.read(reinterpret_cast<char*>(to.data() + start), static_cast<std::streamsize>(count));
  return static_cast<std::size_t>(in.gcount()) == count;
}

std::string_view mic_of(const Bytes& module) {
  return emvcrypto::as_text(module).substr(0, kMicSize);
}

ByteView content_of(const Bytes& module) {
  return ByteView(module).subspan(kModuleHeadSize);
}

}  // namespace

CardFileReader::CardFileReader(std::istream& in) : in_(in) {
  const RawModule module = read_module();
  if (mic_of(module.bytes) != kHeaderMic) refuse(0, "the file does not start with a header");
  auto header = parse_header(content_of(module.bytes));
  if (!header) refuse(0, header.error().reason);
  header_ = *std::move(header);
  digest_.update(module.bytes);
}

CardFileReader::RawModule CardFileReader::read_module() {
  RawModule module{offset_, {}};
  const char* const cut = "the file ends before its trailer";
  if (!read_more(in_, module.bytes, kModuleHeadSize))
    refuse(offset_, in_.bad() ? "the file cannot be read" : cut);
  const auto head = parse_module_head(module.bytes);
  if (!head) refuse(offset_, head.error().reason);
  if (!read_more(in_, module.bytes, head->length))
    refuse(offset_, in_.bad() ? "the file cannot be read" : cut);
  offset_ += module.bytes.size();
  return module;
}

std::optional<std::vector<Module>> CardFileReader::next() {
  if (ended_) return std::nullopt;
  const RawModule module = read_module();
  if (mic_of(module.bytes) == kRecordMic) return record(module);
  if (mic_of(module.bytes) != kTrailerMic)
    refuse(module.start, "module " + std::string(mic_of(module.bytes)) +
                             " where a record or the "
                             "trailer should be");
  finish(module);
  return std::nullopt;
}

std::vector<Module> CardFileReader::record(const RawModule& module) {
  auto modules = parse_modules(content_of(module.bytes));
  if (!modules) refuse(module.start, modules.error().reason);
  digest_.update(module.bytes);
  ++records_;
  return *std::move(modules);
}

void CardFileReader::finish(const RawModule& module) {
  auto trailer = parse_trailer(content_of(module.bytes));
  if (!trailer) refuse(module.start, trailer.error().reason);
  if (trailer->records != records_)
    refuse(module.start, "the trailer counts " + std::to_string(trailer->records) +
                             " records, the file holds " + std::to_string(records_));
  if (trailer->read < trailer->records || trailer->read - trailer->records != trailer->rejected)
    refuse(module.start, "the trailer's counts do not balance: read is records and rejects");
  if (emvcrypto::parse_hex(trailer->digest) != digest_.finish())
    refuse(module.start, "the digest in the trailer is not the file's: the file was altered");
  if (in_.peek() != std::istream::traits_type::eof()) refuse(offset_, "bytes follow the trailer");
  trailer_ = *std::move(trailer);
  ended_ = true;
}

}  // namespace cps
