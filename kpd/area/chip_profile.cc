#include "kpd/area/chip_profile.h"

#include <array>
#include <functional>

#include "emvcrypto/derivation.h"
#include "kpd/config/yaml_reader.h"

namespace kpd {

namespace {

/// Reads parts of a file; what is wrong with one does not hide what is wrong with the next.
using Part = std::function<void()>;

chip::InstanceConfig read_instance(const YamlNode& node, Mistakes& mistakes) {
  YamlMap one = node.map();
  chip::InstanceConfig instance;
  using enum chip::ApplicationKind;
  for (const Part& part : std::initializer_list<Part>{
           [&] { instance.aid = one.need("aid").hex(); },
           [&] {
             instance.kind = std::array{
                 directory, payment,
                 files}[one.need("application").choice({"directory", "payment", "files"})];
           },
           [&] {
             if (const auto layout = one.maybe("issuer_data"))
               instance.iad =
                   std::array{chip::IadLayout::cvr4, chip::IadLayout::cvr5,
                              chip::IadLayout::cvr6}[layout->choice({"cvr4", "cvr5", "cvr6"})];
           },
           [&] { instance.product_groupings = one.flag("product_groupings", false); },
           [&] { one.finish(); }})
    mistakes.guard(part);
  return instance;
}

void read_model(YamlMap& map, chip::ChipModel& model, Mistakes& mistakes) {
  for (const Part& part : std::initializer_list<Part>{
           [&] {
             if (const auto atr = map.maybe("atr")) model.atr = atr->hex();
           },
           [&] {
             model.key_version = static_cast<std::uint8_t>(map.number("key_version", 1, 1, 127));
           },
           [&] {
             if (const auto option = map.maybe("scp02"))
               model.scp02 = std::array{chip::Scp02Option::i05, chip::Scp02Option::i15,
                                        chip::Scp02Option::i55}[option->choice({"05", "15", "55"})];
           },
           [&] { model.max_command_data = map.number("max_command_data", 255, 24, 255); },
           [&] { model.one_dgi_per_command = map.flag("one_dgi_per_command", false); },
           [&] {
             for (const YamlNode& node : map.need("instances").list())
               mistakes.guard([&] { model.instances.push_back(read_instance(node, mistakes)); });
           }})
    mistakes.guard(part);
}

}  // namespace

ChipProfile read_chip_profile(const std::filesystem::path& file) {
  YamlMap map = read_yaml(file, "chip");
  ChipProfile profile;
  Mistakes mistakes;
  mistakes.guard([&] { map.text("title", ""); });
  mistakes.guard([&] { profile.kmc_id = map.need("kmc_id").hex(6); });
  read_model(map, profile.model, mistakes);
  mistakes.guard([&] { map.finish(); });
  mistakes.throw_if_any();
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
