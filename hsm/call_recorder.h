/// How the calls of a thread are noted for a CallScript. Internal to hsm.
#pragma once

#include <p11-kit/pkcs11.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "hsm/call_script.h"

namespace hsm {

/// What a call that is made again works with: a session and buffers of its player's own, and the
/// objects that the calls before it made.
struct Replay {
  CK_FUNCTION_LIST* list = nullptr;
  CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
  Bytes in, out;
  std::map<CK_OBJECT_HANDLE, CK_OBJECT_HANDLE> made;  ///< by the handle that it had when noted

  CK_OBJECT_HANDLE object(CK_OBJECT_HANDLE noted) const {
    const auto found = made.find(noted);
    return found == made.end() ? noted : found->second;
  }
};

/// One call to be made again; what the device answers.
struct NotedCall {
  const char* name;
  std::function<CK_RV(Replay&)> make;
};

/// A mechanism with parameters of its own. Data in them are kept as their length.
class NotedMechanism {
 public:
  explicit NotedMechanism(const CK_MECHANISM& noted);
  /// Calls `use` with the mechanism.
  CK_RV with(const std::function<CK_RV(CK_MECHANISM*)>& use) const;
  bool is_authenticated() const { return type_ == CKM_AES_GCM; }

 private:
  CK_MECHANISM_TYPE type_;
  Bytes parameter_;
};

/// An attribute template with values of its own; those that could be secret are kept as their
/// length.
class NotedAttributes {
 public:
  enum class Keep { values, lengths };
  NotedAttributes(const CK_ATTRIBUTE* noted, CK_ULONG count, Keep keep = Keep::values);
  /// Attributes that point into values of `values`, which must outlive them.
  std::vector<CK_ATTRIBUTE> list(std::vector<Bytes>& values) const;

 private:
  std::vector<CK_ATTRIBUTE_TYPE> types_;
  std::vector<Bytes> values_;
};

/// Notes the calls of one thread after they succeeded. A signature of PKCS#11 that is not among
/// these overloads is told as left out.
class CallRecorder {
 public:
  std::vector<NotedCall> calls;
  std::vector<std::string> left_out;
  std::size_t longest = 0;  ///< bytes of the longest input or output

  // C_EncryptInit, C_DecryptInit, C_SignInit
  template <typename F>
  void note(const char* name, F function, CK_SESSION_HANDLE, CK_MECHANISM* by,
            CK_OBJECT_HANDLE key) {
    NotedMechanism mechanism(*by);
    opens_tag_ = mechanism.is_authenticated() && std::string(name) == "C_DecryptInit";
    if (opens_tag_) {
      left_out.emplace_back("C_Decrypt under a tag");
      return;
    }
    add(name, [function, mechanism, key](Replay& replay) {
      return mechanism.with([&](CK_MECHANISM* with) {
        return (replay.list->*function)(replay.session, with, replay.object(key));
      });
    });
  }

  // C_Encrypt, C_Decrypt, C_Sign
  template <typename F>
  void note(const char* name, F function, CK_SESSION_HANDLE, CK_BYTE* from, CK_ULONG size,
            CK_BYTE* to, CK_ULONG* room) {
    if (opens_tag_) return;
    need(size);
    need(*room);
    const bool in_place = from == to;
    const CK_ULONG length = *room;
    add(name, [function, in_place, size, length](Replay& replay) {
      CK_ULONG left = length;
      return (replay.list->*function)(replay.session,
                                      in_place ? replay.out.data() : replay.in.data(), size,
                                      replay.out.data(), &left);
    });
  }

  // C_GenerateRandom
  template <typename F>
  void note(const char* name, F function, CK_SESSION_HANDLE, CK_BYTE*, CK_ULONG size) {
    need(size);
    add(name, [function, size](Replay& replay) {
      return (replay.list->*function)(replay.session, replay.out.data(), size);
    });
  }

  // C_DeriveKey
  template <typename F>
  void note(const char* name, F function, CK_SESSION_HANDLE, CK_MECHANISM* by,
            CK_OBJECT_HANDLE base, CK_ATTRIBUTE* wanted, CK_ULONG count, CK_OBJECT_HANDLE* made) {
    add(name, [function, mechanism = NotedMechanism(*by), base,
               attributes = NotedAttributes(wanted, count), noted = *made](Replay& replay) {
      std::vector<Bytes> values;
      auto list = attributes.list(values);
      return mechanism.with([&](CK_MECHANISM* with) {
        return (replay.list->*function)(replay.session, with, replay.object(base), list.data(),
                                        list.size(), &replay.made[noted]);
      });
    });
  }

  // C_WrapKey
  template <typename F>
  void note(const char* name, F function, CK_SESSION_HANDLE, CK_MECHANISM* by,
            CK_OBJECT_HANDLE with_key, CK_OBJECT_HANDLE key, CK_BYTE*, CK_ULONG* size) {
    need(*size);
    add(name, [function, mechanism = NotedMechanism(*by), with_key, key](Replay& replay) {
      CK_ULONG room = replay.out.size();
      return mechanism.with([&](CK_MECHANISM* with) {
        return (replay.list->*function)(replay.session, with, replay.object(with_key),
                                        replay.object(key), replay.out.data(), &room);
      });
    });
  }

