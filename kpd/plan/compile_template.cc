// Templates without a job: what they name is taken to be there.
#include <fmt/format.h>

#include <algorithm>

#include "kpd/plan/compile_output.h"

namespace kpd {
namespace {

using Kind = ConfigValue::Kind;
constexpr std::string_view kAnyIssuer = "issuer", kAnyAid = "F000000000", kAnyLabel = "LABEL",
                           kProduct = "card";

ConfigPtr make_text(std::string_view text, const ConfigValue& at) {
  auto value = std::make_shared<ConfigValue>();
  value->kind = Kind::text;
  value->text = text;
  value->quoted = true;
  value->place = at.place;
  return value;
}

ConfigPtr assumed_text(std::string_view text, const ConfigValue& at) {
  auto value = std::make_shared<ConfigValue>(*make_text(text, at));
  value->origin = kAssumed;
  return value;
}

std::shared_ptr<ConfigValue> make(Kind kind, const ConfigValue& at) {
  auto value = std::make_shared<ConfigValue>();
  value->kind = kind;
  value->place = at.place;
  return value;
}

/// `map` with a pair more, or another value in it.
ConfigPtr with_pair(const ConfigPtr& map, std::string_view key, const ConfigPtr& value) {
  auto copy = std::make_shared<ConfigValue>(*map);
  for (auto& pair : copy->pairs)
    if (pair.key->text == key) {
      pair.value = value;
      return copy;
    }
  copy->pairs.push_back({make_text(key, *map), value});
  return copy;
}

/// A value that a parameter could have.
std::string sample(const ConfigValue& declared) {
  const auto word = [&](std::string_view key) {
    const ConfigValue* value = declared.find(key);
    return value != nullptr ? value->text : std::string();
  };
  const std::string type = word("type");
  if (type == "flag") return "false";
  if (type == "choice") {
    const ConfigValue* of = declared.find("of");
    return of != nullptr && !of->items.empty() ? of->items.front()->text : "";
  }
  std::string length = word("length");
  if (length.empty()) length = word("min");
  const bool is_number = !length.empty() && length.size() < 5 &&
                         length.find_first_not_of("0123456789") == std::string::npos;
  const std::size_t count = is_number ? std::stoul(length) : 1;
  return std::string(type == "hex" ? 2 * count : count, type == "text" ? 'X' : '0');
}

std::string shown(const std::string& value) {
  constexpr std::size_t kShown = 16;
  return value.size() <= kShown ? "\"" + value + "\""
                                : fmt::format("\"{}...\"", value.substr(0, kShown));
}

/// Names that stand in for a job's, and how often a template asks for more.
class TemplateExaminer {
 public:
  TemplateExaminer(const std::filesystem::path& file, const TemplateWorld& world)
      : file_(file), world_(world) {}

  CompiledTemplate examine() {
    const ConfigPtr own = load_config(file_);
    if (own->kind != Kind::map) YamlNode(own, "").map();
    const ConfigValue* kind = own->find("kind");
    kind_ = kind != nullptr ? kind->text : std::string();
    if (kind_ != "application" && kind_ != "card" && kind_ != "output-profile")
      YamlNode(own, "").fail("neither an application nor a card template nor an output profile",
                             "its first key is kind: application, card or output-profile");
    // The first round tells which names there are, the second knows them.
    OpenWorld assumed;
    compile(own, assumed);
    return compile(own, assumed);
  }

 private:
  CompiledTemplate compile(const ConfigPtr& own, OpenWorld& assumed) {
    notes_.clear();
    PlanBuilder builder(file_.parent_path(), nullptr);
    builder.open_world = std::make_shared<OpenWorld>();
    builder.templates = world_.templates.empty() ? template_folder() : world_.templates;
    builder.mistakes.guard([&] {
      if (!world_.functions.empty())
        builder.compile_functions(
            YamlNode(make_text(std::filesystem::absolute(world_.functions).string(), *own), ""));
    });
    assume(builder.plan, assumed);
    builder.mistakes.guard([&] {
      const ConfigPtr document = complete(builder, own);
      if (kind_ == "output-profile")
        compile_profile(builder, document);
      else
        builder.compile_product_card(std::string(kProduct), card_of(builder, document));
    });
    assumed = *builder.open_world;
    return {{std::move(builder.plan), std::move(builder.mistakes), std::move(builder.documents)},
            notes_};
  }

  /// The folder of the names in `extends`: that of `applications`, `cards` or `outputs`.
  std::filesystem::path template_folder() const {
    for (const auto& path : {file_, std::filesystem::absolute(file_)})
      for (auto folder = path.parent_path(); folder.has_filename(); folder = folder.parent_path())
        if (const auto name = folder.filename();
            name == "applications" || name == "cards" || name == "outputs")
          return folder.parent_path();
    return file_.parent_path();
  }

  ConfigPtr complete(PlanBuilder& builder, const ConfigPtr& own) {
    ConfigPtr document = builder.resolve_template(own);
    ConfigPtr given;
    for (const auto& pair : document->pairs)
      if (pair.key->text == "with") given = pair.value;
    if (!given) given = make(Kind::map, *document);
    for (const auto& [name, value] : world_.with)
      given = with_pair(given, name, make_text(value, *document));
    if (const ConfigValue* parameters = document->find("parameters"))
      for (const auto& pair : parameters->pairs) {
        if (pair.value->find("default") != nullptr || given->find(pair.key->text) != nullptr)
          continue;
        const std::string value = sample(*pair.value);
        given = with_pair(given, pair.key->text, make_text(value, *pair.key));
        notes_.push_back(fmt::format("{}: parameter '{}' has no default: taken as {}",
                                     pair.key->place.text(), pair.key->text, shown(value)));
      }
    return given->pairs.empty() ? document : with_pair(document, "with", given);
  }

