// The few-shot block (3x3 convolution, normalisation by batch statistics, activation, max-pooling) as operators of the library `deutero`,
// each with a closed-form derivative that is again differentiable. They take and give channels-last images on the processor; what they
// compute is what the plain operators compute, up to rounding.

#include "kernels.h"

#include <ATen/Parallel.h>
#include <torch/library.h>
#include <torch/torch.h>

#include <cmath>
#include <vector>

namespace deutero {

#if defined(__x86_64__)
namespace x86_64_v4 { extern const Kernels table; }
namespace x86_64_v3 { extern const Kernels table; }
#endif
namespace baseline { extern const Kernels table; }

const Kernels& kernels() {
#if defined(__x86_64__)
  static const Kernels& chosen = __builtin_cpu_supports("x86-64-v4") ? x86_64_v4::table : __builtin_cpu_supports("x86-64-v3") ? x86_64_v3::table : baseline::table;
#else
  static const Kernels& chosen = baseline::table;
#endif
  return chosen;
}

namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

template <typename T>
const PoolingKernels<T>& pooling_kernels();
template <>
const PoolingKernels<float>& pooling_kernels() { return kernels().single; }
template <>
const PoolingKernels<double>& pooling_kernels() { return kernels().twice; }

Tensor channels_last(const Tensor& images) { return images.contiguous(at::MemoryFormat::ChannelsLast); }

Tensor empty_images(const Tensor& like, int64_t images, int64_t channels, int64_t height, int64_t width) {
  return at::empty({images, channels, height, width}, like.options().memory_format(at::MemoryFormat::ChannelsLast));
}

// ------------------------------------------------------------------------------------------------------------- convolution
// <g, x * w> is linear in each of its three arguments, and the three products below are its three derivatives. Each is linear in two of
// them, so the derivatives of each are the other two, to any order. `reduced` rounds the arguments of the products to bfloat16, for processors
// that multiply those faster (libtorch's oneDNN knows which); sums and results are float32.

constexpr int64_t kBlock = 48;  // tiles at a time: their points and the weights' fit the second-level cache

float* scratch(int64_t floats) {
  thread_local std::vector<float> memory;
  if (static_cast<int64_t>(memory.size()) < floats) memory.resize(floats);
  return memory.data();
}

// With more channels than kMostChannels, the transformed weights outweigh what their use saves.
bool by_tiles(const Tensor& values, int64_t inputs, int64_t outputs) {
  return values.scalar_type() == at::kFloat && inputs % 16 == 0 && outputs % 16 == 0 && std::max(inputs, outputs) <= kMostChannels;
}

// points: [36, inputs, outputs]
Tensor convolve(const Tensor& images, const Tensor& points) {
  Convolution shape{images.size(0), images.size(2), images.size(3), images.size(1), points.size(2)};
  auto result = empty_images(images, shape.images, shape.outputs, shape.height, shape.width);
  auto *x = images.data_ptr<float>(), *u = points.data_ptr<float>(), *y = result.data_ptr<float>();
  int64_t blocks = (shape.tiles() + kBlock - 1) / kBlock;
  at::parallel_for(0, blocks, 1, [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; block++)
      kernels().convolve(shape, x, u, block * kBlock, std::min((block + 1) * kBlock, shape.tiles()), scratch(shape.scratch_floats(kBlock)), y);
  });
  return result;
}

Tensor to_points(const Tensor& weight, bool turned) {
  auto source = weight.contiguous();
  int64_t outputs = weight.size(0), inputs = weight.size(1);
  auto points = at::empty({kPoints, turned ? outputs : inputs, turned ? inputs : outputs}, weight.options().memory_format(at::MemoryFormat::Contiguous));
  kernels().transform_weight(outputs, inputs, turned, source.data_ptr<float>(), points.data_ptr<float>());
  return points;
}

using Wanted = std::array<bool, 3>;  // of the gradients by images, weights and bias

std::tuple<Tensor, Tensor, Tensor> plain_backward(const Tensor& gradient, const Tensor& images, const Tensor& weight, Wanted wanted) {
  return at::convolution_backward(gradient, images, weight, c10::nullopt, {1, 1}, {1, 1}, {1, 1}, false, {0, 0}, 1, wanted);
}

