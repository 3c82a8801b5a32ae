// The C ABI between Deutero.Torch and libtorch.
//
// Operators are not wrapped one by one: an operator is looked up by its ATen schema name and called boxed, so every overload in the
// dispatcher is reachable, with autograd and with the functorch transforms, through one function (deutero_call).
//
// Three rules hold for every function here:
//   1. It returns 0 on success and 1 on failure; the sentence is then in deutero_last_error(). No exception leaves this file.
//   2. A tensor crosses as an owned at::TensorImpl*: who receives one must free it with deutero_tensor_free. Arguments are borrowed.
//   3. Nothing here knows about meta-learning.

#include "boundary.h"

#include <ATen/Parallel.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/functorch/BatchedTensorImpl.h>
#include <ATen/functorch/DynamicLayer.h>
#include <ATen/functorch/TensorWrapper.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/forward_grad.h>
#include <torch/cuda.h>
#include <torch/torch.h>
#include <torch/version.h>

#ifdef _OPENMP
#include <omp.h>
#endif

#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

thread_local std::string last_error;

namespace {

// What an optional is called differs: c10::optional in libtorch 1.13, std::optional in 2.x. Both are written {} when empty, and their types
// are taken from functions that return them, so that this file compiles against either.
using OptionalTensor = decltype(std::declval<const c10::IValue&>().toOptional<at::Tensor>());

// Host memory is a constant of every transform: while this lives, libtorch sees none of the active functorch layers, which would otherwise
// wrap a tensor that is just being filled or read.
struct OutsideTransforms {
  c10::impl::ExcludeDispatchKeyGuard guard{
      c10::DispatchKeySet({c10::DispatchKey::FuncTorchDynamicLayerFrontMode, c10::DispatchKey::FuncTorchDynamicLayerBackMode})};
};

std::vector<at::Tensor> borrow_all(const Handle* handles, int64_t count) {
  std::vector<at::Tensor> tensors;
  tensors.reserve(count);
  for (int64_t i = 0; i < count; i++) tensors.push_back(borrow(handles[i]));
  return tensors;
}

enum Tag : int64_t {
  kNone = 0, kTensor = 1, kInt = 2, kDouble = 3, kBool = 4, kIntList = 5, kTensorList = 6, kOptionalTensorList = 7,
  kString = 8, kGenerator = 9, kDoubleList = 10, kDefault = 11, kDevice = 12,
};

// One argument or one result: `bits` holds a number, or a pointer to `length` elements.
struct Value {
  int64_t tag;
  int64_t bits;
  int64_t length;
};

double as_double(int64_t bits) {
  double value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

c10::IValue to_ivalue(const Value& value, const c10::Argument& argument) {
  switch (value.tag) {
    case kNone: return c10::IValue();
    case kTensor: return borrow(reinterpret_cast<Handle>(value.bits));
    case kInt: return value.bits;
    case kDouble: return as_double(value.bits);
    case kBool: return value.bits != 0;
    case kIntList: {
      auto data = reinterpret_cast<const int64_t*>(value.bits);
      return c10::List<int64_t>(at::IntArrayRef(data, value.length));
    }
    case kDoubleList: {
      auto data = reinterpret_cast<const double*>(value.bits);
      return c10::List<double>(at::ArrayRef<double>(data, value.length));
    }
    case kTensorList: {
      c10::List<at::Tensor> list;
      list.reserve(value.length);
      auto handles = reinterpret_cast<const Handle*>(value.bits);
      for (int64_t i = 0; i < value.length; i++) list.push_back(borrow(handles[i]));
      return list;
    }
    case kOptionalTensorList: {
      c10::List<OptionalTensor> list;
      list.reserve(value.length);
      auto handles = reinterpret_cast<const Handle*>(value.bits);
      for (int64_t i = 0; i < value.length; i++)
        list.push_back(handles[i] == nullptr ? OptionalTensor() : OptionalTensor(borrow(handles[i])));
      return list;
    }
    case kString: return std::string(reinterpret_cast<const char*>(value.bits), value.length);
    case kGenerator: return c10::IValue(*reinterpret_cast<at::Generator*>(value.bits));
    case kDevice: return c10::Device(std::string(reinterpret_cast<const char*>(value.bits), value.length));
    case kDefault:
      TORCH_CHECK(argument.default_value().has_value(), "argument '", argument.name(), "' has no default");
      return *argument.default_value();
    default: TORCH_CHECK(false, "unknown argument tag ", value.tag);
  }
}

thread_local std::vector<Value> results;

void push_result(const c10::IValue& value) {
  if (value.isTensor()) {
    results.push_back({kTensor, reinterpret_cast<int64_t>(give(value.toTensor())), 0});
  } else if (value.isTensorList()) {
    for (const at::Tensor& tensor : value.toTensorVector()) results.push_back({kTensor, reinterpret_cast<int64_t>(give(tensor)), 0});
  } else if (value.isBool()) {
    results.push_back({kBool, value.toBool(), 0});
  } else if (value.isInt()) {
    results.push_back({kInt, value.toInt(), 0});
  } else if (value.isDouble()) {
    double number = value.toDouble();
    int64_t bits;
    std::memcpy(&bits, &number, sizeof bits);
    results.push_back({kDouble, bits, 0});
  } else {
    TORCH_CHECK(false, "results of type ", value.tagKind(), " are not supported");
  }
}

}  // namespace

DEUTERO_API const char* deutero_last_error() { return last_error.c_str(); }

// ---------------------------------------------------------------------------------------------------------------- operators

DEUTERO_API int deutero_operator(const char* name, const char* overload, const c10::OperatorHandle** out) {
  return guarded([&] {
    auto handle = c10::Dispatcher::singleton().findSchema({name, overload});
    TORCH_CHECK(handle.has_value(), "libtorch ", TORCH_VERSION, " has no operator ", name, overload[0] ? "." : "", overload);
    *out = new c10::OperatorHandle(*handle);  // lives as long as the process, like the operator it names
  });
}

// The results stay valid until this thread's next call; tensors among them belong to the caller.
DEUTERO_API int deutero_call(const c10::OperatorHandle* op, const Value* arguments, int64_t count, const Value** out, int64_t* out_count) {
  return guarded([&] {
    const auto& schema = op->schema().arguments();
    TORCH_CHECK(count <= static_cast<int64_t>(schema.size()), "takes ", schema.size(), " arguments but received ", count);
    torch::jit::Stack stack;
    stack.reserve(schema.size());
    for (int64_t i = 0; i < count; i++) stack.push_back(to_ivalue(arguments[i], schema[i]));
    // A newer libtorch may have appended arguments to the schema: they always have defaults.
    for (size_t i = count; i < schema.size(); i++) stack.push_back(to_ivalue({kDefault, 0, 0}, schema[i]));
    op->callBoxed(&stack);
    results.clear();
    for (const auto& value : stack) push_result(value);
    *out = results.data();
    *out_count = static_cast<int64_t>(results.size());
  });
}

// ------------------------------------------------------------------------------------------------------------------ tensors

struct TensorInfo {
  int64_t dtype, device, device_index, requires_grad, rank;
  int64_t sizes[16];
};

DEUTERO_API void deutero_tensor_free(Handle handle) {
  if (handle != nullptr) c10::raw::intrusive_ptr::decref(handle);
}

DEUTERO_API int deutero_tensor_share(Handle handle, Handle* out) {
  return guarded([&] { *out = give(borrow(handle)); });
}

DEUTERO_API int deutero_tensor_info(Handle handle, TensorInfo* info) {
  return guarded([&] {
    auto tensor = borrow(handle);
    TORCH_CHECK(tensor.dim() <= 16, "tensors of more than 16 dimensions are not supported");
    info->dtype = static_cast<int64_t>(tensor.scalar_type());
    info->device = static_cast<int64_t>(tensor.device().type());
    info->device_index = tensor.device().index();
    info->requires_grad = tensor.requires_grad();
    info->rank = tensor.dim();
    for (int64_t i = 0; i < tensor.dim(); i++) info->sizes[i] = tensor.size(i);
  });
}

DEUTERO_API int deutero_tensor_from_host(const void* data, const int64_t* sizes, int64_t rank, int64_t dtype, Handle* out) {
  return guarded([&] {
    OutsideTransforms constant;
    auto options = at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype));
    auto tensor = at::empty(at::IntArrayRef(sizes, rank), options);
    if (tensor.nbytes() > 0) std::memcpy(tensor.data_ptr(), data, tensor.nbytes());
    *out = give(tensor);
  });
}