  /// A card with the application alone; a card template as it is.
  ConfigPtr card_of(PlanBuilder& builder, ConfigPtr document) {
    if (kind_ == "card" && document->find("applications") != nullptr) return document;
    if (kind_ == "card") {
      notes_.push_back(file_.string() + ": no 'applications': taken as a base of others");
      return with_pair(document, "applications", make(Kind::list, *document));
    }
    document = escape_parameters(builder.open_template(document, kind_).node().pointer());
    if (document->find("aid") == nullptr) {
      builder.open_world->incomplete = true;
      document = with_pair(document, "aid", assumed_text(kAnyAid, *document));
      if (document->find("label") == nullptr)
        document = with_pair(document, "label", assumed_text(kAnyLabel, *document));
      notes_.push_back(file_.string() + ": no 'aid': taken as a base of others, not looked into");
    }
    if (document->find("issuer") == nullptr && wants_issuer(*document))
      document = with_pair(document, "issuer", assumed_text(kAnyIssuer, *document));
    document = with_pair(document, "name", make_text(file_.stem().string(), *document));
    auto list = make(Kind::list, *document);
    list->items.push_back(document);
    auto card = make(Kind::map, *document);
    card->pairs.push_back({make_text("kind", *card), make_text("card", *card)});
    card->pairs.push_back({make_text("applications", *card), list});
    return card;
  }

  /// An output of a job that has this profile, and a card with its modules.
  static void compile_profile(PlanBuilder& builder, const ConfigPtr& document) {
    YamlMap map = builder.open_template(document, "output-profile");
    CardPlan card;
    if (const ConfigValue* fields = map.node().value().find("fields"))
      for (const ConfigPtr& field : fields->items)
        if (const ConfigValue* module = field->find("module"))
          card.modules.push_back({module->text, {}, {}});
    builder.plan.cards.push_back(std::move(card));
    ConfigPtr output = without(map.node().pointer(), {"kind"});
    if (output->find("file") == nullptr)
      output = with_pair(output, "file", make_text("cards", *document));
    compile_output(builder, YamlNode(output, ""));
  }

  static bool wants_issuer(const ConfigValue& document) {
    const ConfigValue* method = document.find("authentication");
    return document.find("pin_key") != nullptr || (method != nullptr && method->text != "none");
  }

  void assume(Plan& plan, const OpenWorld& assumed) const {
    const auto add = [&](const std::string& name, FieldType type, std::size_t least,
                         std::size_t most) {
      FieldPlan field;
      field.name = name;
      field.type = type;
      field.min_length = least;
      field.max_length = most;
      plan.fields.push_back(std::move(field));
      return static_cast<FieldId>(plan.fields.size() - 1);
    };
    plan.roles.record_id = add("record_id", FieldType::ans, 1, 64);
    plan.roles.product = add("product", FieldType::product, 1, 64);
    plan.roles.pan = add("pan", FieldType::pan, 12, 19);
    plan.roles.psn = add("psn", FieldType::n, 2, 2);
    plan.roles.expiry = add("expiry", FieldType::n, 4, 4);
    plan.roles.effective = add("effective", FieldType::n, 6, 6);
    plan.roles.name = add("name", FieldType::name, 2, 26);
    plan.roles.service_code = add("service_code", FieldType::service_code, 3, 3);
    plan.roles.pin_block = add("pin_block", FieldType::pin_block, 16, 16);
    plan.pin.from = PinSourcePlan::From::block;
    plan.pin.field = plan.roles.pin_block;
    for (const std::string& name : assumed.fields) add(name, FieldType::ans, 0, 0);
    plan.keys.emplace_back();
    for (const std::string& role : assumed.keys) plan.keys.emplace_back().role = role;
    plan.issuers.push_back(any_issuer({}));
    for (const std::string& name : assumed.issuers) plan.issuers.push_back(any_issuer(name));
  }

  /// An issuer whose certificate has the lengths that are asked for; its bytes mean nothing.
  IssuerPlan any_issuer(const std::string& name) const {
    constexpr std::size_t kOverhead = 36;  // of an issuer certificate (EMV 4.4 Book 2, Table 6)
    const std::size_t own = world_.issuer_bits / 8;
    const std::size_t above = world_.ca_bits == 0 ? own : world_.ca_bits / 8;
    IssuerPlan issuer;
    issuer.name = name;
    issuer.key = {Bytes(own, 0xFF), {0x03}};
    issuer.certificate = Bytes(above, 0xFF);
    if (own + kOverhead > above) issuer.remainder = Bytes(own + kOverhead - above, 0xFF);
    issuer.issuer_id = Bytes(4, 0xFF);
    return issuer;
  }

  const std::filesystem::path& file_;
  const TemplateWorld& world_;
  std::string kind_;
  std::vector<std::string> notes_;
};

}  // namespace

CompiledTemplate examine_template(const std::filesystem::path& file, const TemplateWorld& world) {
  return TemplateExaminer(file, world).examine();
}

}  // namespace kpd
