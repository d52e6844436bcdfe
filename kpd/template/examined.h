/// A job or a template, compiled for tools: one card of it in hand.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "kpd/plan/compile.h"

namespace kpd {

/// Which card of a job or template.
struct CardChoice {
  std::string product;  ///< empty: the only one
  std::string risk;     ///< empty: the profile of an empty field, or the only one
};

/// What a file compiled to, without a token.
struct Examined {
  CompiledJob job;
  std::string kind;                ///< "job", "card", "application"
  std::vector<std::string> notes;  ///< what was assumed
};

/// Compiles a job, a card template or an application template. Throws ConfigError with all
/// mistakes.
Examined examine(const std::filesystem::path& file, const TemplateWorld& world);

/// The place of the chosen card in Plan::cards. Throws Failure(usage) that names the products or
/// profiles there are when the choice is none of them, or is needed and missing.
std::size_t choose(const Plan& plan, const CardChoice& choice);

/// The same for a choice whose risk is "all": every profile, by name.
std::vector<std::size_t> choose_all(const Plan& plan, const CardChoice& choice);

/// "GOLD, risk profile LOW", or "GOLD".
std::string card_name(const CardPlan& card);

/// The chosen card as one complete template: nothing inherited, parameters and the risk profile put
/// in, applications written out. An application template stays one.
ConfigPtr flattened(const Examined& examined, std::size_t card);

}  // namespace kpd
