#include "kpd/plan/check_application.h"

#include <fmt/format.h>

#include <algorithm>

#include "emvcrypto/tags.h"
#include "kpd/plan/application_check.h"

namespace kpd {

void check_application(const ApplicationPlan& application, const CheckContext& context,
                       Mistakes& mistakes) {
  const ApplicationCheck check(application, context, mistakes);
  for (auto* part : {check_authentication, check_signed_data, check_cryptogram, check_dols,
                     check_cardholder, check_usage, check_places, check_sizes, check_texts})
    part(check);
  if (context.dgis_known) check_dgis(check);
}

ApplicationCheck::ApplicationCheck(const ApplicationPlan& application, const CheckContext& against,
                                   Mistakes& mistakes)
    : plan(application), context(against), sides(card_sides(application)), mistakes_(mistakes) {
  for (const RecordPlan& record : plan.records) collect_tags(record.content, record_tags);
  for (const DgiPlan& dgi : plan.dgis) collect_tags(dgi.content, dgi_tags);
}

bool ApplicationCheck::is_short_contactless() const {
  const Bytes* pdol = constant(0x9F38);
  const auto entries = pdol != nullptr ? emvcrypto::parse_dol(*pdol) : std::nullopt;
  return entries &&
         std::any_of(entries->begin(), entries->end(),
                     [](const emvcrypto::DolEntry& entry) { return entry.tag == 0x9F66; });
}

bool ApplicationCheck::has_given_data() const {
  return plan.given_dgis.has_value() ||
         std::any_of(plan.dgis.begin(), plan.dgis.end(),
                     [](const DgiPlan& dgi) { return dgi.kind == DgiPlan::Kind::given; });
}

bool ApplicationCheck::has_pin() const {
  return std::any_of(plan.dgis.begin(), plan.dgis.end(), [](const DgiPlan& dgi) {
    return dgi.kind == DgiPlan::Kind::pin || dgi.use() == SecretUse::pin;
  });
}

const ElementPlan* ApplicationCheck::element(Tag tag) const {
  for (const ElementPlan& element : plan.elements)
    if (element.tag == tag && !element.only_here) return &element;
  return nullptr;
}

const ElementPlan* ApplicationCheck::any_element(Tag tag) const {
  if (const ElementPlan* found = element(tag)) return found;
  const auto found = std::ranges::find(plan.elements, tag, &ElementPlan::tag);
  return found == plan.elements.end() ? nullptr : &*found;
}

const Bytes* ApplicationCheck::constant(Tag tag) const {
  const ElementPlan* found = element(tag);
  return found != nullptr && found->constant && !found->value.empty() ? &found->value : nullptr;
}

CheckSubject ApplicationCheck::of(const ElementPlan& element) const {
  return {element.origin.place, "elements." + emvcrypto::tag_name(element.tag)};
}

CheckSubject ApplicationCheck::of(const RecordPlan& record) const {
  return {record.origin.place, fmt::format("records.{}/{}", record.sfi, record.number)};
}

CheckSubject ApplicationCheck::of(const DgiPlan& dgi) const {
  return {dgi.origin.place, "dgis." + cps::dgi_name(dgi.id)};
}

CheckSubject ApplicationCheck::of(const CardSide& side, const ElementPlan* element) const {
  if (element != nullptr) return of(*element);
  return side.response != nullptr ? of(*side.response) : whole();
}

void ApplicationCheck::error(const CheckSubject& subject, std::string id, std::string text,
                             std::string hint) const {
  tell(subject, std::move(id), std::move(text), std::move(hint), false);
}

void ApplicationCheck::warn(const CheckSubject& subject, std::string id, std::string text,
                            std::string hint) const {
  tell(subject, std::move(id), std::move(text), std::move(hint), true);
}

void ApplicationCheck::tell(const CheckSubject& subject, std::string id, std::string text,
                            std::string hint, bool warning) const {
  mistakes_.add({subject.place.line > 0 ? subject.place : context.document, subject.path,
                 std::move(text), std::move(hint), std::move(id), warning});
}

std::string described(Tag tag) {
  const emvcrypto::TagInfo* info = emvcrypto::find_tag_info(tag);
  return info == nullptr ? emvcrypto::tag_name(tag)
                         : fmt::format("{} ({})", emvcrypto::tag_name(tag), info->name);
}

void collect_tags(const std::vector<TlvPlan>& content, std::set<Tag>& tags) {
  for (const TlvPlan& item : content) {
    tags.insert(item.tag);
    collect_tags(item.children, tags);
  }
}

}  // namespace kpd
