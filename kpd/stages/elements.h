/// Data objects of an application from the fields of a card, and their places in records and DGIs.
#pragma once

#include "emvcrypto/fault.h"
#include "kpd/stages/chunk.h"

namespace kpd {

/// The value of one element that needs no signature. Fault "element" when the text does not fit the
/// element's format.
emvcrypto::Expected<Bytes> make_element(const ElementPlan& element, const pb::Card& card,
                                        const Plan& plan);

/// The objects of a plan with their values, as BER-TLV one after the other.
void append_content(Bytes& to, const std::vector<TlvPlan>& content, const pb::Application& values);

/// A record as READ RECORD returns it: template 70 (EMV 4.4 Book 3, 6.5.11), or what the back
/// office gave in its place.
Bytes make_record(const RecordPlan& record, const pb::Application& values);

/// A DGI that the card's own record brought in clear; null when it brought none of this id.
const pb::Dgi* given_dgi(const pb::Application& values, cps::DgiId id);

/// The value of an element by its tag; empty when the application has none.
ByteView element_value(const ApplicationPlan& plan, const pb::Application& values, Tag tag);

}  // namespace kpd
