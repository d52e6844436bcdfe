#include "kpd/source/text_decoder.h"

#include <iconv.h>

#include <algorithm>
#include <array>

#include "kpd/exit_code.h"

namespace kpd {
namespace {

const iconv_t kNone = reinterpret_cast<iconv_t>(-1);

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

/// Neither options of iconv ("//IGNORE") nor its names for what this machine uses.
bool plain_name(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("-_.:+").find(c) != std::string_view::npos;
  });
}

/// ASCII without the control characters by which stateful encodings leave it.
bool is_plain(char c) {
  return (c >= 0x20 && c < 0x7F) || c == '\t' || c == '\r' || c == '\n';
}

bool convert(iconv_t descriptor, std::string_view raw, std::string& text) {
  text.clear();
  iconv(descriptor, nullptr, nullptr, nullptr, nullptr);
  std::array<char, 4096> block;
  // iconv's interface is older than const; it does not write there.
  char* in = const_cast<char*>(raw.data());
  std::size_t left = raw.size();
  for (bool flush = false;; flush = left == 0) {
    char* out = block.data();
    std::size_t room = block.size();
    const std::size_t result = flush ? iconv(descriptor, nullptr, nullptr, &out, &room)
                                     : iconv(descriptor, &in, &left, &out, &room);
    const bool full = result == static_cast<std::size_t>(-1) && errno == E2BIG;
    text.append(block.data(), block.size() - room);
    if (result == static_cast<std::size_t>(-1) && !full) return false;
    if (flush && !full) return true;
  }
}

/// A text's bytes in an encoding; empty when it does not have them.
std::string encoded(const std::string& encoding, std::string_view text) {
  const iconv_t descriptor = iconv_open(encoding.c_str(), "UTF-8");
  if (descriptor == kNone) return {};
  std::string bytes;
  if (!convert(descriptor, text, bytes)) bytes.clear();
  iconv_close(descriptor);
  return bytes;
}

/// Encodings that leave the order of bytes to a mark.
bool needs_mark(const std::string& encoding) {
  return upper(encoding) == "UTF-16" || upper(encoding) == "UTF-32";
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = [&](std::size_t at) {
      return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u;
    };
    const unsigned lead = byte(i);
    std::size_t more = 0;
    unsigned low = 0x80, high = 0xBF;  // of the second byte
    if (lead < 0x80) {
      ++i;
      continue;
    }
    if (lead >= 0xC2 && lead <= 0xDF)
      more = 1;
    else if (lead >= 0xE0 && lead <= 0xEF)
      more = 2;
    else if (lead >= 0xF0 && lead <= 0xF4)
      more = 3;
    else
      return false;
    if (lead == 0xE0) low = 0xA0;   // longer than needed
    if (lead == 0xED) high = 0x9F;  // surrogates
    if (lead == 0xF0) low = 0x90;   // longer than needed
    if (lead == 0xF4) high = 0x8F;  // over U+10FFFF
    if (byte(i + 1) < low || byte(i + 1) > high) return false;
    for (std::size_t next = 2; next <= more; ++next)
      if (byte(i + next) < 0x80 || byte(i + next) > 0xBF) return false;
    i += more + 1;
  }
  return true;
}

std::size_t utf8_length(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

void TextDecoder::Close::operator()(void* descriptor) const {
  iconv_close(descriptor);
}

bool TextDecoder::knows(const std::string& encoding) {
  if (needs_mark(encoding)) return true;
  // Other names for encodings that put a mark before every text are none.
  return plain_name(encoding) && !encoded(encoding, "\n").empty() &&
         encoded(encoding, "\n\n") == encoded(encoding, "\n") + encoded(encoding, "\n");
}

bool TextDecoder::even(const std::string& encoding) {
  for (const char* character : {"é", "я", "あ", "中"}) {
    const std::string bytes = encoded(encoding, character);
    if (!bytes.empty() && bytes.size() != encoded(encoding, "A").size()) return false;
  }
  return true;
}

std::string TextDecoder::with_byte_order(const std::string& encoding, std::string_view start) {
  if (!needs_mark(encoding)) return encoding;
  using namespace std::string_view_literals;
  const bool utf16 = upper(encoding) == "UTF-16";
  if (start.starts_with(utf16 ? "\xFF\xFE"sv : "\xFF\xFE\0\0"sv)) return encoding + "LE";
  if (start.starts_with(utf16 ? "\xFE\xFF"sv : "\0\0\xFE\xFF"sv)) return encoding + "BE";
  throw Failure(ExitCode::usage, "no byte order mark stands at the start; say " + encoding +
                                     "le or " + encoding + "be as its encoding");
}

TextDecoder::TextDecoder(const std::string& encoding) {
  if (upper(encoding) == "UTF-8") return;
  if (!knows(encoding) || needs_mark(encoding))
    throw Failure(ExitCode::usage, "no character encoding is called '" + encoding + "'");
  descriptor_.reset(iconv_open("UTF-8", encoding.c_str()));

  line_feed_ = next_line_ = encoded(encoding, "\n");
  // EBCDIC: text files made on a mainframe end their lines in NEL.
  if (line_feed_.size() == 1 && line_feed_ != "\n") next_line_ = encoded(encoding, "\xC2\x85");
  std::string ascii, same;
  for (char c = 1; c < 0x7F; ++c)
    if (is_plain(c)) ascii += c;
  keeps_ascii_ = convert(descriptor_.get(), ascii, same) && same == ascii;
}

std::size_t TextDecoder::find_line_end(std::string_view raw) const {
  if (unit() == 1)
    return line_feed_ == next_line_ ? raw.find(line_feed_)
                                    : raw.find_first_of(line_feed_ + next_line_);
  std::size_t at = raw.find(line_feed_);
  while (at != raw.npos && at % unit() != 0) at = raw.find(line_feed_, at + 1);
  return at;
}

bool TextDecoder::decode(std::string_view raw, std::string& text) const {
  if (keeps_ascii_ && std::all_of(raw.begin(), raw.end(), is_plain)) {
    text = raw;
    return true;
  }
  if (descriptor_) return convert(descriptor_.get(), raw, text);
  text = raw;
  return is_utf8(text);
}

}  // namespace kpd
