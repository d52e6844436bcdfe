/// The plan: a job with its templates, certificates and keys (by KCV), compiled once into typed,
/// immutable data. Stages work on it alone; everything that speaks of a job speaks of its digest.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "emvcrypto/fault.h"
#include "kpd/plan/card_plan.h"
#include "kpd/plan/icc_key_plan.h"
#include "kpd/plan/intake_plan.h"
#include "kpd/plan/key_plan.h"
#include "kpd/plan/output_plan.h"
#include "kpd/plan/pin_plan.h"

namespace kpd {

/// How a record's field chooses among the risk profiles of a product.
struct RiskPlan {
  FieldId field = 0;
  std::string fallback;  ///< profile for an empty field; empty: the field must say one
  std::map<std::string, std::size_t, std::less<>> cards;  ///< profile to index in Plan::cards
};

struct Plan {
  std::string job;
  emvcrypto::Date date;
  bool test = false;
  std::vector<std::string> operators;  ///< users of the system who may run it; none: anybody
  std::string digest;                  ///< SHA-256 of the canonical job, 64 hex digits
  std::vector<FieldPlan> fields;
  IntakePlan intake;
  FieldRoles roles;
  PinSourcePlan pin;
  std::optional<MailerPlan> mailer;
  std::vector<KeyPlan> keys;
  std::vector<IssuerPlan> issuers;
  std::vector<CardPlan> cards;
  std::map<std::string, std::size_t, std::less<>> products;  ///< name to index in `cards`
  std::map<std::string, RiskPlan, std::less<>> risks;        ///< by product; most have none
  WindowPolicy windows;
  IccKeyPlan icc_keys;
  OutputPlan output;
  std::vector<std::string> files;  ///< that make the job, other than sources and templates
  std::string templates;           ///< folder
  bool reject_limit_reached(std::uint64_t rejects) const {
    return max_rejects && rejects > max_rejects;
  }
  std::uint64_t max_rejects = 0;  ///< 0: no limit

  /// The card plan for a product and, where it has risk profiles, the text of their field. Fault
  /// "product" or "risk".
  emvcrypto::Expected<std::size_t> choose_card(
      std::string_view product, const std::function<std::string_view(FieldId)>& field) const;

  /// Whether a field is a PIN block or what PINs are made of. Such fields are empty once the cards
  /// have their PINs.
  bool brings_pins(FieldId field) const {
    return fields[field].type == FieldType::pin_block || pin.field == field;
  }

  /// Index of a key role; throws Failure when the plan has none.
  std::size_t key(std::string_view role) const;
};

/// Who a card is, for people and machines: CRN = plan digest (8 bytes) | ordinal (6) | generation
/// (2). Computed, never counted.
Bytes card_reference(const Plan& plan, std::uint64_t ordinal, std::uint16_t generation);

}  // namespace kpd
