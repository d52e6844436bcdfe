/// The card file that a machine takes: a header, a record a card, a trailer; each made of modules
/// (EMV CPS 1.1, 2.3, fields 1.1 and 1.2), or each a line of text (line_layout.h).
///
/// A module is its identifier (MIC, 4 ASCII characters here), its length (LCCA, 7 ASCII digits) and
/// its content. A record is the module "$REC" whose content is the modules of one card: fields
/// for encoder, embosser and printer in ASCII, and the chip's data under the profile's own MIC. The
/// file starts with one "$HDR" module (JSON) and ends with one "$TRL" module (JSON) which counts
/// the records and holds the SHA-256 of every byte before it.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "cps/line_layout.h"
#include "cps/module.h"
#include "cps/record.h"
#include "cps/tagged_layout.h"

namespace cps {

/// The longest content of a module that is written or read.
inline constexpr std::size_t kMaxModuleContent = std::size_t{1} << 20;

/// Well-known module identifiers of this file; $REF and $TYP are in module.h.
inline constexpr std::string_view kHeaderMic = "$HDR";
inline constexpr std::string_view kRecordMic = "$REC";
inline constexpr std::string_view kTrailerMic = "$TRL";

/// How cards stand in a file.
enum class FileFormat {
  cps,     ///< modules, the chip's data as an EMV CPS record
  tagged,  ///< modules, the chip's data without DGIs (tagged_layout.h)
  lines    ///< a line of text a card (line_layout.h)
};

/// A transport key or MAC key as it travels with the file: wrapped for the personaliser.
struct WrappedKey {
  Bytes id;               ///< IDTK
  std::string use;        ///< "card-keys", "icc-keys", "pin", "mac"
  std::string algorithm;  ///< "3DES"
  Bytes kcv;
  std::string method;  ///< "aes-kw" (RFC 3394), "static" (the KEK itself is the transport key)
  std::string kek;     ///< label of the KEK at both parties
  Bytes kek_kcv;
  Bytes wrapped;  ///< empty for "static"
  bool operator==(const WrappedKey&) const = default;
};

/// $HDR: what a reader must know before the first card.
struct FileHeader {
  int version = 3;
  FileFormat format = FileFormat::cps;
  std::string run;  ///< run id, 32 hex digits
  std::string job;
  std::string plan_digest;  ///< 64 hex digits
  std::string date;         ///< job date, ISO
  bool test = false;        ///< made by a test job
  std::string chip_mic = "$CHP";
  RecordLayout layout;                   ///< of CPS records; in every format, what MACs cover
  Bytes initial_value = Bytes(8, 0x00);  ///< of secrets under Cmode::cbc, each by itself; 8 bytes
  TaggedLayout tagged;                   ///< FileFormat::tagged
  LineLayout lines;                      ///< FileFormat::lines
  std::vector<WrappedKey> keys;
  bool operator==(const FileHeader&) const = default;
};

/// $TRL.
struct FileTrailer {
  std::uint64_t read = 0;     ///< records that came in
  std::uint64_t records = 0;  ///< cards in the file
  std::uint64_t rejected = 0;
  std::string digest;  ///< SHA-256 in hex of all bytes before the trailer
  Bytes mac;           ///< retail MAC of the digest under the batch's MAC key; may be empty
  bool operator==(const FileTrailer&) const = default;
};

/// "cps", "tagged", "lines".
std::string_view format_name(FileFormat format);

/// MIC, LCCA, content. Throws std::invalid_argument unless `mic` is 4 printable ASCII characters
/// without blanks, std::length_error when the content is longer than kMaxModuleContent.
Bytes encode_module(std::string_view mic, ByteView content);

/// The $HDR module.
Bytes encode_header(const FileHeader& header);

/// One card's $REC module. Errors as encode_module; std::invalid_argument when a MIC comes twice.
Bytes encode_card(std::span<const Module> modules);

/// The $TRL module.
Bytes encode_trailer(const FileTrailer& trailer);

/// Modules of one record's content, each MIC once. Fault "card-file" names the byte.
Expected<std::vector<Module>> parse_modules(ByteView content);

/// A card file that cannot be used any further: cut, altered or not one of ours.
class FileError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace cps
