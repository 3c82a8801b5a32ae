// See kernels.h. This file is compiled once for each instruction set, with DEUTERO_ISA naming it; it therefore includes nothing that defines
// inline functions, which the linker would merge across instruction sets.

#include "kernels.h"

namespace deutero {
namespace DEUTERO_ISA {

#if defined(__AVX512F__)
constexpr int64_t kBytes = 64, kColumns = 4;
#elif defined(__AVX2__)
constexpr int64_t kBytes = 32, kColumns = 2;
#else
constexpr int64_t kBytes = 16, kColumns = 2;
#endif
constexpr int64_t kRows = 6;  // kRows x kColumns vectors of sums fit the registers

template <typename T>
struct Simd {
  static constexpr int64_t width = kBytes / sizeof(T);
  typedef T Vector __attribute__((vector_size(kBytes), aligned(sizeof(T)), may_alias));
  typedef Choice Bytes __attribute__((vector_size(width), aligned(1), may_alias));
};

template <typename T>
using Vector = typename Simd<T>::Vector;

template <typename T>
inline Vector<T> load(const T* from) {
  return *reinterpret_cast<const Vector<T>*>(from);
}

template <typename T>
inline void store(T* to, Vector<T> value) {
  *reinterpret_cast<Vector<T>*>(to) = value;
}

// What a comparison of vectors gives: integers of the same width, all ones where it holds.
template <typename T>
using Mask = decltype(Vector<T>() > Vector<T>());

template <typename T>
inline Mask<T> load_choice(const Choice* from) {
  return __builtin_convertvector(*reinterpret_cast<const typename Simd<T>::Bytes*>(from), Mask<T>);
}

template <typename T>
inline void store_choice(Choice* to, Mask<T> value) {
  *reinterpret_cast<typename Simd<T>::Bytes*>(to) = __builtin_convertvector(value, typename Simd<T>::Bytes);
}

// ----------------------------------------------------------------------------------------------------- Winograd F(4x4, 3x3)
// The three transforms along one axis, and the transposes of two of them; each is applied to the columns and then to the rows.

using Lanes = Vector<float>;
constexpr int64_t kLanes = Simd<float>::width;

inline void to_points_from_inputs(const Lanes d[6], Lanes out[6]) {
  Lanes even = d[4] - 4.0f * d[2], odd = d[3] - 4.0f * d[1], even2 = d[4] - d[2], odd2 = 2.0f * (d[3] - d[1]);
  out[0] = 4.0f * d[0] - 5.0f * d[2] + d[4];
  out[1] = even + odd;
  out[2] = even - odd;
  out[3] = even2 + odd2;
  out[4] = even2 - odd2;
  out[5] = 4.0f * d[1] - 5.0f * d[3] + d[5];
}

inline void to_outputs_from_points(const Lanes m[6], Lanes out[4]) {
  Lanes sum1 = m[1] + m[2], difference1 = m[1] - m[2], sum2 = m[3] + m[4], difference2 = m[3] - m[4];
  out[0] = m[0] + sum1 + sum2;
  out[1] = difference1 + 2.0f * difference2;
  out[2] = sum1 + 4.0f * sum2;
  out[3] = difference1 + 8.0f * difference2 + m[5];
}

inline void to_points_from_outputs(const Lanes g[4], Lanes out[6]) {
  Lanes even1 = g[0] + g[2], odd1 = g[1] + g[3], even2 = g[0] + 4.0f * g[2], odd2 = 2.0f * g[1] + 8.0f * g[3];
  out[0] = g[0];
  out[1] = even1 + odd1;
  out[2] = even1 - odd1;
  out[3] = even2 + odd2;
  out[4] = even2 - odd2;
  out[5] = g[3];
}

inline void to_points_from_taps(const Lanes w[3], Lanes out[6]) {
  Lanes outer = (w[0] + w[2]) * (-1.0f / 6), middle = w[1] * (-1.0f / 6), far = w[0] * (1.0f / 24) + w[2] * (1.0f / 6), side = w[1] * (1.0f / 12);
  out[0] = w[0] * 0.25f;
  out[1] = outer + middle;
  out[2] = outer - middle;
  out[3] = far + side;
  out[4] = far - side;
  out[5] = w[2];
}

inline void to_taps_from_points(const Lanes u[6], Lanes out[3]) {
  Lanes near = (u[1] + u[2]) * (-1.0f / 6), far = u[3] + u[4];
  out[0] = u[0] * 0.25f + near + far * (1.0f / 24);
  out[1] = (u[2] - u[1]) * (1.0f / 6) + (u[3] - u[4]) * (1.0f / 12);
  out[2] = near + far * (1.0f / 6) + u[5];
}

// Applies a transform From -> To along the columns and then the rows of a From x From square.
template <int From, int To, void (*Transform)(const Lanes*, Lanes*)>
inline void both_axes(const Lanes in[From][From], Lanes out[To][To]) {
  Lanes half[To][From];
#pragma GCC unroll 6
  for (int column = 0; column < From; column++) {
    Lanes from[From], to[To];
#pragma GCC unroll 6
    for (int row = 0; row < From; row++) from[row] = in[row][column];
    Transform(from, to);
#pragma GCC unroll 6
    for (int row = 0; row < To; row++) half[row][column] = to[row];
  }
#pragma GCC unroll 6
  for (int row = 0; row < To; row++) Transform(half[row], out[row]);
}

inline Lanes strided(const float* from, int64_t stride) {
  Lanes value;
#pragma GCC unroll 16
  for (int64_t lane = 0; lane < kLanes; lane++) value[lane] = from[lane * stride];
  return value;
}

void transform_weight(int64_t outputs, int64_t inputs, bool turned, const float* weight, float* points) {
  // Lanes run over outputs, or turned, over inputs; `slow` over the other one.
  int64_t fast_count = turned ? inputs : outputs, slow_count = turned ? outputs : inputs;
  int64_t fast_stride = turned ? 9 : inputs * 9, slow_stride = turned ? inputs * 9 : 9;
  for (int64_t fast = 0; fast < fast_count; fast += kLanes) {
    for (int64_t slow = 0; slow < slow_count; slow++) {
      const float* from = weight + fast * fast_stride + slow * slow_stride;
      Lanes in[3][3], out[6][6];
#pragma GCC unroll 9
      for (int tap = 0; tap < 9; tap++) in[tap / 3][tap % 3] = strided(from + (turned ? 8 - tap : tap), fast_stride);
      both_axes<3, 6, to_points_from_taps>(in, out);
      float* to = points + slow * fast_count + fast;
#pragma GCC unroll 36
      for (int point = 0; point < kPoints; point++) store(to + point * inputs * outputs, out[point / 6][point % 6]);
    }
  }
}

void transform_weight_gradient(int64_t outputs, int64_t inputs, const float* points, float* weight) {
  for (int64_t o = 0; o < outputs; o += kLanes) {
    for (int64_t i = 0; i < inputs; i++) {
      Lanes in[6][6], out[3][3];
#pragma GCC unroll 36
      for (int point = 0; point < kPoints; point++) in[point / 6][point % 6] = load(points + (point * inputs + i) * outputs + o);
      both_axes<6, 3, to_taps_from_points>(in, out);
      float* to = weight + (o * inputs + i) * 9;
      for (int64_t lane = 0; lane < kLanes; lane++)
#pragma GCC unroll 9
        for (int tap = 0; tap < 9; tap++) to[lane * inputs * 9 + tap] = out[tap / 3][tap % 3][lane];
    }
  }
}

struct Corner {
  int64_t image, row, column;  // of a tile's first output
};

inline Corner corner_of(const Convolution& shape, int64_t tile) {
  int64_t columns = shape.tile_columns(), per_image = shape.tile_rows() * columns;
  int64_t within = tile % per_image;
  return {tile / per_image, within / columns * kTile, within % columns * kTile};
}

alignas(64) const float zeros[kMostChannels] = {};

// The Size x Size pixels from `first` before the tile on, zero outside of the image: v[point][tile][channel], points `stride` floats apart.
template <int Size, void (*Transform)(const Lanes*, Lanes*)>
void scatter_points(const Convolution& shape, const float* x, int64_t channels, int64_t first, int64_t begin, int64_t end, int64_t stride, float* v) {
  for (int64_t tile = begin; tile < end; tile++) {
    Corner corner = corner_of(shape, tile);
    const float *image = x + corner.image * shape.height * shape.width * channels, *from[Size][Size];
    for (int i = 0; i < Size; i++) {
      int64_t row = corner.row + first + i;
      for (int j = 0; j < Size; j++) {
        int64_t column = corner.column + first + j;
        bool inside = row >= 0 && row < shape.height && column >= 0 && column < shape.width;
        from[i][j] = inside ? image + (row * shape.width + column) * channels : zeros;
      }
    }
    for (int64_t c = 0; c < channels; c += kLanes) {
      Lanes in[Size][Size], out[6][6];
#pragma GCC unroll 6
      for (int i = 0; i < Size; i++)
#pragma GCC unroll 6
        for (int j = 0; j < Size; j++) in[i][j] = load(from[i][j] + c);
      both_axes<Size, 6, Transform>(in, out);
      float* to = v + (tile - begin) * channels + c;
#pragma GCC unroll 36
      for (int point = 0; point < kPoints; point++) store(to + point * stride, out[point / 6][point % 6]);
    }
  }
}

void gather_outputs(const Convolution& shape, const float* m, int64_t begin, int64_t end, int64_t stride, float* y) {
  for (int64_t tile = begin; tile < end; tile++) {
    Corner corner = corner_of(shape, tile);
    float* image = y + corner.image * shape.height * shape.width * shape.outputs;
    int64_t rows = shape.height - corner.row, columns = shape.width - corner.column;
    for (int64_t c = 0; c < shape.outputs; c += kLanes) {
      Lanes in[6][6], out[4][4];
      const float* from = m + (tile - begin) * shape.outputs + c;
#pragma GCC unroll 36
      for (int point = 0; point < kPoints; point++) in[point / 6][point % 6] = load(from + point * stride);
      both_axes<6, 4, to_outputs_from_points>(in, out);
      for (int i = 0; i < kTile && i < rows; i++)
        for (int j = 0; j < kTile && j < columns; j++)
          store(image + ((corner.row + i) * shape.width + corner.column + j) * shape.outputs + c, out[i][j]);
    }
  }
}

// out[r][...] (+)= sum over k of a(r, k) * b[k][...], for Rows rows and Columns vectors held in registers.
template <int Rows, int Columns, bool Add>
inline void product(int64_t depth, const float* a, int64_t row_stride, int64_t depth_stride, const float* b, int64_t b_stride, float* out, int64_t out_stride) {
  Lanes sums[Rows][Columns];
#pragma GCC unroll 8
  for (int r = 0; r < Rows; r++)
#pragma GCC unroll 8
    for (int c = 0; c < Columns; c++) sums[r][c] = Add ? load(out + r * out_stride + c * kLanes) : Lanes{};
  for (int64_t k = 0; k < depth; k++) {
    Lanes right[Columns];
#pragma GCC unroll 8
    for (int c = 0; c < Columns; c++) right[c] = load(b + k * b_stride + c * kLanes);
#pragma GCC unroll 8
    for (int r = 0; r < Rows; r++) {
      float left = a[r * row_stride + k * depth_stride];
#pragma GCC unroll 8
      for (int c = 0; c < Columns; c++) sums[r][c] += left * right[c];
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < Rows; r++)
#pragma GCC unroll 8
    for (int c = 0; c < Columns; c++) store(out + r * out_stride + c * kLanes, sums[r][c]);
}

// m[t][o] = sum over c of v[t][c] * u[c][o]; tiles are a multiple of kRows.
template <int Columns>
void tiles_by_weights(int64_t tiles, int64_t inputs, int64_t outputs, const float* v, const float* u, float* m) {
  for (int64_t o = 0; o < outputs; o += Columns * kLanes)
    for (int64_t t = 0; t < tiles; t += kRows)
      product<kRows, Columns, false>(inputs, v + t * inputs, inputs, 1, u + o, outputs, m + t * outputs + o, outputs);
}

// u[c][o] += sum over t of v[t][c] * m[t][o].
template <int Columns>
void tiles_by_tiles(int64_t tiles, int64_t inputs, int64_t outputs, const float* v, const float* m, float* u) {
  for (int64_t o = 0; o < outputs; o += Columns * kLanes)
    for (int64_t c = 0; c < inputs; c += 4)
      product<4, Columns, true>(tiles, v + c, 1, inputs, m + o, outputs, u + c * outputs + o, outputs);
}

// Tiles are rounded up to whole rows of registers. One more vector between points keeps them out of the same sets of the cache.
inline int64_t rounded(int64_t tiles) { return (tiles + kRows - 1) / kRows * kRows; }
inline int64_t point_stride(int64_t tiles, int64_t channels) { return rounded(tiles) * channels + 16; }

void convolve(const Convolution& shape, const float* x, const float* points, int64_t begin, int64_t end, float* scratch, float* y) {
  int64_t tiles = end - begin, v_stride = point_stride(tiles, shape.inputs), m_stride = point_stride(tiles, shape.outputs);
  float *v = scratch, *m = scratch + kPoints * v_stride;
  scatter_points<6, to_points_from_inputs>(shape, x, shape.inputs, -1, begin, end, v_stride, v);
  auto multiply = shape.outputs % (kColumns * kLanes) == 0 ? tiles_by_weights<kColumns> : shape.outputs % (2 * kLanes) == 0 ? tiles_by_weights<2> : tiles_by_weights<1>;
  for (int64_t point = 0; point < kPoints; point++)
    multiply(rounded(tiles), shape.inputs, shape.outputs, v + point * v_stride, points + point * shape.inputs * shape.outputs, m + point * m_stride);
  gather_outputs(shape, m, begin, end, m_stride, y);
}

void accumulate_weight(const Convolution& shape, const float* x, const float* g, int64_t begin, int64_t end, float* scratch, float* points) {
  int64_t tiles = end - begin, v_stride = point_stride(tiles, shape.inputs), m_stride = point_stride(tiles, shape.outputs);
  float *v = scratch, *m = scratch + kPoints * v_stride;
  scatter_points<6, to_points_from_inputs>(shape, x, shape.inputs, -1, begin, end, v_stride, v);
  scatter_points<4, to_points_from_outputs>(shape, g, shape.outputs, 0, begin, end, m_stride, m);
  auto multiply = shape.outputs % (kColumns * kLanes) == 0 ? tiles_by_tiles<kColumns> : shape.outputs % (2 * kLanes) == 0 ? tiles_by_tiles<2> : tiles_by_tiles<1>;
  for (int64_t point = 0; point < kPoints; point++)
    multiply(tiles, shape.inputs, shape.outputs, v + point * v_stride, m + point * m_stride, points + point * shape.inputs * shape.outputs);
}

// --------------------------------------------------------------------------------- normalisation, activation and max-pooling

// Sums in vectors over at most one image, and across images in double.
template <typename T>
inline void add(double* sums, Vector<T> value) {
  for (int64_t lane = 0; lane < Simd<T>::width; lane++) sums[lane] += static_cast<double>(value[lane]);
}

template <typename T>
void moments(const Pooling& shape, const T* x, double* sum, double* square) {
  int64_t pixels = shape.height * shape.width;
  for (int64_t c = 0; c < shape.channels; c++) sum[c] = square[c] = 0;
  for (int64_t image = 0; image < shape.images; image++) {
    for (int64_t c = 0; c < shape.channels; c += Simd<T>::width) {
      Vector<T> first{}, second{};
      const T* from = x + image * pixels * shape.channels + c;
      for (int64_t pixel = 0; pixel < pixels; pixel++, from += shape.channels) {
        Vector<T> value = load(from);
        first += value;
        second += value * value;
      }
      add<T>(sum + c, first);
      add<T>(square + c, second);
    }
  }
}

// The pixel at the upper left of a cell.
inline int64_t first_pixel(const Pooling& shape, int64_t cell) {
  int64_t per_image = shape.rows() * shape.columns(), within = cell % per_image;
  return (cell / per_image * shape.height + within / shape.columns() * shape.pool) * shape.width + within % shape.columns() * shape.pool;
}

template <typename T, int Pool>
void forward(const Pooling& shape, const T* x, const T* scale, const T* shift, T slope, int64_t begin, int64_t end, T* y, Choice* choice) {
  for (int64_t cell = begin; cell < end; cell++) {
    const T* from = x + first_pixel(shape, cell) * shape.channels;
    for (int64_t c = 0; c < shape.channels; c += Simd<T>::width) {
      Vector<T> a = load(scale + c), b = load(shift + c), best = a * load(from + c) + b;
      Mask<T> position{};
      if (Pool == 2) {
#pragma GCC unroll 3
        for (int other = 1; other < 4; other++) {
          Vector<T> z = a * load(from + (other / 2 * shape.width + other % 2) * shape.channels + c) + b;
          Mask<T> larger = z > best;
          best = larger ? z : best;
          position = larger ? Mask<T>{} + other : position;
        }
      }
      Mask<T> negative = best <= 0;
      store(y + cell * shape.channels + c, negative ? best * slope : best);
      store_choice<T>(choice + cell * shape.channels + c, position + (negative & kNegative));
    }
  }
}

// The value of an image at the chosen pixel of a cell.
template <typename T, int Pool>
inline Vector<T> chosen(const Pooling& shape, const T* from, Mask<T> position) {
  Vector<T> value = load(from);
  if (Pool == 2) {
#pragma GCC unroll 3
    for (int other = 1; other < 4; other++)
      value = position == other ? load(from + (other / 2 * shape.width + other % 2) * shape.channels) : value;
  }
  return value;
}

template <typename T, int Pool>
void chosen_sums(const Pooling& shape, const T* g, const Choice* choice, T slope, const T* x, const T* u, const T* mean, const T* rstd, double* sums) {
  int64_t channels = shape.channels, per_image = shape.rows() * shape.columns();
  for (int64_t i = 0; i < 3 * channels; i++) sums[i] = 0;
  for (int64_t image = 0; image < shape.images; image++) {
    for (int64_t c = 0; c < channels; c += Simd<T>::width) {
      Vector<T> centre = load(mean + c), scale = load(rstd + c), plain{}, normed{}, other{};
      for (int64_t cell = image * per_image; cell < (image + 1) * per_image; cell++) {
        int64_t pixel = first_pixel(shape, cell) * channels + c;
        Mask<T> picked = load_choice<T>(choice + cell * channels + c);
        Vector<T> value = load(g + cell * channels + c);
        value = (picked & kNegative) != 0 ? value * slope : value;
        picked &= kNegative - 1;
        plain += value;
        normed += value * (chosen<T, Pool>(shape, x + pixel, picked) - centre) * scale;
        if (u) other += value * chosen<T, Pool>(shape, u + pixel, picked);
      }
      add<T>(sums + c, plain);
      add<T>(sums + channels + c, normed);
      add<T>(sums + 2 * channels + c, other);
    }
  }
}

template <typename T>
void dense_sums(const Pooling& shape, const T* u, const T* x, const T* mean, const T* rstd, double* sums) {
  int64_t channels = shape.channels, pixels = shape.height * shape.width;
  for (int64_t i = 0; i < 2 * channels; i++) sums[i] = 0;
  for (int64_t image = 0; image < shape.images; image++) {
    for (int64_t c = 0; c < channels; c += Simd<T>::width) {
      Vector<T> centre = load(mean + c), scale = load(rstd + c), plain{}, normed{};
      int64_t offset = image * pixels * channels + c;
      for (int64_t pixel = 0; pixel < pixels; pixel++, offset += channels) {
        Vector<T> value = load(u + offset);
        plain += value;
        normed += value * (load(x + offset) - centre) * scale;
      }
      add<T>(sums + c, plain);
      add<T>(sums + channels + c, normed);
    }
  }
}

template <typename T, int Pool>
void combine(const Pooling& shape, const T* g, const Choice* choice, T slope, const T* x, const T* u, const T* coefficients, int64_t begin, int64_t end,
             T* out) {
  int64_t channels = shape.channels;
  const T *k_chosen = coefficients, *k_one = k_chosen + channels, *k_x = k_one + channels, *k_u = k_x + channels;
  for (int64_t row = begin; row < end; row++) {
    int64_t image = row / shape.height, cell_row = row % shape.height / Pool;
    for (int64_t column = 0; column < shape.width; column++) {
      int64_t offset = (row * shape.width + column) * channels, cell_column = column / Pool;
      bool covered = cell_row < shape.rows() && cell_column < shape.columns();
      int64_t cell = ((image * shape.rows() + cell_row) * shape.columns() + cell_column) * channels;
      int here = Pool == 1 ? 0 : row % shape.height % Pool * Pool + column % Pool;
      for (int64_t c = 0; c < channels; c += Simd<T>::width) {
        Vector<T> value = load(k_x + c) * load(x + offset + c) + load(k_one + c);
        if (u) value += load(k_u + c) * load(u + offset + c);
        if (covered) {
          Mask<T> picked = load_choice<T>(choice + cell + c);
          Vector<T> gradient = load(k_chosen + c) * load(g + cell + c);
          value += picked == here ? gradient : picked == here + kNegative ? gradient * slope : Vector<T>{};
        }
        store(out + offset + c, value);
      }
    }
  }
}

template <typename T, int Pool>
void gather(const Pooling& shape, const Choice* choice, T slope, const T* x, const T* u, const T* coefficients, int64_t begin, int64_t end, T* out) {
  int64_t channels = shape.channels;
  const T *k_one = coefficients, *k_x = k_one + channels, *k_u = k_x + channels;
  for (int64_t cell = begin; cell < end; cell++) {
    int64_t pixel = first_pixel(shape, cell) * channels;
    for (int64_t c = 0; c < channels; c += Simd<T>::width) {
      Mask<T> picked = load_choice<T>(choice + cell * channels + c), position = picked & (kNegative - 1);
      Vector<T> value = load(k_x + c) * chosen<T, Pool>(shape, x + pixel + c, position) + load(k_one + c);
      if (u) value += load(k_u + c) * chosen<T, Pool>(shape, u + pixel + c, position);
      store(out + cell * channels + c, (picked & kNegative) != 0 ? value * slope : value);
    }
  }
}

// --------------------------------------------------------------------------------------------------- the first block, by patches

template <typename T>
void patch_moments(const Pooling& shape, int64_t planes, const T* image, double* moments) {
  Mask<T> lane{};
  for (int64_t i = 0; i < Simd<T>::width; i++) lane[i] = i;
  int64_t stride = shape.width + 2, plane = (shape.height + 2) * stride, size = 9 * planes;
  for (int64_t a = 0; a < size; a++) {
    const T* left = image + a / 9 * plane + a % 9 / 3 * stride + a % 3;
    for (int64_t b = a; b <= size; b++) {
      const T* right = b < size ? image + b / 9 * plane + b % 9 / 3 * stride + b % 3 : nullptr;
      Vector<T> sum{};
      for (int64_t row = 0; row < shape.height; row++) {
        const T *l = left + row * stride, *r = right ? right + row * stride : nullptr;
        for (int64_t column = 0; column < shape.width; column += Simd<T>::width) {
          Vector<T> value = r ? load(l + column) * load(r + column) : load(l + column);
          sum += lane < static_cast<int>(shape.width - column) ? value : Vector<T>{};  // past the row's end is the next one
        }
      }
      double total = 0;
      for (int64_t i = 0; i < Simd<T>::width; i++) total += static_cast<double>(sum[i]);
      moments[a * (size + 1) + b] += total;
      if (a != b) moments[b * (size + 1) + a] += total;
    }
  }
  moments[size * (size + 1) + size] += static_cast<double>(shape.height * shape.width);
}

template <typename T>
void patch_forward(const Pooling& shape, int64_t planes, const T* image, const T* weight, const T* shift, T slope, T* y, Choice* choice) {
  int64_t channels = shape.channels, stride = shape.width + 2, plane = (shape.height + 2) * stride;
  for (int64_t row = 0; row < shape.rows(); row++) {
    for (int64_t column = 0; column < shape.columns(); column++) {
      const T* corner = image + 2 * row * stride + 2 * column;
      int64_t cell = (row * shape.columns() + column) * channels;
      for (int64_t c = 0; c < channels; c += Simd<T>::width) {
        Vector<T> z[4];
        for (int i = 0; i < 4; i++) z[i] = load(shift + c);
        const T* w = weight + c;
        for (int64_t p = 0; p < planes; p++) {
          const T* from = corner + p * plane;
#pragma GCC unroll 9
          for (int tap = 0; tap < 9; tap++, w += channels) {
            Vector<T> factor = load(w);
            const T* at = from + tap / 3 * stride + tap % 3;
            z[0] += factor * at[0];
            z[1] += factor * at[1];
            z[2] += factor * at[stride];
            z[3] += factor * at[stride + 1];
          }
        }
        Vector<T> best = z[0];
        Mask<T> position{};
#pragma GCC unroll 3
        for (int other = 1; other < 4; other++) {
          Mask<T> larger = z[other] > best;
          best = larger ? z[other] : best;
          position = larger ? Mask<T>{} + other : position;
        }
        Mask<T> negative = best <= 0;
        store(y + cell + c, negative ? best * slope : best);
        store_choice<T>(choice + cell + c, position + (negative & kNegative));
      }
    }
  }
}

template <typename T>
void patch_gradient(const Pooling& shape, int64_t planes, const T* image, const T* g, const Choice* choice, T slope, T* d) {
  int64_t channels = shape.channels, stride = shape.width + 2, plane = (shape.height + 2) * stride;
  for (int64_t c = 0; c < channels; c += Simd<T>::width) {
    for (int64_t p = 0; p < planes; p++) {
      Vector<T> sums[9] = {}, total{};
      for (int64_t row = 0; row < shape.rows(); row++) {
        for (int64_t column = 0; column < shape.columns(); column++) {
          int64_t cell = (row * shape.columns() + column) * channels + c;
          const T* corner = image + p * plane + 2 * row * stride + 2 * column;
          Mask<T> picked = load_choice<T>(choice + cell);
          Vector<T> value = load(g + cell);
          value = (picked & kNegative) != 0 ? value * slope : value;
          picked &= kNegative - 1;
          total += value;
#pragma GCC unroll 4
          for (int position = 0; position < 4; position++) {
            Vector<T> here = picked == position ? value : Vector<T>{};
            const T* at = corner + position / 2 * stride + position % 2;
#pragma GCC unroll 9
            for (int tap = 0; tap < 9; tap++) sums[tap] += here * at[tap / 3 * stride + tap % 3];
          }
        }
      }
      for (int tap = 0; tap < 9; tap++) {
        T* to = d + (9 * p + tap) * channels + c;
        store(to, load(to) + sums[tap]);
      }
      if (p == 0) {
        T* to = d + 9 * planes * channels + c;
        store(to, load(to) + total);
      }
    }
  }
}

template <typename T>
void patch_gather(const Pooling& shape, int64_t planes, const T* image, const T* u, const Choice* choice, T slope, T* out) {
  int64_t channels = shape.channels, stride = shape.width + 2, plane = (shape.height + 2) * stride;
  for (int64_t row = 0; row < shape.rows(); row++) {
    for (int64_t column = 0; column < shape.columns(); column++) {
      const T* corner = image + 2 * row * stride + 2 * column;
      int64_t cell = (row * shape.columns() + column) * channels;
      for (int64_t c = 0; c < channels; c += Simd<T>::width) {
        Vector<T> z[4];
        for (int i = 0; i < 4; i++) z[i] = load(u + 9 * planes * channels + c);
        const T* w = u + c;
        for (int64_t p = 0; p < planes; p++) {
          const T* from = corner + p * plane;
#pragma GCC unroll 9
          for (int tap = 0; tap < 9; tap++, w += channels) {
            Vector<T> factor = load(w);
            const T* at = from + tap / 3 * stride + tap % 3;
            z[0] += factor * at[0];
            z[1] += factor * at[1];
            z[2] += factor * at[stride];
            z[3] += factor * at[stride + 1];
          }
        }
        Mask<T> picked = load_choice<T>(choice + cell + c), position = picked & (kNegative - 1);
        Vector<T> value = position == 0 ? z[0] : position == 1 ? z[1] : position == 2 ? z[2] : z[3];
        store(out + cell + c, (picked & kNegative) != 0 ? value * slope : value);
      }
    }
  }
}

template <typename T>
constexpr PoolingKernels<T> pooling_kernels() {
  return {
      moments<T>,
      [](auto& shape, auto... rest) { shape.pool == 2 ? forward<T, 2>(shape, rest...) : forward<T, 1>(shape, rest...); },
      [](auto& shape, auto... rest) { shape.pool == 2 ? chosen_sums<T, 2>(shape, rest...) : chosen_sums<T, 1>(shape, rest...); },
      dense_sums<T>,
      [](auto& shape, auto... rest) { shape.pool == 2 ? combine<T, 2>(shape, rest...) : combine<T, 1>(shape, rest...); },
      [](auto& shape, auto... rest) { shape.pool == 2 ? gather<T, 2>(shape, rest...) : gather<T, 1>(shape, rest...); },
      patch_moments<T>, patch_forward<T>, patch_gradient<T>, patch_gather<T>,
  };
}

#define DEUTERO_TEXT(name) DEUTERO_TEXT_OF(name)
#define DEUTERO_TEXT_OF(name) #name
extern const Kernels table = {
    DEUTERO_TEXT(DEUTERO_ISA), transform_weight, transform_weight_gradient, convolve, accumulate_weight, pooling_kernels<float>(), pooling_kernels<double>(),
};

}  // namespace DEUTERO_ISA
}  // namespace deutero
