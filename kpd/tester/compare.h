/// What the card gave against what was prepared for it, by DGI and tag.
#pragma once

#include "kpd/tester/visit.h"

namespace kpd::tester {

/// The FCI that SELECT returned (6F ...) against the prepared one. The prepared DGI may hold the
/// whole 6F, the A5, or what is in the A5.
void compare_fci(Visit& visit, const cps::Application& prepared, emvcrypto::ByteView fci);

/// AIP and AFL against the prepared ones.
void compare_processing_options(ApplicationVisit& app);

/// Records that were read against DGIs 0101-1EFF: those that differ, and those that were not
/// prepared.
void compare_records(Visit& visit, const cps::Application& prepared,
                     const std::vector<ReadRecord>& records);

/// The rest of the comparison, which takes commands: prepared records that the AFL does not name,
/// and data objects behind GET DATA. Settles the report's `comparison`. False when the card is
/// gone.
cps::Dialogue<bool> compare_with_prepared(ApplicationVisit& app);

/// The beginning of 9F10, up to the cryptogram version number, as it came with a cryptogram: what
/// the issuer's host chooses its keys by. What follows is the card's own.
void compare_issuer_data(ApplicationVisit& app, emvcrypto::ByteView issuer_data);

/// The PIN tries that are left after a right PIN: as many as the prepared limit.
void compare_pin_limit(ApplicationVisit& app, std::uint8_t tries);

/// The DGI of a prepared application; null when it has none.
const cps::Dgi* find_dgi(const cps::Application& application, cps::DgiId id);

/// Whether a DGI is a record by its identifier: 0101-1EFF.
bool is_record(cps::DgiId id);

/// "A000.. DGI 0101 tag 5A", for findings.
std::string place(const cps::Application& application, cps::DgiId id, const std::string& tag = "");

/// Findings for the differences of one DGI.
void compare_value(Visit& visit, const cps::Application& prepared, const cps::Dgi& dgi,
                   emvcrypto::ByteView on_card);

/// Settles the report's `comparison` by what was found in this application.
void settle_comparison(ApplicationVisit& app);

/// GET DATA for the objects of these prepared DGIs, each compared. False when the card is gone.
cps::Dialogue<bool> compare_data_objects(ApplicationVisit& app, std::vector<cps::DgiId> dgis);

/// Data objects that a card counts up or down itself: never compared.
bool is_counter(emvcrypto::Tag tag);

}  // namespace kpd::tester