  // C_UnwrapKey: what comes in is enciphered, and must be what it was
  template <typename F>
  void note(const char* name, F function, CK_SESSION_HANDLE, CK_MECHANISM* by,
            CK_OBJECT_HANDLE with_key, CK_BYTE* wrapped, CK_ULONG size, CK_ATTRIBUTE* wanted,
            CK_ULONG count, CK_OBJECT_HANDLE* made) {
    add(name, [function, mechanism = NotedMechanism(*by), with_key,
               bytes = Bytes(wrapped, wrapped + size), attributes = NotedAttributes(wanted, count),
               noted = *made](Replay& replay) {
      std::vector<Bytes> values;
      auto list = attributes.list(values);
      Bytes in = bytes;
      return mechanism.with([&](CK_MECHANISM* with) {
        return (replay.list->*function)(replay.session, with, replay.object(with_key), in.data(),
                                        in.size(), list.data(), list.size(), &replay.made[noted]);
      });
    });
  }

  // C_GenerateKeyPair
  template <typename F>
  void note(const char* name, F function, CK_SESSION_HANDLE, CK_MECHANISM* by,
            CK_ATTRIBUTE* public_wanted, CK_ULONG public_count, CK_ATTRIBUTE* private_wanted,
            CK_ULONG private_count, CK_OBJECT_HANDLE* public_key, CK_OBJECT_HANDLE* private_key) {
    add(name, [function, mechanism = NotedMechanism(*by),
               open = NotedAttributes(public_wanted, public_count),
               closed = NotedAttributes(private_wanted, private_count), first = *public_key,
               second = *private_key](Replay& replay) {
      std::vector<Bytes> open_values, closed_values;
      auto open_list = open.list(open_values);
      auto closed_list = closed.list(closed_values);
      return mechanism.with([&](CK_MECHANISM* with) {
        return (replay.list->*function)(replay.session, with, open_list.data(), open_list.size(),
                                        closed_list.data(), closed_list.size(), &replay.made[first],
                                        &replay.made[second]);
      });
    });
  }

  // C_CreateObject
  template <typename F>
  void note(const char* name, F function, CK_SESSION_HANDLE, CK_ATTRIBUTE* wanted, CK_ULONG count,
            CK_OBJECT_HANDLE* made) {
    add(name,
        [function, attributes = NotedAttributes(wanted, count), noted = *made](Replay& replay) {
          std::vector<Bytes> values;
          auto list = attributes.list(values);
          return (replay.list->*function)(replay.session, list.data(), list.size(),
                                          &replay.made[noted]);
        });
  }

  // C_GetAttributeValue: first the lengths, then the values
  template <typename F>
  void note(const char* name, F function, CK_SESSION_HANDLE, CK_OBJECT_HANDLE object,
            CK_ATTRIBUTE* wanted, CK_ULONG count) {
    if (std::string(name) != "C_GetAttributeValue") {
      left_out.emplace_back(name);
      return;
    }
    const bool lengths_only = count > 0 && wanted->pValue == nullptr;
    add(name, [function, object,
               attributes = NotedAttributes(wanted, count, NotedAttributes::Keep::lengths),
               lengths_only](Replay& replay) {
      std::vector<Bytes> values;
      auto list = attributes.list(values);
      if (lengths_only)
        for (CK_ATTRIBUTE& attribute : list) attribute.pValue = nullptr;
      return (replay.list->*function)(replay.session, replay.object(object), list.data(),
                                      list.size());
    });
  }

  // C_DestroyObject
  template <typename F>
  void note(const char* name, F function, CK_SESSION_HANDLE, CK_OBJECT_HANDLE object) {
    // Only what the calls before it made: nothing else may be destroyed by a replay.
    add(name, [function, object](Replay& replay) -> CK_RV {
      const auto found = replay.made.find(object);
      if (found == replay.made.end()) return CKR_OK;
      const CK_RV rv = (replay.list->*function)(replay.session, found->second);
      replay.made.erase(found);
      return rv;
    });
  }

  // Everything else
  template <typename F, typename... Arguments>
  void note(const char* name, F, Arguments...) {
    left_out.emplace_back(name);
  }

 private:
  void add(const char* name, std::function<CK_RV(Replay&)> make) {
    calls.push_back({name, std::move(make)});
  }
  void need(CK_ULONG size) { longest = std::max<std::size_t>(longest, size); }

  bool opens_tag_ = false;
};

/// Who looks at the calls of this thread.
struct CallWatch {
  CallRecorder* recorder = nullptr;
  CallTime* time = nullptr;
  bool active() const { return recorder != nullptr || time != nullptr; }
};
CallWatch& call_watch();

}  // namespace hsm
