// Lengths that are known before a card is: elements against the dictionary, records against what
// READ RECORD returns (EMV 4.4 Book 3, 6.5.11, 7.1).
#include <fmt/format.h>

#include <algorithm>

#include "emvcrypto/tags.h"
#include "kpd/plan/application_check.h"
#include "kpd/plan/value_size.h"

namespace kpd {
namespace {

constexpr std::size_t kLongestRecord = 254;
constexpr Tag kRecordTemplate = 0x70;

/// What an element can have on a card: what its source makes, and data preparation refuses what
/// the dictionary does not allow.
SizeRange size_on_card(const ApplicationCheck& check, const ElementPlan& element) {
  SizeRange size = element_size(element, check.plan, check.context.issuer, check.context.plan,
                                check.context.card);
  const emvcrypto::TagInfo* info = emvcrypto::find_tag_info(element.tag);
  if (info == nullptr || element.constant) return size;
  size.least = std::max(size.least, info->min_length);
  size.most = std::min(size.most.value_or(info->max_length), info->max_length);
  return size;
}

std::size_t tlv_size(Tag tag, std::size_t value) {
  emvcrypto::Bytes length;
  emvcrypto::append_length(length, value);
  return emvcrypto::tag_size(tag) + length.size() + value;
}

SizeRange around(Tag tag, const SizeRange& value) {
  SizeRange size{tlv_size(tag, value.least), std::nullopt};
  if (value.most) size.most = tlv_size(tag, *value.most);
  return size;
}

SizeRange content_size(const ApplicationCheck& check, const std::vector<TlvPlan>& content) {
  SizeRange all{0, 0};
  for (const TlvPlan& item : content) {
    const SizeRange value = item.element ? size_on_card(check, check.plan.elements[*item.element])
                                         : content_size(check, item.children);
    const SizeRange size = around(item.tag, value);
    all.least += size.least;
    if (all.most && size.most)
      all.most = *all.most + *size.most;
    else
      all.most.reset();
  }
  return all;
}

void check_record(const ApplicationCheck& check, const RecordPlan& record) {
  const SizeRange size = around(kRecordTemplate, content_size(check, record.content));
  const char* hint = "move some of its elements to another record";
  if (size.least > kLongestRecord)
    check.error(check.of(record), "record-length",
                fmt::format("record {} of file {} has {} bytes at least, {} are allowed",
                            record.number, record.sfi, size.least, kLongestRecord),
                hint);
  else if (size.most && *size.most > kLongestRecord)
    check.warn(check.of(record), "record-length",
               fmt::format("record {} of file {} can get {} bytes long, {} are allowed",
                           record.number, record.sfi, *size.most, kLongestRecord),
               hint);
}

void check_element(const ApplicationCheck& check, const ElementPlan& element) {
  const emvcrypto::TagInfo* info = emvcrypto::find_tag_info(element.tag);
  if (element.constant || element.made_by_signing != Signed::none) return;  // has its own checks
  const SizeRange size = element_size(element, check.plan, check.context.issuer, check.context.plan,
                                      check.context.card);
  if (size.most && *size.most == 0)
    return check.error(check.of(element), "length", described(element.tag) + " is always empty");
  if (info == nullptr) return;
  const bool too_long = size.least > info->max_length;
  if (!too_long && (!size.most || *size.most >= info->min_length)) return;
  const char* bound = size.most == size.least ? "" : too_long ? " or more" : " or fewer";
  check.error(
      check.of(element), "length",
      fmt::format("{} has {} to {} bytes, but {}{} are made", described(element.tag),
                  info->min_length, info->max_length, too_long ? size.least : *size.most, bound));
}

}  // namespace

void check_sizes(const ApplicationCheck& check) {
  for (const ElementPlan& element : check.plan.elements) check_element(check, element);
  if (!check.is_emv()) return;
  for (const RecordPlan& record : check.plan.records) check_record(check, record);
}

}  // namespace kpd