Tensor rounded(const Tensor& values) { return values.to(at::kBFloat16); }

Tensor convolution_values(const Tensor& images, const Tensor& weight, bool reduced) {
  if (reduced) return at::conv2d(rounded(channels_last(images)), rounded(weight), {}, 1, 1).to(images.scalar_type());
  if (!by_tiles(images, weight.size(1), weight.size(0))) return at::conv2d(images, weight, {}, 1, 1);
  return convolve(channels_last(images), to_points(weight, false));
}

// The convolution with weights turned by half a turn, from outputs to inputs.
Tensor image_gradient_values(const Tensor& gradient, const Tensor& weight, bool reduced) {
  if (!reduced && by_tiles(gradient, weight.size(1), weight.size(0))) return convolve(channels_last(gradient), to_points(weight, true));
  auto g = reduced ? rounded(channels_last(gradient)) : gradient, w = reduced ? rounded(weight) : weight;
  auto images = empty_images(g, g.size(0), w.size(1), g.size(2), g.size(3));
  return std::get<0>(plain_backward(g, images, w, {true, false, false})).to(gradient.scalar_type());
}

Tensor weight_gradient_values(const Tensor& images, const Tensor& gradient, bool reduced) {
  int64_t inputs = images.size(1), outputs = gradient.size(1);
  if (reduced || !by_tiles(images, inputs, outputs)) {
    auto x = reduced ? rounded(channels_last(images)) : images, g = reduced ? rounded(channels_last(gradient)) : gradient;
    return std::get<1>(plain_backward(g, x, g.new_empty({outputs, inputs, 3, 3}), {false, true, false})).to(images.scalar_type());
  }
  auto from = channels_last(images), to = channels_last(gradient);
  Convolution shape{images.size(0), images.size(2), images.size(3), inputs, outputs};
  auto *x = from.data_ptr<float>(), *g = to.data_ptr<float>();
  // One sum per thread over its own range of tiles, added up in order: the same bits for the same number of threads.
  int64_t blocks = (shape.tiles() + kBlock - 1) / kBlock, parts = std::max<int64_t>(1, std::min<int64_t>(at::get_num_threads(), blocks));
  auto points = at::zeros({parts, kPoints, inputs, outputs}, images.options());
  auto* u = points.data_ptr<float>();
  at::parallel_for(0, parts, 1, [&](int64_t begin, int64_t end) {
    for (int64_t part = begin; part < end; part++)
      for (int64_t block = blocks * part / parts; block < blocks * (part + 1) / parts; block++)
        kernels().accumulate_weight(shape, x, g, block * kBlock, std::min((block + 1) * kBlock, shape.tiles()), scratch(shape.scratch_floats(kBlock)),
                                    u + part * kPoints * inputs * outputs);
  });
  auto sum = parts == 1 ? points[0] : points.sum(0);
  auto weight = at::empty({outputs, inputs, 3, 3}, images.options());
  kernels().transform_weight_gradient(outputs, inputs, sum.data_ptr<float>(), weight.data_ptr<float>());
  return weight;
}

// The three products as differentiable functions of their two arguments.
Tensor convolution(const Tensor& images, const Tensor& weight, bool reduced);
Tensor image_gradient(const Tensor& gradient, const Tensor& weight, bool reduced);
Tensor weight_gradient(const Tensor& images, const Tensor& gradient, bool reduced);

// A product of two arguments whose derivatives are the other two products.
template <typename Self>
struct Product : Function<Self> {
  static Tensor forward(AutogradContext* context, const Tensor& left, const Tensor& right, bool reduced) {
    context->save_for_backward({left, right});
    context->saved_data["reduced"] = reduced;
    return Self::values(left, right, reduced);
  }
  static variable_list backward(AutogradContext* context, variable_list cotangent) {
    auto saved = context->get_saved_variables();
    bool reduced = context->saved_data["reduced"].toBool();
    return {context->needs_input_grad(0) ? Self::by_left(saved[1], cotangent[0], reduced) : Tensor(),
            context->needs_input_grad(1) ? Self::by_right(saved[0], cotangent[0], reduced) : Tensor(), Tensor()};
  }
};

