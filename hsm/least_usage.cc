#include "hsm/least_usage.h"

namespace hsm {

namespace {

void add(std::vector<CK_MECHANISM_TYPE>& to, std::initializer_list<CK_MECHANISM_TYPE> mechanisms) {
  to.insert(to.end(), mechanisms);
}

std::vector<CK_MECHANISM_TYPE> mechanisms_of(KeyType type, const Usage& usage) {
  std::vector<CK_MECHANISM_TYPE> list;
  switch (type) {
    case KeyType::des2:
    case KeyType::des3:
      add(list, {CKM_DES3_ECB});
      if (usage.encrypt || usage.decrypt) add(list, {CKM_DES3_CBC});
      if (usage.derive) add(list, {CKM_DES3_ECB_ENCRYPT_DATA, CKM_DES3_CBC_ENCRYPT_DATA});
      break;
    case KeyType::aes:
      add(list, {CKM_AES_ECB});
      if (usage.encrypt || usage.decrypt) add(list, {CKM_AES_CBC, CKM_AES_GCM});
      if (usage.derive) add(list, {CKM_AES_ECB_ENCRYPT_DATA});
      if (usage.wrap || usage.unwrap)
        add(list, {CKM_AES_KEY_WRAP, kAesKeyWrapKwp, CKM_AES_KEY_WRAP_PAD});
      if (usage.wrap && !usage.encrypt && !usage.decrypt) add(list, {CKM_AES_CBC});
      break;
    case KeyType::rsa_private:
      if (usage.sign) add(list, {CKM_RSA_X_509});
      if (usage.unwrap) add(list, {CKM_RSA_PKCS_OAEP});
      break;
    case KeyType::generic:
    case KeyType::rsa_public:
      break;  // nothing to hold them to
  }
  return list;
}

}  // namespace

LeastUsage::LeastUsage(KeyType type, const Usage& usage) : mechanisms_(mechanisms_of(type, usage)) {
  static CK_BBOOL yes = CK_TRUE;
  if (usage.unwrap) opened_.push_back({CKA_SENSITIVE, &yes, sizeof(yes)});
}

void LeastUsage::add_to(Attributes& wanted) {
  if (!mechanisms_.empty())
    wanted.bytes(CKA_ALLOWED_MECHANISMS,
                 ByteView(reinterpret_cast<const std::uint8_t*>(mechanisms_.data()),
                          mechanisms_.size() * sizeof(CK_MECHANISM_TYPE)));
  if (!opened_.empty())
    wanted.bytes(CKA_UNWRAP_TEMPLATE,
                 ByteView(reinterpret_cast<const std::uint8_t*>(opened_.data()),
                          opened_.size() * sizeof(CK_ATTRIBUTE)));
}

bool refuses_attributes(const Error& error) {
  const CK_RV rv = error.rv();
  return rv == CKR_ATTRIBUTE_TYPE_INVALID || rv == CKR_ATTRIBUTE_VALUE_INVALID ||
         rv == CKR_ATTRIBUTE_READ_ONLY || rv == CKR_TEMPLATE_INCONSISTENT ||
         rv == CKR_GENERAL_ERROR || rv == CKR_FUNCTION_NOT_SUPPORTED;
}

}  // namespace hsm
