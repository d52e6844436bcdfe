#include "kpd/area/chip_profile.h"

#include <array>

#include "emvcrypto/derivation.h"
#include "kpd/config/yaml_reader.h"

namespace kpd {

ChipProfile read_chip_profile(const std::filesystem::path& file) {
  YamlMap map = read_yaml(file, "chip");
  map.text("title", "");
  ChipProfile profile;
  if (const auto atr = map.maybe("atr")) profile.model.atr = atr->hex();
  profile.kmc_id = map.need("kmc_id").hex(6);
  profile.model.key_version = static_cast<std::uint8_t>(map.number("key_version", 1, 1, 127));
  if (const auto option = map.maybe("scp02"))
    profile.model.scp02 = std::array{chip::Scp02Option::i05, chip::Scp02Option::i15,
                                     chip::Scp02Option::i55}[option->choice({"05", "15", "55"})];
  profile.model.max_command_data = map.number("max_command_data", 255, 24, 255);
  profile.model.one_dgi_per_command = map.flag("one_dgi_per_command", false);
  for (const YamlNode& node : map.need("instances").list()) {
    YamlMap one = node.map();
    chip::InstanceConfig instance;
    instance.aid = one.need("aid").hex();
    using enum chip::ApplicationKind;
    instance.kind =
        std::array{directory, payment,
                   files}[one.need("application").choice({"directory", "payment", "files"})];
    if (const auto layout = one.maybe("issuer_data"))
      instance.iad = std::array{chip::IadLayout::cvr4, chip::IadLayout::cvr5,
                                chip::IadLayout::cvr6}[layout->choice({"cvr4", "cvr5", "cvr6"})];
    instance.product_groupings = one.flag("product_groupings", false);
    one.finish();
    profile.model.instances.push_back(std::move(instance));
  }
  map.finish();
  return profile;
}

chip::CardKeySource card_keys_from(std::shared_ptr<hsm::Token> manufacturer) {
  const hsm::Key kmc = manufacturer->find("KMC");
  return [manufacturer = std::move(manufacturer), kmc](emvcrypto::ByteView key_data) {
    const auto derived = [&](emvcrypto::CardKey which) {
      emvcrypto::Secret key(emvcrypto::ByteView(emvcrypto::kdc_input_cps(key_data, which)));
      manufacturer->encrypt_ecb(kmc, key.expose_mutable());
      return key;
    };
    return chip::CardKeys{derived(emvcrypto::CardKey::enc), derived(emvcrypto::CardKey::mac),
                          derived(emvcrypto::CardKey::dek)};
  };
}

}  // namespace kpd
