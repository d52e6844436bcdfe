#include <algorithm>

#include "kpd/inspect/writer.h"

namespace kpd::inspect {
namespace {

constexpr std::size_t kIndent = 2;      ///< columns a level
constexpr std::size_t kMaxColumn = 52;  ///< longest label that others are aligned to
constexpr std::size_t kMinValue = 32;   ///< columns that a wrapped value gets at least

constexpr const char* kBold = "\033[1m";
constexpr const char* kDim = "\033[2m";
constexpr const char* kCyan = "\033[36m";
constexpr const char* kGreen = "\033[32m";
constexpr const char* kYellow = "\033[33m";
constexpr const char* kReset = "\033[0m";

/// Columns of a text: its UTF-8 characters.
std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

/// Where siblings start their label and their value.
struct Columns {
  std::size_t id = 0, label = 0;
};

std::string shown_id(const Node& node) {
  return node.quiet_id ? std::string() : printable(node.id);
}

std::string shown_value(const Node& node) {
  return node.quoted ? "\"" + printable(node.value) + "\"" : printable(node.value);
}

Columns columns_of(const std::vector<Node>& siblings) {
  Columns width;
  for (const Node& node : siblings) {
    width.id = std::max(width.id, columns(shown_id(node)));
    const std::size_t label = columns(printable(node.label));
    if (!node.value.empty() && label <= kMaxColumn) width.label = std::max(width.label, label);
  }
  return width;
}

class TextWriter : public TreeWriter {
 public:
  TextWriter(std::ostream& out, const TextStyle& style) : out_(out), style_(style) {}

  void begin(const std::string&) override {}

  void section(const Node& node) override {
    if (!first_) out_ << '\n';
    first_ = false;
    print(node, {}, 0);
  }

  void end(const std::string&) override { out_ << std::flush; }

 private:
  void print(const Node& node, const Columns& width, std::size_t depth) {
    column_ = 0;
    blanks_ = kIndent * depth;
    if (depth == 0) {
      put(title(node), kBold);
    } else {
      put_padded(shown_id(node), width.id, kCyan);
      put_padded(printable(node.label), width.label, nullptr);
    }
    const char* mood = node.mood == Node::Mood::good      ? kGreen
                       : node.mood == Node::Mood::warning ? kYellow
                                                          : nullptr;
    const std::size_t hang = column_ + blanks_;
    put_wrapped(shown_value(node), hang, mood);
    if (!node.value.empty() && !node.note.empty()) blanks_ += 2;
    put_wrapped(printable(node.note), hang, node.value.empty() && mood ? mood : kDim);
    out_ << '\n';
    const Columns below = columns_of(node.children);
    for (const Node& child : node.children) print(child, below, depth + 1);
  }

  /// Sections are headed by all their names in one.
  static std::string title(const Node& node) {
    std::string text = printable(node.label);
    if (!node.id.empty()) text += (text.empty() ? "" : "  ") + shown_id(node);
    if (!node.value.empty() || !node.note.empty()) text += "  ";
    return text;
  }

  void put_padded(const std::string& shown, std::size_t width, const char* colour) {
    if (width == 0 && shown.empty()) return;
    put(shown, colour);
    const std::size_t used = columns(shown);
    blanks_ += (used < width ? width - used : 0) + 2;
  }

  /// Blanks that are due, then the text; blanks at a line's end never appear.
  void put(const std::string& text, const char* colour) {
    if (text.empty()) return;
    out_ << std::string(blanks_, ' ');
    column_ += blanks_ + columns(text);
    blanks_ = 0;
    if (colour && style_.colours)
      out_ << colour << text << kReset;
    else
      out_ << text;
  }

  /// Over as many lines as it takes, all starting at column `hang`; broken at blanks where there
  /// are any.
  void put_wrapped(std::string text, std::size_t hang, const char* colour) {
    while (!text.empty()) {
      const std::size_t at = column_ + blanks_;
      const std::size_t room = room_at(at, hang);
      if (columns(text) <= room) return put(text, colour);
      if (at != hang && (room < kMinValue || text.size() <= room_at(hang, hang))) {
        new_line(hang);
        continue;
      }
      std::size_t cut = text.rfind(' ', room);
      if (cut == std::string::npos || cut == 0) cut = cut_at(text, room);
      put(text.substr(0, cut), colour);
      text.erase(0, text.find_first_not_of(' ', cut));
      if (!text.empty()) new_line(hang);
    }
  }

  std::size_t room_at(std::size_t at, std::size_t hang) const {
    if (style_.width == 0) return std::string::npos;
    const std::size_t least = at == hang ? kMinValue : 0;
    return std::max(style_.width > at ? style_.width - at : 0, least);
  }

  /// Whole bytes of hexadecimal, whole characters of UTF-8.
  static std::size_t cut_at(const std::string& text, std::size_t room) {
    std::size_t cut = std::max<std::size_t>(room / 8 * 8, 8);
    while (cut < text.size() && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) ++cut;
    return cut;
  }

  void new_line(std::size_t hang) {
    out_ << '\n';
    column_ = 0;
    blanks_ = hang;
  }

  std::ostream& out_;
  TextStyle style_;
  bool first_ = true;
  std::size_t column_ = 0, blanks_ = 0;
};

}  // namespace

std::unique_ptr<TreeWriter> make_text_writer(std::ostream& out, const TextStyle& style) {
  return std::make_unique<TextWriter>(out, style);
}

}  // namespace kpd::inspect
