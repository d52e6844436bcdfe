#include "kpd/area/read_key_roles.h"

#include <array>

namespace kpd {
namespace {

constexpr std::size_t kLongestName = 32;

CardKeyRole read_role(const YamlNode& node) {
  YamlMap map = node.map();
  CardKeyRole role;
  role.des = map.text("des", "");
  role.aes = map.text("aes", "");
  if (role.des.empty() && role.aes.empty())
    node.fail("a role has no key", "name the label of one in the personaliser's token: des or aes");
  if (const auto derivation = map.maybe("derivation")) {
    using enum KeyDerivation;
    role.derivation = std::array{cps, split, fixed}[derivation->choice({"cps", "split", "static"})];
  }
  if (const auto use = map.maybe("use"))
    role.use = std::array{CardKeyUse::channel, CardKeyUse::data}[use->choice({"channel", "data"})];
  if (role.use == CardKeyUse::data && !role.des.empty() && !role.aes.empty())
    node.fail("a role for data has one key", "keep des or aes");
  map.finish();
  return role;
}

}  // namespace

KeyRoles read_key_roles(const YamlNode& node) {
  KeyRoles roles = default_key_roles();
  Mistakes mistakes;
  YamlMap map = node.map();
  for (const auto& [name, role] : map.all())
    mistakes.guard([&] {
      if (name.text().empty() || name.text().size() > kLongestName)
        name.fail("a role's name has 1 to 32 characters");
      roles[name.text()] = read_role(role);
    });
  mistakes.throw_if_any();
  return roles;
}

}  // namespace kpd