struct ByImagesAndWeight : Product<ByImagesAndWeight> {
  static Tensor values(const Tensor& images, const Tensor& weight, bool reduced) { return convolution_values(images, weight, reduced); }
  static Tensor by_left(const Tensor& weight, const Tensor& g, bool reduced) { return image_gradient(g, weight, reduced); }
  static Tensor by_right(const Tensor& images, const Tensor& g, bool reduced) { return weight_gradient(images, g, reduced); }
};

struct ByGradientAndWeight : Product<ByGradientAndWeight> {
  static Tensor values(const Tensor& gradient, const Tensor& weight, bool reduced) { return image_gradient_values(gradient, weight, reduced); }
  static Tensor by_left(const Tensor& weight, const Tensor& u, bool reduced) { return convolution(u, weight, reduced); }
  static Tensor by_right(const Tensor& gradient, const Tensor& u, bool reduced) { return weight_gradient(u, gradient, reduced); }
};

struct ByImagesAndGradient : Product<ByImagesAndGradient> {
  static Tensor values(const Tensor& images, const Tensor& gradient, bool reduced) { return weight_gradient_values(images, gradient, reduced); }
  static Tensor by_left(const Tensor& gradient, const Tensor& u, bool reduced) { return image_gradient(gradient, u, reduced); }
  static Tensor by_right(const Tensor& images, const Tensor& u, bool reduced) { return convolution(images, u, reduced); }
};

Tensor convolution(const Tensor& images, const Tensor& weight, bool reduced) {
  TORCH_CHECK(images.dim() == 4 && weight.dim() == 4 && weight.size(2) == 3 && weight.size(3) == 3 && images.size(1) == weight.size(1),
              "expected images [N, C, H, W] and weights [O, C, 3, 3] but received ", images.sizes(), " and ", weight.sizes());
  return ByImagesAndWeight::apply(images, weight, reduced);
}
Tensor image_gradient(const Tensor& gradient, const Tensor& weight, bool reduced) { return ByGradientAndWeight::apply(gradient, weight, reduced); }
Tensor weight_gradient(const Tensor& images, const Tensor& gradient, bool reduced) { return ByImagesAndGradient::apply(images, gradient, reduced); }

// --------------------------------------------------------------------------------- normalisation, activation and max-pooling
// With x the input, M its pixels per channel, mean and variance over them, r = 1 / sqrt(variance + eps) and xhat = r (x - mean):
//   y = maxpool(activate(gamma xhat + beta)), where activate(z) = z > 0 ? z : slope z.
// Let G be the gradient g of y at the pixels that the maxima came from, times the activation's slope there. Then
//   d beta = sum G,  d gamma = sum G xhat,  dx = gamma r (G - (sum G) / M - xhat (sum G xhat) / M).
// The second derivative follows by differentiating <u, dx> + a d gamma + b d beta by g, x and gamma.

int64_t pixels(const Tensor& images) { return images.size(0) * images.size(2) * images.size(3); }

Pooling pooling(const Tensor& input, int64_t pool) { return {input.size(0), input.size(2), input.size(3), input.size(1), pool}; }

template <typename T>
struct NormKernels {
  static std::vector<Tensor> forward(const Tensor& x, const Tensor& gamma, const Tensor& beta, double slope, int64_t pool, double eps) {
    auto shape = pooling(x, pool);
    int64_t channels = shape.channels;
    std::vector<double> sums(2 * channels);
    pooling_kernels<T>().moments(shape, x.data_ptr<T>(), sums.data(), sums.data() + channels);
    auto statistics = at::empty({2, channels}, x.options());
    T *mean = statistics.template data_ptr<T>(), *rstd = mean + channels;
    std::vector<T> scale(channels), shift(channels);
    double count = static_cast<double>(pixels(x));
    for (int64_t c = 0; c < channels; c++) {
      double centre = sums[c] / count, variance = std::max(0.0, sums[channels + c] / count - centre * centre), r = 1 / std::sqrt(variance + eps);
      mean[c] = static_cast<T>(centre);
      rstd[c] = static_cast<T>(r);
      scale[c] = static_cast<T>(gamma.data_ptr<T>()[c] * r);
      shift[c] = static_cast<T>(beta.data_ptr<T>()[c] - centre * gamma.data_ptr<T>()[c] * r);
    }
    auto y = empty_images(x, shape.images, channels, shape.rows(), shape.columns());
    auto choice = at::empty({shape.cells(), channels}, x.options().dtype(at::kByte));
    at::parallel_for(0, shape.cells(), 256, [&](int64_t begin, int64_t end) {
      pooling_kernels<T>().forward(shape, x.data_ptr<T>(), scale.data(), shift.data(), static_cast<T>(slope), begin, end, y.template data_ptr<T>(),
                                   choice.template data_ptr<Choice>());
    });
    return {y, choice, statistics};
  }

