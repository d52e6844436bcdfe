#include "kpd/calc/catalogue.h"

#include <fmt/format.h>

#include "kpd/calc/functions.h"
#include "kpd/config/spelling.h"

namespace kpd::calc {

const std::vector<Group>& catalogue() {
  static const std::vector<Group> kGroups = {
      {"Card keys", {kUdk, kSk, kKdc}},
      {"Cryptograms and scripts",
       {kArqc, kArpc, kAesAc, kAesArpc, kMac, kScriptMac, kScriptEncipher, kPinChange, kVersions}},
      {"Verification values", {kCvv, kCvv2, kIcvv, kCvc3Iv, kCvc3Dynamic, kCvc3Static, kDac}},
      {"PINs",
       {kPvv, kIbm3624Pin, kIbm3624Offset, kPinblockEncode, kPinblockDecode, kPinblockTranslate}},
      {"Key management",
       {kKcv, kComponentsCombine, kComponentsSplit, kVariant, kTr31Show, kTr31Wrap, kTr31Unwrap}},
      {"Secure channel", {kScp02Keys, kScp02Session, kScp03Keys, kScp03Session}},
      {"Offline data authentication",
       {kRecover, kOdaData, kSdaVerify, kSdaSign, kDdaVerify, kDdaSign, kCdaVerify, kCdaSign,
        kCaHash}},
      {"Card data",
       {kTlvShow, kTlvBuild, kDolShow, kDolFill, kAfl, kAip, kAuc, kCvm, kTvr, kTrack2Show,
        kTrack2Build, kPan, kApdu, kStatus}},
      {"Personalisation data", {kDgiShow, kDgiBuild, kCpsRecord}},
  };
  return kGroups;
}

std::string example_line(const Function& function) {
  return fmt::format("kpd calc {}{}{}", function.name, function.example.empty() ? "" : " ",
                     function.example);
}

Expected<const Function*> find_function(std::string_view name) {
  std::vector<std::string> known;
  for (const Group& group : catalogue())
    for (const Function& function : group.functions) {
      if (function.name == name) return &function;
      known.emplace_back(function.name);
    }
  const std::string hint = did_you_mean(name, known);
  return usage("there is no such function" + (hint.empty() ? "" : ": " + hint) +
               " (kpd calc --list names all)");
}

}  // namespace kpd::calc
