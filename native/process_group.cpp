// PyTorch's collectives (c10d) behind the C ABI: the key-value store through which ranks find each other, and a Gloo process group.
//
// A collective is started and then waited for in slices, so that the caller can give up on a peer that hangs. What it works on is held by the
// Work until that is freed.

#include "boundary.h"

#include <torch/version.h>

// A libtorch that was built without distributed support, or without Gloo's headers beside it, gives a shim that says so when it is asked.
#if __has_include(<torch/csrc/distributed/c10d/TCPStore.hpp>) && __has_include(<gloo/algorithm.h>)
#define DEUTERO_GLOO
#endif

#ifdef DEUTERO_GLOO

#ifndef USE_C10D_GLOO
#define USE_C10D_GLOO
#endif
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include <chrono>
#include <vector>

namespace {

using Milliseconds = std::chrono::milliseconds;

struct Store {
  c10::intrusive_ptr<c10d::TCPStore> tcp;
};

struct Group {
  c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo;
};

enum Collective : int64_t { kAllReduce = 0, kBroadcast = 1, kAllGather = 2, kAllToAll = 3, kBarrier = 4 };

struct Work {
  c10::intrusive_ptr<c10d::Work> pending;
  at::Tensor result;
  std::vector<at::Tensor> arguments;
};

// What is only moved is moved as bytes: Gloo knows few element types.
at::Tensor bytes_of(const at::Tensor& tensor) { return tensor.dim() == 0 ? tensor.view({1}).view(at::kByte) : tensor.view(at::kByte); }

// The collectives of c10d write into their arguments; here they work on copies, because Deutero's tensors never change.
void start(Group& group, int64_t kind, const at::Tensor& tensor, int64_t root, Work& work) {
  auto& gloo = *group.gloo;
  if (kind == kBarrier) {
    work.pending = gloo.barrier();
    return;
  }
  auto input = tensor.detach().contiguous();
  switch (kind) {
    case kAllReduce: {
      work.result = input.clone();
      work.arguments = {work.result};
      work.pending = gloo.allreduce(work.arguments);
      break;
    }
    case kBroadcast: {
      c10d::BroadcastOptions options;
      options.rootRank = root;
      work.result = input.clone();
      work.arguments = {bytes_of(work.result)};
      work.pending = gloo.broadcast(work.arguments, options);
      break;
    }
    case kAllGather: {
      auto sizes = input.sizes().vec();
      sizes.insert(sizes.begin(), gloo.getSize());
      work.result = at::empty(sizes, input.options());
      work.arguments = {bytes_of(input)};
      std::vector<std::vector<at::Tensor>> rows{bytes_of(work.result).view({gloo.getSize(), -1}).unbind(0)};
      work.arguments[0] = work.arguments[0].view({-1});
      work.pending = gloo.allgather(rows, work.arguments);
      break;
    }
    case kAllToAll: {
      work.result = at::empty_like(input);
      work.arguments = {bytes_of(work.result), bytes_of(input)};
      std::vector<int64_t> equal_parts;
      work.pending = gloo.alltoall_base(work.arguments[0], work.arguments[1], equal_parts, equal_parts);
      break;
    }
    default: TORCH_CHECK(false, "unknown collective ", kind);
  }
}

}  // namespace

DEUTERO_API int deutero_store_open(const char* host, int64_t port, int is_server, int64_t timeout_ms, Store** out) {
  return guarded([&] {
    c10d::TCPStoreOptions options;
    options.port = static_cast<uint16_t>(port);
    options.isServer = is_server != 0;
    options.waitWorkers = false;
    options.timeout = Milliseconds(timeout_ms);
    *out = new Store{c10::make_intrusive<c10d::TCPStore>(host, options)};
  });
}

DEUTERO_API int deutero_store_port(Store* store) { return store->tcp->getPort(); }

DEUTERO_API int deutero_store_set(Store* store, const char* key, const uint8_t* data, int64_t length) {
  return guarded([&] { store->tcp->set(key, std::vector<uint8_t>(data, data + length)); });
}