  // dx, d gamma, d beta
  static std::vector<Tensor> backward(const Tensor& g, const Tensor& x, const Tensor& gamma, const Tensor& statistics, const Tensor& choice, double slope,
                                      int64_t pool) {
    auto shape = pooling(x, pool);
    int64_t channels = shape.channels;
    const T *mean = statistics.data_ptr<T>(), *rstd = mean + channels, *scale = gamma.data_ptr<T>();
    std::vector<double> sums(3 * channels);
    pooling_kernels<T>().chosen_sums(shape, g.data_ptr<T>(), choice.data_ptr<Choice>(), static_cast<T>(slope), x.data_ptr<T>(), nullptr, mean, rstd,
                                     sums.data());
    auto d_gamma = at::empty({channels}, x.options()), d_beta = at::empty({channels}, x.options());
    std::vector<T> k(4 * channels);
    double count = static_cast<double>(pixels(x));
    for (int64_t c = 0; c < channels; c++) {
      double factor = static_cast<double>(scale[c]) * rstd[c], along = factor * sums[channels + c] / count * rstd[c];
      d_beta.template data_ptr<T>()[c] = static_cast<T>(sums[c]);
      d_gamma.template data_ptr<T>()[c] = static_cast<T>(sums[channels + c]);
      k[c] = static_cast<T>(factor);
      k[channels + c] = static_cast<T>(along * mean[c] - factor * sums[c] / count);
      k[2 * channels + c] = static_cast<T>(-along);
    }
    auto dx = at::empty_like(x);
    combine(shape, g, choice, slope, x, nullptr, k, dx);
    return {dx, d_gamma, d_beta};
  }

  // The gradients by g, x and gamma of <u, dx> + a d gamma + b d beta.
  static std::vector<Tensor> second(const Tensor& g, const Tensor& x, const Tensor& gamma, const Tensor& statistics, const Tensor& choice, double slope,
                                    int64_t pool, const Tensor& u, const Tensor& a, const Tensor& b) {
    auto shape = pooling(x, pool);
    int64_t channels = shape.channels;
    const T *mean = statistics.data_ptr<T>(), *rstd = mean + channels, *scale = gamma.data_ptr<T>();
    std::vector<double> at_chosen(3 * channels), everywhere(2 * channels);
    pooling_kernels<T>().chosen_sums(shape, g.data_ptr<T>(), choice.data_ptr<Choice>(), static_cast<T>(slope), x.data_ptr<T>(), u.data_ptr<T>(), mean, rstd,
                                     at_chosen.data());
    pooling_kernels<T>().dense_sums(shape, u.data_ptr<T>(), x.data_ptr<T>(), mean, rstd, everywhere.data());
    auto d_gamma = at::empty({channels}, x.options());
    std::vector<T> for_x(4 * channels), for_g(3 * channels);
    double count = static_cast<double>(pixels(x));
    for (int64_t c = 0; c < channels; c++) {
      double r = rstd[c], gain = scale[c], sum_g = at_chosen[c], sum_gx = at_chosen[channels + c], sum_ug = at_chosen[2 * channels + c];
      double sum_u = everywhere[c], sum_ux = everywhere[channels + c];
      double inner = sum_ug - sum_u * sum_g / count - sum_ux * sum_gx / count;  // <u, dx> = gain r inner
      d_gamma.template data_ptr<T>()[c] = static_cast<T>(r * inner);
      // By xhat, at fixed r: q = along_u u + along_g G. By r: gain inner, and dr/dx = -r² xhat / M.
      double along_u = -gain * r * sum_gx / count, along_g = a.data_ptr<T>()[c] - gain * r * sum_ux / count;
      double sum_q = along_u * sum_u + along_g * sum_g, sum_qx = along_u * sum_ux + along_g * sum_gx;
      double along_x = -r * sum_qx / count - gain * inner * r * r / count;
      for_x[c] = static_cast<T>(r * along_g);
      for_x[channels + c] = static_cast<T>(-r * sum_q / count - along_x * r * mean[c]);
      for_x[2 * channels + c] = static_cast<T>(along_x * r);
      for_x[3 * channels + c] = static_cast<T>(r * along_u);
      double by_x = along_g * r;  // by G: gain r (u - sum_u / M - xhat sum_ux / M) + a xhat + b
      for_g[c] = static_cast<T>(b.data_ptr<T>()[c] - gain * r * sum_u / count - by_x * mean[c]);
      for_g[channels + c] = static_cast<T>(by_x);
      for_g[2 * channels + c] = static_cast<T>(gain * r);
    }
    auto d_x = at::empty_like(x), d_g = at::empty_like(g);
    combine(shape, g, choice, slope, x, &u, for_x, d_x);
    at::parallel_for(0, shape.cells(), 256, [&](int64_t begin, int64_t end) {
      pooling_kernels<T>().gather(shape, choice.data_ptr<Choice>(), static_cast<T>(slope), x.data_ptr<T>(), u.data_ptr<T>(), for_g.data(), begin, end,
                                  d_g.template data_ptr<T>());
    });
    return {d_g, d_x, d_gamma};
  }

