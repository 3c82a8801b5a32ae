// What every file of the C ABI shares: the way an error and a tensor cross it. deutero_torch.cpp states the rules.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/util/Exception.h>

#include <string>
#include <utility>

#define DEUTERO_API extern "C" __attribute__((visibility("default")))

extern thread_local std::string last_error;

template <typename Body>
int guarded(Body&& body) {
  try {
    body();
    return 0;
  } catch (const c10::Error& error) {
    last_error = error.what_without_backtrace();
  } catch (const std::exception& error) {
    last_error = error.what();
  } catch (...) {
    last_error = "an unknown native error";
  }
  return 1;
}

using Handle = c10::TensorImpl*;

inline at::Tensor borrow(Handle handle) {
  return handle == nullptr ? at::Tensor() : at::Tensor(c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim_copy(handle));
}

inline Handle give(at::Tensor tensor) { return tensor.defined() ? tensor.unsafeReleaseTensorImpl() : nullptr; }