// The bytes stay valid until this thread's next call.
DEUTERO_API int deutero_store_get(Store* store, const char* key, const uint8_t** data, int64_t* length) {
  return guarded([&] {
    static thread_local std::vector<uint8_t> value;
    value = store->tcp->get(key);
    *data = value.data();
    *length = static_cast<int64_t>(value.size());
  });
}

DEUTERO_API int deutero_store_add(Store* store, const char* key, int64_t amount, int64_t* total) {
  return guarded([&] { *total = store->tcp->add(key, amount); });
}

DEUTERO_API int deutero_store_has(Store* store, const char* key, int* found) {
  return guarded([&] { *found = store->tcp->check({key}); });
}

DEUTERO_API void deutero_store_free(Store* store) { delete store; }

DEUTERO_API int deutero_group_open(Store* store, const char* prefix, int64_t rank, int64_t size, const char* address, int64_t timeout_ms, Group** out) {
  return guarded([&] {
    auto options = c10d::ProcessGroupGloo::Options::create(Milliseconds(timeout_ms));
    options->threads = 1;  // one collective at a time: Deutero waits for each
    options->devices.push_back(c10d::ProcessGroupGloo::createDeviceForHostname(address));
    auto prefixed = c10::make_intrusive<c10d::PrefixStore>(prefix, store->tcp);
    *out = new Group{c10::make_intrusive<c10d::ProcessGroupGloo>(prefixed, rank, size, options)};
  });
}

DEUTERO_API void deutero_group_free(Group* group) { delete group; }

DEUTERO_API int deutero_group_start(Group* group, int64_t kind, Handle tensor, int64_t root, Work** out) {
  return guarded([&] {
    auto work = std::make_unique<Work>();
    start(*group, kind, borrow(tensor), root, *work);
    *out = work.release();
  });
}

DEUTERO_API int deutero_work_wait(Work* work, int64_t slice_ms, int* done) {
  return guarded([&] {
    *done = 0;
    try {
      work->pending->wait(Milliseconds(slice_ms));
    } catch (...) {
      if (!work->pending->isCompleted()) return;  // only the slice is over
      work->pending->wait();  // it ended just after the slice, or in an error: this says which
    }
    *done = 1;
  });
}

DEUTERO_API int deutero_work_result(Work* work, Handle* out) {
  return guarded([&] { *out = give(work->result); });
}

DEUTERO_API void deutero_work_free(Work* work) { delete work; }

#else

namespace {
int absent() {
  return guarded([] { TORCH_CHECK(false, "this build has no c10d collectives: build native/ with libgloo-dev and a libtorch with distributed support"); });
}
}  // namespace

DEUTERO_API int deutero_store_open(const char*, int64_t, int, int64_t, void**) { return absent(); }
DEUTERO_API int deutero_store_port(void*) { return 0; }
DEUTERO_API int deutero_store_set(void*, const char*, const uint8_t*, int64_t) { return absent(); }
DEUTERO_API int deutero_store_get(void*, const char*, const uint8_t**, int64_t*) { return absent(); }
DEUTERO_API int deutero_store_add(void*, const char*, int64_t, int64_t*) { return absent(); }
DEUTERO_API int deutero_store_has(void*, const char*, int*) { return absent(); }
DEUTERO_API void deutero_store_free(void*) {}
DEUTERO_API int deutero_group_open(void*, const char*, int64_t, int64_t, const char*, int64_t, void**) { return absent(); }
DEUTERO_API void deutero_group_free(void*) {}
DEUTERO_API int deutero_group_start(void*, int64_t, Handle, int64_t, void**) { return absent(); }
DEUTERO_API int deutero_work_wait(void*, int64_t, int*) { return absent(); }
DEUTERO_API int deutero_work_result(void*, Handle*) { return absent(); }
DEUTERO_API void deutero_work_free(void*) {}

#endif