// Shares memory that the caller keeps alive until `release(context)` is called.
DEUTERO_API int deutero_tensor_from_shared(void* data, const int64_t* sizes, int64_t rank, int64_t dtype, void (*release)(void*), void* context,
                                           Handle* out) {
  return guarded([&] {
    OutsideTransforms constant;
    auto options = at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype));
    *out = give(torch::from_blob(data, at::IntArrayRef(sizes, rank), [release, context](void*) { release(context); }, options));
  });
}

DEUTERO_API int deutero_tensor_to_host(Handle handle, void* destination, int64_t bytes) {
  return guarded([&] {
    auto tensor = borrow(handle);
    TORCH_CHECK(!at::functorch::isBatchedTensor(tensor) && at::functorch::maybeGetTensorWrapper(tensor) == nullptr,
                "a value that is being transformed (VMap, Grad or Jvp) cannot be read");
    OutsideTransforms constant;
    c10::impl::ExcludeDispatchKeyGuard no_autograd(c10::autograd_dispatch_keyset);
    tensor = tensor.detach().cpu().contiguous();
    TORCH_CHECK(static_cast<int64_t>(tensor.nbytes()) == bytes, "the tensor has ", tensor.nbytes(), " bytes but the destination ", bytes);
    if (bytes > 0) std::memcpy(destination, tensor.data_ptr(), bytes);
  });
}

