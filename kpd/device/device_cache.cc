#include "kpd/device/device_cache.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "emvcrypto/hash.h"
#include "kpd/files/atomic_file.h"

namespace kpd {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kFile = "device-cache.json";
constexpr int kVersion = 1;

std::string content_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// The file's content; empty when there is none that this program wrote.
Json read_cache(const fs::path& file) {
  Json json = Json::parse(content_of(file), nullptr, false);
  const bool ours = json.is_object() && json.value("version", 0) == kVersion &&
                    json.contains("tokens") && json["tokens"].is_object();
  return ours ? json : Json{{"version", kVersion}, {"tokens", Json::object()}};
}

std::string digest_of(const std::string& text) {
  return emvcrypto::to_hex(emvcrypto::sha256({emvcrypto::as_bytes(text)}));
}

}  // namespace

std::string device_fingerprint(const hsm::Token& token, const DeviceProfile& profile) {
  const hsm::TokenInfo info = token.about();
  std::string all = digest_of(content_of(info.library));
  for (const std::string& part :
       {info.manufacturer, info.model, info.serial, info.firmware, token.label(), profile.digest})
    all += "\n" + part;
  return digest_of(all);
}

void keep_answers(const fs::path& area, const hsm::Token& token, const DeviceProfile& profile,
                  const DeviceAnswers& found) {
  Json json = read_cache(area / kFile);
  Json answers = Json::object();
  for (const auto& [name, answer] : found.answers)
    answers[name] = {{"works", answer.works}, {"detail", answer.detail}};
  Json speeds = Json::object();
  for (const hsm::Speed& speed : found.speeds) speeds[speed.operation] = speed.per_second;
  json["tokens"][token.label()] = {{"fingerprint", device_fingerprint(token, profile)},
                                   {"answers", answers},
                                   {"speeds", speeds}};
  AtomicFile out(area / kFile);
  out.stream() << json.dump(1) << "\n";
  out.commit();
}

bool recall_answers(const fs::path& area, hsm::Token& token, const DeviceProfile& profile) {
  if (!fs::exists(area / kFile)) return false;
  const Json json = read_cache(area / kFile);
  const auto entry = json["tokens"].find(token.label());
  if (entry == json["tokens"].end() || !entry->is_object()) return false;
  try {
    if (entry->at("fingerprint") != device_fingerprint(token, profile)) return false;
    for (const auto& [name, answer] : entry->at("answers").items())
      token.assume(name, answer.at("works").get<bool>());
  } catch (const Json::exception&) {
    return false;
  }
  return true;
}

}  // namespace kpd