 private:
  static void combine(const Pooling& shape, const Tensor& g, const Tensor& choice, double slope, const Tensor& x, const Tensor* u, const std::vector<T>& k,
                      Tensor& out) {
    at::parallel_for(0, shape.images * shape.height, 16, [&](int64_t begin, int64_t end) {
      pooling_kernels<T>().combine(shape, g.data_ptr<T>(), choice.data_ptr<Choice>(), static_cast<T>(slope), x.data_ptr<T>(),
                                   u == nullptr ? nullptr : u->data_ptr<T>(), k.data(), begin, end, out.data_ptr<T>());
    });
  }
};

// Calls the float or the double version of a function of NormKernels.
#define DEUTERO_BY_TYPE(tensor, kernels, function, ...) \
  ((tensor).scalar_type() == at::kFloat ? kernels<float>::function(__VA_ARGS__) : kernels<double>::function(__VA_ARGS__))

Tensor or_zeros(const Tensor& gradient, const Tensor& like) { return gradient.defined() ? gradient : at::zeros_like(like); }

struct NormBackwardFunction : Function<NormBackwardFunction> {
  static variable_list forward(AutogradContext* context, const Tensor& g, const Tensor& x, const Tensor& gamma, const Tensor& statistics, const Tensor& choice,
                               double slope, int64_t pool) {
    context->set_materialize_grads(false);
    context->save_for_backward({g, x, gamma, statistics, choice});
    context->saved_data["slope"] = slope;
    context->saved_data["pool"] = pool;
    return DEUTERO_BY_TYPE(x, NormKernels, backward, channels_last(g), channels_last(x), gamma.contiguous(), statistics, choice, slope, pool);
  }
  static variable_list backward(AutogradContext* context, variable_list cotangents) {
    auto saved = context->get_saved_variables();
    auto g = channels_last(saved[0]), x = channels_last(saved[1]), gamma = saved[2].contiguous();
    auto u = channels_last(or_zeros(cotangents[0], x)), a = or_zeros(cotangents[1], gamma).contiguous(), b = or_zeros(cotangents[2], gamma).contiguous();
    auto result = DEUTERO_BY_TYPE(x, NormKernels, second, g, x, gamma, saved[3], saved[4], context->saved_data["slope"].toDouble(),
                                  context->saved_data["pool"].toInt(), u, a, b);
    return {result[0], result[1], result[2], Tensor(), Tensor(), Tensor(), Tensor()};
  }
};

