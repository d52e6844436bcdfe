/// Where the fields and computed values behind an element come from.
#pragma once

#include <string>

#include "kpd/inspect/node.h"
#include "kpd/plan/plan.h"
#include "kpd/stream/card.pb.h"

namespace kpd {

struct ConfigValue;

class FieldExplainer {
 public:
  /// job: its document, for the places of fields; may be null. Both must outlive it.
  FieldExplainer(const Plan& plan, const std::shared_ptr<const ConfigValue>& job)
      : plan_(plan), job_(job) {}

  /// A node for each field that the element looks at, with its masked text when there is a record,
  /// and for each computed value the fields that it is over.
  void add(const ElementPlan& element, const CardPlan& card, const pb::Card* record,
           inspect::Node& node) const;

 private:
  inspect::Node node_of(FieldId id, const CardPlan& card, const pb::Card* record, int depth) const;
  inspect::Node value_node(const ValuePlan& value, const CardPlan& card, const pb::Card* record,
                           int depth) const;
  std::string source_of(FieldId id) const;
  std::string place_of(FieldId id) const;

  const Plan& plan_;
  const std::shared_ptr<const ConfigValue>& job_;
};

}  // namespace kpd
