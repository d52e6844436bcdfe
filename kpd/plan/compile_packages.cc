// Which tags make which DGI, for files whose chip data have none.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "kpd/plan/compile_output.h"

namespace kpd {
namespace {

constexpr cps::Tag kRecordTemplate = 0x70;
constexpr std::size_t kRidSize = 5, kPixSize = 4;

std::vector<cps::TagTree> trees_of(const std::vector<TlvPlan>& content) {
  std::vector<cps::TagTree> trees;
  for (const TlvPlan& item : content) trees.push_back({item.tag, trees_of(item.children)});
  return trees;
}

/// The objects in a DGI that is BER-TLV; empty for every other.
std::vector<cps::TagTree> objects_of(const ApplicationPlan& application, const DgiPlan& dgi) {
  if (dgi.kind == DgiPlan::Kind::tlvs) return trees_of(dgi.content);
  if (dgi.kind == DgiPlan::Kind::record)
    return {{kRecordTemplate, trees_of(application.records[dgi.record].content)}};
  return {};
}

/// Primitive private tags that no data element of the job has: from one end for DGIs, from the
/// other for the marks.
class PrivateTags {
 public:
  explicit PrivateTags(std::set<cps::Tag> taken) : taken_(std::move(taken)) {}

  /// The tag for a DGI, the same in every application.
  cps::Tag of(cps::DgiId id) {
    const auto known = by_dgi_.find(id);
    return known != by_dgi_.end() ? known->second : by_dgi_[id] = first_free(kFirst, 1);
  }
  cps::Tag mark() { return first_free(kLast, -1); }

  /// What a person chose. False when the tag is taken.
  bool choose(cps::DgiId id, cps::Tag tag) {
    by_dgi_[id] = tag;
    return !emvcrypto::is_constructed(tag) && taken_.insert(tag).second;
  }

 private:
  static constexpr int kFirst = 0xDF01, kLast = 0xDF7F;
  static constexpr int kFirstLong = 0xDF8101;  ///< where two bytes do not suffice

  cps::Tag first_free(int start, int step) {
    for (int tag = start; tag >= kFirst && tag <= kLast; tag += step)
      if (taken_.insert(static_cast<cps::Tag>(tag)).second) return static_cast<cps::Tag>(tag);
    // 7F values of the last byte to each value of the byte before it
    for (int tag = kFirstLong;; ++tag)
      if ((tag & 0x80) == 0 && taken_.insert(static_cast<cps::Tag>(tag)).second)
        return static_cast<cps::Tag>(tag);
  }

  std::set<cps::Tag> taken_;
  std::map<cps::DgiId, cps::Tag> by_dgi_;
};

std::string capitals(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

/// How people call a package of an application.
struct PackageName {
  std::string name;
  Bytes pix;
};

/// By template, the last part of its name, or AID: {name, pix}.
std::map<std::string, PackageName> read_names(YamlMap& map) {
  std::map<std::string, PackageName> names;
  const auto packages = map.maybe("packages");
  if (!packages) return names;
  for (const auto& [key, node] : packages->map().all()) {
    YamlMap one = node.map();
    PackageName& package = names[capitals(key.text())];
    package.name = one.text("name", "");
    if (const auto pix = one.maybe("pix")) package.pix = pix->hex(kPixSize);
    one.finish();
    if (package.name.size() > 64 || !std::all_of(package.name.begin(), package.name.end(),
                                                 [](char c) { return c >= 0x20 && c <= 0x7E; }))
      node.fail("a package's name has 1 to 64 printable characters");
  }
  return names;
}

PackageName name_of(const ApplicationPlan& application,
                    const std::map<std::string, PackageName>& names) {
  const std::string base =
      capitals(application.template_name.substr(application.template_name.rfind('/') + 1));
  PackageName package;
  for (const std::string& key : {base, emvcrypto::to_hex(application.aid)})
    if (const auto found = names.find(key); found != names.end()) package = found->second;
  if (package.name.empty()) package.name = base.substr(0, 64);
  if (package.pix.empty()) {
    package.pix.assign(application.aid.begin() + kRidSize, application.aid.end());
    package.pix.resize(kPixSize);
  }
  return package;
}

cps::TaggedApplication make_package(const ApplicationPlan& application, PackageName package,
                                    PrivateTags& tags) {
  cps::TaggedApplication made{std::move(package.name), std::move(package.pix), {}};
  for (const DgiPlan& dgi : application.dgis)
    made.dgis.push_back({dgi.id, tags.of(dgi.id), objects_of(application, dgi)});
  return made;
}

std::set<cps::Tag> leaves_of(const Plan& plan) {
  std::vector<cps::Tag> leaves;
  for (const CardPlan& card : plan.cards)
    for (const ApplicationPlan& application : card.applications)
      for (const DgiPlan& dgi : application.dgis)
        cps::append_leaves(leaves, objects_of(application, dgi));
  return {leaves.begin(), leaves.end()};
}

}  // namespace

cps::TaggedLayout compile_packages(const Plan& plan, YamlMap& map) {
  cps::TaggedLayout layout;
  layout.pix_length_size = map.number("pix_length_size", layout.pix_length_size, 1, 2);
  layout.key_data_length_size =
      map.number("key_data_length_size", layout.key_data_length_size, 1, 2);
  PrivateTags tags(leaves_of(plan));
  if (const auto chosen = map.maybe("private_tags"))
    for (const auto& [dgi, tag] : chosen->map().all())
      if (!tags.choose(static_cast<cps::DgiId>(emvcrypto::to_number(dgi.hex(2))), tag.tag()))
        tag.fail("a private tag is primitive, and stands for no data element and no other DGI");
  layout.absent = tags.mark();
  layout.other = tags.mark();
  const auto names = read_names(map);
  for (const CardPlan& card : plan.cards) {
    cps::TaggedCard& made = layout.cards.emplace_back();
    for (const ApplicationPlan& application : card.applications)
      made.applications.push_back(make_package(application, name_of(application, names), tags));
  }
  return layout;
}

}  // namespace kpd
