#include "kpd/source/xml_encoding.h"

#include "kpd/exit_code.h"
#include "kpd/source/text_decoder.h"

namespace kpd {
namespace {

/// The code point of one character in UTF-8; -1 when the text is not one.
int code_point(const std::string& text) {
  if (text.empty() || utf8_length(text) != 1) return -1;
  int value = static_cast<unsigned char>(text[0]);
  if (text.size() > 1) value &= 0x7F >> text.size();
  for (std::size_t i = 1; i < text.size(); ++i) value = value << 6 | (text[i] & 0x3F);
  return value;
}

}  // namespace

int xml_encoding(void*, const char* name, XML_Encoding* encoding) try {
  const TextDecoder decoder(name);
  for (int byte = 0; byte < 256; ++byte) {
    std::string text;
    const bool good = decoder.decode(std::string(1, static_cast<char>(byte)), text);
    encoding->map[byte] = good ? code_point(text) : -1;
  }
  encoding->data = nullptr;
  encoding->convert = nullptr;
  encoding->release = nullptr;
  return XML_STATUS_OK;
} catch (const Failure&) {
  return XML_STATUS_ERROR;
}

}  // namespace kpd