// The address of a contiguous CPU tensor's elements, or null where reading in place is impossible.
DEUTERO_API int deutero_tensor_data(Handle handle, void** out) {
  return guarded([&] {
    auto tensor = borrow(handle);
    bool direct = tensor.device().is_cpu() && tensor.is_contiguous() && !at::functorch::isBatchedTensor(tensor) &&
                  at::functorch::maybeGetTensorWrapper(tensor) == nullptr && !tensor.is_conj() && !tensor.is_neg();
    *out = direct ? tensor.data_ptr() : nullptr;
  });
}

// ----------------------------------------------------------------------------------------------------------------- autograd

DEUTERO_API int deutero_set_requires_grad(Handle handle, int value) {
  return guarded([&] { borrow(handle).set_requires_grad(value != 0); });
}

DEUTERO_API int deutero_grad_mode(int value) {
  bool previous = c10::GradMode::is_enabled();
  if (value >= 0) c10::GradMode::set_enabled(value != 0);
  return previous;
}

DEUTERO_API void* deutero_inference_mode_enter() { return new c10::InferenceMode(true); }
DEUTERO_API void deutero_inference_mode_exit(void* guard) { delete static_cast<c10::InferenceMode*>(guard); }

DEUTERO_API int deutero_grad(const Handle* outputs, int64_t output_count, const Handle* inputs, int64_t input_count, const Handle* output_gradients,
                             int retain_graph, int create_graph, Handle* out) {
  return guarded([&] {
    auto seeds = output_gradients == nullptr ? std::vector<at::Tensor>() : borrow_all(output_gradients, output_count);
    auto gradients = torch::autograd::grad(borrow_all(outputs, output_count), borrow_all(inputs, input_count), seeds, retain_graph != 0,
                                           create_graph != 0, /*allow_unused=*/true);
    for (int64_t i = 0; i < input_count; i++) out[i] = give(gradients[i]);
  });
}

DEUTERO_API int deutero_backward(const Handle* outputs, int64_t output_count, const Handle* output_gradients, int retain_graph, int create_graph) {
  return guarded([&] {
    auto seeds = output_gradients == nullptr ? std::vector<at::Tensor>() : borrow_all(output_gradients, output_count);
    torch::autograd::backward(borrow_all(outputs, output_count), seeds, retain_graph != 0, create_graph != 0);
  });
}

DEUTERO_API int deutero_tensor_gradient(Handle handle, Handle* out) {
  return guarded([&] { *out = give(borrow(handle).grad()); });
}

// --------------------------------------------------------------------------------------------------------------- transforms
// functorch keeps one stack of layers per thread; a layer wraps the tensors that it transforms. Deutero.Torch pushes, wraps, calls, unwraps
// and pops in that order, and holds a process-wide lock meanwhile, because functorch's table of live layers is not safe for threads.

namespace ft = at::functorch;

DEUTERO_API int deutero_layer_push(int kind, int64_t batch_size, int randomness, int64_t* level) {
  return guarded([&] {
    switch (kind) {
      case 0:
        *level = ft::initAndPushDynamicLayer(ft::TransformType::Vmap, batch_size, static_cast<ft::RandomnessType>(randomness));
        break;
      case 1:
        *level = ft::initAndPushDynamicLayer(ft::TransformType::Grad, {}, {}, c10::GradMode::is_enabled());
        break;
      case 2:
        *level = ft::initAndPushDynamicLayer(ft::TransformType::Jvp, {}, {}, {}, c10::AutogradState::get_tls_state().get_fw_grad_mode());
        break;
      default: TORCH_CHECK(false, "unknown layer kind ", kind);
    }
  });
}

DEUTERO_API int deutero_layer_pop() {
  return guarded([] { ft::popDynamicLayerAndDeleteMetadata(); });
}

DEUTERO_API int deutero_layer_depth() { return static_cast<int>(ft::getDynamicLayerStack().size()); }

DEUTERO_API int deutero_batch_add(Handle handle, int64_t dim, int64_t level, Handle* out) {
  return guarded([&] { *out = give(ft::addBatchDim(borrow(handle), dim, level)); });
}

