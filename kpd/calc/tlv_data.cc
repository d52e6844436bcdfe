// BER-TLV and lists of tags: shown with names, built, filled.
#include <fmt/format.h>

#include "emvcrypto/tags.h"
#include "kpd/calc/functions.h"
#include "kpd/inspect/decode_tlv.h"

namespace kpd::calc {
namespace {

using emvcrypto::Tag;

constexpr std::array kShowParameters{hex("data", "BER-TLV").sized(1, 65536).bare()};

Done show(const Arguments& arguments, Result& result) {
  const ByteView data = arguments.bytes("data");
  result.learn_tlv(data);
  const auto nodes = inspect::decode_tlvs(data, result.mask());
  if (!nodes) return emvcrypto::fault("tlv", "this is not BER-TLV");
  result.nodes("objects", *nodes);
  return {};
}

constexpr std::array kBuildParameters{
    text("object", "TAG=VALUE in hexadecimal, or TAG alone; give each, in order")
        .sized(1, 131072)
        .several()
        .bare(),
    text("template", "Tag of the template around them").sized(2, 6).optional()};

Done build(const Arguments& arguments, Result& result) {
  Bytes list;
  for (const std::string& object : arguments.texts("object")) {
    const std::size_t equals = std::min(object.find('='), object.size());
    const auto tag = emvcrypto::parse_tag(object.substr(0, equals));
    const auto value = emvcrypto::parse_hex(object.substr(std::min(equals + 1, object.size())));
    if (!tag || !value) return usage("object: TAG=VALUE wanted, both in hexadecimal");
    emvcrypto::append_tlv(list, *tag, *value);
  }
  if (arguments.has("template")) {
    const auto tag = emvcrypto::parse_tag(arguments.text("template"));
    if (!tag || !emvcrypto::is_constructed(*tag))
      return usage("template: the tag of a constructed object is wanted");
    list = emvcrypto::make_tlv(*tag, list);
  }
  result.learn_tlv(list);
  result.number("length", list.size());
  result.hex("tlv", list);
  return {};
}

constexpr std::array kDolShowParameters{
    hex("dol", "List of tags and lengths").sized(1, 252).bare()};

Expected<std::vector<emvcrypto::DolEntry>> entries_of(const Arguments& arguments) {
  auto entries = emvcrypto::parse_dol(arguments.bytes("dol"));
  if (!entries) return emvcrypto::fault("dol", "this is no list of tags and lengths");
  return *std::move(entries);
}

Done dol_show(const Arguments& arguments, Result& result) {
  const auto entries = entries_of(arguments);
  if (!entries) return tl::unexpected(entries.error());
  Result list = result.list("entries");
  std::size_t total = 0;
  for (const emvcrypto::DolEntry& entry : *entries) {
    Result row = list.group("");
    row.text("tag", emvcrypto::tag_name(entry.tag));
    row.text("name", inspect::tag_label(entry.tag));
    row.number("length", entry.length);
    total += entry.length;
  }
  result.number("length", total);
  return {};
}

constexpr std::array kDolFillParameters{
    kDolShowParameters[0], hex("tlv", "BER-TLV with the values").sized(0, 65536).optional(),
    truth("allow-missing", "Zeros for what is absent, as a terminal has it")};

/// A value in the length that a list asks for (EMV 4.4 Book 3, 5.4): numeric ones lose or get bytes
/// on the left, others on the right; compressed numeric ones are filled with FF.
Bytes fitted(Tag tag, ByteView value, std::size_t length) {
  const emvcrypto::TagInfo* info = emvcrypto::find_tag_info(tag);
  const bool left = info != nullptr && info->format == emvcrypto::Format::numeric;
  const bool compressed = info != nullptr && info->format == emvcrypto::Format::compressed_numeric;
  if (value.size() > length) value = left ? value.last(length) : value.first(length);
  const Bytes fill(length - value.size(), compressed ? 0xFF : 0x00);
  return left ? emvcrypto::concat({fill, value}) : emvcrypto::concat({value, fill});
}

Done dol_fill(const Arguments& arguments, Result& result) {
  const auto entries = entries_of(arguments);
  if (!entries) return tl::unexpected(entries.error());
  const ByteView tlv = arguments.bytes("tlv");
  if (!emvcrypto::parse_tlv_tree(tlv)) return emvcrypto::fault("tlv", "tlv is not BER-TLV");
  result.learn_tlv(tlv);
  Bytes data;
  std::string absent;
  for (const emvcrypto::DolEntry& entry : *entries) {
    // What is constructed is asked for in vain: zeros.
    const bool constructed = emvcrypto::is_constructed(entry.tag);
    const auto value = constructed ? std::nullopt : emvcrypto::find_tlv(tlv, entry.tag);
    if (!value && !constructed)
      absent += fmt::format("{}{}", absent.empty() ? "" : " ", emvcrypto::tag_name(entry.tag));
    emvcrypto::append(data, value ? fitted(entry.tag, *value, entry.length) : Bytes(entry.length));
    if (data.size() > 65536) return usage("dol: it asks for more than 64 KiB");
  }
  if (!absent.empty() && !arguments.truth("allow-missing"))
    return emvcrypto::fault("dol", "tlv has no " + absent + " (allow-missing takes zeros)");
  result.text("absent", absent.empty() ? "none" : absent);
  result.number("length", data.size());
  result.hex("data", data);
  return {};
}

}  // namespace

constinit const Function kTlvShow{"tlv show", "BER-TLV as a tree with names", kShowParameters,
                                  "6F1B840E325041592E5359532E4444463031A509500454455354870101",
                                  show};
constinit const Function kTlvBuild{"tlv build", "BER-TLV from tags and values", kBuildParameters,
                                   "--template 70 5F24=311231 5F34=01 9F07=FF00", build};
constinit const Function kDolShow{"dol show", "A DOL with names and lengths", kDolShowParameters,
                                  "9F02069F03069F1A0295055F2A029A039C019F3704", dol_show};
constinit const Function kDolFill{
    "dol fill", "Data that a DOL asks for, from TLV", kDolFillParameters,
    "9F02069F1A025F2A029F3704 --tlv 9F020203005F2A020978 --allow-missing", dol_fill};

}  // namespace kpd::calc
