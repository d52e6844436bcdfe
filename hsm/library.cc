#include "hsm/library.h"

#include <dlfcn.h>
#include <unistd.h>

#include <array>
#include <condition_variable>
#include <filesystem>
#include <map>

#include "hsm/kept_files.h"
#include "hsm/login_lock.h"
#include "hsm/spin_locks.h"

namespace hsm {

namespace {

/// The libraries of this process by path. An entry stays until C_Finalize has returned, so that
/// nobody initialises a library that is just being shut down.
struct Registry {
  std::mutex mutex;
  std::condition_variable gone;
  std::map<std::string, std::weak_ptr<Library>> libraries;
};

Registry& registry() {
  static auto* const instance = new Registry;  // outlives every static Module
  return *instance;
}

/// CK_C_INITIALIZE_ARGS with the place that NSS takes its parameters from: between `flags` and what
/// PKCS#11 reserves, which others find null there.
struct InitializeArguments {
  MutexFunctions mutex_functions;
  CK_FLAGS flags = CKF_OS_LOCKING_OK;
  char* parameters = nullptr;
  void* reserved = nullptr;
};

std::string canonical(const std::string& path) {
  std::error_code error;
  const auto full = std::filesystem::canonical(path, error);
  return error ? path : full.string();
}

CK_FUNCTION_LIST* function_list(const std::string& path) {
  const std::string advice =
      ": install the device's PKCS#11 library (SoftHSM: package softhsm2) or correct its path";
  void* const handle = path.empty() ? nullptr : dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const char* const reason = path.empty() ? "no path is given" : dlerror();
    throw SetupError("cannot load the PKCS#11 library \"" + path + "\" (" +
                     (reason != nullptr ? reason : "unknown reason") + ")" + advice);
  }
  using GetList = CK_RV (*)(CK_FUNCTION_LIST**);
  const auto get_list = reinterpret_cast<GetList>(dlsym(handle, "C_GetFunctionList"));
  CK_FUNCTION_LIST* list = nullptr;
  if (get_list == nullptr || get_list(&list) != CKR_OK || list == nullptr) {
    dlclose(handle);
    throw SetupError("\"" + path + "\" is not a PKCS#11 library" + advice);
  }
  return list;
}

}  // namespace

std::shared_ptr<Library> Library::load(const std::string& path, const LibraryRules& rules) {
  const std::string key = canonical(path);
  Registry& all = registry();
  std::unique_lock lock(all.mutex);
  for (auto entry = all.libraries.find(key); entry != all.libraries.end();
       entry = all.libraries.find(key)) {
    if (auto library = entry->second.lock()) {
      if (library->rules() == rules) return library;
      throw SetupError("the PKCS#11 library \"" + key +
                       "\" is in use in this process by other settings: end that first");
    }
    all.gone.wait(lock);
  }
  std::shared_ptr<Library> library(new Library(key, rules, function_list(key)));
  library->initialize();
  all.libraries[key] = library;
  return library;
}

void Library::initialize() {
  const LoginLock lock(rules_.apart);
  restored_files_ = restore_kept_files(rules_.kept_files);
  InitializeArguments arguments;
  if (!rules_.parameters.empty()) arguments.parameters = rules_.parameters.data();
  if (rules_.spin_locks) {
    arguments.mutex_functions = spin_lock_functions();
    arguments.flags = 0;  // else a library may prefer the system's
  }
  const CK_RV rv = calls_.run(HSM_CALL(C_Initialize), static_cast<void*>(&arguments));
  if (rv != CKR_OK && rv != CKR_CRYPTOKI_ALREADY_INITIALIZED)
    throw Error("C_Initialize", rv,
                "check the configuration of " + path_ +
                    " (SoftHSM: SOFTHSM2_CONF and the token folder that it names)");
  initialized_here_ = rv == CKR_OK;
  process_ = getpid();
}

Library::~Library() {
  if (process_ == 0) return;  // never initialised, so never registered
  // A forked child shares nothing with the device: only the process that initialised finalises.
  if (initialized_here_ && process_ == getpid())
    calls_.run(HSM_CALL(C_Finalize), static_cast<void*>(nullptr));
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  all.libraries.erase(path_);
  all.gone.notify_all();
}

}  // namespace hsm