struct NormFunction : Function<NormFunction> {
  static Tensor forward(AutogradContext* context, const Tensor& x, const Tensor& gamma, const Tensor& beta, double slope, int64_t pool, double eps) {
    auto result = DEUTERO_BY_TYPE(x, NormKernels, forward, channels_last(x), gamma.contiguous(), beta.contiguous(), slope, pool, eps);
    context->save_for_backward({x, gamma, result[2], result[1]});
    context->saved_data["slope"] = slope;
    context->saved_data["pool"] = pool;
    return result[0];
  }
  static variable_list backward(AutogradContext* context, variable_list g) {
    auto saved = context->get_saved_variables();
    auto result = NormBackwardFunction::apply(g[0], saved[0], saved[1], saved[2], saved[3], context->saved_data["slope"].toDouble(),
                                              context->saved_data["pool"].toInt());
    return {result[0], result[1], result[2], Tensor(), Tensor(), Tensor()};
  }
};

Tensor norm_activate_pool(const Tensor& input, const Tensor& weight, const Tensor& bias, double slope, int64_t pool, double eps) {
  TORCH_CHECK(input.dim() == 4 && input.size(1) % 16 == 0 && (input.scalar_type() == at::kFloat || input.scalar_type() == at::kDouble),
              "expected float or double images [N, C, H, W] with C a multiple of 16 but received ", input.scalar_type(), " ", input.sizes());
  TORCH_CHECK(pool == 1 || pool == 2, "cells are 1x1 or 2x2 pixels but pool is ", pool);
  TORCH_CHECK(slope >= 0, "the slope of the activation must not be negative but is ", slope);
  return NormFunction::apply(input, weight, bias, slope, pool, eps);
}

// --------------------------------------------------------------------------------------------------- the first block, by patches
// With few input channels a convolution's output is larger than all that it depends on, so it is never written out. Its mean and variance
// follow from the weights and from the moments of the 3x3 patches, which depend on the images alone: mean = w m / M, variance = w S w' / M -
// mean². The gradient needs D, the sum over cells of g times the patch that the maximum came from, and a few small products. Images are data
// here: they get no gradient.

// Calls body(image) for each image with a border of zeros, [planes, height + 2, width + 2].
template <typename T, typename Body>
void for_each_padded(const Tensor& images, int64_t begin, int64_t end, Body&& body) {
  int64_t planes = images.size(1), height = images.size(2), width = images.size(3), stride = width + 2, plane = (height + 2) * stride;
  std::vector<T> padded(planes * plane + 16);
  for (int64_t n = begin; n < end; n++) {
    const T* from = images.data_ptr<T>() + n * planes * height * width;
    for (int64_t row = 0; row < planes * height; row++)
      std::copy_n(from + row * width, width, padded.data() + row / height * plane + (row % height + 1) * stride + 1);
    body(n, padded.data());
  }
}

template <typename T>
struct PatchKernels {
  static Tensor moments(const Tensor& images) {
    auto shape = pooling(images, 2);
    int64_t size = 9 * images.size(1) + 1;
    auto result = at::zeros({size, size}, images.options().dtype(at::kDouble));
    for_each_padded<T>(images, 0, shape.images,
                       [&](int64_t, const T* image) { pooling_kernels<T>().patch_moments(shape, images.size(1), image, result.template data_ptr<double>()); });
    return result;
  }

  // weight [K, C] and shift [C] are those of the normalised convolution; y and the choices
  static std::vector<Tensor> forward(const Tensor& images, const Tensor& weight, const Tensor& shift, double slope) {
    auto shape = pooling(images, 2);
    int64_t planes = images.size(1), channels = weight.size(1), per_image = shape.rows() * shape.columns() * channels;
    shape.channels = channels;
    auto y = empty_images(images, shape.images, channels, shape.rows(), shape.columns());
    auto choice = at::empty({shape.cells(), channels}, images.options().dtype(at::kByte));
    at::parallel_for(0, shape.images, 1, [&](int64_t begin, int64_t end) {
      for_each_padded<T>(images, begin, end, [&](int64_t n, const T* image) {
        pooling_kernels<T>().patch_forward(shape, planes, image, weight.data_ptr<T>(), shift.data_ptr<T>(), static_cast<T>(slope),
                                           y.template data_ptr<T>() + n * per_image, choice.template data_ptr<Choice>() + n * per_image);
      });
    });
    return {y, choice};
  }

