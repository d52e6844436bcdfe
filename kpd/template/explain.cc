#include "kpd/template/explain.h"

#include <fmt/format.h>

#include <algorithm>

#include "kpd/inspect/decode_tlv.h"
#include "kpd/inspect/decode_value.h"
#include "kpd/inspect/dictionary.h"
#include "kpd/template/explain_fields.h"
#include "kpd/template/facts.h"
#include "kpd/template/one_record.h"

namespace kpd {
namespace {

using inspect::Node;

/// The way of data in one application.
class ApplicationExplainer {
 public:
  ApplicationExplainer(const Plan& plan, const CardPlan& card, const ApplicationPlan& application,
                       const ConfigValue& document, const FieldExplainer& fields,
                       const pb::Card* record)
      : plan_(plan),
        card_(card),
        application_(application),
        document_(document),
        fields_(fields),
        record_(record) {}

  std::optional<Node> explain(const std::string& what) const {
    Node branch =
        inspect::branch("application", emvcrypto::to_hex(application_.aid), application_.label);
    if (const auto tag = emvcrypto::parse_tag(what); tag && add_tag(*tag, branch)) return branch;
    const std::size_t slash = what.find('/');
    for (const RecordPlan& record : application_.records)
      if (slash != std::string::npos && what == fmt::format("{}/{}", record.sfi, record.number)) {
        branch.add(record_node(record));
        return branch;
      }
    for (const DgiPlan& dgi : application_.dgis)
      if (same_hex(cps::dgi_name(dgi.id), what)) {
        branch.add(dgi_node(dgi));
        return branch;
      }
    return std::nullopt;
  }

 private:
  static bool same_hex(const std::string& name, const std::string& said) {
    const auto bytes = emvcrypto::parse_hex(said);
    return bytes && emvcrypto::to_hex(*bytes) == name;
  }

  bool add_tag(Tag tag, Node& branch) const {
    bool found = false;
    for (const ElementPlan& element : application_.elements) {
      if (element.tag != tag) continue;
      Node node = element_node(element);
      add_places(tag, node);
      branch.add(std::move(node));
      found = true;
    }
    if (found) return true;
    Node node = inspect::branch("template", emvcrypto::tag_name(tag), inspect::tag_label(tag));
    add_places(tag, node);
    if (node.children.empty()) return false;
    branch.add(std::move(node));
    return true;
  }

  Node element_node(const ElementPlan& element) const {
    Node node = inspect::branch("element", emvcrypto::tag_name(element.tag),
                                inspect::tag_label(element.tag));
    node.value = element_source(element, document_);
    if (const std::string origin = element_origin(element, document_); !origin.empty())
      node.add(inspect::field("origin", "written at", origin));
    if (element.made_by_signing != Signed::none && application_.issuer)
      node.add(inspect::field("signed-by", "signed by",
                              "issuer " + plan_.issuers[*application_.issuer].name));
    if (element.ivcvc3)
      node.add(
          inspect::field("made-with", "made with",
                         "key " + application_.keys[element.ivcvc3->key].name + " over " +
                             emvcrypto::tag_name(application_.elements[element.ivcvc3->over].tag)));
    fields_.add(element, card_, record_, node);
    add_value(element, node);
    return node;
  }

  void add_value(const ElementPlan& element, Node& node) const {
    if (element.constant || record_ == nullptr) {
      if (element.constant) add_bytes(element.tag, element.value, inspect::Mask(), node);
      return;
    }
    const ElementNow now = make_now(element, *record_, plan_);
    if (now.value)
      add_bytes(element.tag, *now.value, mask_of(*record_, plan_), node);
    else
      node.add(inspect::field("bytes", "bytes", now.why));
  }

  static void add_bytes(Tag tag, const emvcrypto::Bytes& bytes, const inspect::Mask& mask,
                        Node& node) {
    Node value = inspect::decode_value(tag, bytes, mask);
    value.kind = "bytes";
    value.id = "bytes";
    value.label = fmt::format("bytes, {}", bytes.size());
    value.quiet_id = true;
    value.quoted = false;
    if (!value.bytes.empty()) value.value = value.bytes;
    node.add(std::move(value));
  }

  static bool holds(const std::vector<TlvPlan>& content, Tag tag, std::string& path) {
    for (const TlvPlan& item : content) {
      if (item.tag == tag) return true;
      std::string inner;
      if (!item.element && holds(item.children, tag, inner)) {
        path = emvcrypto::tag_name(item.tag) + (inner.empty() ? "" : " " + inner);
        return true;
      }
    }
    return false;
  }

