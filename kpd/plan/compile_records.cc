#include <fmt/format.h>

#include <algorithm>

#include "emvcrypto/tags.h"
#include "kpd/plan/application_compiler.h"

namespace kpd {
namespace {

/// Adds a record to the AFL. An entry's records follow each other, the signed ones lead (Book 3,
/// 10.2); anything else is a mistake of the template.
void locate(std::vector<emvcrypto::AflEntry>& afl, const RecordPlan& record, const YamlNode& item) {
  const bool follows =
      !afl.empty() && afl.back().sfi == record.sfi && afl.back().last + 1 == record.number;
  const bool may_be_signed = !record.is_signed || !follows ||
                             afl.back().signed_count == afl.back().last - afl.back().first + 1;
  if (follows && !may_be_signed)
    item.fail("signed records of a file must come before its unsigned ones", {}, "afl");
  if (!follows) {
    for (const auto& entry : afl)
      if (entry.sfi == record.sfi && record.number <= entry.last && record.number >= entry.first)
        item.fail("this record exists", {}, "duplicate-record");
    afl.push_back({record.sfi, record.number, record.number, 0});
  } else {
    afl.back().last = record.number;
  }
  if (record.is_signed) ++afl.back().signed_count;
}

/// Templates of a directory follow each other; all else stands once in what holds it.
void require_new(const std::vector<TlvPlan>& list, std::size_t before, const YamlNode& item) {
  constexpr Tag kDirectoryEntry = 0x61;
  for (std::size_t i = before; i < list.size(); ++i)
    for (std::size_t other = 0; other < i; ++other)
      if (list[i].tag == list[other].tag && list[i].tag != kDirectoryEntry)
        item.fail(fmt::format("{} stands here twice", emvcrypto::tag_name(list[i].tag)), {},
                  "duplicate-tag");
}

}  // namespace

/// The contents of a record or template: tags, {TAG: [...]} for templates inside, {TAG: {...}} for
/// a source that holds in this place only, "directory" and "contactless-directory".
std::vector<TlvPlan> ApplicationCompiler::content(const YamlNode& node) {
  std::vector<TlvPlan> list;
  for (const YamlNode& item : node.list())
    builder_.mistakes.guard([&] {
      const std::size_t before = list.size();
      content_item(list, item);
      require_new(list, before, item);
    });
  return list;
}

void ApplicationCompiler::content_item(std::vector<TlvPlan>& list, const YamlNode& item) {
  if (item.is_text()) {
    const bool contactless = item.text() == "contactless-directory";
    return contactless || item.text() == "directory" ? directory(list, contactless)
                                                     : leaf(list, item);
  }
  for (const auto& [tag, inner] : item.map().all()) {
    if (inner.is_map()) {
      only_here(list, tag, inner);
      continue;
    }
    if (!emvcrypto::is_constructed(tag.tag()))
      tag.fail("only a template can hold others", {}, "not-a-template");
    list.push_back({tag.tag(), {}, content(inner)});
  }
}

/// A source written where its value stands: the two interfaces of an application use the same tags
/// for different values.
void ApplicationCompiler::only_here(std::vector<TlvPlan>& list, const YamlNode& tag,
                                    const YamlNode& source) {
  const std::size_t index = app_.elements.size();
  element(tag.tag(), source);
  if (app_.elements.size() == index) return;  // an absent remainder
  app_.elements[index].only_here = true;
  list.push_back({tag.tag(), index, {}});
}

void ApplicationCompiler::leaf(std::vector<TlvPlan>& list, const YamlNode& item) {
  const Tag tag = item.tag();
  const auto element = find_element(tag);
  if (element) {
    list.push_back({tag, element, {}});
  } else if (!absent_by_length(tag)) {
    item.fail(fmt::format("{} is placed here, but 'elements' does not say where it comes from",
                          emvcrypto::tag_name(tag)),
              "add it under 'elements', or take it out here", "no-source");
  }
}

/// Remainders that the key lengths make unnecessary; what a certificate that was refused would have
/// given (its own mistake is told).
bool ApplicationCompiler::absent_by_length(Tag tag) const {
  if (!app_.issuer) return false;
  if (issuer().certificate.empty() && (tag == 0x90 || tag == 0x9F32)) return true;
  if (tag == 0x92) return issuer().remainder.empty();
  if (tag == 0x9F48) return app_.icc_key && !has_remainder(*app_.icc_key, issuer());
  return tag == 0x9F2F && app_.pin_key && !has_remainder(*app_.pin_key, issuer());
}

/// One application template 61 for each other application of the card that has a label (EMV 4.4
/// Book 1, 12.2.3; EMV Contactless Book B, 3.3.1): 4F AID, 50 label, 87 priority in the order of
/// the card; in a contactless directory only those with that interface, and 9F2A where they name
/// their kernel.
void ApplicationCompiler::directory(std::vector<TlvPlan>& list, bool contactless) {
  std::uint8_t priority = 0;
  for (const auto& other : all_) {
    if (other.label.empty() || &other == &use_ || (contactless && !other.contactless)) continue;
    ElementPlan entry;
    entry.tag = 0x61;
    entry.constant = true;
    emvcrypto::append_tlv(entry.value, 0x4F, other.aid);
    emvcrypto::append_tlv(entry.value, 0x50, emvcrypto::as_bytes(other.label));
    emvcrypto::append_tlv(entry.value, 0x87, Bytes{++priority});
    if (contactless && !other.kernel.empty())
      emvcrypto::append_tlv(entry.value, 0x9F2A, other.kernel);
    list.push_back({entry.tag, app_.elements.size(), {}});
    app_.elements.push_back(std::move(entry));
  }
}

void ApplicationCompiler::records() {
  const auto node = use_.document.maybe("records");
  if (!node) return;
  for (const YamlNode& item : node->list()) builder_.mistakes.guard([&] { record(item); });
}

/// {compute: afl}, wherever it stands, once the records are known.
void ApplicationCompiler::fill_in_afl() {
  for (const std::size_t element : afl_elements_)
    app_.elements[element].value = emvcrypto::encode_afl(afl_);
}

void ApplicationCompiler::record(const YamlNode& item) {
  YamlMap map = item.map();
  RecordPlan record;
  record.origin = {item.value().place, origin_of(item)};
  record.sfi = static_cast<std::uint8_t>(map.need("sfi").number(1, 30));
  record.number = static_cast<std::uint8_t>(map.need("record").number(1, 255));
  record.is_signed = map.flag("signed", false);
  record.in_afl = map.flag("afl", true);
  record.content = content(map.need("content"));
  map.finish();
  if (record.in_afl) locate(afl_, record, item);
  if (!record.in_afl && record.is_signed)
    item.fail("a signed record is one that the AFL names", {}, "afl");
  if (record.is_signed && holds_signature(record.content))
    item.fail("what signing makes cannot stand in a record that is signed", {}, "signed-signature");
  app_.records.push_back(std::move(record));
}

bool ApplicationCompiler::holds_signature(const std::vector<TlvPlan>& content) const {
  return std::any_of(content.begin(), content.end(), [&](const TlvPlan& item) {
    return item.element ? app_.elements[*item.element].made_by_signing != Signed::none
                        : holds_signature(item.children);
  });
}

}  // namespace kpd
