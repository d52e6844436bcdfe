/// What a card is, as named facts that can be compared and shown.
#pragma once

#include <string>
#include <vector>

#include "kpd/template/examined.h"

namespace kpd {

/// One fact. `details`: what the value means, a line each.
struct Fact {
  std::string id, label, value;
  std::vector<std::string> details;
};

/// Facts of one subject: "element", "record", "dgi", "key" ...
struct FactGroup {
  std::string kind, title;
  std::vector<Fact> facts;
};

/// How an element's value comes about: `{text: "{pan}", as: cn}`; bytes for what is the same on
/// every card. document: of its application.
std::string element_source(const ElementPlan& element, const ConfigValue& document);

/// Where that is written, with parameters and what it replaces.
std::string element_origin(const ElementPlan& element, const ConfigValue& document);

/// What stands in a content: "A5(50 87) 9F12".
std::string content_text(const std::vector<TlvPlan>& content);

/// What a DGI holds: "content A5(50 87)", "keys AC SMI SMC".
std::string dgi_text(const DgiPlan& dgi, const ApplicationPlan& application, const Plan& plan);

/// How the card gets a key: "from IMK-AC", "given under KEK1, else from IMK-AC".
std::string key_text(const CardKeyPlan& key, const Plan& plan);

/// Everything about one application.
std::vector<FactGroup> facts_of(const ApplicationPlan& application, const ConfigValue& document,
                                const Plan& plan);

/// What belongs to the card and to none of its applications.
std::vector<FactGroup> facts_of(const CardPlan& card, const ConfigValue& document);

}  // namespace kpd
