/// Documents that build on others: `extends`, overrides and parameters, resolved to one tree.
///
/// What a document may say besides its own keys:
///   extends: applications/base        the document that it starts from
///   parameters: {limit: {type: n, length: 12, default: "5000", title: "..."}}
///   with: {limit: "3000"}             values for parameters, its own or inherited
///   constants: {bank: constants/demo} groups of constants that many templates share: files of kind
///                                     `constants` with `values`, here ${bank.country}
/// Sections (maps at the top) merge key by key, an entry is replaced whole, `~` takes one away.
/// A list replaces the whole list; the lists `records` and `dgis` may instead be written
///   {change: [...], add: [...], remove: [...]}
/// where a record is known by its sfi and number and a DGI by its `dgi`; an added entry may say
/// `after:` or `before:` which one it goes ("2/1", "0101"). `${limit}` in any text stands for the
/// parameter's value; `$${` is a plain `${`.
#pragma once

#include <functional>

#include "kpd/config/config_value.h"

namespace kpd {

/// Loads a document by its name ("applications/base"). Throws ConfigError.
using DocumentLoader = std::function<ConfigPtr(const std::string& name)>;

/// `layer` on top of what it extends, all the way down; `extends` is gone, parameters are not yet
/// put in. Throws ConfigError: a cycle (with the whole chain), a change of something that is not
/// there, a document of another kind.
ConfigPtr resolve_extends(const ConfigPtr& layer, const DocumentLoader& load);

/// `layer` on top of `base`, by the rules above.
ConfigPtr merge(const ConfigPtr& base, const ConfigPtr& layer);

/// Puts parameters and constants in; `parameters`, `with` and `constants` are gone. Throws
/// ConfigError with all mistakes: a parameter that nobody declares, one without a value, a value of
/// another type. load: for groups of constants.
ConfigPtr put_parameters_in(const ConfigPtr& document, const DocumentLoader& load);

/// A complete document as one that is yet to be completed: `${` in its texts becomes `$${`.
ConfigPtr escape_parameters(const ConfigPtr& document);

/// A map without some of its keys.
ConfigPtr without(const ConfigPtr& map, std::initializer_list<std::string_view> keys);

}  // namespace kpd