  void add_places(Tag tag, Node& node) const {
    for (const RecordPlan& record : application_.records) {
      std::string path;
      if (!holds(record.content, tag, path)) continue;
      Node place = record_line(record);
      if (!path.empty()) place.value += ", in " + path;
      node.add(std::move(place));
    }
    for (const DgiPlan& dgi : application_.dgis) {
      std::string path;
      if (!holds(dgi.content, tag, path)) continue;
      Node place = dgi_line(dgi);
      if (!path.empty()) place.note = "in " + path;
      node.add(std::move(place));
    }
  }

  Node record_line(const RecordPlan& record) const {
    Node node = inspect::branch("record", fmt::format("{}/{}", record.sfi, record.number),
                                fmt::format("record {} of file {}", record.number, record.sfi));
    node.value =
        fmt::format("DGI {}{}", cps::dgi_name(record.dgi()), record.is_signed ? ", signed" : "");
    return node;
  }

  Node record_node(const RecordPlan& record) const {
    Node node = record_line(record);
    node.add(inspect::field("origin", "written at", record.origin.text));
    add_content(record.content, node);
    return node;
  }

  void add_content(const std::vector<TlvPlan>& content, Node& node) const {
    for (const TlvPlan& item : content) {
      if (item.element) {
        node.add(element_node(application_.elements[*item.element]));
        continue;
      }
      Node inner =
          inspect::branch("template", emvcrypto::tag_name(item.tag), inspect::tag_label(item.tag));
      add_content(item.children, inner);
      node.add(std::move(inner));
    }
  }

  Node dgi_line(const DgiPlan& dgi) const {
    Node node =
        inspect::branch("dgi", cps::dgi_name(dgi.id), std::string(inspect::dgi_text(dgi.id)));
    node.value = dgi_text(dgi, application_, plan_);
    return node;
  }

  Node dgi_node(const DgiPlan& dgi) const {
    Node node = dgi_line(dgi);
    node.add(inspect::field("origin", "written at", dgi.origin.text));
    const auto place = std::find_if(application_.dgis.begin(), application_.dgis.end(),
                                    [&](const DgiPlan& other) { return other.id == dgi.id; });
    node.add(inspect::field(
        "order", "place",
        fmt::format("{} of {}", place - application_.dgis.begin() + 1, application_.dgis.size())));
    if (const auto use = dgi.use()) node.add(secret_line(*use));
    for (const std::size_t key : dgi.keys)
      node.add(inspect::field(application_.keys[key].name, "",
                              key_text(application_.keys[key], plan_),
                              application_.keys[key].origin.text));
    if (dgi.kind == DgiPlan::Kind::record)
      add_content(application_.records[dgi.record].content, node);
    add_content(dgi.content, node);
    return node;
  }

  static Node secret_line(SecretUse use) {
    const char* kind = use == SecretUse::pin        ? "PINs"
                       : use == SecretUse::icc_keys ? "card keys of RSA"
                                                    : "card keys";
    return inspect::field("secret", "secret",
                          fmt::format("enciphered under the batch's transport key for {}", kind));
  }

  const Plan& plan_;
  const CardPlan& card_;
  const ApplicationPlan& application_;
  const ConfigValue& document_;
  const FieldExplainer& fields_;
  const pb::Card* record_;
};

}  // namespace

std::vector<Node> explain(const Examined& examined, const ConfigPtr& job, const ExplainWish& wish,
                          const pb::Card* record) {
  const Plan& plan = examined.job.plan;
  const CardPlan& card = plan.cards.at(wish.card);
  const FieldExplainer fields(plan, job);
  std::vector<Node> nodes;
  for (std::size_t i = 0; i < card.applications.size(); ++i) {
    const auto& documents = examined.job.documents.at(wish.card).applications.at(i);
    if (!wish.application.empty() && wish.application != documents.name) continue;
    const ApplicationExplainer one(plan, card, card.applications[i], *documents.document, fields,
                                   record);
    if (auto node = one.explain(wish.what)) nodes.push_back(*std::move(node));
  }
  if (nodes.empty())
    throw Failure(ExitCode::usage, fmt::format("no application of {} has a tag, DGI or record '{}'",
                                               card_name(card), wish.what));
  return nodes;
}

}  // namespace kpd
