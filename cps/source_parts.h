/// The two kinds of card files as sources; internal to this folder.
#pragma once

#include "cps/card_source.h"
#include "emvcrypto/hash.h"

namespace cps {

/// What both kinds count and check while they read.
class CheckedSource : public CardSource {
 public:
  explicit CheckedSource(std::istream& in) : in_(in) {}

  const FileHeader& header() const override { return header_; }
  const FileTrailer& trailer() const override { return trailer_; }
  std::optional<std::vector<Module>> next() final;

 protected:
  /// A module or a line of the file, as it stands there.
  struct Part {
    std::uint64_t start = 0;  ///< offset in the file
    Bytes bytes;
  };

  /// The next part. Throws FileError when the file ends within it.
  virtual Part read_part() = 0;
  /// Whether it is the trailer; FileError when it can be neither that nor a card.
  virtual bool is_trailer(const Part& part) = 0;
  virtual ByteView trailer_json(const Part& part) = 0;
  virtual Expected<std::vector<Module>> modules_of(const Part& part) = 0;

  /// Takes the header of the file from its first part.
  void start(const Part& part, ByteView json);
  [[noreturn]] static void refuse(std::uint64_t offset, const std::string& reason);
  [[noreturn]] void refuse_end(std::uint64_t offset) const;

  std::istream& in_;
  FileHeader header_;
  std::uint64_t offset_ = 0;

 private:
  void finish(const Part& part);

  FileTrailer trailer_;
  std::uint64_t records_ = 0;
  bool ended_ = false;
  emvcrypto::Sha256 digest_;
};

/// A file of modules (card_file.h). The stream stands at its start.
std::unique_ptr<CardSource> open_modules(std::istream& in);

/// A file of lines (line_layout.h). The stream stands at its start.
std::unique_ptr<CardSource> open_lines(std::istream& in);

}  // namespace cps
