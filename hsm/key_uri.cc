#include "hsm/key_uri.h"

// p11-kit's header is C and names its parameters as PKCS#11 does.
#include <p11-kit/uri.h>

#include <memory>

#include "hsm/error.h"

namespace hsm {

namespace {

using Uri = std::unique_ptr<P11KitUri, decltype(&p11_kit_uri_free)>;

[[noreturn]] void refuse(const std::string& uri, const std::string& reason) {
  throw SetupError("the key name \"" + uri + "\" " + reason);
}

std::optional<emvcrypto::Bytes> value_of(P11KitUri* uri, CK_ATTRIBUTE_TYPE type) {
  const CK_ATTRIBUTE* const attribute = p11_kit_uri_get_attribute(uri, type);
  if (attribute == nullptr) return std::nullopt;
  const auto* const first = static_cast<const std::uint8_t*>(attribute->pValue);
  return emvcrypto::Bytes(first, first + attribute->ulValueLen);
}

KeyName parse_uri(const std::string& text, const CK_TOKEN_INFO& token) {
  // The text is not repeated: whoever put a PIN there by mistake would read it in a log.
  if (text.find("pin-value") != std::string::npos)
    throw SetupError("a key's name holds a PIN (pin-value): take it out");
  const Uri uri(p11_kit_uri_new(), &p11_kit_uri_free);
  const int answer = p11_kit_uri_parse(text.c_str(), P11_KIT_URI_FOR_ANY, uri.get());
  if (answer != P11_KIT_URI_OK) refuse(text, "is no pkcs11: URI (RFC 7512)");
  if (p11_kit_uri_any_unrecognized(uri.get()) != 0)
    refuse(text, "has attributes that are not understood (use token, object, id, type)");
  if (p11_kit_uri_match_token_info(uri.get(), &token) == 0) refuse(text, "is of another token");
  KeyName name;
  if (const auto label = value_of(uri.get(), CKA_LABEL))
    name.label = std::string(emvcrypto::as_text(*label));
  name.id = value_of(uri.get(), CKA_ID);
  if (!name.label && !name.id) refuse(text, "names no key (use object or id)");
  if (const CK_ATTRIBUTE* const type = p11_kit_uri_get_attribute(uri.get(), CKA_CLASS)) {
    name.object_class = *static_cast<const CK_OBJECT_CLASS*>(type->pValue);
    if (name.object_class != CKO_SECRET_KEY && name.object_class != CKO_PRIVATE_KEY &&
        name.object_class != CKO_PUBLIC_KEY)
      refuse(text, "is not of a key (type is secret-key, private or public)");
  }
  return name;
}

}  // namespace

KeyName parse_key_name(const std::string& uri_or_label, const CK_TOKEN_INFO& token) {
  if (uri_or_label.starts_with("pkcs11:")) return parse_uri(uri_or_label, token);
  if (uri_or_label.empty()) refuse(uri_or_label, "is empty");
  return {.label = uri_or_label, .id = std::nullopt, .object_class = std::nullopt};
}

}  // namespace hsm