  // [K + 1, C]
  static Tensor gradient(const Tensor& images, const Tensor& g, const Tensor& choice, double slope) {
    auto shape = pooling(images, 2);
    int64_t planes = images.size(1), channels = g.size(1), per_image = shape.rows() * shape.columns() * channels;
    shape.channels = channels;
    int64_t parts = std::max<int64_t>(1, std::min<int64_t>(at::get_num_threads(), shape.images));
    auto sums = at::zeros({parts, 9 * planes + 1, channels}, images.options());
    at::parallel_for(0, parts, 1, [&](int64_t begin, int64_t end) {
      for (int64_t part = begin; part < end; part++)
        for_each_padded<T>(images, shape.images * part / parts, shape.images * (part + 1) / parts, [&](int64_t n, const T* image) {
          pooling_kernels<T>().patch_gradient(shape, planes, image, g.data_ptr<T>() + n * per_image, choice.data_ptr<Choice>() + n * per_image,
                                              static_cast<T>(slope), sums.template data_ptr<T>() + part * (9 * planes + 1) * channels);
        });
    });
    return parts == 1 ? sums[0] : sums.sum(0);
  }

  static Tensor gather(const Tensor& images, const Tensor& u, const Tensor& choice, double slope) {
    auto shape = pooling(images, 2);
    int64_t planes = images.size(1), channels = u.size(1), per_image = shape.rows() * shape.columns() * channels;
    shape.channels = channels;
    auto result = empty_images(images, shape.images, channels, shape.rows(), shape.columns());
    at::parallel_for(0, shape.images, 1, [&](int64_t begin, int64_t end) {
      for_each_padded<T>(images, begin, end, [&](int64_t n, const T* image) {
        pooling_kernels<T>().patch_gather(shape, planes, image, u.data_ptr<T>(), choice.data_ptr<Choice>() + n * per_image, static_cast<T>(slope),
                                          result.template data_ptr<T>() + n * per_image);
      });
    });
    return result;
  }
};

// g -> D, linear; its transpose is linear too, so that each is the other's derivative.
Tensor patch_gradient(const Tensor& images, const Tensor& g, const Tensor& choice, double slope);
Tensor patch_gather(const Tensor& images, const Tensor& u, const Tensor& choice, double slope);

struct PatchGradientFunction : Function<PatchGradientFunction> {
  static Tensor forward(AutogradContext* context, const Tensor& images, const Tensor& g, const Tensor& choice, double slope) {
    context->save_for_backward({images, choice});
    context->saved_data["slope"] = slope;
    return DEUTERO_BY_TYPE(images, PatchKernels, gradient, images, channels_last(g), choice, slope);
  }
  static variable_list backward(AutogradContext* context, variable_list u) {
    auto saved = context->get_saved_variables();
    return {Tensor(), patch_gather(saved[0], u[0], saved[1], context->saved_data["slope"].toDouble()), Tensor(), Tensor()};
  }
};

struct PatchGatherFunction : Function<PatchGatherFunction> {
  static Tensor forward(AutogradContext* context, const Tensor& images, const Tensor& u, const Tensor& choice, double slope) {
    context->save_for_backward({images, choice});
    context->saved_data["slope"] = slope;
    return DEUTERO_BY_TYPE(images, PatchKernels, gather, images, u.contiguous(), choice, slope);
  }
  static variable_list backward(AutogradContext* context, variable_list g) {
    auto saved = context->get_saved_variables();
    return {Tensor(), patch_gradient(saved[0], g[0], saved[1], context->saved_data["slope"].toDouble()), Tensor(), Tensor()};
  }
};

Tensor patch_gradient(const Tensor& images, const Tensor& g, const Tensor& choice, double slope) {
  return PatchGradientFunction::apply(images, g, choice, slope);
}
Tensor patch_gather(const Tensor& images, const Tensor& u, const Tensor& choice, double slope) {
  return PatchGatherFunction::apply(images, u, choice, slope);
}

// The normalisation of a convolution over patches, all in double: w [C, K], sums m [K], second moments S [K, K].
struct PatchNormalisation {
  Tensor w, m, s_w, mean, r;

  PatchNormalisation(const Tensor& weight, const Tensor& moments, double eps) {
    int64_t size = moments.size(0) - 1;
    double count = moments.data_ptr<double>()[moments.numel() - 1];
    w = weight.reshape({weight.size(0), size}).to(at::kDouble);
    m = moments.select(0, size).narrow(0, 0, size) / count;
    s_w = at::mm(w, moments.narrow(0, 0, size).narrow(1, 0, size)) / count;
    mean = at::mv(w, m);
    r = ((s_w * w).sum(1) - mean * mean).clamp_min(0).add(eps).rsqrt();
  }
};

