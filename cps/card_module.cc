#include "cps/card_module.h"

#include <algorithm>

#include "cps/card_file.h"
#include "cps/cursor.h"

namespace cps {
namespace {

bool is_mic(std::string_view text) {
  return text.size() == kMicSize &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c <= 0x7E; });
}

Module read_module(Cursor& cursor) {
  Module module;
  const ByteView head = cursor.bytes(kModuleHeadSize, "MIC and LCCA");
  if (cursor.failed()) return module;
  const auto parsed = parse_module_head(head);
  if (!parsed) {
    cursor.fail(parsed.error().reason);
    return module;
  }
  module.mic = parsed->mic;
  const ByteView content = cursor.bytes(parsed->length, "content");
  module.content.assign(content.begin(), content.end());
  return module;
}

}  // namespace

Expected<ModuleHead> parse_module_head(ByteView head) {
  const std::string_view text = emvcrypto::as_text(head.first(kModuleHeadSize));
  ModuleHead parsed{std::string(text.substr(0, kMicSize)), 0};
  if (!is_mic(parsed.mic))
    return emvcrypto::fault("card-file", "no module identifier of 4 printable characters here");
  for (char digit : text.substr(kMicSize)) {
    if (digit < '0' || digit > '9')
      return emvcrypto::fault("card-file",
                              "the length of module " + parsed.mic + " is not 7 digits");
    parsed.length = 10 * parsed.length + static_cast<std::size_t>(digit - '0');
  }
  if (parsed.length > kMaxModuleContent)
    return emvcrypto::fault("card-file", "module " + parsed.mic + " is longer than 1 MiB");
  return parsed;
}

Bytes encode_module(std::string_view mic, ByteView content) {
  if (!is_mic(mic))
    throw std::invalid_argument("a module identifier is 4 printable characters without blanks");
  if (content.size() > kMaxModuleContent)
    throw std::length_error("module " + std::string(mic) + " is longer than 1 MiB");
  std::string length = std::to_string(content.size());
  length.insert(0, kLccaSize - length.size(), '0');
  return emvcrypto::concat({emvcrypto::as_bytes(mic), emvcrypto::as_bytes(length), content});
}

Bytes encode_card(std::span<const Module> modules) {
  Bytes content;
  for (std::size_t i = 0; i < modules.size(); ++i) {
    if (find_module(modules.first(i), modules[i].mic))
      throw std::invalid_argument("module " + modules[i].mic + " comes twice in one record");
    emvcrypto::append(content, encode_module(modules[i].mic, modules[i].content));
  }
  return encode_module(kRecordMic, content);
}

Expected<std::vector<Module>> parse_modules(ByteView content) {
  Cursor::Failure failure;
  Cursor cursor(content, "record", failure);
  std::vector<Module> modules;
  while (!cursor.at_end()) {
    Module module = read_module(cursor);
    if (find_module(modules, module.mic)) cursor.fail("module " + module.mic + " comes twice");
    modules.push_back(std::move(module));
  }
  if (failure) return emvcrypto::fault("card-file", *failure);
  return modules;
}

const Bytes* find_module(std::span<const Module> modules, std::string_view mic) {
  for (const Module& module : modules)
    if (module.mic == mic) return &module.content;
  return nullptr;
}

}  // namespace cps
