// Files of the schemes: layouts, identifiers, names.
#include <array>

#include "kpd/certificates/scheme_format.h"

namespace kpd {
namespace {

constexpr std::array kFormats{
    SchemeFormat{"mastercard", "Mastercard", "A000000004", FileFamily::indexed, "",
                 HashFile::record, DetachedForm::none, "{iin}-{index}.sip", "{iin}-{index}.hip",
                 "{iin}-{index}.c{ca}", "{rid}-{ca}.sep", "{rid}-{ca}.hep"},
    SchemeFormat{"visa", "Visa", "A000000003", FileFamily::tracked, "10100000", HashFile::none,
                 DetachedForm::digest_info, "{tracking}.inp", "", "{tracking}.I{ca}", "{rid}.V{ca}",
                 ""},
    SchemeFormat{"amex", "American Express", "A000000025", FileFamily::tracked, "00000000",
                 HashFile::hex_text, DetachedForm::digest_info, "PIK{tracking5}.DAT",
                 "PHI{tracking5}.TXT", "LIC{tracking5}.DAT", "{rid}.V{ca}", ""},
    SchemeFormat{"jcb", "JCB", "A000000065", FileFamily::indexed, "", HashFile::bare,
                 DetachedForm::none, "K{day}{index2}99", "K{day}{index2}99_HashValue",
                 "L{day}{index2}99", "{rid}-{ca}.sep", "{rid}-{ca}.hep"},
    SchemeFormat{"unionpay", "UnionPay", "A000000333", FileFamily::tracked, "01010000",
                 HashFile::none, DetachedForm::algorithm, "{tracking}.inp", "", "{tracking}.I{ca}",
                 "{rid}.V{ca}", ""},
};

}  // namespace

std::span<const SchemeFormat> scheme_formats() {
  return kFormats;
}

const FamilyLayouts& layouts_of(FileFamily family) {
  // The issuer's and the CA's own certificates (formats 11 and 10) are those of EMV 4.4 Book 2,
  // Table 2, with other subjects.
  static const FamilyLayouts indexed{
      FileLayout("issuer_id:4 key_index:3 key_algorithm=01 modulus_length:1 exponent_length:1 "
                 "modulus:modulus_length exponent:exponent_length certificate:modulus_length"),
      FileLayout("header=6A format=11 issuer_id:4 expiry:2 tracking:3 hash_algorithm=01 "
                 "key_algorithm=01 modulus_length:1 exponent_length:1 modulus_left:* hash:20 "
                 "trailer=BC"),
      FileLayout("issuer_id:4 key_index:3 ca_index:1 remainder:remainder_length "
                 "exponent:exponent_length certificate:certificate_length"),
      FileLayout("rid:5 ca_index:1 key_algorithm=01 modulus_length:1 exponent_length:1 "
                 "modulus:modulus_length exponent:exponent_length certificate:modulus_length"),
      FileLayout("header=6A format=10 rid:5 expiry:2 serial:3 hash_algorithm=01 "
                 "key_algorithm=01 modulus_length:1 exponent_length:1 modulus_left:* hash:20 "
                 "trailer=BC")};
  static const FamilyLayouts tracked{
      FileLayout("header=22 modulus_length:1 modulus:modulus_length exponent_length:1 "
                 "exponent:exponent_length tracking:3 certificate:modulus_length"),
      FileLayout("header=23 service_id:4 format=02 issuer_id:4 expiry:2 tracking:3 "
                 "hash_algorithm=01 key_algorithm=01 modulus_length:1 exponent_length:1 "
                 "modulus_left:* exponent:exponent_length hash:20"),
      FileLayout("header=24 service_id:4 issuer_id:4 serial:3 expiry:2 remainder_length:1 "
                 "remainder:remainder_length exponent_length:1 exponent:exponent_length "
                 "ca_index:1 certificate:* signature:*"),
      FileLayout("header=20 service_id:4 modulus_length:2 key_algorithm=01 exponent_length:1 "
                 "rid:5 ca_index:1 modulus:modulus_length exponent:exponent_length hash:20 "
                 "certificate:modulus_length"),
      FileLayout("header=21 service_id:4 modulus_length:2 key_algorithm=01 exponent_length:1 "
                 "rid:5 ca_index:1 modulus_left:* exponent:exponent_length hash:20")};
  return family == FileFamily::indexed ? indexed : tracked;
}

const FileLayout& issuer_hash_layout(HashFile kind) {
  static const FileLayout record("issuer_id:4 key_index:3 key_algorithm=01 hash:20");
  static const FileLayout bare("hash:20");
  return kind == HashFile::record ? record : bare;
}

const FileLayout& ca_hash_layout() {
  static const FileLayout layout("rid:5 ca_index:1 key_algorithm=01 hash:20");
  return layout;
}

}  // namespace kpd
