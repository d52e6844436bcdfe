/// What the checks of one application share. Internal to kpd/plan.
#pragma once

#include <map>
#include <set>

#include "kpd/plan/card_sides.h"
#include "kpd/plan/check_application.h"

namespace kpd {

/// What a mistake is about: its place in a file and in the document ("elements.8E").
struct CheckSubject {
  FilePlace place;
  std::string path;
};

/// One run over one application. Errors end a compilation, warnings are for people.
class ApplicationCheck {
 public:
  ApplicationCheck(const ApplicationPlan& plan, const CheckContext& context, Mistakes& mistakes);

  /// True when terminals run EMV transactions with the application: it names its cryptogram.
  bool is_emv() const { return plan.cryptogram != nullptr; }
  /// True when a kernel of contactless readers gets all that it wants with GET PROCESSING OPTIONS:
  /// the PDOL asks for the terminal's transaction qualifiers (9F66).
  bool is_short_contactless() const;
  /// True when the record may bring DGIs whose content nobody knows here.
  bool has_given_data() const;

  /// The element that holds wherever its tag stands; null when every place has its own, or none.
  const ElementPlan* element(Tag tag) const;
  /// The same, or else the first that was written in one place; null when there is none.
  const ElementPlan* any_element(Tag tag) const;
  /// The value of a constant element that is not empty; null otherwise.
  const Bytes* constant(Tag tag) const;
  bool in_record(Tag tag) const { return record_tags.contains(tag); }
  /// Whether a DGI that is no record holds the tag.
  bool in_dgi(Tag tag) const { return dgi_tags.contains(tag); }
  /// Whether the records that terminals are told to read hold the PIN's place or a given one.
  bool has_pin() const;

  /// The whole application, one of its elements, records, DGIs.
  CheckSubject whole() const { return {context.document, {}}; }
  CheckSubject of(const ElementPlan& element) const;
  CheckSubject of(const RecordPlan& record) const;
  CheckSubject of(const DgiPlan& dgi) const;
  /// Where a side's AIP or AFL is written.
  CheckSubject of_aip(const CardSide& side) const { return of(side, side.aip); }
  CheckSubject of_afl(const CardSide& side) const { return of(side, side.afl); }

  void error(const CheckSubject& subject, std::string id, std::string text,
             std::string hint = {}) const;
  void warn(const CheckSubject& subject, std::string id, std::string text,
            std::string hint = {}) const;

  const ApplicationPlan& plan;
  const CheckContext& context;
  std::set<Tag> record_tags, dgi_tags;  ///< placed in records; in other DGIs
  std::vector<CardSide> sides;          ///< what terminals get, by interface

 private:
  void tell(const CheckSubject& subject, std::string id, std::string text, std::string hint,
            bool warning) const;
  CheckSubject of(const CardSide& side, const ElementPlan* element) const;
  Mistakes& mistakes_;
};

/// "5F24 (Application Expiration Date)".
std::string described(Tag tag);

/// All tags of a content, templates and what is in them.
void collect_tags(const std::vector<TlvPlan>& content, std::set<Tag>& tags);

// One for each subject; each cites its clauses.
void check_authentication(const ApplicationCheck& check);  // AIP, keys, data for authentication
void check_signed_data(const ApplicationCheck& check);     // AFL, 9F4A, what is signed
void check_cryptogram(const ApplicationCheck& check);      // 9F10 and CDOL1 against the version
void check_dols(const ApplicationCheck& check);            // what DOLs ask for
void check_cardholder(const ApplicationCheck& check);      // CVM list, PIN, PIN tries
void check_usage(const ApplicationCheck& check);           // AUC, service code, action codes
void check_places(const ApplicationCheck& check);          // which tags stand where
void check_sizes(const ApplicationCheck& check);           // elements and records
void check_texts(const ApplicationCheck& check);           // what elements are made of
void check_dgis(const ApplicationCheck& check);            // records, keys and PIN in DGIs

}  // namespace kpd
