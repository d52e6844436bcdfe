/// The compiler of one application's template. Its steps follow the template's sections, a file
/// each. Internal to kpd/plan.
#pragma once

#include "emvcrypto/afl.h"
#include "kpd/plan/compile.h"

namespace kpd {

class ApplicationCompiler {
 public:
  ApplicationCompiler(PlanBuilder& builder, const CardPlan& card, PlanBuilder::ApplicationUse& use,
                      const std::vector<PlanBuilder::ApplicationUse>& all)
      : builder_(builder), card_(card), use_(use), all_(all) {}

  ApplicationPlan compile();

 private:
  // compile_application.cc: what the application is
  void general();
  void authentication();
  void require_same_rid(const YamlNode& name) const;
  RsaPairPlan rsa_pair(const YamlNode& node) const;
  void keys();

  // compile_elements.cc: its data objects
  void elements();
  void element(Tag tag, const YamlNode& node);
  void computed(ElementPlan& plan, const YamlNode& node);
  void remainder(ElementPlan& plan, Signed kind, const RsaPairPlan& pair) const;

  // compile_given.cc: what the record may bring, and what card keys make
  struct PendingTrack {
    YamlNode node;
    Tag over;
    std::size_t own = 0;  ///< index in ApplicationPlan::elements
  };
  GivenSecret given_secret(YamlMap& map, const YamlNode& text) const;
  void card_key(const YamlNode& name, const YamlNode& node);
  void given_dgi(DgiPlan& dgi, YamlMap& map, const YamlNode& text) const;
  std::vector<TlvPlan> raw_content(const YamlNode& node);
  PendingTrack ivcvc3(ElementPlan& plan, YamlMap& map, const YamlNode& compute) const;
  std::size_t the_track(const PendingTrack& pending) const;
  void find_tracks();

  // compile_records.cc: their places in records and templates
  std::vector<TlvPlan> content(const YamlNode& node);
  void content_item(std::vector<TlvPlan>& list, const YamlNode& item);
  void leaf(std::vector<TlvPlan>& list, const YamlNode& item);
  bool absent_by_length(Tag tag) const;
  void only_here(std::vector<TlvPlan>& list, const YamlNode& tag, const YamlNode& source);
  void directory(std::vector<TlvPlan>& list, bool contactless);
  void records();
  void record(const YamlNode& item);
  void fill_in_afl();
  bool holds_signature(const std::vector<TlvPlan>& content) const;

  // compile_dgis.cc: the data groupings and their order
  void dgis();
  void dgi_entry(const YamlNode& item);
  void add_dgi(DgiPlan dgi, const YamlNode& item);
  DgiPlan dgi(const YamlNode& item);
  std::vector<std::size_t> key_list(const YamlNode& node) const;
  void instructions();

  const IssuerPlan& issuer() const { return builder_.plan.issuers[*app_.issuer]; }
  std::optional<std::size_t> find_element(Tag tag) const;
  std::optional<YamlNode> setting(const std::string& key) { return use_.document.maybe(key); }

  PlanBuilder& builder_;
  const CardPlan& card_;
  PlanBuilder::ApplicationUse& use_;
  const std::vector<PlanBuilder::ApplicationUse>& all_;
  ApplicationPlan app_;
  std::vector<PendingTrack> pending_tracks_;
  std::vector<emvcrypto::AflEntry> afl_;   ///< of the records
  std::vector<std::size_t> afl_elements_;  ///< those computed as the AFL
};

}  // namespace kpd
