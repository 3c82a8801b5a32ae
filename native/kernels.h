// The inner loops of the fused few-shot block, compiled once per instruction set (kernels.cpp) and chosen when the library is loaded.
// All images are channels-last: element (n, h, w, c) of [N, C, H, W] lies at ((n * H + h) * W + w) * C + c. Channels are a multiple of 16.

#pragma once
#include <cstdint>

namespace deutero {

// A 3x3 convolution with padding 1 in the Winograd domain, F(4x4, 3x3) of Lavin and Gray (CVPR 2016): outputs come in tiles of 4x4, which
// depend on 6x6 inputs, and 36 products per tile and channel pair replace 144. `inputs` and `outputs` are the channels.
constexpr int64_t kTile = 4, kPoints = 36, kMostChannels = 256;

struct Convolution {
  int64_t images, height, width, inputs, outputs;
  int64_t tile_rows() const { return (height + kTile - 1) / kTile; }
  int64_t tile_columns() const { return (width + kTile - 1) / kTile; }
  int64_t tiles() const { return images * tile_rows() * tile_columns(); }
  int64_t scratch_floats(int64_t tiles) const { return kPoints * ((tiles + 6) * (inputs + outputs) + 32); }
};

// One image batch [images, channels, height, width] and the grid of pool x pool cells over it; rows and columns that fill no cell are ignored.
struct Pooling {
  int64_t images, height, width, channels, pool;
  int64_t rows() const { return height / pool; }
  int64_t columns() const { return width / pool; }
  int64_t cells() const { return images * rows() * columns(); }
};

// What a cell's output came from: the position of the maximum in the cell (row-major), plus kNegative where the activation's slope applies.
using Choice = uint8_t;
constexpr Choice kNegative = 4;

template <typename T>
struct PoolingKernels {
  // Sums of x and of x² over images and pixels of each channel.
  void (*moments)(const Pooling& shape, const T* x, double* sum, double* square);
  // y = max over each cell of activate(scale * x + shift), activate(z) = z > 0 ? z : slope * z.
  void (*forward)(const Pooling& shape, const T* x, const T* scale, const T* shift, T slope, int64_t begin, int64_t end, T* y, Choice* choice);
  // With G the gradient g of y brought to the chosen pixels: sums of G, of G * xhat and, given u, of G * u.
  void (*chosen_sums)(const Pooling& shape, const T* g, const Choice* choice, T slope, const T* x, const T* u, const T* mean, const T* rstd, double* sums);
  // Sums of u and of u * xhat.
  void (*dense_sums)(const Pooling& shape, const T* u, const T* x, const T* mean, const T* rstd, double* sums);
  // out = k_chosen * G + k_one + k_x * x (+ k_u * u), coefficients per channel, over rows of pixels [begin, end).
  void (*combine)(const Pooling& shape, const T* g, const Choice* choice, T slope, const T* x, const T* u, const T* coefficients, int64_t begin,
                  int64_t end, T* out);
  // The transpose of bringing g to the pixels: out = factor * (k_one + k_x * x + k_u * u) at the chosen pixel, over cells [begin, end).
  void (*gather)(const Pooling& shape, const Choice* choice, T slope, const T* x, const T* u, const T* coefficients, int64_t begin, int64_t end, T* out);

  // The first block, from images of few channels: `planes` is one image [planes, height + 2, width + 2] with a border of zeros, and a patch its
  // K = 9 * planes values around a pixel. Everything is for one image.
  void (*patch_moments)(const Pooling& shape, int64_t planes, const T* image, double* moments);  // [K + 1, K + 1], the last index being a constant 1
  void (*patch_forward)(const Pooling& shape, int64_t planes, const T* image, const T* weight, const T* shift, T slope, T* y, Choice* choice);
  // d[k][c] += sum over cells of g * patch value k at the chosen pixel; k = K counts a constant 1.
  void (*patch_gradient)(const Pooling& shape, int64_t planes, const T* image, const T* g, const Choice* choice, T slope, T* d);
  // Its transpose: out = factor * (sum over k of u[k][c] * patch value k at the chosen pixel, plus u[K][c]).
  void (*patch_gather)(const Pooling& shape, int64_t planes, const T* image, const T* u, const Choice* choice, T slope, T* out);
};

struct Kernels {
  const char* instruction_set;
  // Weights [outputs, inputs, 3, 3] -> points [36, inputs, outputs]; turned by half a turn, to the points [36, outputs, inputs] of the convolution
  // that is the gradient by the images.
  void (*transform_weight)(int64_t outputs, int64_t inputs, bool turned, const float* weight, float* points);
  // Points [36, inputs, outputs] -> weights [outputs, inputs, 3, 3], the transpose of the former.
  void (*transform_weight_gradient)(int64_t outputs, int64_t inputs, const float* points, float* weight);
  // Tiles [begin, end) of y from x and transformed weights; scratch as scratch_floats says, for end - begin tiles.
  void (*convolve)(const Convolution& shape, const float* x, const float* points, int64_t begin, int64_t end, float* scratch, float* y);
  // Points [36, inputs, outputs] += what tiles [begin, end) say about the weights, given the gradient g of y; scratch as above.
  void (*accumulate_weight)(const Convolution& shape, const float* x, const float* g, int64_t begin, int64_t end, float* scratch, float* points);
  PoolingKernels<float> single;
  PoolingKernels<double> twice;
};

const Kernels& kernels();

}  // namespace deutero
