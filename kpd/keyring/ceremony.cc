#include "kpd/keyring/ceremony.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "emvcrypto/des_key_check.h"
#include "kpd/exit_code.h"

namespace kpd {
namespace {

using hsm::Secret;

constexpr int kAttempts = 3;

std::string turn_of(const CeremonyKey& key, std::size_t number) {
  return fmt::format("Component {} of {}", number, key.components);
}

[[noreturn]] void end(const std::string& reason) {
  throw Failure(ExitCode::hold, reason + ": the ceremony ends, nothing was stored");
}

/// A name without the blanks around it.
std::string trimmed(const std::string& name) {
  const std::size_t first = name.find_first_not_of(" \t"), last = name.find_last_not_of(" \t");
  return first == name.npos ? "" : name.substr(first, last - first + 1);
}

/// One who is called "alice" and "Alice" is one.
bool is_same_name(const std::string& one, const std::string& other) {
  return std::ranges::equal(one, other, [](unsigned char a, unsigned char b) {
    return std::tolower(a) == std::tolower(b);
  });
}

/// Who sits there; nobody has two turns.
std::string ask_custodian(CeremonyDesk& desk, const CeremonyKey& key, std::size_t number,
                          const std::vector<ComponentNote>& before) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const std::string name = trimmed(desk.ask(turn_of(key, number) + " — custodian: "));
    const bool had_turn = std::ranges::any_of(
        before, [&](const ComponentNote& note) { return is_same_name(note.custodian, name); });
    if (!name.empty() && !had_turn) return name;
    desk.say(name.empty() ? "A custodian has a name." : name + " had a component already.");
  }
  end(turn_of(key, number) + ": no custodian");
}

struct Entered {
  Secret component;
  std::string kcv;
};

/// One attempt; what is wrong with it as a Fault.
emvcrypto::Expected<Entered> enter(CeremonyDesk& desk, const CeremonyKey& key, std::size_t number,
                                   const std::vector<Secret>& before) {
  auto component =
      parse_component(desk.hidden(fmt::format("{} ({} digits, not shown): ", turn_of(key, number),
                                              2 * key_size(key.algorithm))),
                      key.algorithm);
  if (!component) return tl::unexpected(component.error());
  for (const Secret& other : before)
    if (same_component(other, *component, key.algorithm))
      return emvcrypto::fault("component-twice",
                              "this component was typed before: two equal ones "
                              "cancel each other out");
  const hsm::CheckValues values = check_values(key.algorithm, *component);
  desk.say("KCV of this component: " + kcv_text(values));
  if (is_des(key.algorithm) && !emvcrypto::has_odd_parity(component->expose()))
    desk.say("Its parity is not odd; that is set right in the whole key.");
  const std::string known = desk.ask("KCV on the envelope (Enter: none): ");
  if (!known.empty() && !is_kcv_of(values, known).value_or(false))
    return emvcrypto::fault("component-kcv", "its KCV is not the one on the envelope");
  return Entered{std::move(*component), emvcrypto::to_hex(usual_kcv(values))};
}

void require_kcv(CeremonyDesk& desk, const CeremonyKey& key, const Secret& value,
                 const std::string& expected) {
  const hsm::CheckValues values = check_values(key.algorithm, value);
  desk.say(fmt::format("KCV of the whole key {}: {}", key.label, kcv_text(values)));
  const std::string known =
      expected.empty() ? desk.ask("KCV that it must have (Enter: none): ") : expected;
  if (!known.empty() && !is_kcv_of(values, known).value_or(false))
    end(fmt::format("the key has another KCV than {}", known));
}

}  // namespace

std::string kcv_text(const hsm::CheckValues& values) {
  if (values.zeros.empty() && values.ones.empty()) return "not known";
  if (values.ones.empty()) return emvcrypto::to_hex(values.zeros);
  return fmt::format("{} (01), {} (CMAC), {} (00)", emvcrypto::to_hex(values.ones),
                     emvcrypto::to_hex(values.cmac), emvcrypto::to_hex(values.zeros));
}

CeremonyResult enter_components(CeremonyDesk& desk, const CeremonyKey& key,
                                const std::string& kcv) {
  CeremonyResult result;
  std::vector<Secret> components;
  for (std::size_t number = 1; number <= key.components; ++number) {
    desk.clear();
    desk.say(
        fmt::format("Key {}, {} ({})", key.label, algorithm_name(key.algorithm), key.role->title));
    const std::string custodian = ask_custodian(desk, key, number, result.notes);
    std::string reason;
    for (int attempt = 0; attempt < kAttempts && components.size() < number; ++attempt) {
      auto entered = enter(desk, key, number, components);
      if (entered) {
        result.notes.push_back({custodian, entered->kcv});
        components.push_back(std::move(entered->component));
      } else {
        reason = entered.error().reason;
        desk.say("Refused: " + reason + ".");
      }
    }
    if (components.size() < number) {
      desk.clear();
      end(fmt::format("{} ({}): {}", turn_of(key, number), custodian, reason));
    }
  }
  desk.clear();
  result.key = combine(components, key.algorithm);
  const auto strength = check_strength(result.key, key.algorithm, *key.role);
  if (!strength && !key.weak_allowed) end("the key is refused: " + strength.error().reason);
  require_kcv(desk, key, result.key, kcv);
  return result;
}

CeremonyResult make_components(hsm::Token& token, const CeremonyKey& key,
                               const HandOver& hand_over) {
  CeremonyResult result;
  std::vector<Secret> components;
  do {
    components = draw_components(token, key.algorithm, key.components);
    result.key = combine(components, key.algorithm);
  } while (!check_strength(result.key, key.algorithm, *key.role));
  const std::string whole = kcv_text(check_values(key.algorithm, result.key));
  for (std::size_t i = 0; i < components.size(); ++i) {
    const hsm::CheckValues values = check_values(key.algorithm, components[i]);
    result.notes.push_back({"", emvcrypto::to_hex(usual_kcv(values))});
    hand_over(i + 1, component_text(components[i]), kcv_text(values), whole);
  }
  return result;
}

std::string show_component(CeremonyDesk& desk, const CeremonyKey& key, std::size_t number,
                           const Secret& text, const std::string& kcv,
                           const std::vector<ComponentNote>& before) {
  desk.clear();
  const std::string custodian = ask_custodian(desk, key, number, before);
  desk.say(fmt::format("{} of key {}, for {} alone:", turn_of(key, number), key.label, custodian));
  desk.show(text);
  desk.say("KCV of this component: " + kcv);
  desk.ask("Enter when it is written down: ");
  desk.clear();
  return custodian;
}

}  // namespace kpd
