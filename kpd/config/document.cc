#include "kpd/config/document.h"

#include <fmt/format.h>

#include <algorithm>

#include "kpd/config/yaml_reader.h"

namespace kpd {
namespace {

using Kind = ConfigValue::Kind;

[[noreturn]] void fail(const ConfigValue& at, std::string what, std::string id) {
  throw ConfigError(std::vector{Mistake{at.place, {}, std::move(what), {}, std::move(id), false}});
}

ConfigPtr replacing(const ConfigPtr& value, const ConfigPtr& old) {
  auto copy = std::make_shared<ConfigValue>(*value);
  copy->replaced = old;
  return copy;
}

ConfigPtr find(const ConfigValue& map, std::string_view key) {
  for (const auto& pair : map.pairs)
    if (pair.key->text == key) return pair.value;
  return nullptr;
}

/// By what an entry of a list is known: "2/1" for a record, "0101" for a DGI, a plain text itself.
std::string identity(const ConfigValue& entry) {
  if (entry.kind == Kind::text) return entry.text;
  const auto word = [&](std::string_view key) {
    const ConfigPtr value = find(entry, key);
    return value && value->kind == Kind::text ? value->text : std::string();
  };
  if (const std::string dgi = word("dgi"); !dgi.empty()) return dgi;
  const std::string sfi = word("sfi"), record = word("record");
  return sfi.empty() || record.empty() ? std::string() : sfi + "/" + record;
}

class ListEdit {
 public:
  ListEdit(const ConfigPtr& base, const ConfigPtr& edit) : edit_(*edit) {
    if (!base || base->kind != Kind::list)
      fail(edit_, "there is no inherited list to change here", "extends");
    result_ = std::make_shared<ConfigValue>(*base);
    result_->replaced = base;
  }

  ConfigPtr apply() {
    for (const auto& pair : edit_.pairs) {
      if (pair.value->kind != Kind::list) fail(*pair.value, "a list is expected here", "extends");
      for (const ConfigPtr& item : pair.value->items) {
        if (pair.key->text == "change")
          change(item);
        else if (pair.key->text == "remove")
          result_->items.erase(place_of(*item, identity(*item)));
        else if (pair.key->text == "add")
          add(item);
        else
          fail(*pair.key, fmt::format("'{}' is none of: change, add, remove", pair.key->text),
               "unknown-key");
      }
    }
    return result_;
  }

 private:
  std::vector<ConfigPtr>::iterator place_of(const ConfigValue& at, const std::string& name) {
    const auto found = std::find_if(result_->items.begin(), result_->items.end(),
                                    [&](const ConfigPtr& item) { return identity(*item) == name; });
    if (name.empty()) fail(at, "this entry has neither 'dgi' nor 'sfi' and 'record'", "extends");
    if (found == result_->items.end())
      fail(at, fmt::format("the inherited list has no entry {}", name), "extends");
    return found;
  }

  void change(const ConfigPtr& item) {
    const auto old = place_of(*item, identity(*item));
    *old = replacing(item, *old);
  }

  void add(const ConfigPtr& item) {
    const std::string name = identity(*item);
    for (const ConfigPtr& other : result_->items)
      if (!name.empty() && identity(*other) == name)
        fail(*item, fmt::format("the inherited list has an entry {} already", name), "extends");
    const ConfigPtr after = find(*item, "after"), before = find(*item, "before");
    const ConfigPtr entry = without(item, {"after", "before"});
    if (after)
      result_->items.insert(place_of(*after, after->text) + 1, entry);
    else if (before)
      result_->items.insert(place_of(*before, before->text), entry);
    else
      result_->items.push_back(entry);
  }

  const ConfigValue& edit_;
  std::shared_ptr<ConfigValue> result_;
};

bool is_list_section(std::string_view key) {
  return key == "records" || key == "dgis";
}

/// Merges maps: `depth` levels key by key, below that whole entries.
ConfigPtr merge_maps(const ConfigPtr& base, const ConfigPtr& layer, int depth) {
  auto result = std::make_shared<ConfigValue>(*base);
  result->place = layer->place;
  for (const auto& pair : layer->pairs) {
    const auto old =
        std::find_if(result->pairs.begin(), result->pairs.end(),
                     [&](const auto& other) { return other.key->text == pair.key->text; });
    const bool known = old != result->pairs.end();
    const ConfigPtr before = known ? old->value : nullptr;
    if (pair.value->kind == Kind::null) {
      if (!known)
        fail(*pair.key, fmt::format("nothing inherited is called '{}'", pair.key->text), "extends");
      result->pairs.erase(old);
      continue;
    }
    ConfigPtr value = pair.value;
    if (depth > 1 && is_list_section(pair.key->text) && value->kind == Kind::map)
      value = ListEdit(before, value).apply();
    else if (depth > 1 && known && value->kind == Kind::map && before->kind == Kind::map)
      value = merge_maps(before, value, depth - 1);
    else if (known)
      value = replacing(value, before);
    if (known)
      *old = {pair.key, value};
    else
      result->pairs.push_back({pair.key, value});
  }
  return result;
}

ConfigPtr resolve(const ConfigPtr& layer, const DocumentLoader& load,
                  std::vector<std::string>& chain) {
  if (layer->kind != Kind::map) fail(*layer, "a map of keys and values is expected here", "yaml");
  const ConfigPtr name = find(*layer, "extends");
  if (!name) return layer;
  if (name->kind != Kind::text) fail(*name, "a text is expected here", "extends");
  const bool cycle = std::find(chain.begin(), chain.end(), name->text) != chain.end();
  chain.push_back(name->text);
  if (cycle)
    fail(*name, fmt::format("this template extends itself: {}", fmt::join(chain, " -> ")),
         "extends-cycle");
  ConfigPtr parent;
  try {
    parent = load(name->text);
  } catch (const ConfigError& error) {
    if (error.mistakes().front().place.line > 0) throw;
    fail(*name, error.what(), "extends");
  }
  const ConfigPtr base = resolve(parent, load, chain);
  const ConfigPtr own_kind = find(*layer, "kind"), base_kind = find(*base, "kind");
  if (own_kind && base_kind && own_kind->text != base_kind->text)
    fail(*name,
         fmt::format("'{}' is a '{}', but a '{}' is needed here", name->text, base_kind->text,
                     own_kind->text),
         "extends");
  return merge(base, without(layer, {"extends"}));
}

}  // namespace

ConfigPtr without(const ConfigPtr& map, std::initializer_list<std::string_view> keys) {
  auto copy = std::make_shared<ConfigValue>(*map);
  std::erase_if(copy->pairs, [&](const auto& pair) {
    return std::find(keys.begin(), keys.end(), pair.key->text) != keys.end();
  });
  return copy;
}

ConfigPtr merge(const ConfigPtr& base, const ConfigPtr& layer) {
  return merge_maps(base, layer, 2);
}

ConfigPtr resolve_extends(const ConfigPtr& layer, const DocumentLoader& load) {
  std::vector<std::string> chain;
  return resolve(layer, load, chain);
}

}  // namespace kpd
