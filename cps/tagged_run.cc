#include "cps/tagged_run.h"

#include <algorithm>

namespace cps {
namespace {

/// The leaves of `value` in the order of `trees`, appended; false when it looks otherwise.
bool flatten(ByteView value, const std::vector<TagTree>& trees, Tag absent, Bytes& to) {
  for (const TagTree& tree : trees) {
    ByteView rest = value;
    const auto object = value.empty() ? std::nullopt : emvcrypto::next_tlv(rest);
    if (!value.empty() && !object) return false;
    const bool here = object && object->tag == tree.tag;
    if (tree.is_leaf())
      emvcrypto::append_tlv(to, here ? tree.tag : absent, here ? object->value : ByteView());
    else if (!flatten(here ? object->value : ByteView(), tree.inside, absent, to))
      return false;
    if (here) value = rest;
  }
  return value.empty();
}

/// The reverse: takes the leaves from the front of `run`. A template without content is left out.
bool rebuild(ByteView& run, const std::vector<TagTree>& trees, Tag absent, Bytes& to) {
  for (const TagTree& tree : trees) {
    if (!tree.is_leaf()) {
      Bytes inner;
      if (!rebuild(run, tree.inside, absent, inner)) return false;
      if (!inner.empty()) emvcrypto::append_tlv(to, tree.tag, inner);
      continue;
    }
    const auto object = emvcrypto::next_tlv(run);
    if (!object) return false;
    if (object->tag == tree.tag)
      emvcrypto::append_tlv(to, tree.tag, object->value);
    else if (object->tag != absent || !object->value.empty())
      return false;
  }
  return true;
}

/// The leaves when they give the same value again, else nothing.
std::optional<Bytes> as_leaves(const TaggedLayout& layout, const TaggedDgi& form, ByteView value) {
  if (form.content.empty()) return std::nullopt;
  Bytes leaves, again;
  if (!flatten(value, form.content, layout.absent, leaves)) return std::nullopt;
  ByteView run = leaves;
  if (!rebuild(run, form.content, layout.absent, again) || !run.empty()) return std::nullopt;
  if (again != Bytes(value.begin(), value.end())) return std::nullopt;
  return leaves;
}

Bytes id_bytes(DgiId id) {
  Bytes bytes;
  emvcrypto::append_number(bytes, id, 2);
  return bytes;
}

void append_other(Bytes& run, const TaggedLayout& layout, const Dgi& dgi) {
  emvcrypto::append_tlv(run, layout.other, emvcrypto::concat({id_bytes(dgi.id), dgi.value}));
}

/// Takes the DGIs from the front of `run` that the layout does not know here.
bool take_others(ByteView& run, const TaggedLayout& layout, std::vector<Dgi>& dgis) {
  for (;;) {
    ByteView rest = run;
    const auto object = emvcrypto::next_tlv(rest);
    if (!object || object->tag != layout.other) return true;
    if (object->value.size() < 2) return false;
    const ByteView value = object->value.subspan(2);
    dgis.push_back({static_cast<DgiId>(emvcrypto::to_number(object->value.first(2))),
                    Bytes(value.begin(), value.end())});
    run = rest;
  }
}

}  // namespace

Bytes encode_run(const TaggedLayout& layout, const TaggedApplication& application,
                 const std::vector<Dgi>& dgis) {
  Bytes run;
  std::size_t next = 0;
  for (auto form = application.dgis.begin(); form != application.dgis.end(); ++form) {
    const auto has_place = [&](const Dgi& dgi) {
      return std::any_of(form, application.dgis.end(),
                         [&](const TaggedDgi& later) { return later.id == dgi.id; });
    };
    for (; next < dgis.size() && !has_place(dgis[next]); ++next)
      append_other(run, layout, dgis[next]);
    if (next == dgis.size() || dgis[next].id != form->id) {
      emvcrypto::append_tlv(run, layout.absent, id_bytes(form->id));
      continue;
    }
    const Dgi& dgi = dgis[next++];
    if (const auto leaves = as_leaves(layout, *form, dgi.value))
      emvcrypto::append(run, *leaves);
    else
      emvcrypto::append_tlv(run, form->whole, dgi.value);
  }
  for (; next < dgis.size(); ++next) append_other(run, layout, dgis[next]);
  return run;
}

Expected<std::vector<Dgi>> parse_run(const TaggedLayout& layout,
                                     const TaggedApplication& application, ByteView run) {
  std::vector<Dgi> dgis;
  for (const TaggedDgi& form : application.dgis) {
    const auto refuse = [&](const char* reason) {
      return emvcrypto::fault("card-file", "package " + application.name + ", DGI " +
                                               dgi_name(form.id) + ": " + reason);
    };
    if (!take_others(run, layout, dgis)) return refuse("a DGI before it has no number");
    ByteView rest = run;
    const auto object = emvcrypto::next_tlv(rest);
    if (!object) return refuse("no BER-TLV object here");
    Bytes value(object->value.begin(), object->value.end());
    if (object->tag == layout.absent && !value.empty()) {
      if (value != id_bytes(form.id)) return refuse("another DGI is said to be absent");
      run = rest;
      continue;
    }
    if (object->tag == form.whole) {
      run = rest;
    } else {
      value.clear();
      if (form.content.empty() || !rebuild(run, form.content, layout.absent, value))
        return refuse("its objects are not those of the header's layout");
    }
    dgis.push_back({form.id, std::move(value)});
  }
  if (!take_others(run, layout, dgis) || !run.empty())
    return emvcrypto::fault("card-file", "package " + application.name + ": bytes behind its DGIs");
  return dgis;
}

}  // namespace cps