DEUTERO_API int deutero_batch_remove(Handle handle, int64_t level, int64_t batch_size, int64_t out_dim, Handle* out) {
  return guarded([&] {
    auto tensor = borrow(handle);
    auto* batched = ft::maybeGetBatchedImpl(tensor);
    if (batched == nullptr || batched->level() != level) {  // the output does not depend on the batch: every row is the same
      auto sizes = tensor.sizes().vec();
      sizes.insert(sizes.begin() + out_dim, batch_size);
      *out = give(tensor.unsqueeze(out_dim).expand(sizes));
      return;
    }
    *out = give(batched->value().movedim(batched->bdim(), out_dim));
  });
}

DEUTERO_API int deutero_wrap(Handle handle, int64_t level, int requires_grad, Handle* out) {
  return guarded([&] {
    auto wrapped = ft::makeTensorWrapper(borrow(handle), level);
    if (requires_grad != 0) wrapped.set_requires_grad(true);
    *out = give(wrapped);
  });
}

DEUTERO_API int deutero_unwrap(Handle handle, int64_t level, Handle* out) {
  return guarded([&] {
    auto tensor = borrow(handle);
    auto* wrapper = ft::maybeGetTensorWrapper(tensor);
    bool wrapped = wrapper != nullptr && wrapper->level().has_value() && *wrapper->level() == level;
    *out = give(wrapped ? wrapper->value() : tensor);
  });
}

DEUTERO_API int deutero_forward_level_enter(int64_t* level) {
  return guarded([&] { *level = static_cast<int64_t>(torch::autograd::ForwardADLevel::get_next_idx()); });
}

DEUTERO_API int deutero_forward_level_exit(int64_t level) {
  return guarded([&] { torch::autograd::ForwardADLevel::release_idx(static_cast<uint64_t>(level)); });
}

// The parts of a dual number of the one level that all nested forward transforms share; a value that does not depend on the input has zeros.
DEUTERO_API int deutero_dual_parts(Handle handle, Handle* primal, Handle* tangent) {
  return guarded([&] {
    auto parts = at::_unpack_dual(borrow(handle), 0);
    auto slope = std::get<1>(parts).defined() ? std::get<1>(parts) : at::zeros_like(std::get<0>(parts));
    *primal = give(std::get<0>(parts));
    *tangent = give(slope);
  });
}

DEUTERO_API int deutero_forward_mode(int value) {
  auto& state = c10::AutogradState::get_tls_state();
  bool previous = state.get_fw_grad_mode();
  if (value >= 0) state.set_fw_grad_mode(value != 0);
  return previous;
}

// --------------------------------------------------------------------------------------------------------------- generators

DEUTERO_API int deutero_generator_new(uint64_t seed, const char* device, at::Generator** out) {
  return guarded([&] {
    // Cloning the device's default generator works for every backend without its headers.
    auto generator = at::globalContext().defaultGenerator(c10::Device(device)).clone();
    generator.set_current_seed(seed);
    *out = new at::Generator(generator);
  });
}

DEUTERO_API void deutero_generator_free(at::Generator* generator) { delete generator; }

DEUTERO_API int deutero_generator_seed(at::Generator* generator, uint64_t seed) {
  return guarded([&] { generator->set_current_seed(seed); });
}

DEUTERO_API int deutero_generator_state(at::Generator* generator, Handle* out) {
  return guarded([&] {
    std::lock_guard<std::mutex> lock(generator->mutex());
    *out = give(generator->get_state());
  });
}

DEUTERO_API int deutero_generator_set_state(at::Generator* generator, Handle state) {
  return guarded([&] {
    std::lock_guard<std::mutex> lock(generator->mutex());
    generator->set_state(borrow(state));
  });
}

// ------------------------------------------------------------------------------------------------- threads, devices, version

DEUTERO_API int deutero_threads_get() { return at::get_num_threads(); }

// Sets the intra-op threads of the calling thread alone (libgomp keeps the number per thread); with `process` the default of new threads too.
DEUTERO_API int deutero_threads_set(int count, int process) {
  return guarded([&] {
    TORCH_CHECK(count > 0, "the number of threads must be at least 1 but is ", count);
    at::get_num_threads();  // runs ATen's lazy initialisation of this thread, which would otherwise overwrite what is set here
    if (process != 0) at::set_num_threads(count);
#ifdef _OPENMP
    omp_set_num_threads(count);
#endif
  });
}

DEUTERO_API int deutero_cuda_devices() {
  try {
    return static_cast<int>(torch::cuda::device_count());
  } catch (...) {
    return 0;
  }
}

DEUTERO_API int deutero_cuda_synchronize() {
  return guarded([] { torch::cuda::synchronize(); });
}

DEUTERO_API const char* deutero_torch_version() { return TORCH_VERSION; }

DEUTERO_API const char* deutero_torch_configuration() {
  static const std::string text = at::show_config() + at::get_parallel_info();
  return text.c_str();
}
