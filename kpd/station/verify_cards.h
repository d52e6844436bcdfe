/// Testing finished cards in readers against the card file that they were made from.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hsm/token.h"
#include "kpd/intake/side_index.h"
#include "kpd/keys/personaliser_keys.h"
#include "kpd/plan/plan.h"
#include "kpd/station/identify.h"
#include "kpd/tester/terminal.h"

namespace kpd {

/// Where the cards of a job tell who they are.
IdentityPlan identity_plan(const Plan& plan);

/// The prepared records of a card file, found by who their cards are; on disk, whatever their
/// number.
class PreparedCards {
 public:
  /// Throws Failure(io) or cps::FileError.
  PreparedCards(const std::string& card_file, const IdentityPlan& plan);

  const cps::FileHeader& header() const { return header_; }
  std::optional<cps::Record> find(const CardIdentity& identity);

 private:
  cps::FileHeader header_;
  SideIndex index_;
};

/// What the tests hang on. Null tokens: what needs them is not tested.
struct VerifyContext {
  const Plan& plan;
  PreparedCards& prepared;
  std::shared_ptr<hsm::Token> issuer_host;
  PersonaliserKeys* pins = nullptr;  ///< test jobs only
};

/// One card's verdict.
struct VerifiedCard {
  std::string reader;
  bool identified = false;  ///< its PAN was read and its record found
  tester::CardReport report;
};

/// Tests the card that is in the reader now: identification, warm reset, the whole terminal. A card
/// without a record is reported as not identified.
VerifiedCard verify_card(const VerifyContext& context, cps::Card& card,
                         const CardIdentity& identity);

/// Reads who the card is.
CardIdentity identify_card(const Plan& plan, cps::Card& card);

}  // namespace kpd
