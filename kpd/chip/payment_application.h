/// An EMV payment application: personalised by data groupings, then driven by a terminal.
#pragma once

#include "kpd/chip/application.h"
#include "kpd/chip/cryptogram_dictionary.h"
#include "kpd/chip/payment_data.h"

namespace kpd::chip {

/// One payment application. Its behaviour follows from what was loaded and from the instance's
/// configuration alone.
///
/// Sources: load.cc and completeness.cc personalise; payment_application.cc answers what needs no
/// key, contactless.cc what a field asks for, product_groupings.cc takes what belongs to a product;
/// pin.cc, dynamic_signature.cc, generate_ac.cc, risk.cc, verification_results.cc,
/// issuer_authentication.cc and scripts.cc each hold what they are called.
class PaymentApplication : public Application {
 public:
  /// The reference PIN block, the one secret of 8 bytes.
  static constexpr DgiId kPinBlockDgi = 0x8010;

  /// `card` and `random` outlive the application.
  PaymentApplication(const InstanceConfig& config, CardState& card, const Random& random);

  void erase() override;
  DgiKind kind_of(DgiId id) const override;
  bool is_padded(DgiId id) const override { return id == kPinBlockDgi; }
  Status load(DgiId id, ByteView value) override;
  void reset() override;
  Answer process(const Command& command) override;
  bool is_reachable() const override;

 protected:
  bool is_complete() override;
  bool is_blocked() const override { return data_.blocked; }
  ByteView fci() const override { return card_.contactless ? data_.contactless.fci : data_.fci; }

 private:
  struct Loader;  ///< one row of the table of groupings, in load.cc
  static const Loader* find_loader(DgiId id);

  // load.cc, completeness.cc
  Status load_objects(ByteView value, bool readable);
  Status load_object(Tag tag, ByteView value);
  Status load_keys(ByteView value);
  Status load_check_values(ByteView value);
  Status load_pin(ByteView value);
  Status load_pin_counters(ByteView value);
  Status load_options(ByteView value);
  Status load_issuer_data(ByteView value);
  static Status load_fci(ByteView value, Bytes& fci);
  static bool is_afl(ByteView afl);
  bool has_all_records(ByteView afl) const;
  bool has_usable_dols() const;
  bool has_needed_rsa_keys();
  bool has_pin_counters_if_pin() const;

  // product_groupings.cc
  DgiKind product_kind_of(DgiId id) const;
  Status load_product(DgiId id, ByteView value);
  static Status load_key(ByteView value, Secret& key);
  Status check_contactless_keys(ByteView value);
  static Status load_positional_options(ByteView value, Bytes& aip, Bytes& afl);

  // contactless.cc
  Answer process_contactless(const Command& command);
  Answer contactless_options(const Command& command);
  Answer compute_checksum(const Command& command);
  Status load_contactless_options(ByteView value);
  bool has_usable_contactless() const;
  const Bytes& aip() const { return card_.contactless ? data_.contactless.aip : data_.aip; }

  // payment_application.cc
  Answer get_processing_options(const Command& command);
  Answer get_data(const Command& command) const;
  Answer get_challenge(const Command& command);

  // pin.cc
  Answer verify(const Command& command, ByteView challenge);
  Answer verify_enciphered(ByteView cryptogram, ByteView challenge);
  Answer compare_pin(const Secret& block);

  // dynamic_signature.cc
  Answer internal_authenticate(const Command& command);
  const Bytes& dynamic_number();
  std::optional<Bytes> sign_dynamic_data(ByteView dynamic_data, ByteView hashed_with) const;
  Answer combined_answer(AcType type, ByteView cryptogram, ByteView iad, ByteView transaction_data);

  // generate_ac.cc
  Answer generate_ac(const Command& command);
  Answer first_generate_ac(AcType requested, bool combined, ByteView data);
  Answer second_generate_ac(AcType requested, bool combined, ByteView data);
  Answer cryptogram_answer(AcType type, bool combined, ByteView iad, ByteView transaction_data);
  const CryptogramRule& rule() const;
  Secret session_key() const;
  Bytes cryptogram(ByteView iad) const;
  ByteView terminal_value(Tag tag) const;

  // risk.cc
  std::uint8_t default_action(std::size_t byte) const;
  std::optional<std::uint8_t> limit(Tag tag, Tag other) const;
  unsigned consecutive_offline() const;
  bool is_new() const { return data_.last_online_atc == 0; }
  bool beyond_lower_limit() const;
  bool beyond_upper_limit() const;
  bool issuer_authentication_is_missing() const;
  AcType decide_first(AcType requested) const;
  AcType decide_second_offline(AcType requested) const;
  AcType decide_second_online(AcType requested) const;
  void finish_online();

  // verification_results.cc
  Bytes issuer_application_data(AcType first, std::optional<AcType> second, bool unable_online,
                                bool combined) const;
  Bytes verification_results_4(AcType first, std::optional<AcType> second,
                               bool unable_online) const;
  Bytes verification_results_5(AcType first, std::optional<AcType> second, bool unable_online,
                               bool combined) const;
  Bytes verification_results_6(AcType first, std::optional<AcType> second, bool unable_online,
                               bool combined) const;

  // issuer_authentication.cc
  Answer external_authenticate(const Command& command);
  bool authenticate_issuer(ByteView data);
  void authenticate_issuer_by_cdol2();
  void apply_card_status_update();

  // scripts.cc
  Answer script(const Command& command);
  std::optional<ByteView> script_data(const Command& command);
  Answer change_pin(const Command& command, ByteView data);
  Answer put_data(const Command& command, ByteView data);

  InstanceConfig config_;
  CardState& card_;
  const Random& random_;
  PaymentData data_;
  Transaction tx_;
};

}  // namespace kpd::chip
