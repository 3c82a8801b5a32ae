// Products of many small matrices, differentiable to any order. libtorch multiplies batches by one BLAS call and several views per matrix, which
// costs more than the arithmetic where the matrices are those of a small perceptron.

#include "kernels.h"

#include <torch/library.h>
#include <torch/torch.h>

#include <algorithm>

namespace deutero {
namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

// Which factor is transposed: left right, left right', left' right.
enum Form : int64_t { kPlain = 0, kRightTransposed = 1, kLeftTransposed = 2 };

ProductKernel<float> kernel(const float*) { return kernels().single_product; }
ProductKernel<double> kernel(const double*) { return kernels().double_product; }

int64_t padded(int64_t columns) { return (columns + kPadding - 1) / kPadding * kPadding; }

template <typename T>
void multiply(const Tensor& left, const Tensor& right, int64_t form, Tensor& result) {
  int64_t rows = result.size(1), columns = result.size(2), depth = left.size(form == kLeftTransposed ? 1 : 2);
  Strided<T> a{left.data_ptr<T>(), depth, 1}, b{right.data_ptr<T>(), columns, 1};
  if (form == kLeftTransposed) a = {a.data, 1, rows};
  if (form == kRightTransposed) b = {b.data, 1, depth};
  T* c = result.data_ptr<T>();
  for (int64_t n = 0; n < result.size(0); n++, a.data += rows * depth, b.data += depth * columns, c += rows * columns)
    kernel(c)(rows, depth, columns, a, b, c);
}

Tensor values(const Tensor& left, const Tensor& right, int64_t form) {
  auto a = form == kLeftTransposed ? left.transpose(1, 2) : left, b = form == kRightTransposed ? right.transpose(1, 2) : right;
  TORCH_CHECK(left.dim() == 3 && right.dim() == 3 && a.size(0) == b.size(0) && a.size(2) == b.size(1), "matrices ", left.sizes(), " and ", right.sizes(),
              " do not fit together in form ", form);
  bool small = left.device().is_cpu() && (left.scalar_type() == at::kFloat || left.scalar_type() == at::kDouble) &&
               left.scalar_type() == right.scalar_type() && std::max(a.size(1), a.size(2)) * padded(b.size(2)) <= kMostProduct;
  if (!small) return at::bmm(a, b);
  auto result = at::empty({a.size(0), a.size(1), b.size(2)}, left.options());
  if (left.scalar_type() == at::kFloat)
    multiply<float>(left.contiguous(), right.contiguous(), form, result);
  else
    multiply<double>(left.contiguous(), right.contiguous(), form, result);
  return result;
}

Tensor batched_product(const Tensor& left, const Tensor& right, int64_t form);

struct ProductFunction : Function<ProductFunction> {
  static Tensor forward(AutogradContext* context, const Tensor& left, const Tensor& right, int64_t form) {
    context->save_for_backward({left, right});
    context->saved_data["form"] = form;
    return values(left, right, form);
  }
  static variable_list backward(AutogradContext* context, variable_list cotangent) {
    auto saved = context->get_saved_variables();
    auto &a = saved[0], &b = saved[1], &g = cotangent[0];
    int64_t form = context->saved_data["form"].toInt();
    bool left = context->needs_input_grad(0), right = context->needs_input_grad(1);
    switch (form) {
      case kPlain:
        return {left ? batched_product(g, b, kRightTransposed) : Tensor(), right ? batched_product(a, g, kLeftTransposed) : Tensor(), Tensor()};
      case kRightTransposed:
        return {left ? batched_product(g, b, kPlain) : Tensor(), right ? batched_product(g, a, kLeftTransposed) : Tensor(), Tensor()};
      default:
        return {left ? batched_product(b, g, kRightTransposed) : Tensor(), right ? batched_product(a, g, kPlain) : Tensor(), Tensor()};
    }
  }
};

Tensor batched_product(const Tensor& left, const Tensor& right, int64_t form) {
  TORCH_CHECK(form >= kPlain && form <= kLeftTransposed, "form is 0, 1 or 2 but was ", form);
  return ProductFunction::apply(left, right, form);
}

}  // namespace
}  // namespace deutero

TORCH_LIBRARY_FRAGMENT(deutero, library) {
  library.def("batched_product(Tensor left, Tensor right, int form) -> Tensor", &deutero::batched_product);
}
