// What somebody with the PIN and the bare library could try on keys that this product made.
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstring>

#include "test/unit/support/test_device.h"

using namespace hsm_test;

namespace {

/// The library as another part of the process sees it: logged in already, past all our care.
class BareLibrary {
 public:
  explicit BareLibrary(const std::string& token) {
    void* const handle = dlopen(library_path().c_str(), RTLD_NOW);
    const auto get =
        reinterpret_cast<CK_RV (*)(CK_FUNCTION_LIST**)>(dlsym(handle, "C_GetFunctionList"));
    REQUIRE(get(&list) == CKR_OK);
    std::array<CK_SLOT_ID, 16> slots{};
    CK_ULONG count = slots.size();
    REQUIRE(list->C_GetSlotList(CK_TRUE, slots.data(), &count) == CKR_OK);
    for (CK_ULONG i = 0; i < count; ++i) {
      CK_TOKEN_INFO info{};
      list->C_GetTokenInfo(slots[i], &info);
      if (std::memcmp(info.label, token.data(), token.size()) != 0) continue;
      REQUIRE(list->C_OpenSession(slots[i], CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr,
                                  &session) == CKR_OK);
      return;
    }
    FAIL("no such token");
  }
  ~BareLibrary() { list->C_CloseSession(session); }
  BareLibrary(const BareLibrary&) = delete;
  BareLibrary& operator=(const BareLibrary&) = delete;

  CK_OBJECT_HANDLE find(std::string label, CK_OBJECT_CLASS kind = CKO_SECRET_KEY) {
    std::array wanted = {CK_ATTRIBUTE{CKA_CLASS, &kind, sizeof(kind)},
                         CK_ATTRIBUTE{CKA_LABEL, label.data(), label.size()}};
    CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
    CK_ULONG count = 0;
    list->C_FindObjectsInit(session, wanted.data(), wanted.size());
    list->C_FindObjects(session, &object, 1, &count);
    list->C_FindObjectsFinal(session);
    REQUIRE(count == 1);
    return object;
  }

  CK_FUNCTION_LIST* list = nullptr;
  CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
};

CK_BBOOL yes = CK_TRUE, no = CK_FALSE;

CK_ATTRIBUTE flag(CK_ATTRIBUTE_TYPE type, CK_BBOOL& value) {
  return {type, &value, sizeof(value)};
}

}  // namespace

TEST_CASE("a KEK opens no readable key, deciphers nothing and gains no usage") {
  TestDevice device;
  hsm::Token& token = *device.token;
  const Key kek = token.generate_secret(KeyType::aes, 32, {.wrap = true, .unwrap = true}, "KEK2");
  const Key secret =
      token.generate_secret(KeyType::des2, 16, {.encrypt = true, .extractable = true});
  Bytes wrapped = token.wrap(kek, secret, hsm::Token::WrapMethod::aes_kw);

  BareLibrary bare("first");
  const CK_OBJECT_HANDLE handle = bare.find("KEK2");
  CK_MECHANISM key_wrap{CKM_AES_KEY_WRAP, nullptr, 0};
  CK_OBJECT_CLASS secret_class = CKO_SECRET_KEY;
  CK_KEY_TYPE type = CKK_DES2;
  std::array readable = {CK_ATTRIBUTE{CKA_CLASS, &secret_class, sizeof(secret_class)},
                         CK_ATTRIBUTE{CKA_KEY_TYPE, &type, sizeof(type)}, flag(CKA_TOKEN, no),
                         flag(CKA_SENSITIVE, no), flag(CKA_EXTRACTABLE, yes)};
  CK_OBJECT_HANDLE opened = CK_INVALID_HANDLE;
  CHECK(bare.list->C_UnwrapKey(bare.session, &key_wrap, handle, wrapped.data(), wrapped.size(),
                               readable.data(), readable.size(), &opened) != CKR_OK);
  CK_MECHANISM ecb{CKM_AES_ECB, nullptr, 0};
  CHECK(bare.list->C_DecryptInit(bare.session, &ecb, handle) != CKR_OK);
  CHECK(bare.list->C_EncryptInit(bare.session, &ecb, handle) != CKR_OK);
  std::array gain = {flag(CKA_DECRYPT, yes)};
  CHECK(bare.list->C_SetAttributeValue(bare.session, handle, gain.data(), gain.size()) != CKR_OK);
  CK_OBJECT_HANDLE copy = CK_INVALID_HANDLE;
  CHECK(bare.list->C_CopyObject(bare.session, handle, gain.data(), gain.size(), &copy) != CKR_OK);
  std::array leave = {flag(CKA_EXTRACTABLE, yes)};
  CHECK(bare.list->C_SetAttributeValue(bare.session, handle, leave.data(), leave.size()) != CKR_OK);
}

TEST_CASE("a key does what it is for by the mechanisms of this product alone") {
  TestDevice device;
  hsm::Token& token = *device.token;
  token.generate_secret(KeyType::des2, 16, {.derive = true}, "IMK-AC");
  token.generate_rsa(1152, 3, {.sign = true}, "ISS");
  BareLibrary bare("first");
  // RSA-PKCS signatures and others that EMV does not make: the raw function alone.
  CK_MECHANISM pkcs{CKM_SHA256_RSA_PKCS, nullptr, 0};
  CHECK(bare.list->C_SignInit(bare.session, &pkcs, bare.find("ISS", CKO_PRIVATE_KEY)) != CKR_OK);
  CK_MECHANISM mac{CKM_DES3_CMAC, nullptr, 0};
  CHECK(bare.list->C_SignInit(bare.session, &mac, bare.find("IMK-AC")) != CKR_OK);
  CK_MECHANISM raw{CKM_RSA_X_509, nullptr, 0};
  CHECK(bare.list->C_SignInit(bare.session, &raw, bare.find("ISS", CKO_PRIVATE_KEY)) == CKR_OK);
}
