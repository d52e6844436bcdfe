#include "kpd/device/doctor.h"

#include <algorithm>
#include <set>

namespace kpd {
namespace {

constexpr std::chrono::milliseconds kEach{150};
constexpr std::string_view kRules = "rules";

Finding try_one(hsm::Token& token, const hsm::ProbeInfo& probe,
                const std::vector<std::string>& listed) {
  const bool is_listed =
      probe.mechanism.empty() || std::ranges::find(listed, probe.mechanism) != listed.end();
  return {probe, token.probe(probe.name), is_listed};
}

/// RSA pairs of a job's cards, by the probes for them.
std::set<std::string> pairs_of(const Plan& plan) {
  std::set<std::string> names;
  for (const CardPlan& card : plan.cards)
    for (const ApplicationPlan& application : card.applications)
      for (const auto& pair : {application.icc_key, application.pin_key})
        if (pair) names.insert(hsm::rsa_parts_probe(pair->bits, pair->exponent));
  return names;
}

/// PKCS#11 has no call for the first three; the others depend on the device.
std::vector<std::string> limits_of(hsm::Token& token, const DeviceProfile& profile) {
  std::vector<std::string> limits{
      "A PIN's length, digits and filler cannot be checked inside (pin_check).",
      "The fill of PIN blocks of formats 1 and 3 cannot be made inside.",
      "The CRT parts of an RSA pair cannot leave one by one, enciphered (window icc_keys).",
      "PVVs, offsets and PINs by IBM 3624 need the clear PIN (window pins)."};
  const auto add = [&](const char* probe, const std::string& text) {
    if (!token.works(probe)) limits.push_back(text);
  };
  add(hsm::kDeriveWrapDes, "Card keys cannot leave under 3DES without the window card_keys.");
  add(hsm::kDeriveWrapAes, "Card keys cannot leave under AES without the window card_keys.");
  add(hsm::kRewrapMasked, "PIN blocks cannot become format 2 without the window pins.");
  add(hsm::kRewrap, "Secrets cannot go to cards (load) without windows.");
  add(hsm::kUnwrapDes, "The batch's MAC key cannot be opened without the window record_mac.");
  limits.insert(limits.end(), profile.notes.begin(), profile.notes.end());
  return limits;
}

}  // namespace

std::string Finding::verdict() const {
  if (probe.group == kRules) return answer.works ? "kept" : "not kept";
  if (answer.works) return listed ? "works" : "works, not listed";
  if (probe.mechanism.empty()) return "does not work";
  return listed ? "listed, does not work" : "not listed";
}

Diagnosis diagnose(hsm::Token& token, const DeviceProfile& profile, const Plan* plan) {
  Diagnosis found;
  found.token = token.about();
  const std::vector<std::string> listed = token.mechanisms();
  std::set<std::string> pairs = plan != nullptr ? pairs_of(*plan) : std::set<std::string>{};
  for (const hsm::ProbeInfo& probe : hsm::probes()) {
    found.findings.push_back(try_one(token, probe, listed));
    pairs.erase(probe.name);
  }
  for (const std::string& name : pairs)
    found.findings.push_back(try_one(token, {name, "RSA", "CKM_RSA_PKCS_KEY_PAIR_GEN"}, listed));
  found.speeds = hsm::measure_speeds(token, kEach);
  found.limits = limits_of(token, profile);
  if (plan == nullptr) return found;
  std::vector<hsm::Key> keys;
  for (const KeyPlan& key : plan->keys) keys.push_back(token.find(key.uri));
  found.routes.emplace(*plan, token, keys);
  return found;
}

DeviceAnswers answers_of(const Diagnosis& diagnosis) {
  DeviceAnswers answers;
  for (const Finding& finding : diagnosis.findings)
    answers.answers[finding.probe.name] = finding.answer;
  answers.speeds = diagnosis.speeds;
  return answers;
}

}  // namespace kpd