struct FirstBlockFunction : Function<FirstBlockFunction> {
  static Tensor forward(AutogradContext* context, const Tensor& images, const Tensor& weight, const Tensor& gamma, const Tensor& beta, const Tensor& moments,
                        double slope, double eps) {
    PatchNormalisation norm(weight, moments, eps);
    auto scale = gamma.to(at::kDouble) * norm.r;
    auto dense = (norm.w * scale.unsqueeze(1)).t().to(images.scalar_type()).contiguous();
    auto shift = (beta.to(at::kDouble) - norm.mean * scale).to(images.scalar_type());
    auto source = images.contiguous();
    auto result = DEUTERO_BY_TYPE(images, PatchKernels, forward, source, dense, shift, slope);
    context->save_for_backward({source, weight, gamma, moments, result[1]});
    context->saved_data["slope"] = slope;
    context->saved_data["eps"] = eps;
    return result[0];
  }

  // Written in differentiable operators on small matrices, but for D: their second derivative is autograd's.
  static variable_list backward(AutogradContext* context, variable_list g) {
    auto saved = context->get_saved_variables();
    auto images = saved[0], weight = saved[1], gamma = saved[2], moments = saved[3];
    int64_t size = moments.size(0) - 1;
    auto sums = patch_gradient(images, g[0], saved[4], context->saved_data["slope"].toDouble()).to(at::kDouble);
    auto d = sums.narrow(0, 0, size).t(), d_beta = sums.select(0, size);
    PatchNormalisation norm(weight, moments, context->saved_data["eps"].toDouble());
    auto d_gamma = norm.r * ((norm.w * d).sum(1) - norm.mean * d_beta);
    auto xhat = norm.r.unsqueeze(1) * (norm.s_w - norm.mean.unsqueeze(1) * norm.m);  // the mean of xhat times the patch
    auto d_weight = (gamma.to(at::kDouble) * norm.r).unsqueeze(1) * (d - d_beta.unsqueeze(1) * norm.m - d_gamma.unsqueeze(1) * xhat);
    auto type = weight.scalar_type();
    return {Tensor(), d_weight.reshape(weight.sizes()).to(type), d_gamma.to(type), d_beta.to(type), Tensor(), Tensor(), Tensor()};
  }
};

Tensor patch_moments(const Tensor& images) {
  TORCH_CHECK(images.dim() == 4 && (images.scalar_type() == at::kFloat || images.scalar_type() == at::kDouble),
              "expected float or double images [N, C, H, W] but received ", images.scalar_type(), " ", images.sizes());
  at::NoGradGuard constant;
  return DEUTERO_BY_TYPE(images, PatchKernels, moments, images.contiguous());
}

Tensor first_block(const Tensor& images, const Tensor& weight, const Tensor& gamma, const Tensor& beta, const Tensor& moments, double slope, double eps) {
  TORCH_CHECK(!images.requires_grad(), "images of the first block are data and get no gradient");
  TORCH_CHECK(weight.size(0) % 16 == 0 && weight.size(1) == images.size(1) && moments.size(0) == 9 * images.size(1) + 1,
              "images ", images.sizes(), ", weights ", weight.sizes(), " and moments ", moments.sizes(), " do not belong together");
  return FirstBlockFunction::apply(images, weight, gamma, beta, moments, slope, eps);
}

}  // namespace
}  // namespace deutero

TORCH_LIBRARY(deutero, library) {
  library.def("conv3x3(Tensor images, Tensor weight, bool reduced=False) -> Tensor", &deutero::convolution);
  library.def("norm_activate_pool(Tensor input, Tensor weight, Tensor bias, float slope, int pool, float eps) -> Tensor", &deutero::norm_activate_pool);
  library.def("patch_moments(Tensor images) -> Tensor", &deutero::patch_moments);
  library.def("first_block(Tensor images, Tensor weight, Tensor scale, Tensor shift, Tensor moments, float slope, float eps) -> Tensor",
              &deutero::first_block);
}
