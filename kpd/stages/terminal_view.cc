#include "kpd/stages/terminal_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "emvcrypto/afl.h"
#include "emvcrypto/certificates.h"
#include "kpd/stages/elements.h"

namespace kpd {
namespace {

constexpr Tag kAip = 0x82, kAfl = 0x94, kSdaTagList = 0x9F4A;
constexpr std::size_t kAipSize = 2;
constexpr cps::DgiId kResponse = 0x9104, kUntaggedResponse = 0xA005;

using emvcrypto::AflEntry;

std::optional<ByteView> find_dgi(const pb::Application& card, cps::DgiId id) {
  for (const pb::Dgi& dgi : card.dgis())
    if (dgi.id() == id) return view_of(dgi.value());
  return std::nullopt;
}

bool holds(const std::vector<TlvPlan>& content, Tag tag) {
  return std::ranges::any_of(
      content, [&](const TlvPlan& item) { return item.tag == tag || holds(item.children, tag); });
}

/// The DGI with the contact interface's AIP and AFL.
std::optional<cps::DgiId> response_dgi(const ApplicationPlan& plan, const pb::Application& card) {
  for (const cps::DgiId id : {kResponse, kUntaggedResponse})
    if (find_dgi(card, id)) return id;
  for (const DgiPlan& dgi : plan.dgis)
    if (dgi.kind != DgiPlan::Kind::record && holds(dgi.content, kAfl)) return dgi.id;
  return std::nullopt;
}

/// A value among others without tags; nothing when the DGI does not hold it by its tag.
std::optional<ByteView> in_raw(const DgiPlan& dgi, const pb::Application& values, ByteView bytes,
                               Tag tag) {
  std::size_t at = 0;
  for (const TlvPlan& item : dgi.content) {
    const std::size_t size = values.elements(static_cast<int>(*item.element)).size();
    if (at + size > bytes.size()) return std::nullopt;
    if (item.tag == tag) return bytes.subspan(at, size);
    at += size;
  }
  return std::nullopt;
}

struct Response {
  ByteView aip, afl;
};

Response response_of(const ApplicationPlan& plan, const pb::Application& values, cps::DgiId id,
                     ByteView bytes) {
  const DgiPlan* own = plan.find_dgi(id);
  const bool raw = own != nullptr && own->kind == DgiPlan::Kind::raw;
  if (raw && holds(own->content, kAfl))
    return {in_raw(*own, values, bytes, kAip).value_or(ByteView()),
            in_raw(*own, values, bytes, kAfl).value_or(ByteView())};
  const bool tagged = own != nullptr && own->kind == DgiPlan::Kind::tlvs;
  if (id == kUntaggedResponse && !tagged && bytes.size() >= kAipSize)
    return {bytes.first(kAipSize), bytes.subspan(kAipSize)};
  return {emvcrypto::find_tlv(bytes, kAip).value_or(ByteView()),
          emvcrypto::find_tlv(bytes, kAfl).value_or(ByteView())};
}

/// The records as `records` lists them, for an application that says no AFL.
std::vector<AflEntry> listed(const ApplicationPlan& plan) {
  std::vector<AflEntry> afl;
  for (const RecordPlan& record : plan.records)
    if (record.in_afl)
      afl.push_back(
          {record.sfi, record.number, record.number, static_cast<std::uint8_t>(record.is_signed)});
  return afl;
}

}  // namespace

emvcrypto::Expected<Bytes> static_data_as_read(const ApplicationPlan& plan,
                                               const pb::Application& values,
                                               const pb::Application& card) {
  const auto id = response_dgi(plan, card);
  const Response response =
      id ? response_of(plan, values, *id, *find_dgi(card, *id))
         : Response{element_value(plan, values, kAip), element_value(plan, values, kAfl)};
  std::vector<AflEntry> afl;
  if (id || !response.afl.empty()) {
    auto parsed = emvcrypto::parse_afl(response.afl);
    if (!parsed) return emvcrypto::fault("static-data", "the AFL: " + parsed.error().reason);
    afl = *std::move(parsed);
  } else {
    afl = listed(plan);
  }
  std::vector<emvcrypto::SignedRecord> marked;
  std::optional<ByteView> tag_list;
  for (const AflEntry& entry : afl)
    for (int number = entry.first; number <= entry.last; ++number) {
      const auto record = find_dgi(card, static_cast<cps::DgiId>(entry.sfi << 8 | number));
      if (!record)
        return emvcrypto::fault("static-data",
                                fmt::format("the AFL names record {} of file {}, which the card "
                                            "does not have",
                                            number, entry.sfi));
      if (number - entry.first < entry.signed_count) marked.push_back({entry.sfi, *record});
      if (!tag_list) tag_list = emvcrypto::find_tlv(*record, kSdaTagList);
    }
  if (tag_list && response.aip.size() != kAipSize)
    return emvcrypto::fault("static-data",
                            "9F4A names the AIP, but it does not stand beside the "
                            "AFL");
  return emvcrypto::static_data(marked, tag_list.value_or(ByteView()), response.aip);
}

}  // namespace kpd
