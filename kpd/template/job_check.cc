#include "kpd/template/job_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "kpd/config/yaml_reader.h"
#include "kpd/intake/input_columns.h"
#include "kpd/keys/record_mac.h"
#include "kpd/keys/storage_key.h"
#include "kpd/keys/transport_keys.h"

namespace kpd {
namespace {

/// Records that a check counts at most: more take too long for a check while one types.
constexpr std::uint64_t kMostCounted = 200'000;

/// Node of a job by its path; the nearest above it that is there.
YamlNode node_at(const ConfigPtr& root, const std::vector<std::string>& path) {
  ConfigPtr at = root;
  std::string name;
  for (const std::string& key : path) {
    const auto pair =
        std::ranges::find_if(at->pairs, [&](const auto& one) { return one.key->text == key; });
    if (pair == at->pairs.end()) break;
    at = pair->value;
    name += (name.empty() ? "" : ".") + key;
  }
  return {at, name};
}

/// One run over one job.
class JobCheck {
 public:
  JobCheck(ConfigPtr root, const Plan& plan, Mistakes& found)
      : root_(std::move(root)), plan_(plan), found_(found) {}

  void run() {
    check_source(plan_.intake.cards, plan_.intake.inputs, {"intake", "source"});
    for (const JoinPlan& join : plan_.intake.joins)
      check_source(join.source, join.inputs, {"intake", "joins", join.name, "source"});
    check_needed_keys();
    check_transport_keys();
    check_serials();
    check_uses();
  }

 private:
  void error(const std::vector<std::string>& path, const std::string& text, const std::string& hint,
             const std::string& id) {
    found_.add(node_at(root_, path).mistake(text, hint, id));
  }

  /// Other formats name their columns in the job, or in every record.
  void check_source(const SourcePlan& source, const std::vector<std::string>& wanted,
                    const std::vector<std::string>& path) {
    std::error_code absent;
    if (source.format != SourcePlan::Format::csv || !source.header ||
        !std::filesystem::is_regular_file(source.file, absent))
      return;
    try {
      InputColumns(*open_source(source), source, wanted);
    } catch (const Failure& failure) {
      error(path, failure.what(), "", "unknown-column");
    }
  }

  void check_needed_keys() {
    std::vector<std::string_view> needed{kKek2ForKeys, kKek2ForPins, kStorageRole};
    if (plan_.output.record_mac) needed.push_back(kMacRole);
    for (const std::string_view role : needed)
      if (!find_key(role))
        error({"keys"},
              fmt::format("the job names no key for the role {}, which every run needs", role), "",
              "unknown-key-role");
  }

  const KeyPlan* find_key(std::string_view role) const {
    const auto found = std::ranges::find(plan_.keys, role, &KeyPlan::role);
    return found == plan_.keys.end() ? nullptr : &*found;
  }

  void check_transport_keys() {
    const std::size_t block = plan_.output.fresh_transport_keys ? 16 : 8;
    for (const std::string_view role : {kKek2ForKeys, kKek2ForPins}) {
      const KeyPlan* key = find_key(role);
      if (key == nullptr || key->kcv.empty() || key->block_size == block) continue;
      error({"keys", std::string(role)},
            fmt::format("{} must be {} where transport_keys are {}", role,
                        block == 16 ? "an AES key, which wraps transport keys,"
                                    : "a 3DES key, which is a transport key itself,",
                        block == 16 ? "fresh" : "static"),
            block == 16 ? "transport_keys: static" : "transport_keys: fresh", "key-type");
    }
  }

  /// Cards of this issuer that have a certificate of their own.
  bool certifies(std::size_t issuer) const {
    for (const CardPlan& card : plan_.cards)
      for (const ApplicationPlan& application : card.applications)
        if (application.issuer == issuer && (application.icc_key || application.pin_key))
          return true;
    return false;
  }

  /// The last ordinal has a serial when each before it has.
  void check_serials() {
    std::optional<std::uint64_t> records;
    for (std::size_t i = 0; i < plan_.issuers.size(); ++i) {
      const IssuerPlan& issuer = plan_.issuers[i];
      if (!certifies(i) || certificate_serial(issuer, kMostCounted, 1)) continue;
      if (!records) records = count_records();
      if (*records == 0 || certificate_serial(issuer, *records - 1, 1)) continue;
      error({"issuers", issuer.name, "serial_base"},
            fmt::format("the certificate serials of '{}' do not suffice for {} records",
                        issuer.name, *records),
            "each card takes two, from serial_base to FFFFFF", "serials");
    }
  }

  /// Records of a file that is there; 0: nobody can tell.
  std::uint64_t count_records() const {
    const SourcePlan& source = plan_.intake.cards;
    std::error_code absent;
    if (source.format == SourcePlan::Format::sql ||
        !std::filesystem::is_regular_file(source.file, absent))
      return 0;
    try {
      const auto open = open_source(source);
      std::uint64_t count = 0;
      while (count < kMostCounted && open->next()) ++count;
      return count;
    } catch (const Failure&) {
      return 0;  // said by check_source(), or by the run
    }
  }

  /// What keys do, by their places in Plan::keys.
  std::map<std::size_t, std::set<std::string>> uses() const {
    std::map<std::size_t, std::set<std::string>> uses;
    for (const CardPlan& card : plan_.cards) {
      for (const ValuePlan& value : card.values) {
        const char* use = value.kind == ValuePlan::Kind::cvv   ? "makes verification values"
                          : value.kind == ValuePlan::Kind::pvv ? "makes PIN verification values"
                                                               : "makes PIN offsets";
        uses[value.key].insert(use);
        if (value.kind == ValuePlan::Kind::cvv) uses[value.key_left].insert(use);
      }
      for (const ApplicationPlan& application : card.applications)
        for (const CardKeyPlan& key : application.keys) {
          if (key.derived) uses[key.master].insert("is a master key of cards (" + key.name + ")");
          if (key.given) uses[key.given->secret.under].insert("enciphers what records bring");
        }
    }
    if (plan_.pin.from == PinSourcePlan::From::block)
      uses[plan_.pin.key].insert("enciphers what records bring");
    return uses;
  }

  void check_uses() {
    for (const auto& [index, done] : uses()) {
      if (done.size() < 2) continue;
      const std::string role = plan_.keys[index].role;
      Mistake mistake =
          node_at(root_, {"keys", role})
              .mistake(fmt::format("'{}' has two uses: it {}", role, fmt::join(done, ", and ")),
                       "each use has a key of its own", "one-key");
      mistake.warning = true;
      found_.add(std::move(mistake));
    }
  }

  ConfigPtr root_;
  const Plan& plan_;
  Mistakes& found_;
};

}  // namespace

void check_job(const std::filesystem::path& job, const Plan& plan, Mistakes& found) {
  JobCheck(load_config(job), plan, found).run();
}

}  // namespace kpd
