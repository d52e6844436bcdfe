#include "kpd/area/chip_profile.h"

#include <algorithm>
#include <array>
#include <functional>

#include "emvcrypto/cmac.h"
#include "emvcrypto/derivation.h"
#include "kpd/config/yaml_reader.h"
#include "kpd/keys/aes_derivation.h"
#include "kpd/keys/hsm_cipher.h"

namespace kpd {

namespace {

constexpr const char* kKmcLabel = "KMC";
constexpr std::size_t kAesBlock = 16;
constexpr std::size_t kMostModules = 10;

/// Reads parts of a file; what is wrong with one does not hide what is wrong with the next.
using Part = std::function<void()>;

/// What an instance is, or those of a module.
void read_kind(YamlMap& one, chip::InstanceConfig& instance, Mistakes& mistakes) {
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
}

chip::InstanceConfig read_instance(const YamlNode& node, Mistakes& mistakes) {
  YamlMap one = node.map();
  chip::InstanceConfig instance;
  read_kind(one, instance, mistakes);
  return instance;
}

/// A module is in a load file of its own AID unless said.
chip::ModuleConfig read_module(const YamlNode& node, Mistakes& mistakes) {
  YamlMap one = node.map();
  chip::ModuleConfig module;
  mistakes.guard([&] {
    if (const auto file = one.maybe("load_file")) module.load_file = file->hex();
  });
  read_kind(one, module.instance, mistakes);
  if (module.load_file.empty()) module.load_file = module.instance.aid;
  return module;
}

/// The issuer security domain and what it can install.
void read_manager(YamlMap& map, chip::ChipModel& model, Mistakes& mistakes) {
  if (const auto aid = map.maybe("card_manager")) model.card_manager = aid->hex();
  const auto modules = map.maybe("modules");
  if (!modules) return;
  if (model.card_manager.empty()) modules->fail("modules need a card_manager that installs them");
  for (const YamlNode& node : modules->list())
    mistakes.guard([&] { model.modules.push_back(read_module(node, mistakes)); });
  if (model.modules.size() > kMostModules) modules->fail("a chip has at most 10 modules");
}

/// A native card has no security domain, a chip straight from the factory needs one.
void read_state(YamlMap& map, chip::ChipModel& model) {
  if (const auto factory = map.maybe("from_factory")) {
    model.from_factory = factory->flag();
    if (model.from_factory && model.card_manager.empty())
      factory->fail("a chip straight from the factory needs a card_manager that takes its keys");
  }
  const auto native = map.maybe("native");
  if (!native) return;
  model.native = native->flag();
  if (model.native && !model.card_manager.empty())
    native->fail("a native card has no card_manager");
}

/// The one protocol: SCP02 with i = 15 unless said.
void read_protocol(YamlMap& map, chip::Scp& scp) {
  const auto scp02 = map.maybe("scp02");
  const auto scp03 = map.maybe("scp03");
  if (scp02) {
    using enum chip::Scp02Option;
    scp = std::array{i05, i15, i55}[scp02->choice({"05", "15", "55"})];
  }
  if (scp03) {
    using enum chip::Scp03Option;
    scp = std::array{
        i00, i10, i20, i30, i60, i70}[scp03->choice({"00", "10", "20", "30", "60", "70"})];
  }
  if (scp02 && scp03) scp03->fail("a chip has one protocol, scp02 or scp03");
}

void read_model(YamlMap& map, chip::ChipModel& model, Mistakes& mistakes) {
  for (const Part& part : std::initializer_list<Part>{
           [&] {
             if (const auto atr = map.maybe("atr")) model.atr = atr->hex();
           },
           [&] {
             model.key_version = static_cast<std::uint8_t>(map.number("key_version", 1, 1, 127));
           },
           [&] { read_protocol(map, model.scp); },
           [&] { model.max_command_data = map.number("max_command_data", 255, 24, 255); },
           [&] { model.one_dgi_per_command = map.flag("one_dgi_per_command", false); },
           [&] { read_manager(map, model, mistakes); }, [&] { read_state(map, model); },
           [&] {
             for (const YamlNode& node : map.need("instances").list())
               mistakes.guard([&] { model.instances.push_back(read_instance(node, mistakes)); });
           }})
    mistakes.guard(part);
}

/// Gives a card's three keys, each made by `derived`.
template <typename Derive>
chip::CardKeys card_keys(const Derive& derived) {
  return {derived(emvcrypto::CardKey::enc), derived(emvcrypto::CardKey::mac),
          derived(emvcrypto::CardKey::dek)};
}

chip::CardKeySource des_keys_from(std::shared_ptr<hsm::Token> manufacturer, const char* label) {
  const hsm::Key kmc = manufacturer->find(label);
  return [manufacturer = std::move(manufacturer), kmc](emvcrypto::ByteView key_data) {
    return card_keys([&](emvcrypto::CardKey which) {
      emvcrypto::Secret key(emvcrypto::ByteView(emvcrypto::kdc_input_cps(key_data, which)));
      manufacturer->encrypt_ecb(kmc, key.expose_mutable());
      return key;
    });
  };
}

/// The device enciphers; the CMAC around it is built here.
chip::CardKeySource aes_keys_from(std::shared_ptr<hsm::Token> manufacturer, const char* label) {
  const hsm::Key kmc = manufacturer->find(label);
  const std::size_t size = kmc.size() == 0 ? kAesBlock : kmc.size();
  const auto cipher = std::make_shared<HsmCipher>(std::move(manufacturer), kmc);
  return [cipher, size](emvcrypto::ByteView key_data) {
    return card_keys([&](emvcrypto::CardKey which) {
      emvcrypto::Secret key(size);
      for (std::size_t at = 0; at < size; at += kAesBlock) {
        const auto n = static_cast<std::uint8_t>(at / kAesBlock + 1);
        const emvcrypto::Secret block =
            emvcrypto::secret_cmac(*cipher, aes_card_key_input(key_data, which, n));
        std::copy_n(block.expose().begin(), std::min(kAesBlock, size - at),
                    key.expose_mutable().begin() + static_cast<std::ptrdiff_t>(at));
      }
      return key;
    });
  };
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

chip::CardKeySource card_keys_from(std::shared_ptr<hsm::Token> manufacturer,
                                   const chip::ChipModel& model) {
  if (std::holds_alternative<chip::Scp03Option>(model.scp))
    return aes_keys_from(std::move(manufacturer),
                         model.from_factory ? kAesChipLabel : kAesKmcLabel);
  return des_keys_from(std::move(manufacturer), model.from_factory ? kChipLabel : kKmcLabel);
}

}  // namespace kpd
