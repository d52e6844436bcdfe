/// Cards as lines of text, for machines that read plain fields: how a file's lines are laid out,
/// and one card's line.
///
/// The file's header and trailer are lines too: a prefix, then JSON. A card's line never starts
/// with that prefix and holds no control characters but its delimiter, so that no value can end a
/// line or look like a trailer.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cps/module.h"
#include "cps/text_encoding.h"

namespace cps {

/// What a field of a line holds.
enum class LineContent {
  text,      ///< the module of the field's name
  chip,      ///< sections 2 and 3 of the chip's CPS record, in hexadecimal
  reference  ///< the card reference number (CRN), in hexadecimal
};

/// One field of a line.
struct LineField {
  std::string name;  ///< of its module: 1-64 printable characters, no blank
  LineContent content = LineContent::text;
  std::size_t width = 0;  ///< bytes, in lines of fixed widths
  bool right = false;     ///< fixed widths: the value stands right, fill before it
  char fill = ' ';        ///< fixed widths
  bool operator==(const LineField&) const = default;
};

/// When values stand between quotes.
enum class Quoting {
  never,  ///< a value that holds the delimiter is a fault of its card
  needed,
  always
};

/// How the lines of a file look.
struct LineLayout {
  std::string encoding = "UTF-8";  ///< of the cards' lines (text_encoding.h); JSON is ASCII
  std::string prefix = "#";        ///< of header and trailer: 1-8 printable characters, no '{'
  std::string end = "\r\n";        ///< of each line: CR LF or LF
  bool fixed = false;              ///< widths instead of a delimiter
  char delimiter = ';';
  char quote = '"';
  Quoting quoting = Quoting::needed;
  std::vector<LineField> fields;
  bool operator==(const LineLayout&) const = default;
};

/// Why a layout cannot be used; empty when it can.
std::string layout_mistake(const LineLayout& layout);

/// Writes and reads the lines of one layout.
class LineCodec {
 public:
  /// Throws std::invalid_argument with the layout's mistake.
  explicit LineCodec(LineLayout layout);

  const LineLayout& layout() const { return layout_; }

  /// The line of a card with its end; a text without a module of its name is empty. chip: sections
  /// 2 and 3. Fault "output" names the field that does not fit: too long, a delimiter, a control
  /// character, a character that the set has not. Nothing is ever cut or replaced.
  Expected<std::string> encode(std::span<const Module> modules, ByteView chip,
                               ByteView reference) const;

  /// The fields of a line without its end, as modules in UTF-8; the chip as bytes, under chip_mic.
  /// Fault "card-file".
  Expected<std::vector<Module>> parse(std::string_view line, const std::string& chip_mic);

 private:
  Expected<std::string> value_of(const LineField& field, std::span<const Module> modules,
                                 ByteView chip, ByteView reference) const;
  Expected<std::string> delimited(const LineField& field, std::string value) const;
  Expected<std::string> padded(const LineField& field, std::string value) const;
  Expected<std::vector<std::string>> split(std::string_view line) const;
  Expected<std::vector<std::string>> cut(std::string_view line) const;
  Expected<Module> module_of(const LineField& field, std::string_view value,
                             const std::string& chip_mic);

  LineLayout layout_;
  TextEncoding encoding_;
};

}  // namespace cps
