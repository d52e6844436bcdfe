/// How each scheme exchanges issuer certificates: its layouts, identifiers and file names.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "emvcrypto/dates.h"
#include "kpd/certificates/file_layout.h"

namespace kpd {

/// Two families of files are in use: in one an issuer's key has an index and a hash file of its
/// own, in the other a request has a tracking number and a response a detached signature.
enum class FileFamily { indexed, tracked };

/// What the files of a family look like (file_layout.h). "block" is what the RSA function of the
/// certificate inside gives.
struct FamilyLayouts {
  FileLayout request, request_block, response, ca_file, ca_block;
};
const FamilyLayouts& layouts_of(FileFamily family);

/// How the hash of a key goes to the other side, beside the file.
enum class HashFile {
  none,      ///< on paper
  record,    ///< with what identifies the key
  bare,      ///< 20 bytes
  hex_text,  ///< 40 hexadecimal digits
};

/// What stands in the detached signature before the hash, behind 00 01 FF .. FF 00.
enum class DetachedForm { none, digest_info, algorithm };

struct SchemeFormat {
  std::string_view name;   ///< for --format
  std::string_view title;  ///< for people
  std::string_view rid;    ///< hexadecimal
  FileFamily family;
  std::string_view service_id;  ///< hexadecimal; tracked files have it
  HashFile hash;
  DetachedForm detached;
  // File names; in braces: iin, index, tracking, index2, tracking5, day, rid, ca.
  std::string_view request_name, hash_name, response_name, ca_name, ca_hash_name;
};

std::span<const SchemeFormat> scheme_formats();

/// Throws Failure(usage) with all names when there is no such format.
const SchemeFormat& find_format(std::string_view name);
/// The format of a RID, else null.
const SchemeFormat* format_of_rid(ByteView rid);
/// The format of tracked files with a service identifier, else null.
const SchemeFormat* format_of_service(ByteView service_id);

/// What file names are made of. Numbers are of 3 bytes.
struct NameParts {
  Bytes issuer_id, key_index, tracking, rid;
  std::uint8_t ca_index = 0;
  emvcrypto::Date day;
};
std::string file_name(std::string_view pattern, const NameParts& parts);

/// Layouts of hash files; `bare` for HashFile::none and hex_text as well.
const FileLayout& issuer_hash_layout(HashFile kind);
const FileLayout& ca_hash_layout();

}  // namespace kpd
