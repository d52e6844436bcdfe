/// The whole way of one value: where it comes from, what is done with it, where it stands.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kpd/inspect/node.h"
#include "kpd/stream/card.pb.h"
#include "kpd/template/examined.h"

namespace kpd {

/// What is asked for.
struct ExplainWish {
  std::string what;         ///< tag "9F10", DGI "9104" or record "2/1"
  std::string application;  ///< only this one of the card; empty: all that have it
  std::size_t card = 0;     ///< in Plan::cards
};

/// A branch for each application that has it: the rule and its place in the template, the fields
/// and computed values behind it, records and DGIs that hold it, and, for one record, its bytes.
/// Secrets are told as what they are and which key they travel under, never as bytes; cardholder
/// data is masked. job: the job's own document, for the places of fields; null for a template.
/// Throws Failure(usage) when nothing of the card is called so.
std::vector<inspect::Node> explain(const Examined& examined, const ConfigPtr& job,
                                   const ExplainWish& wish, const pb::Card* record);

}  // namespace kpd
